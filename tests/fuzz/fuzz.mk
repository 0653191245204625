# make fuzz: every harness of this folder under libFuzzer, FUZZ_SECONDS each, FUZZ_JOBS at a time.
# make fuzz-replay: the same harnesses as plain programs that run the inputs they are given.
#
# Each kind has objects of its own, because the launcher's sources are compiled with interpose.h.

FUZZ_CC ?= clang-14
FUZZ_NAMES := $(patsubst tests/fuzz/%_fuzz.c,%,$(sort $(wildcard tests/fuzz/*_fuzz.c)))
# the one harness that needs a library
ifeq ($(CLI),no)
FUZZ_NAMES := $(filter-out policy,$(FUZZ_NAMES))
endif
FUZZ_POLICY := array ceiling choices codex_profile cover doc doc_places keys lexical limit nearest pattern plain policy presets \
	problem proxyurl quantity settings settings_files
FUZZ_SRC := $(wildcard src/base/*.c src/plan/*.c) \
	$(filter-out %/main.c %/output.c %/inherit.c %/handover.c %/refusal.c,$(wildcard src/launcher/*.c)) \
	$(addprefix src/priv/,audit.c sha256.c utc.c) \
	$(addprefix src/priv/,config.c config_values.c config_print.c pamfile.c rootfile.c) \
	$(if $(filter policy,$(FUZZ_NAMES)),$(FUZZ_POLICY:%=src/policy/%.c)) \
	$(addprefix src/sandbox/,caps.c exec.c fds.c mountinfo.c report.c resolve.c status.c wait.c walk.c)
FUZZ_COMMON := $(filter-out %_fuzz.c %/replay.c %/dict.c,$(wildcard tests/fuzz/*.c))
FUZZ_CPPFLAGS = -D_GNU_SOURCE -Isrc -DPOSTERN_VERSION='"$(VERSION)"' -DPOSTERN_PACKAGE='""' -DPOSTERN_PRIVDIR='""'
FUZZ_ASAN := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

.PHONY: fuzz fuzz-programs fuzz-replay fuzz-coverage
fuzz: fuzz-programs fuzz-coverage
	@BUILD=$(abspath $(O)) tests/fuzz/run $(FUZZ_NAMES)

# What a harness itself does must not guide the search, unless it has the target in it (monitor.c).
FUZZ_NO_GUIDE = $(if $(findstring monitor_fuzz,$@),,-fsanitize=fuzzer-no-link)

# $(call fuzz_kind,KIND,CC,FLAGS,LINK FLAGS,MAIN): programs $(O)/fuzz/KIND/NAME
define fuzz_kind
$(O)/fuzz/$(1)/src/%.o: src/%.c tests/fuzz/interpose.h tests/fuzz/fuzz.mk
	$$(say) CC $(1)/$$<
	$$(Q)mkdir -p $$(@D)
	$$(Q)$(2) $(FUZZ_CPPFLAGS) -include tests/fuzz/interpose.h -std=c11 $(WARNINGS) -O1 -g $(3) -MMD -MP -c -o $$@ $$<
$(O)/fuzz/$(1)/tests/fuzz/%.o: tests/fuzz/%.c tests/fuzz/fuzz.mk
	$$(say) CC $(1)/$$<
	$$(Q)mkdir -p $$(@D)
	$$(Q)$(2) $(FUZZ_CPPFLAGS) -std=c11 $(WARNINGS) -O1 -g $$(filter-out $$(FUZZ_NO_GUIDE),$(3)) -MMD -MP -c -o $$@ $$<
$(O)/fuzz/$(1)/target.a: $(FUZZ_SRC:%.c=$(O)/fuzz/$(1)/%.o)
	$$(Q)rm -f $$@ && ar rcs $$@ $$^
$(O)/fuzz/$(1)/common.a: $(FUZZ_COMMON:%.c=$(O)/fuzz/$(1)/%.o)
	$$(Q)rm -f $$@ && ar rcs $$@ $$^
$(FUZZ_NAMES:%=$(O)/fuzz/$(1)/%): $(O)/fuzz/$(1)/%: $(O)/fuzz/$(1)/tests/fuzz/%_fuzz.o \
		$(5:%=$(O)/fuzz/$(1)/tests/fuzz/%.o) $(O)/fuzz/$(1)/common.a $(O)/fuzz/$(1)/target.a
	$$(say) LINK $$@
	$$(Q)$(2) $(3) $(4) -o $$@ $$^ $(O)/fuzz/$(1)/common.a $$(FUZZ_LIBS)
$(O)/fuzz/$(1)/policy: FUZZ_LIBS := -ljansson
-include $(patsubst %.c,$(O)/fuzz/$(1)/%.d,$(FUZZ_SRC) $(wildcard tests/fuzz/*.c))
endef

$(eval $(call fuzz_kind,libfuzzer,$(FUZZ_CC),$(FUZZ_ASAN) -fsanitize=fuzzer-no-link,-fsanitize=fuzzer,))
$(eval $(call fuzz_kind,coverage,$(FUZZ_CC),-fprofile-instr-generate -fcoverage-mapping,,replay))
# any compiler will do, and where it has no sanitizers, FUZZ_SAN=no
$(eval $(call fuzz_kind,replay,$(HOSTCC),$(if $(filter no,$(FUZZ_SAN)),,$(FUZZ_ASAN)),,replay))

fuzz-programs: $(FUZZ_NAMES:%=$(O)/fuzz/libfuzzer/%) $(O)/fuzz/options.dict
fuzz-coverage: $(FUZZ_NAMES:%=$(O)/fuzz/coverage/%)
fuzz-replay: $(FUZZ_NAMES:%=$(O)/fuzz/replay/%)

$(O)/fuzz/dict: tests/fuzz/dict.c src/launcher/options.def src/launcher/capabilities.def
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) -Isrc -o $@ $<
$(O)/fuzz/options.dict: $(O)/fuzz/dict
	$(Q)$< >$@

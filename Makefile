# postern: the only build file. pkg/*/*.mk and tests/*.mk are included below and add rules, no policy.
#
#	make				build/bwrap, a static program
#	make STATIC=no			the same, linked dynamically with the distribution's flags
#	make install DESTDIR= PREFIX=	never sets a privilege bit
#	make quickstart			root: install what is missing, build, install, show a sandbox
#	make test			no root, no network, installs nothing
#	make check			root: everything, as CI runs it
#	make release-check		root: that, and what takes hours: all packages, all machines
#	make bench			root: measure, and write docs/benchmarks.*
#	make fuzz			the harnesses of tests/fuzz, FUZZ_SECONDS each
#	make lab SCENARIO=name		root: boot a host that refuses sandboxes, and prove install, run and undo there
#
# CC, HOSTCC, CFLAGS, CPPFLAGS and LDFLAGS are taken from the environment or the command line.

VERSION := 0.1.0

O ?= build
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBEXECDIR ?= $(PREFIX)/libexec
MANDIR ?= $(PREFIX)/share/man
SYSCONFDIR ?= /etc
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR ?= $(PREFIX)/share/zsh/site-functions
FISHCOMPDIR ?= $(PREFIX)/share/fish/vendor_completions.d
DATADIR ?= $(PREFIX)/share/postern
# where a postern-priv that has a privilege is looked for
PRIVDIR ?= $(LIBEXECDIR)/postern
# the directory of a package whose files are not root's own, as on a Synology NAS: PRIVDIR is then elsewhere, and
# `postern-setup enable` puts a copy there, which works as long as this package is what it was made of
PACKAGE ?=

STATIC ?= yes
PIE ?= yes
# no: no postern-pam, and `pam = required` refuses every start
PAM ?= yes
# no: no libseccomp is needed, and `postern run` refuses each policy that wants a filter, which all built-in ones do
SECCOMP ?= yes
# no: no postern, the command with doctor in it
CLI ?= yes
# yes: postern is static too. CLI_CC then needs static libraries of jansson and libcap; `make static` makes them
CLI_STATIC ?= no
SAN ?=
WERROR ?=
V ?=

HOSTCC ?= cc
SCDOC ?= scdoc
INSTALL ?= install
CFLAGS ?= -O2 -g

# The sanitizers' run-time libraries exist for dynamic programs only.
ifneq ($(SAN),)
override STATIC := no
endif

ifeq ($(filter yes no,$(STATIC)),)
$(error STATIC is yes or no, not "$(STATIC)")
endif
ifeq ($(filter yes no,$(PIE)),)
$(error PIE is yes or no, not "$(PIE)")
endif

ifeq ($(filter yes no,$(PAM)),)
$(error PAM is yes or no, not "$(PAM)")
endif

ifeq ($(filter yes no,$(SECCOMP)),)
$(error SECCOMP is yes or no, not "$(SECCOMP)")
endif

ifeq ($(filter yes no,$(CLI)),)
$(error CLI is yes or no, not "$(CLI)")
endif

# Goals that compile nothing must work on a machine without any compiler.
BUILDS := $(if $(MAKECMDGOALS),$(filter-out clean distclean dist uninstall quickstart check release-check fuzz% static% spk,$(MAKECMDGOALS)),all)

ifneq ($(BUILDS),)
ifeq ($(STATIC)$(origin CC),yesdefault)
ifneq ($(shell command -v musl-gcc),)
CC := musl-gcc
else ifeq ($(findstring musl,$(shell cc -dumpmachine 2>/dev/null)),)
$(error a static build needs musl-gcc: install your distribution's musl development package \
(musl-tools, musl-gcc or musl), or build with STATIC=no)
endif
endif
endif

# yes for a static build through musl's wrapper around a glibc compiler
MUSL_GCC := $(if $(BUILDS),$(if $(filter yes,$(STATIC)),$(if $(findstring musl-gcc,$(CC)),yes)))

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wvla \
	-Wcast-qual -Wwrite-strings -Wpointer-arith -Wundef $(if $(WERROR),-Werror)
BASE_CFLAGS := -std=c11 $(WARNINGS)
BASE_CPPFLAGS = -D_GNU_SOURCE -Isrc -DPOSTERN_VERSION='"$(VERSION)"' \
	-DPOSTERN_LIBEXECDIR='"$(LIBEXECDIR)/postern"' -DPOSTERN_PAM=$(if $(filter yes,$(PAM)),1,0) \
	-DPOSTERN_SYSCONFDIR='"$(SYSCONFDIR)"' -DPOSTERN_PRIVDIR='"$(PRIVDIR)"' -DPOSTERN_PACKAGE='"$(PACKAGE)"'
BASE_LDFLAGS := -Wl,-z,relro,-z,now,-z,noexecstack

ifeq ($(PIE),yes)
BASE_CFLAGS += -fPIE
else
BASE_CFLAGS += -fno-pie
BASE_LDFLAGS += -no-pie
endif

ifneq ($(SAN),)
BASE_CFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
BASE_LDFLAGS += -fsanitize=address,undefined
endif

ifeq ($(STATIC),yes)
BASE_CFLAGS += -ffunction-sections -fdata-sections
BASE_LDFLAGS += -Wl,--gc-sections $(if $(MUSL_GCC)$(filter no,$(PIE)),-static,-static-pie)
else ifeq ($(PIE),yes)
BASE_LDFLAGS += -pie
endif

ifneq ($(MUSL_GCC),)
# The wrapper hides the kernel's headers, which live beside glibc's: look there last.
MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null)
BASE_CPPFLAGS += -idirafter /usr/include $(if $(MULTIARCH),-idirafter /usr/include/$(MULTIARCH))
endif

ifeq ($(PIE)$(MUSL_GCC),yesyes)
# The wrapper's specs know no static-pie: they start every program with Scrt1.o, which leaves
# relocation to a dynamic linker that is not there. rcrt1.o, in the same folder, relocates itself.
MUSL_LIB := $(dir $(shell $(CC) -\#\#\# -xc /dev/null 2>&1 | tr ' "' '\n\n' | grep '/Scrt1.o$$'))
STARTFILES := $(MUSL_LIB)rcrt1.o $(MUSL_LIB)crti.o $(shell $(CC) -print-file-name=crtbeginS.o)
ENDFILES := $(shell $(CC) -print-file-name=crtendS.o) $(MUSL_LIB)crtn.o
BASE_LDFLAGS += -nostartfiles -Wl,-pie,--no-dynamic-linker,-z,text
endif

COMPILE = $(CC) $(BASE_CPPFLAGS) $(CPPFLAGS) $(BASE_CFLAGS) $(CFLAGS)
LINK = $(CC) $(BASE_CFLAGS) $(CFLAGS) $(BASE_LDFLAGS) $(LDFLAGS)

ifneq ($(V),)
say = @:
Q :=
else
# nothing is said under make -s
say = $(if $(findstring s,$(firstword -$(MAKEFLAGS))),@:,@printf '  %-7s %s\n')
Q := @
endif

SRC := $(sort $(wildcard src/base/*.c src/plan/*.c src/sandbox/*.c src/host/*.c src/launcher/*.c))
ifneq ($(SAN),)
SRC += tests/include/asan_defaults.c
endif
OBJ := $(SRC:%.c=$(O)/obj/%.o)
MAIN_OBJ := $(O)/obj/src/launcher/main.o
PRIV_SRC := $(sort $(wildcard src/priv/*.c))
PRIV_OBJ := $(PRIV_SRC:%.c=$(O)/obj/%.o)
BATTERY_SRC := $(sort $(wildcard src/battery/*.c src/battery/inside/*.c))
BATTERY_OBJ := $(BATTERY_SRC:%.c=$(O)/obj/%.o)
# the last stage in the sandbox of `postern run`, static as the launcher is
INSIDE_SRC := $(sort $(wildcard src/inside/*.c))
INSIDE_OBJ := $(INSIDE_SRC:%.c=$(O)/obj/%.o)
# policies are the command's: their tests are linked as it is
POLICY_TEST := $(sort $(wildcard tests/unit/policy_*_test.c))
UNIT_SRC := $(filter-out $(if $(filter no,$(CLI)),$(POLICY_TEST)),$(sort $(wildcard tests/unit/*_test.c)))
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(O)/unit/%)
GEN_SRC := $(sort $(wildcard tools/*.c))

HAVE_SCDOC := $(shell command -v $(SCDOC))
# what is of no use without the command
CLI_PAGES := man/postern.1.scd $(patsubst %,man/postern-%.1.scd,container doctor run explain verify) man/postern-policy.5.scd
PAGES := $(filter-out $(if $(filter no,$(CLI)),$(CLI_PAGES)),$(wildcard man/*.scd))
MAN := $(if $(HAVE_SCDOC),$(PAGES:man/%.scd=$(O)/man/%) $(if $(GEN_SRC),$(O)/man/postern-errors.7 $(O)/man/postern-hosts.7))
SCHEMA := $(if $(GEN_SRC),$(O)/errors.schema.json)
CLI_SCHEMAS := $(wildcard src/cli/*.schema.json src/policy/*.schema.json)
COMPLETIONS := $(patsubst %,$(O)/%,$(wildcard completions/*))

.PHONY: all build docs unit-tests install uninstall quickstart test check release-check lint soak lab lab-all lab-shell bench dist clean \
	distclean
.DELETE_ON_ERROR:
.SECONDARY:

all: build docs
build: $(O)/bwrap $(O)/postern-priv $(O)/postern-battery
ifeq ($(PAM),yes)
build: $(O)/postern-pam
endif
ifeq ($(CLI),yes)
build: $(O)/postern $(O)/postern-inside
endif
docs: $(MAN) $(COMPLETIONS) $(SCHEMA)
unit-tests: $(UNIT_BIN)

$(O)/bwrap: $(OBJ) $(O)/flags
	$(say) LINK $@
	$(Q)$(LINK) -o $@ $(STARTFILES) $(OBJ) $(LDLIBS) $(ENDFILES)

# What makes sandboxes is in both; nothing of the launcher's is in this one, nor what explains a failure.
PRIV_ALL := $(PRIV_OBJ) $(filter-out $(addprefix $(O)/obj/src/,launcher/% host/% battery/%),$(OBJ))
$(O)/postern-priv: $(PRIV_ALL) $(O)/flags
	$(say) LINK $@
	$(Q)$(LINK) -o $@ $(STARTFILES) $(PRIV_ALL) $(LDLIBS) $(ENDFILES)

# Runs in a sandbox, where there may be no library; what starts it there is linked into postern.
BATTERY_ALL := $(filter $(addprefix $(O)/obj/src/battery/,inside/% attacks.o),$(BATTERY_OBJ)) \
	$(filter $(addprefix $(O)/obj/,src/base/% tests/include/%),$(OBJ))
$(O)/postern-battery: $(BATTERY_ALL) $(O)/flags
	$(say) LINK $@
	$(Q)$(LINK) -o $@ $(STARTFILES) $(BATTERY_ALL) $(LDLIBS) $(ENDFILES)

INSIDE_ALL := $(INSIDE_OBJ) $(O)/obj/filters.o $(filter $(addprefix $(O)/obj/,src/base/% tests/include/%),$(OBJ))
$(O)/postern-inside: $(INSIDE_ALL) $(O)/flags
	$(say) LINK $@
	$(Q)$(LINK) -o $@ $(STARTFILES) $(INSIDE_ALL) $(LDLIBS) $(ENDFILES)

# Its seccomp filters are made here, by libseccomp and for the machine that is compiled for.
$(O)/obj/filters.o: $(O)/filters.c
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) -c -o $@ $<

ifeq ($(SECCOMP),yes)
$(O)/filters.c: $(O)/filters
	$(say) GEN $@
	$(Q)$(O)/filters "$$($(CC) -dumpmachine)" >$@
else
$(O)/filters.c: tools/filters/none.c $(O)/flags
	$(say) GEN $@
	$(Q)cp $< $@
endif

$(O)/filters: tools/filters/filters.c src/inside/filters.def $(O)/flags
	$(say) HOSTCC $@
	$(Q)mkdir -p $(@D)
	$(Q)printf '\043if !__has_include(<seccomp.h>) && !__has_include(<libseccomp/seccomp.h>)\n\043error\n\043endif\n' | \
		$(HOSTCC) $(CPPFLAGS) -E - >/dev/null 2>&1 || { echo "postern-inside" \
		"needs the headers of libseccomp (libseccomp-dev, libseccomp-devel or libseccomp) where it is built;" \
		"CLI=no builds none" >&2; exit 1; }
	$(Q)$(HOSTCC) -std=c11 -O1 -D_GNU_SOURCE $(WARNINGS) -Isrc $(CPPFLAGS) -o $@ $< -lseccomp

$(O)/obj/%.o: %.c $(O)/flags
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) -MMD -MP -c -o $@ $<

# PAM's modules are loaded at run time, with the distribution's libc: this one program is never static,
# and no sanitizer's either, whose memory would not fit the limits that it is run with.
PAM_CC ?= $(if $(MUSL_GCC),cc,$(CC))
PAM_SRC := $(sort $(wildcard src/pam/*.c)) src/base/num.c
PAM_BUILD = $(PAM_CC) -D_GNU_SOURCE -Isrc $(CPPFLAGS) -std=c11 $(WARNINGS) -fPIE $(CFLAGS) \
	-pie -Wl,-z,relro,-z,now,-z,noexecstack $(LDFLAGS)
$(O)/postern-pam: $(PAM_SRC) $(wildcard src/pam/*.h) src/base/num.h $(O)/flags
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(PAM_BUILD) -o $@ $(PAM_SRC) -lpam || { echo "postern-pam needs PAM's headers (libpam0g-dev," \
		"pam-devel, linux-pam-dev); PAM=no builds none" >&2; exit 1; }

# The command links libraries of the distribution: by that compiler, and static only where CLI_STATIC says so.
CLI_CC ?= $(if $(MUSL_GCC),cc,$(CC))
CLI_SRC := $(sort $(wildcard src/cli/*.c src/policy/*.c src/host/*.c src/battery/*.c src/base/*.c)) \
	$(if $(SAN),tests/include/asan_defaults.c)
CLI_OBJ := $(CLI_SRC:%.c=$(O)/cli/%.o) $(O)/cli/filters.o $(O)/cli/container_files.o
# yes, if its headers are there: else doctor reads the kernel's files only
ifeq ($(origin APPARMOR)$(if $(BUILDS),-builds),undefined-builds)
APPARMOR := $(shell printf '\043include <sys/apparmor.h>\n' | $(CLI_CC) $(CPPFLAGS) -E - >/dev/null 2>&1 && echo yes)
endif
CLI_LIBS := -ljansson -lcap $(if $(filter yes,$(APPARMOR)),-lapparmor)
CLI_SAN := $(if $(SAN),-fsanitize=address -fsanitize=undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
CLI_COMPILE = $(CLI_CC) $(filter-out -idirafter /usr/include%,$(BASE_CPPFLAGS)) \
	-DPOSTERN_APPARMOR=$(if $(filter yes,$(APPARMOR)),1,0) $(CPPFLAGS) -std=c11 $(WARNINGS) -fPIE $(CLI_SAN) $(CFLAGS)
CLI_LINK = $(CLI_CC) $(CLI_SAN) $(CFLAGS) $(if $(filter yes,$(CLI_STATIC)),-static-pie,-pie) -Wl,-z,relro,-z,now,-z,noexecstack $(LDFLAGS)
$(O)/postern: $(CLI_OBJ) $(O)/flags
	$(say) LINK $@
	$(Q)$(CLI_LINK) -o $@ $(CLI_OBJ) $(CLI_LIBS)

# which call has which number, for the report
$(O)/cli/filters.o: $(O)/filters.c | $(O)/cli/headers
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CLI_COMPILE) -c -o $@ $<

# the files that postern container writes
$(O)/cli/container_files.o: $(O)/container_files.c | $(O)/cli/headers
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CLI_COMPILE) -c -o $@ $<

$(O)/container_files.c: $(O)/gen src/cli/container.h $(wildcard pkg/docker/*.json pkg/docker/apparmor/*)
	$(say) GEN $@
	$(Q)$(O)/gen container-files >$@

$(O)/cli/%.o: %.c $(O)/flags | $(O)/cli/headers
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CLI_COMPILE) -MMD -MP -c -o $@ $<

$(O)/cli/headers:
	$(Q)mkdir -p $(@D)
	$(Q)printf '\043include <jansson.h>\n\043include <sys/capability.h>\n' | \
		$(CLI_CC) $(CPPFLAGS) -E - >/dev/null 2>&1 || { echo "postern needs the headers of jansson" \
		"(libjansson-dev, jansson-devel, libjansson-devel, jansson-dev or jansson) and of libcap (libcap-dev," \
		"libcap-devel or libcap); CLI=no builds none" >&2; exit 1; }
	$(Q)touch $@

$(O)/unit/%_test: $(O)/obj/tests/unit/%_test.o $(filter-out $(MAIN_OBJ) %/priv/main.o %/inside/main.o,$(OBJ) $(PRIV_OBJ) $(BATTERY_OBJ)) $(O)/flags
	$(say) LINK $@
	$(Q)mkdir -p $(@D)
	$(Q)$(LINK) -o $@ $(STARTFILES) $(filter %.o,$^) $(LDLIBS) $(ENDFILES)

$(POLICY_TEST:tests/unit/%.c=$(O)/unit/%): $(O)/unit/%: $(O)/cli/tests/unit/%.o \
		$(filter-out $(O)/cli/src/cli/%,$(CLI_OBJ)) $(O)/flags
	$(say) LINK $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CLI_LINK) -o $@ $(filter %.o,$^) $(CLI_LIBS)

$(O)/obj/tests/unit/%.o $(O)/cli/tests/unit/%.o: BASE_CPPFLAGS += -Itests/include

# Holds the words of the last build, so that other flags or another PREFIX rebuild what they change. Not -Werror, which
# changes nothing: `make install` in a tree that was built with WERROR=1 must not replace programs that are in use.
$(O)/flags: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)printf '%s\n' $(call quote,$(FLAGS)) | cmp -s - $@ || printf '%s\n' $(call quote,$(FLAGS)) >$@
# named phony: .SECONDARY makes a rule without a recipe one that need not be looked at
.PHONY: FORCE
FORCE:
FLAGS = $(filter-out -Werror,$(COMPILE) $(LINK) $(PAM_BUILD) \
	$(if $(filter yes,$(CLI)),$(CLI_COMPILE) $(CLI_LINK) $(CLI_LIBS))$(if $(filter no,$(SECCOMP)), SECCOMP=no))
quote = '$(subst ','\'',$(1))'

-include $(OBJ:.o=.d) $(PRIV_OBJ:.o=.d) $(BATTERY_OBJ:.o=.d) $(INSIDE_OBJ:.o=.d) $(CLI_OBJ:.o=.d) $(UNIT_SRC:%.c=$(O)/obj/%.d) \
	$(POLICY_TEST:%.c=$(O)/cli/%.d)

# ---- generated from the option table and the error table

$(O)/gen: $(GEN_SRC) $(wildcard src/launcher/options.def src/base/errors.def src/priv/config.def \
		src/cli/*_options.def src/cli/container_files.def src/host/*.def tools/*.h tools/*.def)
	$(say) HOSTCC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=c11 -O1 $(WARNINGS) -Isrc -o $@ $(GEN_SRC)

# A page or completion is written by hand but for the line, if any, that says @TABLE@, which gives way to
# what the generator prints; postern-errors(7) and postern-hosts(7) are generated whole.
filled = $(if $(GENERATE),mkdir -p $(O)/tables && $(O)/gen $(GENERATE) >$(O)/tables/$(GENERATE) && \
	sed -e '/@TABLE@$$/{' -e 'r $(O)/tables/$(GENERATE)' -e 'd' -e '}',cat) $<
$(O)/man/postern-bwrap.1: GENERATE := man-options
$(O)/man/postern-privileged.conf.5: GENERATE := man-config
$(O)/completions/postern-bwrap.bash: GENERATE := bash
$(O)/completions/_postern-bwrap: GENERATE := zsh
$(O)/completions/postern-bwrap.fish: GENERATE := fish
$(O)/man/postern-doctor.1: GENERATE := man-doctor
$(O)/man/postern-container.1: GENERATE := man-container
$(O)/man/postern-run.1: GENERATE := man-run
$(O)/man/postern-explain.1: GENERATE := man-explain
$(O)/man/postern-verify.1: GENERATE := man-verify
$(O)/completions/postern.bash: GENERATE := bash-postern
$(O)/completions/_postern: GENERATE := zsh-postern
$(O)/completions/postern.fish: GENERATE := fish-postern

$(O)/man/%: man/%.scd $(O)/gen
	$(say) SCDOC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(filled) | $(SCDOC) >$@

$(O)/man/postern-errors.7: GENERATE := errors-man
$(O)/man/postern-hosts.7: GENERATE := hosts-man
$(O)/man/postern-errors.7 $(O)/man/postern-hosts.7: $(O)/gen
	$(say) SCDOC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(O)/gen $(GENERATE) | $(SCDOC) >$@

$(O)/completions/%: completions/% $(O)/gen
	$(say) GEN $@
	$(Q)mkdir -p $(@D)
	$(Q)$(filled) >$@

$(O)/errors.schema.json: $(O)/gen
	$(say) GEN $@
	$(Q)$(O)/gen errors-schema >$@

# ---- installation

# Shapes of the service file "postern"; the administrator's postern-setup installs one of them.
PAM_SERVICES := $(wildcard pam.d/*)

# The link is relative, so that it is right below any DESTDIR.
install: all
	$(INSTALL) -d $(DESTDIR)$(LIBEXECDIR)/postern $(DESTDIR)$(BINDIR)
	$(INSTALL) -m 0755 $(O)/bwrap $(O)/postern-priv $(O)/postern-battery pkg/docker/container-setuid \
		$(DESTDIR)$(LIBEXECDIR)/postern/
ifeq ($(PAM),yes)
	$(INSTALL) -m 0711 $(O)/postern-pam $(DESTDIR)$(LIBEXECDIR)/postern/postern-pam
	$(INSTALL) -d $(DESTDIR)$(DATADIR)/pam.d
	$(INSTALL) -m 0644 $(PAM_SERVICES) $(DESTDIR)$(DATADIR)/pam.d/
endif
ifeq ($(CLI),yes)
	$(INSTALL) -m 0755 $(O)/postern $(DESTDIR)$(BINDIR)/postern
	$(INSTALL) -m 0755 $(O)/postern-inside $(DESTDIR)$(LIBEXECDIR)/postern/
endif
	$(INSTALL) -d $(DESTDIR)$(DATADIR)
	$(INSTALL) -m 0644 etc/privileged.conf $(DESTDIR)$(DATADIR)/privileged.conf.example
	from=$(BINDIR); to=$(LIBEXECDIR)/postern/bwrap; up=; \
	while [ "$${to#"$$from"/}" = "$$to" ]; do from=$${from%/*}; up=../$$up; done; \
	ln -sfn "$$up$${to#"$$from"/}" $(DESTDIR)$(BINDIR)/postern-bwrap
	for page in $(MAN); do \
		section=$(DESTDIR)$(MANDIR)/man$${page##*.}; \
		$(INSTALL) -d "$$section" && $(INSTALL) -m 0644 "$$page" "$$section/" || exit 1; \
	done
ifneq ($(GEN_SRC),)
	$(INSTALL) -d $(DESTDIR)$(BASHCOMPDIR) $(DESTDIR)$(ZSHCOMPDIR) $(DESTDIR)$(FISHCOMPDIR) \
		$(DESTDIR)$(DATADIR)
	$(INSTALL) -m 0644 $(SCHEMA) $(DESTDIR)$(DATADIR)/errors.schema.json
	$(INSTALL) -m 0644 $(O)/completions/postern-bwrap.bash $(DESTDIR)$(BASHCOMPDIR)/postern-bwrap
	$(INSTALL) -m 0644 $(O)/completions/_postern-bwrap $(DESTDIR)$(ZSHCOMPDIR)/_postern-bwrap
	$(INSTALL) -m 0644 $(O)/completions/postern-bwrap.fish $(DESTDIR)$(FISHCOMPDIR)/postern-bwrap.fish
ifneq ($(CLI),no)
	$(INSTALL) -m 0644 $(CLI_SCHEMAS) $(DESTDIR)$(DATADIR)/
	$(INSTALL) -m 0644 $(O)/completions/postern.bash $(DESTDIR)$(BASHCOMPDIR)/postern
	$(INSTALL) -m 0644 $(O)/completions/_postern $(DESTDIR)$(ZSHCOMPDIR)/_postern
	$(INSTALL) -m 0644 $(O)/completions/postern.fish $(DESTDIR)$(FISHCOMPDIR)/postern.fish
endif
endif

uninstall:
	rm -f $(DESTDIR)$(BINDIR)/postern $(DESTDIR)$(BINDIR)/postern-bwrap
	rm -f $(addprefix $(DESTDIR)$(LIBEXECDIR)/postern/,bwrap postern-priv postern-battery postern-inside \
		container-setuid)
	rm -f $(addprefix $(DESTDIR)$(MANDIR)/,man1/postern.1 man1/postern-bwrap.1 \
		$(patsubst %,man1/postern-%.1,container doctor run explain verify) man5/postern-policy.5 \
		man5/postern-privileged.conf.5 man7/postern-errors.7 man7/postern-hosts.7 man8/postern-priv.8)
	rm -f $(DESTDIR)$(DATADIR)/privileged.conf.example
	rm -f $(DESTDIR)$(DATADIR)/errors.schema.json $(DESTDIR)$(LIBEXECDIR)/postern/postern-pam
	rm -f $(addprefix $(DESTDIR)$(DATADIR)/,$(PAM_SERVICES))
	rm -f $(foreach c,postern postern-bwrap,$(DESTDIR)$(BASHCOMPDIR)/$c $(DESTDIR)$(ZSHCOMPDIR)/_$c \
		$(DESTDIR)$(FISHCOMPDIR)/$c.fish) \
		$(addprefix $(DESTDIR)$(DATADIR)/,$(notdir $(CLI_SCHEMAS)))
	for dir in $(DESTDIR)$(LIBEXECDIR)/postern $(DESTDIR)$(DATADIR)/pam.d $(DESTDIR)$(DATADIR); do \
		rmdir "$$dir" 2>/dev/null || [ ! -d "$$dir" ] || echo "left alone, not empty: $$dir"; \
	done

quickstart:
	@MAKE="$(MAKE)" sh pkg/quickstart/quickstart.sh

# ---- tests; PARTS="NAME..." runs only these

test: build unit-tests
	@BUILD=$(abspath $(O)) BWRAP=$(abspath $(O))/bwrap tests/lib/runparts test $(PARTS)

check:
	@MAKE="$(MAKE)" tests/lib/check $(PARTS)

release-check:
	@MAKE="$(MAKE)" MUST_WORK=1 CHECK_TIER=release tests/lib/check $(PARTS)

lint:
	@MAKE="$(MAKE)" BUILD=$(abspath $(O))/lint tests/lib/runparts lint $(PARTS)

soak: build
	@BUILD=$(abspath $(O)) BWRAP=$(abspath $(O))/bwrap tests/lib/runparts soak $(PARTS)

# SCENARIO="NAME..." boots only these; LAB_WRITE=1 writes what was seen (HACKING.md)
lab lab-all: build docs
	@MAKE="$(MAKE)" BUILD=$(abspath $(O)) tests/lab/run $(if $(filter lab-all,$@),--all,$(SCENARIO))

lab-shell: build docs
	@MAKE="$(MAKE)" BUILD=$(abspath $(O)) tests/lab/run --shell $(or $(SCENARIO),default)

# BENCH_PARTS="NAME..." measures only these; tests/bench/bench.py has the other variables
bench: build
	@$(MAKE) -s STATIC=no O=$(O)/dyn build
	@$(MAKE) -s O=$(O)/priv PREFIX=/opt/postern-test SYSCONFDIR=/opt/postern-test/etc build
	@BUILD=$(abspath $(O)) BWRAP=$(abspath $(O))/bwrap tests/bench/run

# ---- release and housekeeping

# The same commit gives the same bytes; SOURCE_DATE_EPOCH gives them another date than the commit's.
dist:
	@pkg/static/dist $(O) $(VERSION)

clean:
	rm -rf $(O)

distclean: clean
	rm -rf build

-include $(sort $(wildcard pkg/*/*.mk tests/*.mk tests/*/*.mk))

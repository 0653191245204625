# make static ARCH=NAME: all programs and their data, linked statically with musl for one of pkg/static/arches, installed
# below $(O)/static/NAME/tree. PREFIX and SYSCONFDIR are where they will look for each other. make static-archive: the same
# as $(O)/static/postern-VERSION-linux-NAME.tar.gz. pkg/static/README.md has more.

ARCH ?= x86_64
STATIC_O = $(O)/static/$(ARCH)
STATIC_NAME = postern-$(VERSION)-linux-$(ARCH)
# Nothing of the machine that builds: no debugging information, and the compiler's baseline. What the command does not
# use of its libraries is left out.
STATIC_CFLAGS ?= -O2 -fstack-protector-strong -ffunction-sections -fdata-sections
STATIC_LDFLAGS ?= -Wl,--gc-sections
# kept between builds: sources and libraries
POSTERN_CACHE ?= $(abspath $(O))/static/cache

.PHONY: static static-unit-tests static-archive

# postern-pam loads the host's modules with the host's libc, which is not this one: there is none.
STATIC_MAKE = SOURCE_DATE_EPOCH=$$(pkg/static/pack --epoch) $(MAKE) O='$(STATIC_O)' STATIC=yes PIE=yes CLI_STATIC=yes CLI=yes \
	PAM=no APPARMOR=no SAN= CC="$$root/bin/cc" CLI_CC="$$root/bin/cc" CFLAGS='$(STATIC_CFLAGS)' CPPFLAGS= \
	LDFLAGS='$(STATIC_LDFLAGS)'
STATIC_ROOT = root=$$(POSTERN_CACHE='$(POSTERN_CACHE)' pkg/static/toolchain '$(ARCH)')

static:
	+$(Q)$(STATIC_ROOT) && rm -rf '$(STATIC_O)/tree' '$(STATIC_O)/man' && \
	$(STATIC_MAKE) DESTDIR='$(abspath $(STATIC_O))/tree' install && \
	for f in $(addprefix '$(STATIC_O)/tree$(LIBEXECDIR)/postern'/,bwrap postern-priv postern-battery postern-inside) \
		'$(STATIC_O)/tree$(BINDIR)/postern'; do "$$root/bin/strip" "$$f" || exit 1; done

# for what runs them: tests/packaging/cross.sh
static-unit-tests:
	+$(Q)$(STATIC_ROOT) && $(STATIC_MAKE) unit-tests

static-archive: static
	$(Q)$(STATIC_ROOT) && dir='$(STATIC_O)/$(STATIC_NAME)' && rm -rf "$$dir" && mkdir -p "$$dir/licenses" && \
	cp -R '$(STATIC_O)/tree' "$$dir/tree" && cp LICENSE pkg/static/README.md "$$dir/" && \
	cp "$$root"/parts/*.copyright "$$dir/licenses/" && \
	sed $(foreach p,$(SETUP_PATHS) ARCH=$(ARCH) PREFIX=$(PREFIX),-e 's|@$(firstword $(subst =, ,$p))@|$(lastword $(subst =, ,$p))|g') \
		pkg/static/install.in >"$$dir/install" && chmod 0755 "$$dir/install" && \
	pkg/static/sbom "$$dir" $(VERSION) $(ARCH) "$$root/parts/versions" "$$("$$root/bin/cc" -dumpfullversion)" \
		>'$(O)/static/$(STATIC_NAME).spdx.json' && \
	cp '$(O)/static/$(STATIC_NAME).spdx.json' "$$dir/sbom.spdx.json" && \
	(cd "$$dir" && find . -type f ! -name 'SHA256SUMS*' -exec sha256sum {} + | LC_ALL=C sort -k2 >SHA256SUMS.new && \
		mv SHA256SUMS.new SHA256SUMS) && \
	pkg/static/pack "$$dir" '$(O)/static/$(STATIC_NAME).tar.gz' && rm -rf "$$dir" && \
	cd '$(O)/static' && sha256sum postern-*.tar.gz postern-*.spdx.json >SHA256SUMS.new && mv SHA256SUMS.new SHA256SUMS

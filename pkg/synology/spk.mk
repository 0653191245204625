# make spk ARCH=FAMILY: $(O)/spk/postern-VERSION-BUILD-FAMILY.spk, a package for Synology's DSM 7, of the programs of
# `make static`. The families are in pkg/synology/families; pkg/synology/README.md has more.

# DSM takes a package for an update only if this rises. Derived from VERSION, so that a release cannot forget it; a second
# package of one release sets SPK_REVISION, up to 9.
SPK_REVISION ?= 1
SPK_BUILD = $(shell echo '$(VERSION)' | awk -F. '{ print (($$1 * 1000 + $$2) * 1000 + $$3) * 10 + $(SPK_REVISION) }')
SPK_PACKAGE := /var/packages/postern
# Where the programs look for each other; what root enables lies outside of the package's files, which are its account's, and
# what root starts is where DSM keeps them as root's.
SPK_PATHS := PREFIX=$(SPK_PACKAGE)/target PRIVDIR=/usr/local/libexec/postern SYSCONFDIR=/usr/local/etc \
	STATEDIR=/usr/local/etc/postern-setup PACKAGE=$(SPK_PACKAGE) SBINDIR=$(SPK_PACKAGE)/scripts

.PHONY: spk
spk:
	+$(Q)machine=$$(pkg/synology/make-spk --machine '$(ARCH)') && \
	$(MAKE) O='$(abspath $(O))/spk' ARCH="$$machine" $(SPK_PATHS) static && \
	root=$$(POSTERN_CACHE='$(POSTERN_CACHE)' pkg/static/toolchain "$$machine") && \
	$(HOSTCC) -O1 -o '$(O)/spk/icon' pkg/synology/icon.c && \
	SOURCE_DATE_EPOCH=$$(pkg/static/pack --epoch) pkg/synology/make-spk '$(ARCH)' '$(VERSION)-$(SPK_BUILD)' \
		"$(O)/spk/static/$$machine/tree$(SPK_PACKAGE)/target" "$$root/parts" '$(O)/spk/icon' '$(O)/spk'
	$(Q)cat '$(O)/spk/postern-$(VERSION)-$(SPK_BUILD)-$(ARCH).sha256'
	$(say) SPK "$$(cd '$(O)/spk' && wc -c postern-'$(VERSION)-$(SPK_BUILD)-$(ARCH)'.spk) ($(O)/spk; bytes)"

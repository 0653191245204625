# postern-setup, and what it puts on a host that asks for it: profiles and settings that are installed as data only.

SBINDIR ?= $(PREFIX)/sbin
STATEDIR ?= /var/lib/postern

SETUP_PARTS := $(filter-out installer/postern-setup,$(wildcard installer/*))
SETUP_PATHS := VERSION=$(VERSION) LIBEXECDIR=$(LIBEXECDIR) DATADIR=$(DATADIR) BINDIR=$(BINDIR) \
	SYSCONFDIR=$(SYSCONFDIR) STATEDIR=$(STATEDIR) SBINDIR=$(SBINDIR) PRIVDIR=$(PRIVDIR) \
	PACKAGE=$(or $(PACKAGE),-) WHOLE=$(if $(PACKAGE),yes,no)
APPARMOR_PROFILES := $(wildcard apparmor-profiles/*)
SYSCTLS := $(wildcard sysctl.d/*.conf)

build: $(O)/postern-setup
install: install-setup
uninstall: uninstall-setup
.PHONY: install-setup uninstall-setup

# As with flags: another PREFIX makes another program.
$(O)/setup-paths: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(SETUP_PATHS)' | cmp -s - $@ || echo '$(SETUP_PATHS)' >$@

# Of a PACKAGE it is one file, which can be copied; its parts are functions, in any order.
$(O)/postern-setup: installer/postern-setup $(O)/setup-paths $(if $(PACKAGE),$(SETUP_PARTS))
	$(say) GEN $@
	$(Q)sed $(if $(PACKAGE),$(foreach p,$(filter %.sh,$(SETUP_PARTS)),-e '/^# @PARTS@$$/r $p')) $(foreach p,$(SETUP_PATHS),-e 's|@$(firstword $(subst =, ,$p))@|$(lastword $(subst =, ,$p))|') $< >$@.new
	$(Q)chmod 0755 $@.new && mv -f $@.new $@

install-setup: build docs
	$(INSTALL) -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(LIBEXECDIR)/postern/setup $(DESTDIR)$(DATADIR)/apparmor-profiles \
		$(DESTDIR)$(DATADIR)/sysctl.d $(DESTDIR)$(BASHCOMPDIR) $(DESTDIR)$(ZSHCOMPDIR) $(DESTDIR)$(FISHCOMPDIR)
	$(INSTALL) -m 0755 $(O)/postern-setup $(DESTDIR)$(SBINDIR)/postern-setup
	$(if $(PACKAGE),rmdir $(DESTDIR)$(LIBEXECDIR)/postern/setup,$(INSTALL) -m 0644 $(SETUP_PARTS) $(DESTDIR)$(LIBEXECDIR)/postern/setup/)
	$(INSTALL) -m 0644 $(APPARMOR_PROFILES) $(DESTDIR)$(DATADIR)/apparmor-profiles/
	$(INSTALL) -m 0644 $(SYSCTLS) $(DESTDIR)$(DATADIR)/sysctl.d/
	$(INSTALL) -m 0644 $(O)/completions/postern-setup.bash $(DESTDIR)$(BASHCOMPDIR)/postern-setup
	$(INSTALL) -m 0644 $(O)/completions/_postern-setup $(DESTDIR)$(ZSHCOMPDIR)/_postern-setup
	$(INSTALL) -m 0644 $(O)/completions/postern-setup.fish $(DESTDIR)$(FISHCOMPDIR)/postern-setup.fish

uninstall-setup:
	rm -f $(DESTDIR)$(SBINDIR)/postern-setup $(DESTDIR)$(MANDIR)/man8/postern-setup.8
	rm -f $(SETUP_PARTS:installer/%=$(DESTDIR)$(LIBEXECDIR)/postern/setup/%)
	rm -f $(addprefix $(DESTDIR)$(DATADIR)/,$(APPARMOR_PROFILES) $(SYSCTLS))
	rm -f $(DESTDIR)$(BASHCOMPDIR)/postern-setup $(DESTDIR)$(ZSHCOMPDIR)/_postern-setup \
		$(DESTDIR)$(FISHCOMPDIR)/postern-setup.fish
	for dir in $(LIBEXECDIR)/postern/setup $(DATADIR)/apparmor-profiles $(DATADIR)/sysctl.d; do \
		rmdir "$(DESTDIR)$$dir" 2>/dev/null || [ ! -d "$(DESTDIR)$$dir" ] || \
			echo "left alone, not empty: $(DESTDIR)$$dir"; \
	done

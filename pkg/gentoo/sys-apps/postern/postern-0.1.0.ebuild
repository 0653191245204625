# Copyright 2026 Gentoo Authors
# Distributed under the terms of the GNU General Public License v2

EAPI=8

inherit fcaps linux-info toolchain-funcs

DESCRIPTION="Sandboxes on hosts that refuse them, with the least privilege"
# The project has no public page yet: "make dist" makes the archive.
HOMEPAGE="https://postern.invalid"
SRC_URI="${P}.tar.gz"

LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64 ~arm ~arm64 ~x86"
IUSE="apparmor bwrap pam privileged +seccomp suid test"
REQUIRED_USE="suid? ( privileged )"
RESTRICT="fetch !test? ( test )"

RDEPEND="
	dev-libs/jansson:=
	sys-libs/libcap
	apparmor? ( sys-libs/libapparmor )
	bwrap? ( !sys-apps/bubblewrap )
	pam? ( sys-libs/pam )
	privileged? ( acct-group/postern )
"
DEPEND="
	${RDEPEND}
	sys-kernel/linux-headers
"
BDEPEND="
	app-text/scdoc
	seccomp? ( sys-libs/libseccomp )
	test? (
		app-misc/jq
		dev-debug/strace
		dev-lang/python
		dev-vcs/git
		sys-process/procps
	)
"

# Where there is no USER_NS, USE=privileged is what makes sandboxes.
CONFIG_CHECK="~NAMESPACES ~NET_NS ~PID_NS ~USER_NS ~SECCOMP_FILTER ~SECURITY_LANDLOCK"

# What installer/capabilities has for the mode filecaps: permitted only, so that an old or confused program runs without.
CAPS="cap_setpcap,cap_net_admin,cap_sys_chroot,cap_sys_admin=p"

pkg_nofetch() {
	einfo "Put ${P}.tar.gz, which \"make dist\" makes, into your DISTDIR directory."
}

# static where the libc is small enough for it to be of use
words() {
	emake CC="$(tc-getCC)" HOSTCC="$(tc-getBUILD_CC)" PREFIX="${EPREFIX}/usr" SYSCONFDIR="${EPREFIX}/etc" \
		STATIC="$(usex elibc_musl)" PAM="$(usex pam)" APPARMOR="$(usex apparmor)" SECCOMP="$(usex seccomp)" V=1 "$@"
}

src_compile() {
	words all
}

src_test() {
	words test
}

src_install() {
	words DESTDIR="${D}" install
	dodoc README.md SECURITY.md CHANGELOG.md docs/{compat,hosts,modes,security-model}.md
	keepdir /var/lib/postern
	fperms 0711 /var/lib/postern
	if use bwrap; then
		dosym ../libexec/postern/bwrap /usr/bin/bwrap
	fi
	if use privileged; then
		# before the capabilities: a change of owner takes them away
		fowners root:postern /usr/libexec/postern/postern-priv
		fperms 0750 /usr/libexec/postern/postern-priv
		insinto /etc/postern
		newins - privileged.conf <<-END
			# What USE=privileged installs. postern-privileged.conf(5) has all keys.
			allow-no-userns = yes
			group = postern
			pam = $(usex pam required off)
			audit = required
		END
		if use pam; then
			insinto /etc/pam.d
			newins - postern <<-END
				# Which accounts may start sandboxes through postern-priv: account lines only, nobody is asked for anything.
				account required pam_nologin.so
				account required pam_access.so
			END
		fi
	fi
}

pkg_postinst() {
	if use privileged; then
		# capabilities, else what USE=suid allows, else nothing: the eclass's own fallback is open to everybody
		fcaps -o root -g postern -m "$(usex suid 4750 0750)" -M 0750 "${CAPS}" usr/libexec/postern/postern-priv
		elog "Nobody is in the group postern. To let somebody start sandboxes: usermod --append --groups postern NAME"
	elif [[ -z ${ROOT} && -e ${EROOT}/var/lib/postern/journal ]]; then
		# the files are as they are in the package: what the administrator has chosen with postern-setup comes back
		"${EROOT}"/usr/sbin/postern-setup apply --yes >/dev/null 2>&1 </dev/null ||
			ewarn "Sandboxes may not start here; see: postern doctor"
	fi
}

pkg_prerm() {
	if [[ -z ${REPLACED_BY_VERSION} && -z ${ROOT} && -e ${EROOT}/var/lib/postern/journal ]]; then
		"${EROOT}"/usr/sbin/postern-setup undo ||
			ewarn "Not everything could be taken back; see: postern-setup status"
	fi
}

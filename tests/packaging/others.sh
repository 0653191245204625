#!/bin/sh
# The packages whose tools Debian has not: Alpine, Gentoo, Nix, and what can be said of rpm's and Arch's without building them.
# Each file is parsed by the shell or program that reads it there, what they do with privileges is run with stand-ins for the
# rest, and distro_lint.sh holds all to the distributions' rules; each of its rules is seen to fail once (corruptions).
set -eu
. tests/lib/tap.sh
. tests/packaging/pkg_lib.sh

LINT=tests/packaging/distro_lint.sh

parses() {
	bash -n pkg/arch/PKGBUILD
	for file in pkg/arch/*.install pkg/gentoo/*/*/*.ebuild; do
		bash -n "$file" || return 1
	done
	for file in pkg/alpine/*; do
		busybox ash -n "$file" || return 1
	done
	for file in pkg/gentoo/*/*/metadata.xml; do
		python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$file" || return 1
	done
}

# the scripts of apk and pacman are also shell scripts that our linter reads
scripts_are_clean() {
	for file in pkg/alpine/postern*; do
		[ "$(head -n 1 "$file")" = '#!/bin/sh' ] && [ "$(tail -n 1 "$file")" = 'exit 0' ] && shellcheck "$file" || return 1
	done
	shellcheck -s dash -e SC2034 pkg/arch/*.install
}

# tree DIR: what the rules look at
tree() {
	mkdir -p "$1/installer" "$1/src"
	cp -r pkg "$1/"
	cp Makefile "$1/"
	cp installer/capabilities "$1/installer/"
	(cd src && grep -rl 'POSTERN_PRIVDIR "/postern-priv"' .) | while read -r file; do
		mkdir -p "$1/src/${file%/*}"
		cp "src/$file" "$1/src/$file"
	done
}

# seen to fail: a tree in which one rule is broken
fails() {
	rm -rf "$scratch/broken"
	cp -r "$scratch/tree" "$scratch/broken"
	case $4 in
		mv\ *) mv "$scratch/broken/$3" "$(dirname "$scratch/broken/$3")/${4#mv }" ;;
		*)
			# shellcheck disable=SC2086 # a pattern
			sed -i -- "$4" "$scratch"/broken/$3
			! diff -r "$scratch/tree" "$scratch/broken" >/dev/null || {
				echo "nothing was broken"
				return 1
			}
			;;
	esac
	$LINT "$scratch/broken" "$1" "$2" >"$scratch/said" 2>&1 && {
		echo "passed"
		return 1
	}
	grep -q "^$1 $2: " "$scratch/said" || {
		cat "$scratch/said"
		return 1
	}
}

each_rule_fails() {
	grep -v '^#' tests/packaging/corruptions >"$scratch/corruptions"
	$LINT --rules | sort >"$scratch/rules"
	cut -d' ' -f1-2 "$scratch/corruptions" | sort -u | diff "$scratch/rules" - || {
		echo "not each rule has a corruption"
		return 1
	}
	bad=0
	while read -r distribution rule file how; do
		fails "$distribution" "$rule" "$file" "$how" || {
			echo "^ $distribution $rule"
			bad=1
		}
	done <"$scratch/corruptions"
	return $bad
}

# alpine NAME: the split function NAME of APKBUILD, in a directory that has what `make install` makes
alpine() {
	rm -rf "$scratch/alpine"
	mkdir -p "$scratch/alpine/pkg/usr/libexec/postern" "$scratch/alpine/pkg/usr/share/postern/pam.d" "$scratch/alpine/sub"
	for file in libexec/postern/bwrap libexec/postern/postern-priv libexec/postern/postern-pam libexec/postern/container-setuid share/postern/pam.d/alpine \
		share/postern/privileged.conf.example; do
		cp /bin/true "$scratch/alpine/pkg/usr/$file"
	done
	cat >"$scratch/alpine/run" <<-'END'
		pkgdir=$1/pkg subpkgdir=$1/sub
		# no such group here
		chown() { echo "chown $1 ${2#"$subpkgdir"}" >>"$subpkgdir/../did"; }
		amove() {
			for path; do
				mkdir -p "$subpkgdir/${path%/*}"
				mv "$pkgdir/$path" "$subpkgdir/$path"
			done
		}
		. pkg/alpine/APKBUILD
		"$2"
		echo "depends $depends" >>"$subpkgdir/../did"
	END
	busybox ash -eu "$scratch/alpine/run" "$scratch/alpine" "$1"
	priv=$scratch/alpine/sub/usr/libexec/postern/postern-priv
	cat "$scratch/alpine/did"
}

alpine_filecaps() {
	alpine filecaps
	[ "$(stat -c %a "$priv")" = 750 ] && setcap -v "$(pkg_caps)" "$priv" &&
		grep -qx 'chown root:postern /usr/libexec/postern/postern-priv' "$scratch/alpine/did" &&
		grep -q 'depends .*!postern-priv !postern-suid' "$scratch/alpine/did"
}

alpine_suid() {
	alpine suid
	[ "$(stat -c %a "$priv")" = 4750 ] && [ -z "$(getcap "$priv")" ] &&
		grep -qx 'chown root:postern /usr/libexec/postern/postern-priv' "$scratch/alpine/did" &&
		grep -q 'depends .*!postern-priv !postern-filecaps' "$scratch/alpine/did"
}

alpine_priv() {
	alpine priv
	[ "$(stat -c %a "$priv")" = 755 ] && [ -z "$(getcap "$priv")" ] && [ "$(ls "$scratch/alpine/pkg/usr/libexec/postern")" = "bwrap
postern-pam" ]
}

# gentoo USE FUNCTION: the ebuild's function with these flags; prints what it does of consequence
gentoo() {
	cat >"$scratch/ebuild.sh" <<-'END'
		flags=" $1 " ROOT= EROOT=$3 P=postern PV= CHOST= EPREFIX= D=
		inherit() { :; }
		use() { [[ $flags == *" $1 "* ]]; }
		usex() { if use "$1"; then echo "${2-yes}"; else echo "${3-no}"; fi; }
		tc-getCC() { echo cc; }
		tc-getBUILD_CC() { echo cc; }
		for name in emake fcaps fowners fperms insinto keepdir dodoc dosym ewarn elog; do
			eval "$name() { echo $name \"\$@\"; }"
		done
		newins() { echo "newins $*"; cat; }
		. pkg/gentoo/sys-apps/postern/*.ebuild
		"$2"
	END
	bash -u "$scratch/ebuild.sh" "$1" "$2" "$scratch/root" >"$scratch/did" 2>&1
	cat "$scratch/did"
}

did() {
	grep -qxF -- "$1" "$scratch/did"
}

gentoo_plain() {
	gentoo "pam seccomp" src_install
	! grep -E '^(fowners|fcaps|newins)' "$scratch/did" && grep -q 'STATIC=no PAM=yes APPARMOR=no SECCOMP=yes' "$scratch/did" || return 1
	gentoo "pam seccomp" pkg_postinst
	[ ! -s "$scratch/did" ]
}

gentoo_privileged() {
	gentoo "privileged filecaps" src_install
	did "fowners root:postern /usr/libexec/postern/postern-priv" && did "fperms 0750 /usr/libexec/postern/postern-priv" &&
		did "group = postern" && did "pam = off" || return 1
	gentoo "privileged filecaps" pkg_postinst
	did "fcaps -o root -g postern -m 0750 -M 0750 $(pkg_caps) usr/libexec/postern/postern-priv" || return 1
	gentoo "privileged filecaps suid pam" pkg_postinst
	did "fcaps -o root -g postern -m 4750 -M 0750 $(pkg_caps) usr/libexec/postern/postern-priv"
}

# with a journal: what postern-setup did is mended, and undone at the removal, but not when another version takes the place
gentoo_journal() {
	mkdir -p "$scratch/root/var/lib/postern" "$scratch/root/usr/sbin"
	: >"$scratch/root/var/lib/postern/journal"
	printf '#!/bin/sh\necho "setup $*" >>"%s/called"\n' "$scratch" >"$scratch/root/usr/sbin/postern-setup"
	chmod +x "$scratch/root/usr/sbin/postern-setup"
	: >"$scratch/called"
	gentoo "" pkg_postinst
	REPLACED_BY_VERSION=2 gentoo "" pkg_prerm
	REPLACED_BY_VERSION='' gentoo "" pkg_prerm
	cat "$scratch/called"
	[ "$(cat "$scratch/called")" = "setup apply --yes
setup undo" ]
}

nix() {
	HOME=$scratch nix-instantiate --store dummy:// "$@" 2>"$scratch/nix.err" || {
		cat "$scratch/nix.err"
		return 1
	}
}

nix_parses() {
	for file in pkg/nix/*.nix tests/packaging/*.nix; do
		nix --parse "$file" || return 1
	done
}

# nix_mode MODE EXPRESSION...: expressions of jq that hold for the settings
nix_mode() {
	mode=$1
	shift
	nix --eval --strict --json --argstr mode "$mode" tests/packaging/nix_eval.nix >"$scratch/nix.json" || return 1
	for expression; do
		jq -e "$expression" "$scratch/nix.json" >/dev/null || {
			echo "$mode: not $expression"
			cat "$scratch/nix.json"
			return 1
		}
	done
	jq -r '.etc["postern/privileged.conf"].text // empty' "$scratch/nix.json" >"$scratch/conf-$mode"
}

nix_plain() {
	nix_mode userns '.known and .default == "userns"' '.privPath == null' '.etc == {} and .wrappers == {} and .script == "" and .groups == {}'
}

nix_caps() {
	nix_mode filecaps '.privPath == "/run/wrappers/postern/postern-priv"' '.wrappers == {}' ".script | contains(\"setcap $(pkg_caps) \")" \
		'.script | contains("chown root:postern")' '.etc["postern/privileged.conf"].mode == "0644"' &&
		nix_mode filecaps-userns '.script | contains("setcap cap_sys_admin=p ")'
}

nix_setuid() {
	nix_mode setuid '.privPath == "/run/wrappers/bin/postern-priv"' '.script == ""' \
		'.wrappers["postern-priv"] | .setuid and .owner == "root" and .group == "postern" and .permissions == "u+rx,g+x"'
}

nix_refuses() {
	! nix --eval --strict --json --argstr mode everybody tests/packaging/nix_eval.nix
}

# the modes' configurations, in a place that is root's alone
nix_configuration() {
	safe=$(mktemp -d /run/postern-nix.XXXXXX)
	bad=0
	for mode in filecaps filecaps-userns setuid; do
		cp "$scratch/conf-$mode" "$safe/privileged.conf"
		"$BUILD/postern-priv" --check-config "$safe/privileged.conf" || bad=1
	done
	rm -r "$safe"
	return $bad
}

main() {
	TAP_NAME=others need bash busybox shellcheck jq python3 nix-instantiate setcap "[ $(id -u) = 0 ]" || {
		tap_end
		exit
	}
	scratch=$(mktemp -d)
	trap 'rm -rf "$scratch"' EXIT
	try "the shells of Arch, Alpine and Gentoo read what is for them" parses || :
	try "scripts of packages are clean" scripts_are_clean || :
	tree "$scratch/tree"
	try "the distributions' rules are kept" $LINT "$scratch/tree" || :
	try "each rule is seen to fail" each_rule_fails || :
	try "Alpine: postern-filecaps is one file with four capabilities, for the group" alpine_filecaps || :
	try "Alpine: postern-suid is one set-id file, for the group" alpine_suid || :
	try "Alpine: postern-priv has no privilege" alpine_priv || :
	try "Gentoo: without USE=privileged nothing gets a privilege" gentoo_plain || :
	try "Gentoo: with it, capabilities for the group, and set-user-ID only with USE=suid" gentoo_privileged || :
	try "Gentoo: what postern-setup did is mended, and taken back at the removal" gentoo_journal || :
	try "nix reads the files" nix_parses || :
	try "NixOS: by default nothing has a privilege" nix_plain || :
	try "NixOS: the modes with capabilities" nix_caps || :
	try "NixOS: the mode setuid" nix_setuid || :
	try "NixOS: another mode is refused" nix_refuses || :
	if TAP_NAME="NixOS: postern-priv takes the configurations" need "[ -x ${BUILD:-/nowhere}/postern-priv ]"; then
		try "NixOS: postern-priv takes the configurations" nix_configuration || :
	fi
	tap_end
}

main "$@"

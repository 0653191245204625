#!/bin/sh
# shellcheck disable=SC2317 # rules are called by their names
# distro_lint.sh [--rules | ROOT [DISTRIBUTION RULE]]: what reviewers of distributions demand of a package with a privileged
# part, held against pkg/{rpm,arch,alpine,gentoo,nix} below ROOT (.): all of it, or one rule. Prints "DISTRIBUTION RULE: what is
# wrong" for each rule that is broken, and ends with 1 then. --rules prints "DISTRIBUTION RULE" for each. others.sh breaks every
# one of them once.
set -eu

# What holds everywhere, and in each distribution. A rule is a function DISTRIBUTION_RULE, or all_RULE, that prints what is
# wrong, or nothing.
ALL="version license network host_policy members caps_exact caps_permitted no_others consent guarded harmless undone"
RPM="bconds caps_gated justified verify config_noreplace sysusers mend_last suse_permissions bwrap"
ARCH="split unprivileged sysusers etc bwrap"
ALPINE="options caps_last group_only group_exists alike pam_optional openrc bwrap"
GENTOO="eapi iuse default_off fallback owner_first config_check documented group"
NIX="store default_off wrapper_gated caps_own copied everywhere no_pam"

rules() {
	for r_distribution in rpm arch alpine gentoo nix; do
		for r_rule in $ALL; do
			# the two that are about scripts of packages
			case $r_distribution-$r_rule in nix-harmless | nix-guarded | nix-undone) continue ;; esac
			echo "$r_distribution $r_rule"
		done
		case $r_distribution in
			rpm) r_own=$RPM ;;
			arch) r_own=$ARCH ;;
			alpine) r_own=$ALPINE ;;
			gentoo) r_own=$GENTOO ;;
			nix) r_own=$NIX ;;
		esac
		for r_rule in $r_own; do
			echo "$r_distribution $r_rule"
		done
	done
}

files() {
	find "$root/pkg/$distribution" -type f | sort
}

# recipe: the file that a distribution's tool reads first
recipe() {
	case $distribution in
		rpm) echo "$root/pkg/rpm/postern.spec" ;;
		arch) echo "$root/pkg/arch/PKGBUILD" ;;
		alpine) echo "$root/pkg/alpine/APKBUILD" ;;
		gentoo) find "$root/pkg/gentoo/sys-apps" -name '*.ebuild' ;;
		nix) echo "$root/pkg/nix/package.nix" ;;
	esac
}

# code: all lines of the distribution's files that are no comments
code() {
	files | while read -r c_file; do
		grep -v '^[[:space:]]*#' "$c_file"
	done
}

# main: those of the recipe
lines() {
	grep -v '^[[:space:]]*#' "$(recipe)"
}

# wants EXPRESSION WHAT: the recipe has such a line
wants() {
	lines | grep -Eq -- "$1" || echo "$2"
}

# refuses EXPRESSION WHAT: none of the files has
refuses() {
	! code | grep -E -- "$1" || echo "$2"
}

# shell_function NAME: its body
shell_function() {
	lines | sed -n "/^$1() {/,/^}/p"
}

# ---- everywhere

all_version() {
	is=$(lines | sed -n 's/^\(Version: *\|pkgver=\|  version = "\)\([0-9.]*\).*/\2/p')
	[ "$distribution" != gentoo ] || is=$(basename "$(recipe)" .ebuild | sed 's/^postern-//')
	[ "$is" = "$version" ] || echo "the version is $is, the Makefile's $version"
}

all_license() {
	wants "^ *(License: +MIT|license=[(\"]MIT[)\"]|LICENSE=\"MIT\"|license = lib.licenses.mit;)" "the license is not given as MIT"
}

# builds are offline
all_network() {
	refuses '(^|[^a-z])(curl|wget|git clone|pip3? install|go get|npm)([^a-z]|$)' "something is fetched"
}

# a package relaxes no policy of the host
all_host_policy() {
	refuses 'sysctl -|%\{?\??sysctl_apply|/proc/sys/|_sysctldir|etc/sysctl[.]d|usr/lib/sysctl[.]d|apparmor_parser|setenforce' \
		"a policy of the host is changed"
}

# the group is empty until an administrator says otherwise
all_members() {
	refuses '^[[:space:]]*(usermod|gpasswd|adduser|addgroup +[^- ]|addgroup .* .* postern)|^m +[a-z]+ +postern|extraGroups|members *=' \
		"somebody is put into the group"
}

# the capabilities are those of installer/capabilities, no more
all_caps_exact() {
	code | grep -Eo 'cap_[a-z_,]+[=+][a-z]+' | sort -u | while read -r ce_caps; do
		grep -Eq "^filecaps(-userns)? $ce_caps\$" "$root/installer/capabilities" || echo "$ce_caps is no set of installer/capabilities"
	done
	[ "$distribution" = arch ] || code | grep -q 'cap_sys_admin' || echo "there is no set of capabilities"
}

# permitted only: an old or confused program runs without
all_caps_permitted() {
	refuses 'cap_[a-z_,]+[=+][a-z]*[ei]' "capabilities are effective or inheritable from the start"
}

# nothing privileged is executable for others
all_no_others() {
	refuses '(-m|-M|chmod|attr[(]|_privileged|mode =|usex suid) *"?0?[2467][0-7]{2}[1-7]([^0-9]|$)|u[+]s|a[+]s|chmod [+]s|o[+]x' "a set-id file is open to others"
}

# no script takes the administrator's consent for granted. What is told to people stands in quotes.
all_consent() {
	code | grep -E '^[^"'\'']*postern-setup[^"'\'']*--allow' || return 0
	echo "a script consents in the administrator's name"
}

# nothing is run where postern-setup was not
all_guarded() {
	files | while read -r g_file; do
		grep -Eq '^[^#]*postern-setup"? (apply|undo)' "$g_file" || continue
		grep -Eq -- '-e [^ ]*var/lib/postern/journal' "$g_file" || echo "${g_file##*/}: postern-setup is called without a look for its journal"
	done
}

# a script's failure fails no installation
all_harmless() {
	files | while read -r h_file; do
		# what is told to people stands in quotes
		grep -v '^[[:space:]]*#' "$h_file" | sed "s/\"[\$]{EROOT}\"//; s/\"[^\"]*\"//g; s/'[^']*'//g" |
			grep -E 'postern-setup (apply --yes|undo)' | grep -v '||' >/dev/null || continue
		echo "${h_file##*/}: a failure of postern-setup is one of the package's"
	done
}

# what was changed on the host comes back after an upgrade, and is taken back at the removal
all_undone() {
	code | grep -Eq 'postern-setup"? apply --yes' || echo "what the administrator chose is lost with an upgrade"
	code | grep -Eq 'postern-setup"? undo' || echo "what was changed on the host stays after the removal"
}

# ---- Fedora, openSUSE

rpm_bconds() {
	for b_word in static filecaps; do
		wants "^%bcond_with $b_word\$" "$b_word is not off by default"
	done
}

# stanzas: each line with the conditions that it stands under before it
stanzas() {
	awk '
		/^%if/ { conditions[++depth] = $0; next }
		/^%else/ { conditions[depth] = "not " conditions[depth]; next }
		/^%endif/ { depth--; next }
		{
			line = ""
			for (i = 1; i <= depth; i++) line = line conditions[i] ";"
			print line "\t" $0
		}' "$(recipe)"
}

rpm_caps_gated() {
	stanzas | grep -E '%caps[(]|permissions/packages[.]d|%set_permissions' | grep -v '^%if %{with filecaps}' >/dev/null &&
		echo "a capability is given without --with filecaps"
	lines | grep '%caps(' | grep -v '%attr(0750,root,postern) %caps(' >/dev/null && echo "a file with capabilities is not the group's alone"
	return 0
}

# deviations from 0755 root:root have their reason beside them
rpm_justified() {
	awk '
		/^#/ { said = 1 }
		/^%attr\((0750|4750|0711)/ && !said { print "no reason is given for: " $0 }
		/^$/ || /^%/ { if (!/^%attr|^%if|^%else|^%endif/) said = 0 }' "$(recipe)"
}

rpm_verify() {
	stanzas | grep 'postern-priv$' | grep '%attr(0755' | grep -v '%verify(not user group mode caps)' >/dev/null &&
		echo "rpm -V complains of what the administrator chose"
	return 0
}

rpm_config_noreplace() {
	sed -n '/^%files/,$p' "$(recipe)" | grep -E '_sysconfdir|pam_services' | grep -vE '^%dir|^%config[(]noreplace[)]' |
		while read -r n_line; do
			# SUSE's vendor directory is not for administrators
			stanzas | grep -F "$n_line" | grep -q 'suse_version' || echo "not kept when it was changed: $n_line"
		done
}

rpm_sysusers() {
	wants '^%sysusers_create_compat ' "no group where rpm makes none (Fedora before 42, RHEL)"
	wants '^%sysusers_generate_pre ' "no group on openSUSE"
	wants '_sysusersdir}/' "no file for sysusers"
	grep -Eqx 'g postern -' "$root/pkg/rpm/postern-priv.sysusers" || echo "the group is not made, or has a fixed number"
}

# rpm puts a file's mode and capabilities after %post of an upgrade was run by others: only %posttrans is late enough
rpm_mend_last() {
	[ "$(lines | grep -A1 '^%posttrans' | grep -c '^%mend ')" = 2 ] || echo "what was chosen is not mended in %posttrans"
	[ "$(lines | grep -c '^%mend ')" = 2 ] || echo "something else than %posttrans mends"
}

rpm_suse_permissions() {
	lines | grep -A1 'postern-priv root:postern 0750$' | grep -Eq '^ [+]capabilities %[{]priv_caps[}]$' || echo "the drop-in for permctl is not path, owner, mode, + capabilities"
	wants '^%set_permissions .*postern-priv' "%set_permissions is missing"
	wants '^%verify_permissions .*postern-priv' "%verify_permissions is missing"
	stanzas | grep '%set_permissions' | grep -v 'suse_version' && echo "%set_permissions is openSUSE's"
	return 0
}

rpm_bwrap() {
	wants '^Provides: +bubblewrap = [0-9]' "no Provides with a version"
	wants '^Conflicts: +bubblewrap$' "no Conflicts"
}

# ---- Arch

arch_split() {
	wants '^pkgname=[(]postern postern-priv postern-bwrap[)]' "not three packages"
	shell_function package_postern-priv | grep -q 'install=postern-priv.install' || echo "postern-priv has no scriptlets"
}

# what is privileged only postern-setup makes so
arch_unprivileged() {
	refuses 'setcap|[ugo]*[+]s|[ "](4[0-7]{3})|(-m|chmod) 0?[2467][0-7]{3}[ "]' "a package gives a privilege"
}

arch_sysusers() {
	wants 'usr/lib/sysusers[.]d/' "no file for sysusers"
}

arch_etc() {
	lines | grep -Eq '[ "/]etc/' || return 0
	wants '^[[:space:]]*backup=' "a file below /etc that no backup= names"
}

arch_bwrap() {
	wants 'provides=[(]bubblewrap=' "no provides with a version"
	wants 'conflicts=[(]bubblewrap[)]' "no conflicts"
}

# ---- Alpine

alpine_options() {
	lines | grep -q '^[[:space:]]*setcap ' && wants '^options=".*setcap' "setcap without options=setcap"
	lines | grep -Eq '_privileged 4|chmod 4' && wants '^options=".*suid' "a set-id file without options=suid"
	return 0
}

alpine_caps_last() {
	shell_function filecaps | awk '/^[ \t]*setcap/ { seen = 1 } seen && /chown|install |_privileged/ { print "what comes after setcap takes the capabilities away" }'
}

alpine_group_only() {
	lines | sed -n 's/^[[:space:]]*_privileged \([0-9]*\).*/\1/p' | while read -r go_bits; do
		case $go_bits in
			*0) ;;
			*) echo "mode $go_bits is open to others" ;;
		esac
	done
	shell_function _privileged | grep -q 'chown root:postern' || echo "what is privileged is not the group's"
}

alpine_group_exists() {
	wants '^pkggroups="postern"' "pkggroups does not name the group"
	for ge_part in priv filecaps suid; do
		ge_script=$root/pkg/alpine/postern-$ge_part.pre-install
		{ [ -e "$ge_script" ] && grep -q '^addgroup -S postern' "$ge_script"; } || echo "postern-$ge_part makes no group before it is unpacked"
		wants "^[[:space:]]*[$]pkgname-$ge_part.pre-install\$" "install= does not name postern-$ge_part.pre-install"
	done
}

# apk wants a file of its own for each package. No links: not everything that carries a tree keeps them.
alpine_alike() {
	for al_pair in -priv.pre-install:-filecaps.pre-install -priv.pre-install:-suid.pre-install .post-upgrade:-priv.post-upgrade; do
		cmp -s "$root/pkg/alpine/postern${al_pair%:*}" "$root/pkg/alpine/postern${al_pair#*:}" ||
			echo "postern${al_pair#*:} is not what postern${al_pair%:*} is"
	done
}

alpine_pam_optional() {
	wants '^_pam=no$' "PAM is not off by default"
}

alpine_openrc() {
	refuses 'systemctl|systemd|rc-update|rc-service|sysusers[.]d|tmpfiles[.]d' "something starts a service, or belongs to systemd"
}

alpine_bwrap() {
	wants 'provides="bubblewrap=' "no provides with a version"
	shell_function bwrap | grep -q '!bubblewrap' || echo "no conflict with bubblewrap"
}

# ---- Gentoo

gentoo_eapi() {
	files | grep '[.]ebuild$' | while read -r e_file; do
		grep -qx 'EAPI=8' "$e_file" || echo "${e_file##*/}: not EAPI 8"
	done
}

gentoo_iuse() {
	wants '^inherit .*fcaps' "fcaps.eclass, and with it USE=filecaps, is missing"
	for iu_flag in apparmor pam seccomp suid privileged; do
		wants "^IUSE=\".*\\<$iu_flag\\>" "USE=$iu_flag is missing"
	done
}

gentoo_default_off() {
	lines | grep -E '^IUSE=' | grep -E '[+](privileged|suid)' >/dev/null && echo "a privilege is on by default"
	wants 'REQUIRED_USE="suid[?] [(] privileged [)]"' "USE=suid gives a privilege alone"
	lines | grep -E '^FILECAPS=' >/dev/null && echo "FILECAPS gives a privilege whatever USE says"
	return 0
}

# the eclass falls back to 4711 for everybody where capabilities cannot be kept
gentoo_fallback() {
	wants 'fcaps -o root -g postern -m "[$][(]usex suid 4750 0750[)]" -M 0750 ' "fcaps without owner, group and both modes"
}

gentoo_owner_first() {
	shell_function src_install | grep -q 'fowners root:postern .*postern-priv' || echo "the owner is not set before the capabilities"
}

gentoo_config_check() {
	lines | sed -n 's/^CONFIG_CHECK="\(.*\)"/\1/p' | tr ' ' '\n' | grep -v '^~' | sed 's/$/ fails the build instead of warning/'
}

gentoo_documented() {
	for d_flag in bwrap privileged suid; do
		grep -q "<flag name=\"$d_flag\">" "$root/pkg/gentoo/sys-apps/postern/metadata.xml" || echo "metadata.xml does not explain USE=$d_flag"
	done
}

gentoo_group() {
	wants 'privileged[?] [(] acct-group/postern [)]' "no dependency on the group"
	grep -qx 'inherit acct-group' "$root"/pkg/gentoo/acct-group/postern/*.ebuild || echo "no package for the group"
}

# ---- NixOS

nix_store() {
	lines | grep -E 'setcap|chmod|chown' && echo "the store holds no privilege"
	return 0
}

module() {
	grep -v '^[[:space:]]*#' "$root/pkg/nix/module.nix"
}

nix_default_off() {
	module | grep -A12 'mode = lib.mkOption' | grep -q 'default = "userns";' || echo "a privilege is on by default"
}

nix_wrapper_gated() {
	module | sed -n '/security.wrappers.postern-priv/,/};/p' >"$scratch/wrapper"
	grep -q 'permissions = "u+rx,g+x";' "$scratch/wrapper" || echo "the wrapper is open to others"
	grep -q 'group = cfg.group;' "$scratch/wrapper" || echo "the wrapper is not the group's"
	grep -q 'owner = "root";' "$scratch/wrapper" || echo "the wrapper is not root's"
}

# a wrapper makes capabilities ambient and keeps CAP_SETPCAP
nix_caps_own() {
	module | sed -n '/security.wrappers/,/};/p' | grep 'capabilities' >/dev/null && echo "a wrapper cannot give these capabilities"
	module | awk '/chown .*"\$new"/ { owner = NR } /setcap .*"\$new"/ { caps = NR } /chmod 0750 "\$new"/ { bits = NR }
		END { if (!(owner && owner < caps && caps < bits)) print "not in this order: owner, capabilities, mode" }'
}

# what is a link into the store is refused as a configuration
nix_copied() {
	module | grep -A1 'environment.etc."postern/privileged.conf"' | grep -q 'mode = "0644";' || echo "the configuration is a link"
}

# every place that names postern-priv gets its path
nix_everywhere() {
	(cd "$root" && grep -rl 'POSTERN_PRIVDIR "/postern-priv"' src) | sort >"$scratch/named"
	lines | sed -n 's/.*substituteInPlace \(.*\) \\$/\1/p' | tr ' ' '\n' | sort | diff "$scratch/named" - >/dev/null ||
		echo "not the files that name postern-priv's path: $(tr '\n' ' ' <"$scratch/named")"
}

nix_no_pam() {
	wants '^ *"PAM=no"$' "postern-pam, which must be unreadable, is built for the store"
}

main() {
	case ${1:-} in
		--rules)
			rules
			exit
			;;
	esac
	root=${1:-.}
	scratch=$(mktemp -d)
	trap 'rm -rf "$scratch"' EXIT
	version=$(sed -n 's/^VERSION := //p' "$root/Makefile")
	broken=0
	if [ $# = 3 ]; then echo "$2 $3"; else rules; fi >"$scratch/rules"
	while read -r distribution rule; do
		case " $ALL " in
			*" $rule "*) check=all_$rule ;;
			*) check=${distribution}_$rule ;;
		esac
		"$check" >"$scratch/said" || :
		if [ -s "$scratch/said" ]; then
			broken=1
			sed "s/^/$distribution $rule: /" "$scratch/said"
		fi
	done <"$scratch/rules"
	exit $broken
}

main "$@"

#!/bin/sh
# Stands in for the launcher on a host whose policy is in the files beside the root: see lib.sh. The same program, by
# another name, is postern-priv.
set -u
root=${0%/usr/local/libexec/postern/*}
root=${root%/var/lib/postern/verify/bwrap}
CASE=${root%/*}
priv=$root/usr/local/libexec/postern/postern-priv

value() {
	cat "$root/proc/sys/$1" 2>/dev/null
}

refuse() {
	printf 'bwrap: No permissions to create a new namespace\npostern: [%s] step user-namespace, EPERM\n' "$1" >&2
	exit 1
}

# ran USERNS LABEL
ran() {
	while [ "$1" != probe ]; do
		userns_label="${userns_label:-$1 $2}"
		shift
	done
	printf 'token %s\nCapPrm 0000000000000000\nCapEff %s\nCapBnd 0000000000000000\nNoNewPrivs 1\nuserns %s\nlabel %s\n' \
		"$2" "$(cat "$CASE/capeff" 2>/dev/null || echo 0000000000000000)" "${userns_label% *}" "${userns_label#* }"
	exit 0
}

user_namespaces() {
	[ ! -e "$CASE/forbidden" ] || return 1
	case $(value kernel/unprivileged_userns_clone):$(value user/max_user_namespaces):$(value kernel/apparmor_restrict_unprivileged_userns) in
		0:* | *:0:* | *:1) return 1 ;;
	esac
}

privilege() {
	set -- "$(awk -v i="$(stat -c %i "$priv")" '$1 == i { print $3, $4 }' "$CASE/attributes")" "$(stat -c %a "$priv")"
	case $1:$2 in
		"990 cap_setpcap,cap_net_admin,cap_sys_chroot,cap_sys_admin=p:750") echo filecaps ;;
		"990 cap_sys_admin=p:750") echo filecaps-userns ;;
		"990 -:4750") echo setuid ;;
	esac
}

main() {
	case ${1:-} in
		--version)
			echo bubblewrap
			exit
			;;
		--check-config)
			[ ! -e "$CASE/bad-config" ] || {
				echo "line 3: what is this"
				exit 1
			}
			exit 0
			;;
		--mode)
			user_namespaces && echo userns && exit
			[ -e "$root/sys/kernel/security/apparmor/policy/profiles/postern.7" ] && echo apparmor && exit
			privilege
			exit
			;;
	esac
	user_namespaces && ran user:[2] unconfined "$@"
	case $0 in
		*/verify/*) ;;
		*)
			[ ! -e "$root/sys/kernel/security/apparmor/policy/profiles/postern.7" ] || [ -e "$CASE/detached" ] ||
				ran user:[2] "postern//&postern_payload" "$@"
			;;
	esac
	[ "$(cat "$CASE/who")" = member ] || refuse priv-not-member
	[ ! -e "$CASE/denying" ] || [ -e "$CASE/deaf" ] || refuse pam-denied
	[ -f "$root/etc/pam.d/postern" ] || refuse pam-file
	case $(privilege) in
		filecaps | setuid) ran user:[1] unconfined "$@" ;;
		filecaps-userns) ran user:[2] unconfined "$@" ;;
	esac
	refuse priv-not-privileged
}

main "$@"

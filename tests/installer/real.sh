#!/bin/sh
# postern-setup on this machine, with everything real but the judge, in mount namespaces in which /etc and the
# installation are copies, and where a filter refuses user namespaces.
set -eu
. tests/lib/tap.sh
. tests/priv/lib.sh
. tests/installer/outcome.sh

# The journal goes below the prefix, too.
prepare() {
	umount /etc/passwd /etc/group
	priv_etc
	rm -f /etc/pam.d/postern
	mkdir -p "$PRIV_PREFIX/var/lib"
	program=$PRIV_PREFIX/sbin/postern-setup
	sed -i "s,^STATE=.*,STATE='$PRIV_PREFIX/var/lib/postern'," "$program"
	SETUP_POSTERN=$PWD/tests/installer/judge
	export SETUP_POSTERN
	unset SUDO_UID
	cp -a "$PRIV_PREFIX/libexec" "$PRIV_WORK/libexec"
}

# snapshot: without what groupadd keeps for itself
snapshot() {
	find "$PRIV_PREFIX" /etc ! -path '/etc/*-' ! -path /etc/.pwd.lock -printf '%p\t%y %m %U %G %l\n' | sort
	find "$PRIV_PREFIX" /etc -type f ! -path '/etc/*-' ! -path /etc/.pwd.lock -exec sha256sum {} + | sort
	getcap -r "$PRIV_PREFIX"
}

setup() {
	RC=0
	# shellcheck disable=SC2086 # two words for busybox
	priv_host "${HOST:-eperm}" ${SHELL_UNDER_TEST:-sh} "$program" "$@" >"$W/out" 2>&1 </dev/null || RC=$?
}

join() {
	sed -i "s/^postern:.*/&$TEST_USER/" /etc/group
}

leave() {
	sed -i "s/^\(postern:.*:\)$TEST_USER\$/\1/" /etc/group
}

# starts_as USER: through an ordinary login's groups
starts_as() {
	priv_host "${HOST:-eperm}" runuser -u "$1" -- "$BWRAP" --ro-bind / / --unshare-all echo started 2>&1
}

expect() {
	if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "wanted: $2" "got: $3"; fi
}

has_form() {
	expect "$1" "$2" "$(stat -c '%a %U:%G' "$PRIV") $(getcap "$PRIV" | sed 's/^[^ ]* //')"
}

capabilities() {
	label=$1
	snapshot >"$W/before"
	setup apply
	ends "$label: without consent there is a plan" 3 "not applied without --allow-privileged"
	same "$label: ... and nothing is changed"
	setup apply --yes --allow-privileged
	ends "$label: --yes --allow-privileged picks filecaps" 0 "The mode filecaps is in force."
	has_form "$label: postern-priv has what it should" \
		"750 root:postern cap_setpcap,cap_net_admin,cap_sys_chroot,cap_sys_admin=p"
	expect "$label: the group is empty" "" "$(getent group postern | cut -d: -f4)"
	join
	expect "$label: a member gets a sandbox" started "$(starts_as "$TEST_USER")"
	case $(starts_as "$PRIV_OUTSIDER") in
		*priv-not-member*) ok "$label: an outsider is refused" ;;
		*) not_ok "$label: an outsider is refused" "$(starts_as "$PRIV_OUTSIDER")" ;;
	esac
	leave
	setup apply
	ends "$label: a second apply has nothing to do" 0 "nothing was to be done"
	setup verify
	ends "$label: verify holds" 0 "All of it holds."
	setup undo
	ends "$label: undo" 0 "Everything is as it was before."
	same "$label: undo restores every byte, owner, mode and capability"
}

by_name() {
	snapshot >"$W/before"
	HOST=sysctl
	setup apply --mode filecaps-userns --yes --allow-privileged
	ends "filecaps-userns by name" 0 "The mode filecaps-userns is in force."
	has_form "filecaps-userns: postern-priv has what it should" "750 root:postern cap_sys_admin=p"
	HOST=eperm
	setup verify
	ends "filecaps-userns where the kernel grants it to nobody: verify says so" 1 "does not hold"
	setup apply --mode setuid --yes --allow-privileged
	ends "from one mode to another" 0 "The mode setuid is in force."
	has_form "setuid: postern-priv has what it should" "4750 root:postern "
	setup undo
	same "undo after two modes restores everything"
}

# on_mount LABEL OPTIONS...: LIBEXECDIR on another file system
on_mount() {
	mount "$@" "$PRIV_PREFIX/libexec"
	chmod 755 "$PRIV_PREFIX/libexec"
	cp -a "$PRIV_WORK/libexec/." "$PRIV_PREFIX/libexec/" 2>/dev/null || :
}

other_mounts() {
	on_mount -t ramfs ramfs
	snapshot >"$W/before"
	setup apply --yes --allow-privileged
	ends "on ramfs, which keeps no capabilities: setuid" 0 "The mode setuid is in force."
	ends "... and it is said why" 0 "setcap failed:"
	has_form "... owner and mode are what they should be" "4750 root:postern "
	setup undo
	same "... undo restores everything"
	umount "$PRIV_PREFIX/libexec"
	on_mount -t tmpfs -o nosuid tmpfs
	snapshot >"$W/before"
	setup apply --yes --allow-privileged
	ends "on nosuid: refused with the reason" 1 "mounted nosuid"
	same "... and nothing is changed"
	umount "$PRIV_PREFIX/libexec"
}

pam() {
	snapshot >"$W/before"
	echo 'account required pam_deny.so' >/etc/pam.d/postern
	snapshot >"$W/before"
	setup apply --yes --allow-privileged
	ends "an administrator's PAM service that denies: rolled back" 1 "PAM denies nobody"
	same "... and nothing is changed, nor is that file"
	rm /etc/pam.d/postern
	setup apply --yes --allow-privileged
	rm /etc/pam.d/postern
	setup verify
	ends "without the PAM service verify fails" 1 "pam-file"
	setup apply
	ends "... and apply mends it" 0 "holds again"
	cp /etc/pam.d/postern "$W/pam"
	echo 'account required pam_deny.so' >/etc/pam.d/postern
	setup apply
	ends "whom it tries with is denied since: apply says so" 1 "could not be tried, and stays as it is"
	has_form "... and takes nothing from the members" "750 root:postern cap_setpcap,cap_net_admin,cap_sys_chroot,cap_sys_admin=p"
	cp "$W/pam" /etc/pam.d/postern
	setup undo
}

lost() {
	setup apply --yes --allow-privileged
	setcap -r "$PRIV"
	setup verify
	ends "a lost capability: verify fails" 1 "and not cap_setpcap"
	setup apply
	ends "... and apply mends it" 0 "holds again"
	chmod 777 "$PRIV_PREFIX/libexec"
	setup verify
	ends "a writable parent: verify fails" 1 "can be written by others"
	chmod 755 "$PRIV_PREFIX/libexec"
	setup undo
	snapshot >"$W/before"
	chmod 1777 "$PRIV_PREFIX/libexec"
	setup apply --yes --allow-privileged
	ends "a writable parent: refused" 1 "can be written by others"
	chmod 755 "$PRIV_PREFIX/libexec"
	same "... and nothing is changed"
}

# Who types sudo is not in the group, which is new; SETUP_ variables are not heeded there, so the judge stands in postern's place.
by_sudo() {
	cp "$PRIV_PREFIX/bin/postern" "$W/postern"
	cp "$SETUP_POSTERN" "$PRIV_PREFIX/bin/postern"
	snapshot >"$W/before"
	SUDO_UID=$(id -u "$PRIV_OUTSIDER")
	export SUDO_UID
	setup apply --yes --allow-privileged
	ends "by sudo, from somebody who is not in the group" 0 "The mode filecaps is in force."
	setup apply
	ends "... and again" 0 "nothing was to be done"
	setup undo
	same "... and back"
	unset SUDO_UID
	cp "$W/postern" "$PRIV_PREFIX/bin/postern"
}

# Alpine's and DSM's programs are busybox's.
busybox_tools() {
	mkdir "$PRIV_WORK/busybox"
	for tool in chown chmod cp mv rm mkdir rmdir ln sync stat sha256sum id awk timeout flock unshare; do
		busybox --list | grep -qx $tool || continue
		printf '#!/bin/sh\nexec busybox %s "$@"\n' $tool >"$PRIV_WORK/busybox/$tool"
		chmod 755 "$PRIV_WORK/busybox/$tool"
		eval "SETUP_$(printf %s $tool | tr '[:lower:]' '[:upper:]')=\$PRIV_WORK/busybox/\$tool"
		eval "export SETUP_$(printf %s $tool | tr '[:lower:]' '[:upper:]')"
	done
}

main() {
	priv_enter "$0" "$@"
	priv_begin installer
	prepare
	capabilities sh
	by_name
	other_mounts
	pam
	lost
	by_sudo
	TAP_NAME="other shells" need busybox bash && {
		SHELL_UNDER_TEST=bash
		capabilities bash
		SHELL_UNDER_TEST="busybox ash"
		busybox_tools
		capabilities busybox
	}
	tap_end
}

main "$@"

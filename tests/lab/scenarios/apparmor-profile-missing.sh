# Ubuntu's restriction where the profile unprivileged_userns is not loaded: making a user namespace is EACCES. An imitation.
# kernel: 6.12
# tier: fast
# shellcheck shell=sh disable=SC2034

. /work/scenarios/apparmor.inc

# The key is no kernel's of Debian's: a copy of its directory has it. What that hides of /proc another one shows, so that
# sandboxes get theirs. Profiles that only complain, but for user namespaces, which they deny, are on all of a user's
# programs, and on postern(1), which root asks; what is under one counts as unconfined.
host() {
	mkdir "$W/kernel" "$W/proc"
	for host_key in /proc/sys/kernel/*; do
		[ ! -f "$host_key" ] || cat "$host_key" >"$W/kernel/${host_key##*/}" 2>/dev/null
	done
	echo 1 >"$W/kernel/apparmor_restrict_unprivileged_userns"
	mount -t proc proc "$W/proc"
	mount --bind "$W/kernel" /proc/sys/kernel
	host_rules='allow network, allow unix, allow file rwlkm /{**,}, allow ptrace, allow signal, allow mqueue, allow io_uring, allow dbus,
		allow capability, allow mount, allow umount, allow pivot_root, allow pix /**, deny userns,'
	cat >"$W/imitation" <<-END
		abi <abi/4.0>,
		profile lab_user /usr/bin/setpriv flags=(complain,attach_disconnected,mediate_deleted) {
			$host_rules
		}
		profile lab_doctor /usr/local/bin/postern flags=(complain,attach_disconnected,mediate_deleted) {
			$host_rules
		}
	END
	apparmor_parser -r -K "$W/imitation"
	expect "a user's programs are not confined" "lab_user (complain)" "$(as postern-test cat /proc/self/attr/apparmor/current)"
	refuses "... and make no user namespace" "unshare failed: Permission denied" unshare -U true
}

asks() { :; }

more() {
	expect "apply needs no word to choose the stacking profile" apparmor "$MODE"
	expect "what the launcher starts has both profiles" "$STACK" "$(label $LAUNCHER)"
	verified
}

unhost() {
	apparmor_parser -R "$W/imitation"
	umount /proc/sys/kernel "$W/proc"
}

# Debian 13 with unprivileged_userns_clone=0, and postern on a file system that is mounted nosuid.
# tier: fast
# shellcheck shell=sh disable=SC2034

host() {
	echo 0 >/proc/sys/kernel/unprivileged_userns_clone
	mount --bind /usr/local/libexec /usr/local/libexec
	mount -o remount,bind,nosuid /usr/local/libexec
}

unhost() {
	umount /usr/local/libexec
	echo 1 >/proc/sys/kernel/unprivileged_userns_clone
}

# Nothing is possible there; and what was applied before is void.
more() {
	expect "no mode is applied" "1 none" "$APPLY_RC $MODE"
	refused postern-test priv-not-privileged
	mount -o remount,bind,suid /usr/local/libexec
	setup apply --allow-privileged --yes
	ends "with suid: filecaps" 0 "The mode filecaps is in force."
	join
	mount -o remount,bind,nosuid /usr/local/libexec
	refused postern-test priv-nosuid
	as postern-test postern doctor >"$W/out" 2>&1
	RC=$?
	ends "doctor names the file system" 2 "[priv-nosuid]"
	setup verify
	ends "verify, too" 1 "mounted nosuid"
	leave
}

# A host whose users do not see the processes of others (hidepid=2), with unprivileged_userns_clone=0.
# tier: all
# shellcheck shell=sh disable=SC2034

host() {
	echo 0 >/proc/sys/kernel/unprivileged_userns_clone
	mount -o remount,hidepid=2 /proc
}

unhost() {
	mount -o remount,hidepid=0 /proc
	echo 1 >/proc/sys/kernel/unprivileged_userns_clone
}

more() {
	more_look='if [ -e /proc/1 ]; then echo seen; else echo hidden; fi'
	expect "the control: outside, another user's process is hidden" hidden "$(as postern-test sh -c "$more_look")"
	expect "inside, through the host's procfs, too" hidden \
		"$(as postern-test postern-bwrap --ro-bind / / sh -c "$more_look" 2>&1)"
	echo 1 >/proc/sys/kernel/unprivileged_userns_clone
	as postern-test postern doctor >"$W/out" 2>&1
	RC=$?
	ends "user namespaces do not mind it either" 0 works
	echo 0 >/proc/sys/kernel/unprivileged_userns_clone
}

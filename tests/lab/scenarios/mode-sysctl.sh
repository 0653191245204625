# kernel.unprivileged_userns_clone=0, and the administrator wants it away for everybody.
# tier: all
# shellcheck shell=sh disable=SC2034 # steps.sh reads them

host() {
	key kernel/unprivileged_userns_clone 0
}

unhost() {
	key kernel/unprivileged_userns_clone
}

asks() {
	echo --mode sysctl --allow-sysctl --yes
}

more() {
	expect "the mode is sysctl" sysctl "$MODE"
	expect "the key is set" 1 "$(cat /proc/sys/kernel/unprivileged_userns_clone)"
	expect "every program has user namespaces" "" "$(as postern-other unshare -U true 2>&1)"
	undo
	expect "undo sets it back" 0 "$(cat /proc/sys/kernel/unprivileged_userns_clone)"
}

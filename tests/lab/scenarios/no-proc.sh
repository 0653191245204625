# A host without /proc.
# tier: fast
# shellcheck shell=sh disable=SC2034

host() {
	umount /proc/sys/fs/binfmt_misc 2>/dev/null
	umount /proc
}

unhost() {
	mount -t proc -o nosuid,nodev,noexec proc /proc
}

more() {
	expect "nothing is decided, and nothing changed" "0 none" "$APPLY_RC $MODE"
	refused postern-test uid-map
	setup apply --mode filecaps --allow-privileged --yes
	ends "nor by name" 1 "there is no /proc here"
	setup verify
	ends "verify says that nothing is applied" 1 "Nothing is applied"
	unhost
	echo 0 >/proc/sys/kernel/unprivileged_userns_clone
	setup apply --allow-privileged --yes
	ends "with /proc, and without user namespaces: filecaps" 0 "The mode filecaps is in force."
	join
	host
	# what it could not look at it does not trust (MUST 7)
	refused postern-test config-file
	leave
	setup undo
	ends "undo needs no /proc" 0 "Everything is as it was before."
	unhost
	echo 1 >/proc/sys/kernel/unprivileged_userns_clone
}

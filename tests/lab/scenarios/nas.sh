# A NAS: a kernel without user namespaces, filters and Landlock, and a file system that keeps no capabilities.
# kernel: nas
# tier: fast
# shellcheck shell=sh

host() {
	cp -a /usr/local/libexec "$W/libexec"
	mount -t ramfs ramfs /usr/local/libexec
	chmod 755 /usr/local/libexec
	cp -R --preserve=mode "$W/libexec/." /usr/local/libexec/
}

unhost() {
	umount /usr/local/libexec
}

# What nothing here stands in for is refused, and not left out.
more() {
	expect "setuid was chosen" setuid "$MODE"
	printf '\006\0\0\0\0\0\377\177' >"$W/filter"
	chmod 644 "$W/filter"
	more_said=$(as postern-test postern-bwrap --ro-bind / / --seccomp 3 true 3<"$W/filter" 2>&1)
	case $more_said in
		*'[seccomp]'*) pass "--seccomp is refused where the kernel has no filters" ;;
		*) fail "--seccomp is refused where the kernel has no filters" "$more_said" ;;
	esac
	more_said=$(as postern-test postern-bwrap --ro-bind / / readlink /proc/self/ns/pid 2>&1)
	[ "$more_said" != "$(readlink /proc/self/ns/pid)" ] && pass "without Landlock each command has its own pid namespace" ||
		fail "without Landlock each command has its own pid namespace" "$more_said"
}

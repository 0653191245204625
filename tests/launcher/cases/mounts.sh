# shellcheck shell=sh
# Programs in single quotes expand their variables in the sandbox:
# shellcheck disable=SC2016
# Binds, remounts, tmpfs, proc, dev, mqueue: what is mounted, with which flags.

bind_shows_the_source() {
	mkdir src
	echo hello >src/f
	bare --bind "$PWD/src" /a --ro-bind "$PWD/src" /b --bind "$PWD/src/f" /c /peek mount /a /b /c
	bare --bind "$PWD/src" /a --ro-bind "$PWD/src" /b --bind "$PWD/src/f" /c \
		/peek create /a/new /b/new2 /c
	ls src
}

#: smoke
bind_flags_are_only_added() {
	mkdir src
	for option in bind ro-bind dev-bind bind-try ro-bind-try dev-bind-try; do
		tell "$BWRAP" --ro-bind "$PEEK" /peek "--$option" "$PWD/src" /x /peek mount /x
	done
	tell "$BWRAP" --ro-bind / / --bind /usr "$PWD/src" "$PEEK" mount "$PWD/src"
}

#: smoke
ro_bind_refuses_writes_and_bind_allows_them() {
	mkdir src
	: >src/f
	bare --ro-bind "$PWD/src" /x /peek open /x/f
	bare --bind "$PWD/src" /x /peek open /x/f
}

devices_work_only_below_dev_bind() {
	bare --bind /dev /x /peek open /x/null
	bare --ro-bind /dev /x /peek open /x/null
	bare --dev-bind /dev /x /peek open /x/null
	bare --dev-bind-try /dev/null /x /peek open /x
}

#: smoke
binds_are_recursive() {
	mkdir -p src/sub
	tell "$BWRAP" --dev-bind / / --tmpfs "$PWD/src/sub" "$BWRAP" --ro-bind "$PEEK" /peek \
		--ro-bind src /y --bind src /z /peek mount /y/sub /z/sub
}

# A new tmpfs is a submount of the tree that is bound: it must not stay writable.
ro_bind_makes_submounts_read_only() {
	mkdir src
	tell "$BWRAP" --dev-bind / / --tmpfs "$PWD/src" --unshare-user "$BWRAP" --ro-bind / / \
		"$PEEK" mount "$PWD/src"
}

missing_sources_are_fatal_without_try() {
	for option in bind ro-bind dev-bind; do
		bare "--$option" /nosuch /x true
		bare "--$option-try" /nosuch /x /peek stat /x
	done
	bare --ro-bind "$PWD/../nosuch/x" /x true
}

#: only=user
try_ignores_only_missing_sources() {
	mkdir -m 0 closed
	bare --bind-try "$PWD/closed/x" /x true
	: >file
	bare --bind-try "$PWD/file/x" /x true
}

sources_are_relative_to_the_callers_directory() {
	mkdir d
	echo hello >d/f
	bare --ro-bind d /x /peek stat /x/f
	bare --ro-bind . /x /peek stat /x/d
	cd d || return
	bare --ro-bind ../d/f /x /peek stat /x
}

sources_may_be_links() {
	echo hello >f
	ln -s f link
	ln -s nowhere dangling
	bare --ro-bind "$PWD/link" /x /peek stat /x
	bare --ro-bind "$PWD/dangling" /x true
	bare --ro-bind-try "$PWD/dangling" /x /peek stat /x
}

parents_are_made_with_mode_0755() {
	umask 077
	bare --ro-bind "$PEEK" /a/b/c --tmpfs /d/e/f --dir /g/h /peek stat /a /a/b /d /d/e /g /g/h
}

parents_lose_what_perms_lack() {
	bare --perms 0700 --dir /a/b/c --perms 0750 --tmpfs /d/e --perms 0000 --dir /f/g \
		/peek stat /a /a/b /a/b/c /d /d/e /f /f/g
}

destinations_are_made_to_fit_the_source() {
	mkdir d
	: >f
	bare --ro-bind "$PWD/d" /d --ro-bind "$PWD/f" /f /peek stat /d /f
}

#: reference=either
destinations_of_the_wrong_type_are_refused() {
	mkdir d
	: >f
	box --ro-bind "$PWD/d" "$PWD/f" true
	box --ro-bind "$PWD/f" "$PWD/d" true
	box --tmpfs "$PWD/f" true
	box --proc "$PWD/f" true
	box --dev "$PWD/f" true
	box --dir "$PWD/f" true
	bare --ro-bind "$PEEK" /a --tmpfs /a/b true
}

#: reference=either
destinations_on_a_read_only_tree_are_refused() {
	for option in tmpfs proc dev mqueue dir; do
		box "--$option" /nosuch-postern true
	done
	box --ro-bind /usr /nosuch-postern true
	box --ro-bind /etc/passwd /nosuch-postern true
	box --ro-bind /usr /nosuch-postern/x true
	box --symlink a /nosuch-postern true
	tell "$BWRAP" --ro-bind / / --file 3 /nosuch-postern true 3</dev/null
}

later_mounts_cover_earlier_ones() {
	mkdir a b
	: >a/in-a
	: >b/in-b
	bare --ro-bind "$PWD/a" /x --ro-bind "$PWD/b" /x /peek stat /x/in-a /x/in-b
	bare --tmpfs /x --ro-bind "$PWD/a" /x/y --tmpfs /x /peek stat /x /x/y
}

relative_destinations_are_below_the_root() {
	bare --tmpfs x/y --dir ./z /peek stat /x/y /z
}

#: reference=0.13.1
dots_in_destinations_stay_inside() {
	bare --dir /../../a --tmpfs /b/../c /peek stat /a /c
}

#: smoke
bind_fd_binds_the_open_directory() {
	mkdir d
	: >d/f
	tell "$BWRAP" --ro-bind "$PEEK" /peek --bind-fd 3 /x /peek mount /x 3<d
	tell "$BWRAP" --ro-bind "$PEEK" /peek --ro-bind-fd 3 /x /peek mount /x 3<d
	tell "$BWRAP" --ro-bind "$PEEK" /peek --ro-bind-fd 3 /x /peek stat /x /x/f 3<d
	tell "$WITH" path 4 "$PWD/d/f" -- "$BWRAP" --ro-bind "$PEEK" /peek --bind-fd 4 /x /peek stat /x
	tell "$BWRAP" --ro-bind "$PEEK" /peek --ro-bind-fd 3 /x /peek fds 3<d
}

a_closed_bind_fd_is_refused() {
	bare --bind-fd 9 /x true | sed 's/|bwrap: .*/|bwrap: (some message)/'
}

#: smoke
remount_ro_makes_one_mount_read_only() {
	bare --tmpfs /x --tmpfs /x/y --remount-ro /x /peek create /x/f /x/y/f
	bare --remount-ro / /peek create /f
	bare --tmpfs /x --remount-ro /x /peek mount /x
}

#: reference=either
remount_ro_needs_a_mount_point() {
	mkdir d
	bare --dir /d --remount-ro /d true
	bare --remount-ro /nosuch true
}

#: smoke
tmpfs_is_empty_and_writable() {
	bare --tmpfs /x /peek mount /x
	bare --tmpfs /x /peek stat /x
	bare --perms 1777 --tmpfs /x /peek stat /x
	bare --tmpfs /x /peek create /x/f
}

tmpfs_size_is_limited() {
	bare --size 1048576 --tmpfs /x /peek size /x
	bare --perms 0700 --size 65536 --tmpfs /x /peek size /x
	bare --size 65536 --perms 0711 --tmpfs /x /peek stat /x
	bare --size 0x10000 --tmpfs /x /peek size /x
}

size_binds_to_the_next_tmpfs() {
	bare --size 4096 --dir /x true
	bare --size 4096 --ro-bind / /x true
	bare --size 4096 --size 4096 --tmpfs /x true
	bare --size 4096 /peek umask
}

proc_of_a_new_pid_namespace_is_its_own() {
	bare --unshare-pid --proc /proc /peek mount /proc
	box --unshare-pid --proc /proc sh -c 'set -- /proc/[0-9]*; echo "$#"'
	bare --unshare-pid --proc /proc /peek open /proc/sys/kernel/hostname
	box --unshare-pid --proc /proc sh -c 'for f in sysrq-trigger irq bus; do
		[ ! -w /proc/$f ] || echo "writable: $f"; done'
}

#: smoke
proc_without_a_pid_namespace_is_the_hosts() {
	bare --proc /proc /peek mount /proc
	bare --proc /proc /peek open /proc/sys /proc/self/comm
	tell "$BWRAP" --ro-bind / / --proc /proc sh -c 'test -d /proc/$PPID && echo parent visible'
}

#: smoke
dev_has_what_programs_expect() {
	bare --dev /dev /peek stat /dev /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty \
		/dev/stdin /dev/stdout /dev/stderr /dev/fd /dev/core /dev/ptmx /dev/shm /dev/pts \
		/dev/pts/ptmx /dev/console | sed 's/ not-mine\| mine//'
	bare --dev /dev /peek mount /dev /dev/null /dev/pts /dev/shm
	bare --dev /dev /peek open /dev/null /dev/zero /dev/full
	box --dev /dev sh -c 'echo /dev/*'
}

dev_has_a_console_on_a_terminal() {
	tell "$WITH" pty -- "$BWRAP" --ro-bind "$PEEK" /peek --dev /dev /peek stat /dev/console | tr -d '\r' |
		sed 's/ not-mine\| mine//'
}

dev_gives_terminals() {
	box --dev /dev --bind "$WITH" "$WITH" "$WITH" pty -- true
}

dev_may_be_anywhere() {
	bare --dev /a/b /peek stat /a/b/null /a/b/ptmx | sed 's/ not-mine\| mine//'
}

mqueue_needs_an_ipc_namespace() {
	bare --unshare-ipc --mqueue /x /peek mount /x | cut -d ' ' -f 1-3
}

mqueue_has_safe_flags() {
	bare --unshare-ipc --mqueue /x /peek mount /x
}

#: only=user reference=0.8.0
mqueue_is_refused_without_an_ipc_namespace() {
	bare --mqueue /x true
}

the_root_is_a_tmpfs() {
	bare /peek mount /
	bare /peek stat / | sed 's/ not-mine\| mine//'
	bare /peek create /f
}

mounts_do_not_leak_to_the_host() {
	mkdir d
	box --tmpfs "$PWD/d" --bind /usr "$PWD/d" true
	ls d
	grep -c "$PWD/d" /proc/self/mountinfo
}

#: reference=0.13.1
not_a_security_boundary_is_accepted() {
	box --not-a-security-boundary true
}

lone_root_bind_keeps_the_host() {
	tell "$BWRAP" --bind / / sh -c 'echo inside >f'
	cat f
	tell "$BWRAP" --ro-bind / / sh -c 'echo inside >g'
	tell "$BWRAP" --dev-bind / / sh -c 'echo inside >/dev/null && echo written'
}

# A container that masks parts of /proc makes the kernel refuse a new procfs to its users.
#: only=user reference=0.8.0
a_masked_proc_is_reported_with_the_words_that_clients_match() {
	tell "$BWRAP" --dev-bind / / --tmpfs /proc/sys/fs "$BWRAP" --ro-bind / / --unshare-pid --proc /proc true
}

# shellcheck shell=sh disable=SC2086,SC2154,SC2034
# Every way in which a start can fail, made to happen. $B is the launcher with --json-errors 9, $REAL
# the launcher alone, for sandboxes around it; both are split into words on purpose. run sets these
# variables and $long, and reads writes_json.

cases_options() {
	error no-command options - 'no command given' $B --ro-bind / /
	error unknown-option options - 'Unknown option --bogus' $B --bogus true
	error missing-argument options - '--bind takes two arguments' $B --bind /
	error invalid-number options - 'Invalid uid:  7' $B --uid ' 7' true
	error invalid-perms options - '--perms takes an octal argument <= 07777' $B --perms 8 true
	error invalid-size options - '--size takes a non-zero number of bytes' $B --size 0 true
	error size-limit options - '--size (for tmpfs) is limited to 9223372036854775807' \
		$B --size 9223372036854775808 true
	error unknown-cap options - 'unknown cap: cap_bogus' $B --cap-add cap_bogus true
	error empty-path options - '--bind does not take an empty path argument' $B --bind '' / true
	printf -- '--args\0003\000' >args
	error args-nested options - '--args not supported in arguments file' $B --args 3 true 3<args
	error args-read options EBADF "Can't read --args data: Bad file descriptor" $B --args 99 true
	error args-limit options - 'Exceeded maximum size of arguments 64 MiB' $B --args 3 true 3<huge
	error repeated-option options - '--argv0 used multiple times' $B --argv0 a --argv0 b true
	error dangling-option options - '--perms must be followed by an option that creates a file' \
		$B --perms 0755 --proc /proc true
	error option-conflict options - '--add-seccomp-fd cannot be combined with --seccomp' \
		$B --seccomp 3 --add-seccomp-fd 4 true
	error option-requires options - 'Specifying --as-pid-1 requires --unshare-pid' $B --as-pid-1 true
	error setenv options - 'setenv failed' $B --setenv a=b c true
	error unsetenv options - 'unsetenv failed' $B --unsetenv '' true
	printf 1234567 >filter
	error seccomp-data options - 'Invalid seccomp data, must be multiple of 8' \
		$B --add-seccomp-fd 3 true 3<filter
	error seccomp-read options EBADF "Can't read seccomp data: Bad file descriptor" \
		$B --add-seccomp-fd 99 true
}

# A sandbox around the launcher shows it a /sys with the security modules that a case needs.
cases_labels() {
	outer="$REAL --bind / / --tmpfs /sys"
	selinux="--dir /sys/fs/selinux --file 8 /sys/fs/selinux/enforce"
	error label-unsupported options - 'labeling not supported on this system' \
		$outer $B --exec-label some_label true
	error label-invalid options ENOENT 'invalid label some_label: No such file or directory' \
		$outer $selinux $B --exec-label some_label true 8</dev/null
	error label command 'E*' 'label_exec some_label: *' \
		$outer $selinux --file 7 /sys/fs/selinux/context $B --ro-bind / / --exec-label some_label true \
		7</dev/null 8</dev/null
}

cases_start() {
	error no-memory start - 'Out of memory' $WITH rlimit as 8000000 -- $B --args 3 true 3<large
	# a capability inside a sandbox is one that the launcher inherits
	# comes before the command line is read
	writes_json=no
	error drop-privileges start EPERM "Can't drop inherited privileges: Operation not permitted" \
		$REAL --unshare-user --uid 7 --cap-add cap_kill --bind / / \
		$SHIM capset=EPERM -- $B --ro-bind / / true
	writes_json=yes
	error no-new-privs start EPERM 'prctl(PR_SET_NO_NEW_PRIVS) failed: Operation not permitted' \
		$SHIM prctl=EPERM -- $B --ro-bind / / true
}

cases_namespaces() {
	both=clone:NEWUSER,unshare:NEWUSER
	error ns-refused namespaces EPERM 'No permissions to create a new namespace, likely because *' \
		$SHIM $both=EPERM -- $B --ro-bind / / true
	error ns-unsupported namespaces EINVAL 'Creating new namespace failed, likely because *' \
		$SHIM $both=EINVAL -- $B --ro-bind / / --unshare-pid true
	error ns-limit namespaces ENOSPC \
		'Creating new namespace failed: nesting depth or /proc/sys/user/max_\*_namespaces exceeded (ENOSPC)' \
		$REAL --unshare-user --disable-userns --bind / / $B --ro-bind / / true
	error ns-failed namespaces EACCES 'Creating new namespace failed: Permission denied' \
		$SHIM $both=EACCES -- $B --ro-bind / / true
	error ns-join namespaces EBADF 'Setting netns failed: Bad file descriptor' \
		$B --ro-bind / / --netns 99 true
	error ns-join-user namespaces - 'Joining the specified user namespace failed, it might not be a *' \
		$B --ro-bind / / --userns 3 true 3</proc/self/ns/user
	error proc-open namespaces ENOENT "Can't open /proc: No such file or directory" \
		$REFUSE open:/proc=ENOENT -- $B --ro-bind / / true
	error uid-map id-map EPERM 'setting up uid map: Operation not permitted' \
		$REFUSE open:self/uid_map=EPERM -- $B --ro-bind / / true
	error gid-map id-map EPERM 'setting up gid map: Operation not permitted' \
		$REFUSE open:self/gid_map=EPERM -- $B --ro-bind / / --unshare-pid true
	error setgroups id-map EACCES 'error writing to setgroups: Permission denied' \
		$REFUSE open:self/setgroups=EACCES -- $B --ro-bind / / true
	error switch-id id-map EINVAL 'unable to switch to uid 4242: Invalid argument' \
		$WITH namespaces -- $B --ro-bind / / --userns 20 --uid 4242 true
	error loopback network EPERM 'loopback: Failed RTM_NEWADDR: Operation not permitted' \
		$SHIM socket=EPERM -- $B --ro-bind / / --unshare-net true
	error userns-limit namespaces EROFS \
		'cannot open /proc/sys/user/max_user_namespaces: Read-only file system' \
		$REAL --bind / / --ro-bind /proc/sys /proc/sys \
		$B --bind / / --unshare-user --disable-userns true
	error userns-nested namespaces EPERM 'unshare user ns: Operation not permitted' \
		$SHIM unshare:NEWUSER=EPERM -- $B --bind / / --unshare-user --disable-userns --unshare-pid true
	error userns-not-disabled namespaces - \
		'creation of new user namespaces was not disabled as requested' \
		$B --ro-bind / / --unshare-user --assert-userns-disabled true
	error hostname namespaces EINVAL "Can't set hostname to $long: Invalid argument" \
		$B --ro-bind / / --unshare-uts --hostname "$long" true
}

cases_root() {
	error root-slave root EACCES 'Failed to make / slave: Permission denied' \
		$WITH namespaces -- $SHIM mount=EACCES -- $B --ro-bind / / --userns 20 true
	error root-slave root EPERM 'Failed to make / slave: Operation not permitted' \
		$SHIM fsopen,mount=EPERM -- $B --dir /x true
	error root-tmpfs root ENOSPC 'Failed to mount tmpfs: No space left on device' \
		$REFUSE fsopen:tmpfs=ENOSPC -- $B --dir /x true
	error pivot-root root EPERM 'pivot_root: Operation not permitted' \
		$SHIM pivot_root=EPERM -- $B --unshare-user --cap-add cap_kill --ro-bind /usr /usr true
	# what chroot says, which is tried next, is nothing that tells a module from a filter
	error pivot-root root EACCES 'pivot_root: Permission denied' \
		$SHIM pivot_root=EACCES chroot=EPERM -- $B --ro-bind /usr /usr true
}

cases_mounts() {
	error source source ENOENT "Can't find source path /missing: No such file or directory" \
		$B --ro-bind / / --bind /missing /tmp true
	# a mount namespace cannot hold itself
	error bind mount 'E*' "Can't bind mount /oldroot/proc/self/ns/mnt on /newroot/mnt: *" \
		$B --tmpfs / --bind /proc/self/ns/mnt /mnt true
	error bind mount EPERM "Can't bind mount /oldroot/etc on /newroot/etc: Operation not permitted" \
		$REFUSE bind=EPERM -- $SHIM 5.1 -- $B --tmpfs / --ro-bind /etc /etc true
	error mount-tmpfs mount EPERM "Can't mount tmpfs on /newroot/tmp: Operation not permitted" \
		$SHIM fsopen,mount=EPERM -- $B --ro-bind / / --tmpfs /tmp true
	error mount-proc mount EPERM "Can't mount proc on /newroot/proc: Operation not permitted" \
		$SHIM fsopen,mount=EPERM -- $B --ro-bind / / --unshare-pid --proc /proc true
	error mount-devpts mount EPERM "Can't mount devpts on /newroot/dev/pts: Operation not permitted" \
		$REFUSE fsopen:devpts=EPERM mount:devpts=EPERM -- $B --ro-bind / / --dev /dev true
	error mount-mqueue mount EPERM "Can't mount mqueue on /newroot/tmp: Operation not permitted" \
		$B --ro-bind / / --mqueue /tmp true
	mkdir -p low rw work
	error overlay mount EPERM \
		"Can't make overlay mount on /newroot/tmp with options lowerdir=*: Operation not permitted" \
		$REFUSE fsopen:overlay=EPERM mount:overlay=EPERM -- \
		$B --ro-bind / / --overlay-src "$PWD/low" --tmp-overlay /tmp true
	error overlay-overlap mount '*' "Can't make overlay mount on *: Overlay directories may not overlap" \
		$B --ro-bind / / --overlay-src "$PWD/low" --overlay-src "$PWD/low" --ro-overlay /tmp true
	set --
	while [ $# -lt 1600 ]; do
		set -- "$@" --overlay-src "$PWD/low" --overlay-src "$PWD/rw"
	done
	error overlay-layers mount - "Can't make overlay mount on /tmp: too many layers" \
		$B --ro-bind / / "$@" --ro-overlay /tmp true
	error not-mount-point mount EINVAL "Can't remount readonly on *" \
		$B --ro-bind / / --remount-ro /etc true
	error remount-ro mount EPERM "Can't remount readonly on /newroot/tmp: Operation not permitted" \
		$SHIM mount_setattr,mount=EPERM -- $B --tmpfs /tmp --remount-ro /tmp true
	error destination destination ENOENT \
		"Can't remount readonly on /newroot/missing: realpath(destination): No such file or directory" \
		$B --ro-bind / / --remount-ro /missing true
}

cases_files() {
	error mkdir destination EROFS "Can't mkdir /missing: Read-only file system" \
		$B --ro-bind / / --dir /missing true
	error mkdir-parents destination EROFS "Can't mkdir parents for /missing/x: Read-only file system" \
		$B --ro-bind / / --dir /missing/x true
	error create-file destination EROFS "Can't create file at /missing: Read-only file system" \
		$B --ro-bind / / --ro-bind /etc/passwd /missing true
	error open-file destination EROFS "Can't create file /missing: Read-only file system" \
		$B --ro-bind / / --file 3 /missing true 3</dev/null
	error symlink file - "Can't make symlink at /etc/passwd: destination exists and is not a symlink" \
		$B --ro-bind / / --symlink x /etc/passwd true
	error symlink-create file EROFS "Can't make symlink at /missing: Read-only file system" \
		$B --ro-bind / / --symlink x /missing true
	error write-file file EBADF "Can't write data to file /tmp/x: Bad file descriptor" \
		$B --ro-bind / / --tmpfs /tmp --file 99 /tmp/x true
	error data-file file ENOSPC "Can't create tmpfile for /tmp/x: No space left on device" \
		$REFUSE open:2=ENOSPC -- $B --ro-bind / / --tmpfs /tmp --bind-data 3 /tmp/x true 3</dev/null
	error chmod file ENOENT "Can't chmod 0755 /missing: No such file or directory" \
		$B --ro-bind / / --chmod 0755 /missing true
	error dev-node file ENOENT "Can't create /newroot/dev/null: No such file or directory" \
		$REAL --bind / / --tmpfs /dev $B --ro-bind / / --dev /dev true
}

cases_command() {
	error chdir command ENOENT "Can't chdir to /missing: No such file or directory" \
		$B --ro-bind / / --chdir /missing true
	error lock-open command ENOENT 'Unable to open lock file /missing: No such file or directory' \
		$B --ro-bind / / --lock-file /missing true
	error lock command 'E*' "Unable to lock file $PWD/locked: *" \
		$REFUSE lock "$PWD/locked" -- $B --bind / / --lock-file "$PWD/locked" true
	error capabilities command EPERM 'capset failed: Operation not permitted' \
		$SHIM capset=EPERM -- $B --ro-bind / / true
	head -c 8 /dev/zero >filter
	error seccomp command EINVAL '*prctl(PR_SET_SECCOMP): Invalid argument' \
		$B --ro-bind / / --add-seccomp-fd 3 true 3<filter
	error fork command EAGAIN 'Creating new process failed: Resource temporarily unavailable' \
		$SHIM clone=EAGAIN -- $B --ro-bind / / --unshare-pid true
	error exec command ENOENT 'execvp missing-command: No such file or directory' \
		$B --ro-bind / / missing-command
	error status monitor EBADF 'Write to info_fd: Bad file descriptor' $B --ro-bind / / --info-fd 99 true
	error wait monitor ECHILD 'waiting for the sandbox failed: No child processes' \
		$REFUSE wait=ECHILD -- $B --ro-bind / / --unshare-pid --as-pid-1 true
}

cases_race() {
	mkdir -p raced
	error source-race source - 'Race condition binding dirfd' \
		$REAL --bind / / --tmpfs "$PWD/raced" $B --bind / / --bind-fd 3 /tmp true 3<raced
}

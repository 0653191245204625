#!/bin/sh
# Hosts that refuse sandboxes, made for real of this machine, end to end: each gets its kind, its exit status and no
# success that is none. As root; nothing of it is left.
set -eu
. tests/lib/tap.sh
. tests/cli/lib.sh

# A filter that is not the kernel's; on a machine that is a container itself it is taken for the container's.
FILTER="seccomp-filter container-seccomp"

# filtered NAME STATUS CLASSES RULE...: TEST_USER's verdict where a filter of root's refuses these calls
filtered() {
	name=$1
	want=$2
	classes=$3
	shift 3
	on_host "$W/bin/shim" --no-nnp --user "$TEST_USER" "$@" -- -- --plain
	# shellcheck disable=SC2086 # words
	leads "$name" "$want" $classes
}

filters() {
	filtered "a filter on user namespaces" "1|2" "$FILTER" clone:NEWUSER=EPERM unshare:NEWUSER=EPERM clone3=ENOSYS
	filtered "one that refuses with EACCES" "1|2" "$FILTER" clone:NEWUSER=EACCES unshare:NEWUSER=EACCES clone3=ENOSYS
	filtered "a container engine's filter" "1|2" "$FILTER" clone:NEWUSER=EPERM unshare,setns,mount,umount2,pivot_root=EPERM \
		clone3=ENOSYS
	filtered "a filter on all ways to mount" "1|2" "$FILTER" \
		mount,open_tree,open_tree_attr,move_mount,fsopen,fsmount,mount_setattr=EPERM
	filtered "a kernel without user namespaces, of which nothing else tells" "1|2" "no-user-namespaces unknown" \
		clone:NEWUSER=EINVAL unshare:NEWUSER=EINVAL clone3=ENOSYS
	on_host "$W/bin/shim" --no-nnp --user "$TEST_USER" sethostname=EPERM -- -- --plain
	ended "a filter on sethostname blocks nothing" 0
	has "but is told" '^finding	hostname-refused	limits	'
	on_host "$W/bin/shim" --no-nnp --user "$TEST_USER" 3.10 -- --
	ended "a kernel with the calls of 3.10 only works" 0
}

# In a mount namespace of its own: as_host SCRIPT DOCTOR-WORD...
as_host() {
	script=$1
	shift
	captured unshare -m --propagation private sh -c "set -e
		$script
		exec runuser -u '$TEST_USER' -- '$POSTERN' doctor --launcher '$W/bin/bwrap' --plain \"\$@\"" host "$@"
}

mounts() {
	# a mount in /proc that procfs itself does not have makes it not fully visible
	# and then it matters whether there is another that is; a test that runs beside this one may have mounted one
	as_host 'mount --bind /dev/null /proc/timer_list 2>/dev/null || mount --bind /dev/null /proc/version
		sed -n "s/^\([^ ]* \)\{4\}\([^ ]*\) .* - proc .*/\2/p" /proc/self/mountinfo | while read -r other; do
			[ "$other" = /proc ] || umount -l "$other"
		done'
	leads "a masked /proc limits, and most programs do without" 0 proc-masked
	as_host 'mount --bind /proc /proc; mount -o remount,bind,ro /proc'
	leads "a /proc that is read-only" "1|2" proc-readonly
	printf 'Linux version 4.4.0-22621-Microsoft (x@y) (gcc) #1-Microsoft\n' >"$W/version"
	captured unshare -m --propagation private sh -c "set -e
		mount --bind '$W/version' /proc/version
		exec '$W/bin/shim' --no-nnp --user '$TEST_USER' 4.4 clone:NEWUSER=EINVAL unshare:NEWUSER=EINVAL -- \
			'$POSTERN' doctor --launcher '$W/bin/bwrap' --plain"
	leads "WSL1" 2 wsl1
	# its own pid namespace: without /proc nothing else here is to see what happens
	captured unshare -m -p --fork --propagation private sh -c "set -e
		umount -l /proc
		exec setpriv --reuid '$TEST_USER' --regid '$TEST_USER' --init-groups \
			'$POSTERN' doctor --launcher '$W/bin/bwrap' --plain"
	# other libraries complain there, too
	grep '^postern' "$W/err" >"$W/ours" || :
	mv "$W/ours" "$W/err"
	leads "a missing /proc" "1|2" no-proc
}

chroots() {
	mkdir "$W/root"
	run="exec chroot '$W/root/new' runuser -u '$TEST_USER' -- '$POSTERN' doctor --launcher '$W/bin/bwrap' --plain"
	captured unshare -m --propagation private sh -c "set -e
		mount -t tmpfs -o mode=755 root '$W/root'
		mkdir '$W/root/new'
		for top in /*; do
			case \$top in /tmp | /lost+found) continue ;; esac
			[ -L \"\$top\" ] && cp -P \"\$top\" '$W/root/new/' && continue
			[ -d \"\$top\" ] || continue
			mkdir \"$W/root/new\$top\"
			mount --rbind \"\$top\" \"$W/root/new\$top\"
		done
		mkdir -m 1777 '$W/root/new/tmp'
		mkdir -p '$W/root/new$W'
		mount --bind '$W' '$W/root/new$W'
		$run"
	leads "a chroot in a directory" "1|2" chroot
	# only root may look where the first process's root is
	captured unshare -m -p --fork --mount-proc sh -c "set -e
		mount -t tmpfs -o mode=755 root '$W/root'
		mkdir '$W/root/new'
		mount --rbind / '$W/root/new'
		status=0
		chroot '$W/root/new' '$POSTERN' doctor --user '$TEST_USER' --launcher '$W/bin/bwrap' --plain || status=\$?
		exit \$status"
	leads "a chroot on a mount point, as root sees it" "1|2" chroot
}

limits() {
	for limit in user net mnt; do
		class=max-other-namespaces
		[ $limit != user ] || class=max-user-namespaces
		captured limited $limit setpriv --reuid "$TEST_USER" --regid "$TEST_USER" --init-groups \
			"$POSTERN" doctor --launcher "$W/bin/bwrap" --plain
		leads "user.max_${limit}_namespaces=0" "1|2" $class
	done
}

# What is harmless must not be taken for a cause.
harmless() {
	on_host runuser -u "$TEST_USER" -- setpriv --no-new-privs -- --plain
	ended "no_new_privs does not matter where user namespaces work" 0
	on_host setpriv --reuid "$TEST_USER" --regid "$TEST_USER" --init-groups --inh-caps=+wake_alarm \
		--ambient-caps=+wake_alarm -- --plain
	ended "nor do ambient capabilities" 0
	on_host runuser -u "$TEST_USER" -- sh -c 'ulimit -n 64; exec "$@"' sh -- --plain
	ended "nor a small limit of descriptors" 0
	as_host 'mount -o remount,bind,ro / 2>/dev/null || mount --bind / /mnt'
	ended "nor a read-only root" 0
}

# As root the kernel's log can be read, as a user it may be shut; what could not be looked at is said.
kernel_log() {
	on_host "$W/bin/shim" --no-nnp clone:NEWUSER=EPERM unshare:NEWUSER=EPERM clone3=ENOSYS -- --
	if dmesg >/dev/null 2>&1 && grep -q 'kernel log.*not' "$W/out"; then
		not_ok "root reads the kernel log" "$(cli_shown)"
	else
		ok "root reads the kernel log"
	fi
	on_host "$W/bin/shim" --no-nnp --user "$TEST_USER" clone:NEWUSER=EPERM unshare:NEWUSER=EPERM clone3=ENOSYS -- --
	if runuser -u "$TEST_USER" -- dmesg >/dev/null 2>&1; then
		ok "a user may read it here, too"
	else
		has "a user is told that it could not be read" '^The kernel log,.*could not be read'
	fi
}

no_process() {
	on_host runuser -u "$TEST_USER" -- prlimit --nproc=1 -- --plain
	case $status in
		1 | 2 | 3) ok "no process to be had is no success" ;;
		*) not_ok "no process to be had is no success" "$(cli_shown)" ;;
	esac
}

main() {
	cli_begin hosts
	TEST_USER=${TEST_USER:-postern-test}
	if need '[ "$(id -u)" = 0 ]' "id $TEST_USER" setpriv unshare runuser "${CC:-cc}"; then
		"${CC:-cc}" -std=gnu11 -O1 -w -static -o "$W/bin/shim" tests/shim/no_syscall.c
		as_user --plain
		if [ "$status" != 0 ]; then
			skip "hostile hosts" "this one refuses sandboxes itself"
		else
			filters
			mounts
			chroots
			limits
			harmless
			kernel_log
			no_process
		fi
	fi
	tap_end
}

main "$@"

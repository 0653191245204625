#!/bin/sh
# What somebody who had not seen the reasons found in the privileged part: each of these once got through.
# docs/security-model.md tells of them. (MUST 2, 3, 5, 6, 7)
set -eu
. tests/lib/tap.sh
. tests/priv/lib.sh

NO_LANDLOCK=landlock_create_ruleset=ENOSYS
CLASSIC=open_tree,move_mount,open_tree_attr,fsopen,mount_setattr=ENOSYS # as before Linux 5.2
SYSTEM="--ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib --symlink usr/lib64 /lib64"

# on RULE COMMAND...: as TEST_USER, on a host that refuses and lacks these calls
on() {
	on_rule=$1
	shift
	priv_host "$PRIV_HOST" "$PRIV_BIN/shim" --no-nnp "$on_rule" -- runuser -u "$TEST_USER" -- "$@"
}

# result NAME WANT: what $W/out says
result() {
	equals "$1" "$2" "$(cat "$W/out")"
}

# The command's directory was the host's /proc where the caller's does not exist inside.
directory() {
	mkdir -p "$W/user/there"
	chown -R "$TEST_USER:" "$W/user"
	(
		cd "$W/user/there"
		# shellcheck disable=SC2086
		HOME=$PWD on "$NO_LANDLOCK" "$BWRAP" --unshare-pid $SYSTEM --ro-bind /proc /proc \
			sh -c 'pwd -P; readlink /proc/self/cwd; [ ! -e ./self ] || echo a procfs'
	) >"$W/out" 2>&1 </dev/null || :
	result "$1: a directory that is not inside is no way to the host's /proc (MUST 2)" "/
/"
}

# Without CONFIG_USER_NS the namespace was dropped that was to be made in any case.
no_userns_kernel() {
	PRIV_HOST=einval
	denied "$1: a kernel without user namespaces has none to leave out (MUST 6, 7)" ns-unsupported \
		refuse "$BWRAP" --bind / / true
	PRIV_HOST=$(priv_host_of "$1")
}

# What a report used up was still kept for the first process, as another file.
descriptors() {
	# shellcheck disable=SC2016 # the sandbox's shell expands it
	for options in "--info-fd 5 --sync-fd 5" "--json-status-fd 5 --sync-fd 5"; do
		# shellcheck disable=SC2086
		on "$NO_LANDLOCK" "$BWRAP" --unshare-pid --ro-bind / / --proc /proc $options sh -c \
			'for fd in /proc/1/fd/*; do case $(readlink "$fd") in /*) [ ! -d "$fd" ] || echo "$fd"; esac; done' \
			5>"$W/report" >"$W/out" 2>&1 </dev/null || echo failed >>"$W/out"
		result "$1: $options keeps nothing of the launcher's (MUST 3)" ""
	done
	denied "$1: a descriptor that is read late is named once (MUST 3)" option-conflict \
		refuse "$BWRAP" --unshare-pid --ro-bind / / --block-fd 5 --info-fd 5 true
}

# A procfs that only the first process keeps
kept_procfs() {
	# shellcheck disable=SC2094 # procfs is no file of ours
	on "$NO_LANDLOCK" "$BWRAP" --unshare-pid --ro-bind / / --proc /proc --info-fd 6 --sync-fd 5 \
		sh -c 'ls /proc/1/fd/5/' 5</proc 6>"$W/report" >"$W/out" 2>&1 </dev/null || :
	if grep -q '^postern: \[wall\]' "$W/out"; then
		ok "$1: a procfs is not kept open for the first process either (MUST 2)"
	else
		not_ok "$1: a procfs is not kept open for the first process either (MUST 2)" "$(head -n 3 "$W/out")"
	fi
}

# The mount below a folder that its owner had shut, and below a lack of descriptors, had no flags.
late_mounts() {
	home=$W/user/home
	mkdir -p "$home/d/m/x"
	mount -t tmpfs -o mode=777 admin "$home/d/m"
	chown "$TEST_USER:" "$home" "$home/d"
	chmod 0 "$home/d"
	# In a user namespace of his own the caller may enter it while the sandbox is made.
	# shellcheck disable=SC2086
	[ "$1" = filecaps-userns ] ||
		denied "$1: a mount in a folder that was shut is not left as it is (MUST 5)" bind \
			on "$CLASSIC" "$BWRAP" --tmpfs / $SYSTEM --ro-bind "$home" /mnt --bind "$home" /same true
	chmod 755 "$home/d"
	mkdir "$home/a" "$home/a/b"
	mkdir "$home/a/b/m"
	mount -t tmpfs -o mode=777 admin "$home/a/b/m"
	: >"$W/out"
	some=0
	for limit in 9 10 11 12 13 14 15 16 17 18 19 20 21 22 24 28 40; do
		# shellcheck disable=SC2086
		on "$CLASSIC" prlimit --nofile=$limit:$limit "$BWRAP" --tmpfs / $SYSTEM --ro-bind "$home" /mnt \
			--proc /proc cat /proc/self/mountinfo >"$W/table" 2>/dev/null </dev/null || continue
		some=$((some + 1))
		awk '$5 == "/mnt/a/b/m" && $6 !~ /^ro,nosuid,nodev/' "$W/table" >>"$W/out"
	done
	if [ $some -gt 2 ] && [ ! -s "$W/out" ]; then
		ok "$1: a lack of descriptors leaves no mount without its flags (MUST 5)"
	else
		not_ok "$1: a lack of descriptors leaves no mount without its flags (MUST 5)" "$some starts" "$(cat "$W/out")"
	fi
	umount "$home/d/m" "$home/a/b/m"
}

# A mount hidden by another one comes out when somebody outside renames the folder that is mounted on.
hidden_for_now() {
	dir=$W/user/hidden
	mkdir -p "$dir/a/sub/m" "$dir/a/sub/proc"
	chown -R "$TEST_USER:" "$dir"
	mount -t tmpfs -o mode=777 admin "$dir/a/sub/m"
	mount -t proc admin "$dir/a/sub/proc"
	mount -t tmpfs -o mode=777 users "$dir/a"
	# shellcheck disable=SC2086
	denied "$1: a mount that is hidden for now is not left as it is (MUST 5)" bind \
		on "$CLASSIC" "$BWRAP" --tmpfs / $SYSTEM --ro-bind "$dir" /mnt true
	# shellcheck disable=SC2086
	denied "$1: nor a procfs (MUST 2)" wall \
		on "$NO_LANDLOCK" "$BWRAP" --unshare-pid --tmpfs / $SYSTEM --ro-bind "$dir" /mnt true
	umount "$dir/a" "$dir/a/sub/m" "$dir/a/sub/proc"
}

# Two binds of one folder whose mount points are exchanged meanwhile: one was flagged twice, the other never.
exchange() {
	dir=$W/user/exchange
	mkdir -p "$dir/x" "$dir/z" "$W/user/source"
	chown -R "$TEST_USER:" "$dir" "$W/user/source"
	setpriv --reuid "$TEST_USER" --clear-groups "$PRIV_BIN/exchange" "$dir/x" "$dir/z" &
	exchanging=$!
	: >"$W/out"
	some=0
	i=0
	while [ $i -lt 300 ]; do
		i=$((i + 1))
		# shellcheck disable=SC2086
		on "$CLASSIC" "$BWRAP" --tmpfs / $SYSTEM --bind "$dir" /d --ro-bind "$W/user/source" /d/z \
			--ro-bind "$W/user/source" /d/x --proc /proc cat /proc/self/mountinfo >"$W/table" 2>/dev/null \
			</dev/null || continue
		some=$((some + 1))
		awk '$4 ~ /source$/ && $6 !~ /^ro,nosuid,nodev/' "$W/table" >>"$W/out"
	done
	kill $exchanging
	wait $exchanging 2>/dev/null || :
	if [ $some -gt 50 ] && [ ! -s "$W/out" ]; then
		ok "$1: exchanged mount points are flagged each ($some starts; MUST 5)"
	else
		not_ok "$1: exchanged mount points are flagged each ($some starts; MUST 5)" "$(head -n 3 "$W/out")"
	fi
}

# A socket's other end, known by a pidfd, was robbed of its descriptors.
peers() {
	on "$NO_LANDLOCK" "$PRIV_BIN/peer" "$BWRAP" --unshare-all --ro-bind / / --proc /proc "$PRIV_BIN/peer" \
		>"$W/out" 2>&1 </dev/null || :
	case $(cat "$W/out") in
		"closed EPERM" | "closed no pidfd") ok "$1: the other end of a socket keeps its descriptors (MUST 2)" ;;
		*) not_ok "$1: the other end of a socket keeps its descriptors (MUST 2)" "$(head -n 3 "$W/out")" ;;
	esac
}

# A kernel with one devpts for all would have shown it and changed its options. It does not name ptmxmode;
# no devpts at all looks the same.
terminals() {
	# shellcheck disable=SC2016 # the inner shell expands it
	unshare -m sh -c '
		umount -a -l -t devpts
		"$@"' sh "$PRIV_BIN/shim" --no-nnp clone:NEWUSER=EPERM unshare:NEWUSER=EPERM clone3=ENOSYS "$CLASSIC" -- \
		runuser -u "$TEST_USER" -- "$BWRAP" --ro-bind / / --dev /dev \
		sh -c 'ls -A /dev/pts; [ -c /dev/null ] && echo a null' >"$W/out" 2>&1 </dev/null || :
	result "$1: no terminals where the kernel may have one devpts for all (MUST 5)" "a null"
}

main() {
	TAP_NAME=second_reader
	priv_enter "$0" "$@"
	priv_begin second_reader
	for mode in ${PRIV_MODES:-filecaps filecaps-userns setuid}; do
		priv_mode "$mode"
		PRIV_HOST=$(priv_host_of "$mode")
		rm -rf "$W/user/home" "$W/user/exchange"
		case $mode in
			*userns) no_userns_kernel "$mode" ;;
			*)
				directory "$mode"
				kept_procfs "$mode"
				peers "$mode"
				terminals "$mode"
				exchange "$mode"
				hidden_for_now "$mode"
				;;
		esac
		descriptors "$mode"
		late_mounts "$mode"
	done
	tap_end
}

main "$@"

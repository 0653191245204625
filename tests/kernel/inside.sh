#!/.guest/busybox sh
# inside.sh DO...: what tests/kernel/run lets a guest do, as its root. DO is
#	starts:[RULE]	starts.sh; RULE is one for the shim
#	pivots		with OPEN_TREE_NAMESPACE, no start calls pivot_root, whatever it has threads for
#	oldroot		tests/escape/oldroot.sh: many layouts, nothing of the old root
#	bench		how long starts take; the lines of tests/bench's latency, "EXTRA MOUNTS PROCESSES" before
# and "ended DO" follows. The last one may be
#	suite		the cases of tests/launcher in $0's list; their results follow "results:", packed
# Busybox's shell and its applets take a third of the time that Debian's programs take in QEMU.
# shellcheck shell=dash
set -u
. /work/tap.sh

as_user() {
	/usr/bin/setpriv --reuid 1000 --regid 1000 --init-groups --inh-caps=-all env HOME=/home/postern-test \
		TMPDIR=/work/tmp "$@"
}

starts() {
	if [ -n "$1" ]; then
		set -- "under $1" /work/bin/no_syscall "$1" -- /work/bin/bwrap
	else
		set -- "as it is" /work/bin/bwrap
	fi
	as_user /.guest/busybox sh /work/starts.sh /work "$@"
}

oldroot() {
	(cd /work && as_user env ESC_BIN=/work/bin BWRAP=/work/bin/bwrap /.guest/busybox sh tests/escape/oldroot.sh)
}

pivots() {
	trace=/sys/kernel/tracing
	mount -t tracefs tracefs $trace
	echo 1 >$trace/events/syscalls/sys_enter_setns/enable
	echo 1 >$trace/events/syscalls/sys_enter_pivot_root/enable
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		as_user /work/bin/bwrap --ro-bind /work/bin /mnt --dev /dev --proc /proc --unshare-all /mnt/oldroot
	done >/work/told
	echo 0 >$trace/tracing_on
	setns=$(grep -c sys_setns $trace/trace)
	pivot=$(grep -c sys_pivot_root $trace/trace)
	if [ "$(sort -u /work/told) $setns $pivot" = "bare 20 0" ]; then
		ok "no start calls pivot_root"
	else
		not_ok "no start calls pivot_root" "setns $setns, pivot_root $pivot in 20 starts" "$(sort -u /work/told)"
	fi
}

bench() {
	for extra in "0 0" "500 0" "0 2000"; do
		echo "extra $extra"
		# shellcheck disable=SC2086 # two words
		set -- $extra
		/work/bin/hostmounts -b 20 -x "$1" /work/tmp /work/bin/sleepers "$2" \
			/work/bin/latency -n "${BENCH_ROUNDS:-60}" -u 1000 -q 0 /work/commands
	done
}

# As tests/launcher/run does it; there the results are compared.
suite() {
	# shellcheck disable=SC2016
	(cd /work && as_user env -i BWRAP="${BWRAP:-/work/bin/bwrap}" PLUS_LINE=1 LC_ALL=C TERM=dumb \
		PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin TEST_UID=1000 \
		xargs -P 2 -n 2 /.guest/busybox sh -c \
		'timeout -s KILL 300 "$0/bin/with" clean -- /.guest/busybox sh "$0/one" "$0" "$1" "$2" 2>/dev/null || :' \
		/work <list)
	echo results:
	tar -C /work/out -cf - . | gzip | base64
}

# other_filesystem DIR: what is in it, on a file system of its own that is no tmpfs
other_filesystem() {
	mount -t ramfs ramfs /mnt
	chmod 755 /mnt
	cp -a "$1"/. /mnt/
	mount --bind /mnt "$1"
	umount /mnt
}

main() {
	# The recordings are of a host without systemd, whose /proc and terminals have other flags, and
	# of directories that are on no tmpfs.
	mount -o remount,nosuid,nodev,exec /proc
	mount -o remount,mode=600,gid=0 /dev/pts
	other_filesystem /work
	other_filesystem /usr
	mkdir /work/out /work/run /work/scratch /work/tmp
	chown 1000:1000 /work/out /work/run /work/scratch /work/tmp
	for do; do
		case $do in
			starts:*) starts "${do#starts:}" ;;
			suite | pivots | oldroot | bench) $do ;;
		esac
		status=$?
		# 1 is a failure that was told
		[ $status -le 1 ] || echo "not ok - $do ends, status $status"
		[ "$do" = suite ] || echo "ended $do"
	done
}

main "$@"

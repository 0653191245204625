#!/bin/sh
# What the guest of tests/run/guest.sh does, as root: makes control groups as systemd delegates them, and runs postern in them.
set -eu

TOP=/sys/fs/cgroup

# result NAME COMMAND...
result() {
	name=$1
	shift
	if "$@"; then echo "ok - $name"; else echo "not ok - $name"; fi
}

# in_group GROUP WORD...: postern run as the user, in that group alone
in_group() {
	group=$1
	shift
	sh -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' sh "$group" setpriv --reuid 1000 --regid 1000 --clear-groups \
		env HOME=/home/postern-test PATH=/usr/bin:/bin postern run --launcher /usr/bin/bwrap "$@"
}

delegate() {
	mkdir "$1"
	chown 1000 "$1" "$1/cgroup.procs" "$1/cgroup.subtree_control" "$1/cgroup.threads"
}

# What the command sees of its own group is the host's, read-only.
tries() {
	where=$1
	group=$2
	in_group "$group" --memory 30M --pids 12 --cpus 0.5 --report /home/postern-test/report -- \
		sh -c 'd=$(sed -n s/^0:://p /proc/self/cgroup); cat "/sys/fs/cgroup$d/memory.max" "/sys/fs/cgroup$d/pids.max" "/sys/fs/cgroup$d/cpu.max"' \
		>/tmp/out 2>/tmp/err || cat /tmp/err
	result "$where: the group has all limits" [ "$(tr '\n' ' ' </tmp/out)" = "31457280 12 50000 100000 " ]
	result "$where: nothing is said of it" [ ! -s /tmp/err ]
	result "$where: the report says who holds them" \
		sh -c "tr -d ' \t\n' </home/postern-test/report | grep -q '\"memory:cgroup\",\"pids:cgroup\",\"cpus:cgroup\"'"
	in_group "$group" --memory 30M -- dd if=/dev/zero of=/dev/null bs=200M count=1 >/tmp/out 2>/tmp/err && status=0 || status=$?
	result "$where: too much memory ends the command, which is said" \
		sh -c "[ $status = 137 ] && grep -q 'short of memory' /tmp/err"
	in_group "$group" --pids 8 -- sh -c 'for i in 1 2 3 4 5 6 7 8 9 10; do sleep 1 & done; wait' >/tmp/out 2>/tmp/err || :
	result "$where: too many processes are refused" grep -qi 'fork' /tmp/err
	result "$where: no group is left" sh -c "! ls -d $group/postern-* ${group%/*}/postern-* 2>/dev/null"
}

main() {
	mount -t cgroup2 cgroup2 $TOP 2>/dev/null || :
	chown -R 1000 /home/postern-test
	echo "+memory +pids +cpu" >$TOP/cgroup.subtree_control
	delegate $TOP/user
	echo "+memory +pids +cpu" >$TOP/user/cgroup.subtree_control
	delegate $TOP/user/session
	tries "beside its own group" $TOP/user/session
	delegate $TOP/scope
	tries "below its own group" $TOP/scope
}

main "$@"

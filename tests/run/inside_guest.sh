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

# as_user GROUP COMMAND...: in that group alone
as_user() {
	group=$1
	shift
	sh -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' sh "$group" setpriv --reuid 1000 --regid 1000 --clear-groups \
		env HOME=/home/postern-test PATH=/usr/bin:/bin XDG_RUNTIME_DIR=/run/user/1000 "$@"
}

# A systemd --user as the system's would start it: in a group that is the user's, and with a bus.
user_manager() {
	mkdir -p /run/systemd/system /run/user/1000
	chown 1000 /run/user/1000
	chmod 700 /run/user/1000
	chmod 1777 /tmp
	delegate $TOP/manager
	echo "+memory +pids +cpu" >$TOP/manager/cgroup.subtree_control
	delegate $TOP/manager/user@1000
	as_user $TOP/manager/user@1000 /usr/lib/systemd/systemd --user --log-target=console >/tmp/manager 2>&1 &
	tries=200
	until as_user $TOP/scope busctl --user status org.freedesktop.systemd1 >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || break
		sleep 0.5
	done
	result "systemd --user: it is there" [ $tries -gt 0 ]
	[ $tries -gt 0 ] || cat /tmp/manager
	# a terminal of the user's: nobody but the system's own manager moves a process between users' groups
	delegate $TOP/manager/user@1000/terminal
}

# by_scope WORD...: postern run as the user, who has a manager
by_scope() {
	as_user $TOP/manager/user@1000/terminal /usr/bin/postern run --launcher /usr/bin/bwrap "$@"
}

# What the systemd of a user makes of the limits.
scope() {
	user_manager
	by_scope --memory 30M --pids 12 --cpus 0.5 --report /home/postern-test/report -- \
		sh -c 'd=$(sed -n s/^0:://p /proc/self/cgroup); echo "$d"; cat "/sys/fs/cgroup$d/memory.max" "/sys/fs/cgroup$d/memory.swap.max" "/sys/fs/cgroup$d/pids.max" "/sys/fs/cgroup$d/cpu.max"' \
		>/tmp/out 2>/tmp/err || :
	cat /tmp/out /tmp/err
	result "systemd --user: the command is in a scope" grep -Eq '^/manager/user@1000/.*postern-[0-9]+-[0-9]+\.scope$' /tmp/out
	result "systemd --user: the scope has all limits" [ "$(sed 1d /tmp/out | tr '\n' ' ')" = "31457280 0 12 50000 100000 " ]
	result "systemd --user: nothing is said of it" [ ! -s /tmp/err ]
	result "systemd --user: the report says who holds them" \
		sh -c "tr -d ' \t\n' </home/postern-test/report | grep -q '\"memory:systemd-scope\",\"pids:systemd-scope\",\"cpus:systemd-scope\"'"
	by_scope --memory 30M -- dd if=/dev/zero of=/dev/null bs=200M count=1 >/tmp/out 2>/tmp/err && status=0 || status=$?
	result "systemd --user: too much memory ends the command, which is said" \
		sh -c "[ $status = 137 ] && grep -q 'short of memory' /tmp/err"
	by_scope --pids 8 -- sh -c 'for i in 1 2 3 4 5 6 7 8 9 10; do sleep 1 & done; wait' >/tmp/out 2>/tmp/err || :
	result "systemd --user: too many processes are refused" grep -qi 'fork' /tmp/err
	tries=60
	while ls -d $TOP/manager/user@1000/*/postern-* $TOP/manager/user@1000/postern-* 2>/dev/null && [ $tries -gt 0 ]; do
		tries=$((tries - 1))
		sleep 0.5
	done
	result "systemd --user: no scope is left" [ $tries -gt 0 ]
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
	scope
}

main "$@"

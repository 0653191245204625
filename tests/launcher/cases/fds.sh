# shellcheck shell=sh
# Programs in single quotes expand their variables in the sandbox:
# shellcheck disable=SC2016
# Descriptors that options take: blocking, status, info, sync, seccomp.

info_fd_has_the_child_pid_and_namespaces() {
	tell "$BWRAP" --ro-bind / / --info-fd 3 --unshare-all true 3>info
	cat info
	tell "$BWRAP" --ro-bind / / --info-fd 3 --unshare-pid true 3>info
	cat info
}

json_status_fd_has_the_exit_code() {
	tell "$BWRAP" --ro-bind / / --json-status-fd 3 --unshare-all sh -c 'exit 7' 3>status
	grep 'child-pid\|exit-code' status
	tell "$BWRAP" --ro-bind / / --json-status-fd 3 true 3>status
	grep 'child-pid\|exit-code' status
	tell "$BWRAP" --ro-bind / / --json-status-fd 3 --unshare-pid sh -c 'kill -9 $$' 3>status
	grep 'child-pid\|exit-code' status
}

json_status_fd_has_no_exit_code_after_a_failed_exec() {
	tell "$BWRAP" --ro-bind / / --json-status-fd 3 --unshare-pid /nonexistent 3>status
	grep -c exit-code status
	tell "$BWRAP" --ro-bind / / --json-status-fd 3 --bind /nosuch /x true 3>status
	grep -c exit-code status
}

status_descriptors_do_not_reach_the_command() {
	tell "$BWRAP" --ro-bind / / --json-status-fd 3 --info-fd 4 "$PEEK" fds 3>status 4>info
	tell "$BWRAP" --ro-bind / / --json-status-fd 3 --info-fd 4 --unshare-pid "$PEEK" fds 3>status 4>info
}

info_child_pid_is_alive_and_outside() {
	mkfifo go
	: >info
	"$BWRAP" --ro-bind / / --info-fd 3 --unshare-pid cat go 3>info >/dev/null 2>&1 &
	launcher=$!
	eventually 5 grep -q child-pid info || say "no info"
	pid=$(sed -n 's/.*"child-pid": \([0-9]*\).*/\1/p' info)
	kill -0 "$pid" && say "alive"
	echo x >go
	wait $launcher
	say "status $?"
}

bad_status_descriptors_are_fatal() {
	box --info-fd 9 true
	box --json-status-fd 9 true
}

block_fd_delays_the_command() {
	mkfifo block
	"$BWRAP" --dev-bind / / --block-fd 3 touch started 3<>block </dev/null &
	launcher=$!
	sleep 0.3
	test -e started && say "too early"
	echo x >block
	wait $launcher
	say "status $?"
	test -e started && say "started"
}

block_fd_ends_at_end_of_file() {
	tell "$BWRAP" --ro-bind / / --block-fd 3 "$PEEK" fds 3</dev/null
	box --block-fd 9 true
}

sync_fd_reaches_only_the_init() {
	tell "$BWRAP" --ro-bind / / --sync-fd 3 "$PEEK" fds 3</dev/null
	tell "$BWRAP" --ro-bind / / --sync-fd 3 --unshare-pid "$PEEK" fds 3</dev/null
	tell "$BWRAP" --ro-bind / / --sync-fd 3 --unshare-pid --as-pid-1 "$PEEK" fds 3</dev/null
	box --sync-fd 9 true
}

sync_fd_is_open_until_the_sandbox_ends() {
	mkfifo sync
	{
		"$BWRAP" --dev-bind / / --sync-fd 3 --unshare-pid sh -c 'sleep 0.3; echo ended >ended' \
			3>sync </dev/null >/dev/null 2>&1
	} &
	cat sync
	cat ended
	wait
}

#: since=0.13.1
sync_fd_may_be_repeated() {
	tell "$BWRAP" --ro-bind / / --sync-fd 3 --sync-fd 4 "$PEEK" fds 3</dev/null 4</dev/null
}

#: filters
seccomp_filters_the_command() {
	"$WITH" bpf uname 1 >"$IO/bpf"
	tell "$BWRAP" --ro-bind / / --seccomp 3 "$PEEK" hostname 3<"$IO/bpf"
	tell "$BWRAP" --ro-bind / / --seccomp 3 --unshare-pid "$PEEK" seccomp 3<"$IO/bpf"
	tell "$BWRAP" --ro-bind / / --add-seccomp-fd 3 "$PEEK" hostname 3<"$IO/bpf"
	tell "$BWRAP" --ro-bind / / --seccomp 3 "$PEEK" fds 3<"$IO/bpf"
}

#: filters
added_seccomp_filters_stack() {
	"$WITH" bpf uname 1 >"$IO/a"
	"$WITH" bpf uname 13 >"$IO/b"
	tell "$BWRAP" --ro-bind / / --add-seccomp-fd 3 --add-seccomp-fd 4 "$PEEK" hostname 3<"$IO/a" 4<"$IO/b"
	tell "$BWRAP" --ro-bind / / --add-seccomp-fd 3 --add-seccomp-fd 4 "$PEEK" hostname 3<"$IO/b" 4<"$IO/a"
}

seccomp_options_exclude_each_other() {
	tell "$BWRAP" --ro-bind / / --seccomp 3 --add-seccomp-fd 4 true 3</dev/null 4</dev/null
	tell "$BWRAP" --ro-bind / / --add-seccomp-fd 3 --seccomp 4 true 3</dev/null 4</dev/null
}

bad_seccomp_data_is_refused() {
	printf abc >"$IO/short"
	for option in seccomp add-seccomp-fd; do
		tell "$BWRAP" --ro-bind / / "--$option" 3 true 3<"$IO/short"
		box "--$option" 9 true
	done
}

userns_block_fd_needs_its_companions() {
	tell "$BWRAP" --ro-bind / / --userns-block-fd 3 true 3</dev/null
	tell "$BWRAP" --ro-bind / / --unshare-user --userns-block-fd 3 true 3</dev/null
}

userns_block_fd_lets_the_caller_write_the_maps() {
	mkfifo block
	: >info
	{
		"$BWRAP" --ro-bind / / --unshare-user --info-fd 3 --userns-block-fd 4 "$PEEK" ids \
			3>info 4<>block </dev/null >"$IO/out" 2>"$IO/err"
		echo $? >"$IO/status"
	} &
	eventually 5 grep -q child-pid info || say "no info"
	pid=$(sed -n 's/.*"child-pid": \([0-9]*\).*/\1/p' info)
	# where the launcher has failed there is no such process
	[ -z "$pid" ] || {
		echo deny >"/proc/$pid/setgroups"
		echo "12345 $OUTER_UID 1" >"/proc/$pid/uid_map"
		echo "12346 $OUTER_GID 1" >"/proc/$pid/gid_map"
	}
	# opened for both: nobody may be there to read
	echo x 1<>block
	wait
	told "$(cat "$IO/status")"
}

labels_are_refused_without_a_label_module() {
	if [ -e /sys/fs/selinux/enforce ] || [ -e /sys/kernel/security/apparmor ]; then
		say "skip: this machine has a label module"
		return
	fi
	box --exec-label x true
	box --file-label x true
}

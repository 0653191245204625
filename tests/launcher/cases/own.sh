# shellcheck shell=sh
# Programs in single quotes expand their variables in the sandbox:
# shellcheck disable=SC2016
# What postern does differently on purpose. Their outcomes in own/ are written by hand.

#: own
links_in_destinations_are_followed_inside_the_root() {
	bare --dir /real --symlink /real /link --tmpfs /link/x --ro-bind "$PEEK" /link/y \
		/peek stat /real/x /real/y | sed 's/ not-mine$\| mine$//'
	bare --dir /real --symlink real /link --tmpfs /link /peek mount /real
	bare --dir /a --symlink ../../../a /link --dir /link/b /peek stat /a/b
	mkdir d outside
	ln -s "$PWD/outside" d/absolute
	bare --bind "$PWD/d" /d --dir /d/absolute/x /peek stat "/d/absolute/x"
	ls outside
}

#: own
there_is_no_limit_of_9000_words() {
	# shellcheck disable=SC2046
	set -- $(seq 20000)
	box sh -c 'echo $#' sh "$@"
}

#: own
more_than_64_mib_of_arguments_are_one_error() {
	head -c 68000000 /dev/zero >"$IO/args"
	tell "$BWRAP" --ro-bind / / --args 3 true 3<"$IO/args"
}

#: own
numbers_with_blanks_or_signs_are_refused() {
	for number in ' 1' +1 4294967296; do
		box --unshare-user --uid "$number" true
		box --unshare-user --gid "$number" true
		box --block-fd "$number" true
	done
}

#: own only=root unshimmed
inherited_ambient_capabilities_are_dropped() {
	chmod 755 .
	tell "$WITH" ambient 23 "$TEST_UID" -- "$BWRAP" --ro-bind / / "$PEEK" caps
}

#: own only=root unshimmed
a_setuid_copy_gives_nothing() {
	cp "$BWRAP" copy
	chmod 4755 copy
	tell runuser -u "$(id -nu "$TEST_UID")" -- "$PWD/copy" --ro-bind / / "$PEEK" caps
	tell runuser -u "$(id -nu "$TEST_UID")" -- "$PWD/copy" --ro-bind / / sh -c \
		'[ "$(id -u)" = "$TEST_UID" ] && echo the caller'
}

#: own only=root unshimmed
a_copy_with_file_capabilities_gives_nothing() {
	cp "$BWRAP" copy
	chmod 755 copy
	if ! setcap cap_sys_admin,cap_net_admin+ep copy 2>/dev/null; then
		say "skip: setcap does not work here"
		return
	fi
	tell runuser -u "$(id -nu "$TEST_UID")" -- "$PWD/copy" --ro-bind / / "$PEEK" caps
}

#: own
the_monitors_death_ends_the_sandbox() {
	"$BWRAP" --dev-bind / / --unshare-pid flock lock sh -c 'echo up >up; sleep 20' \
		</dev/null >/dev/null 2>&1 &
	monitor=$!
	eventually 5 test -s up || say "never up"
	kill -9 "$monitor"
	wait "$monitor" 2>/dev/null
	if flock -w 5 lock true; then
		say "the command is gone"
	else
		say "the command survives"
	fi
}

#: own
signal_death_in_place_is_seen_by_the_parent() {
	tell "$WITH" status -- "$BWRAP" --ro-bind / / "$PEEK" suicide 15
	tell "$WITH" status -- "$BWRAP" --ro-bind / / "$PEEK" suicide 9
	tell "$WITH" status -- "$BWRAP" --ro-bind / / --unshare-pid "$PEEK" suicide 15
}

#: own
without_a_pid_namespace_the_launcher_becomes_the_command() {
	"$BWRAP" --ro-bind / / sh -c 'echo $$' >"$IO/out" 2>&1 </dev/null &
	launcher=$!
	wait $launcher
	[ "$(cat "$IO/out")" = "$launcher" ] && say "same process"
}

#: own
the_command_is_the_first_process_after_init() {
	for form in "" --unshare-net --as-pid-1; do
		# shellcheck disable=SC2086
		tell "$BWRAP" --ro-bind / / --unshare-user --unshare-pid $form \
			sh -c 'case $$ in 1) echo init ;; 2 | 3) echo next ;; *) echo later ;; esac'
	done
}

#: own
json_status_has_the_commands_pid_and_setup_complete() {
	mkfifo go
	: >status
	"$BWRAP" --dev-bind / / --unshare-pid --json-status-fd 3 flock lock cat go 3>status </dev/null \
		>/dev/null 2>&1 &
	launcher=$!
	eventually 5 grep -q '"setup-complete": true' status || say "no setup-complete"
	pid=$(sed -n 's/.*"command-pid": \([0-9]*\).*/\1/p' status)
	eventually 5 grep -q '^flock$' "/proc/$pid/comm" && say "command-pid is the command"
	echo x >go
	wait $launcher
	sed -n 's/.*\("exit-code": 0\).*/\1/p' status
}

#: own only=user
netns_is_joined() {
	tell "$WITH" namespaces -- sh -c '
		was=$(readlink /proc/self/fd/22)
		"$BWRAP" --ro-bind / / --userns 20 --netns 22 readlink /proc/self/ns/net >now
		[ "$was" = "$(cat now)" ] && echo joined'
	box --netns 9 true | grep exit
	tell "$BWRAP" --ro-bind / / --netns 3 true 3</dev/null | grep exit
}

#: own
forwarded_signals_reach_the_command() {
	for signal in INT TERM HUP QUIT USR1 USR2 WINCH; do
		rm -f up
		# a shell starts background commands with INT and QUIT ignored, and cannot trap them then
		"$WITH" default -- "$BWRAP" --dev-bind / / --unshare-pid --forward-signals sh -c \
			"trap 'echo got $signal; exit 5' $signal; echo up >up
			while :; do sleep 0.05; done" >"$IO/out" 2>"$IO/err" </dev/null &
		launcher=$!
		eventually 5 test -s up || say "never up"
		kill -$signal $launcher
		wait $launcher
		told $?
	done
}

#: own only=root
private_mounts_keep_later_ones_out() {
	mkdir d
	mkfifo up go
	for option in --private-mounts --unshare-ipc; do
		# peers of nothing outside, whatever the host's mounts are
		unshare -m --propagation private sh -c '
			mount --make-rshared /
			"$BWRAP" --ro-bind / / --dev /dev --unshare-user "$0" sh -c "echo >up; cat go; ls d" &
			timeout 10 cat up
			mount -t tmpfs t d
			: >d/later
			timeout 10 sh -c "echo >go"
			wait' $option >"$IO/out" 2>"$IO/err" </dev/null
		say "$option: $(tr -d '\n' <"$IO/out") $(cat "$IO/err")"
	done
}

#: own
explain_runs_nothing() {
	"$BWRAP" --dev-bind / / --explain touch ran >"$IO/out" 2>"$IO/err" </dev/null
	say "exit $?"
	[ -s "$IO/out" ] && say "a plan is printed"
	[ -s "$IO/err" ] || say "stderr is empty"
	[ -e ran ] || say "nothing ran"
}

#: own
json_errors_are_written() {
	tell "$BWRAP" --json-errors 3 --ro-bind / / --bind /nosuch /x true 3>errors
	wc -l <errors
	grep -c '"source"' errors
	tell "$BWRAP" --json-errors 3 --ro-bind / / true 3>errors
	wc -c <errors
	tell "$BWRAP" --json-errors 3 --ro-bind / / "$PEEK" fds 3>errors
}

#: own
a_filter_that_the_kernel_refuses_is_reported() {
	printf abcdefgh >"$IO/invalid"
	for option in seccomp add-seccomp-fd; do
		tell "$BWRAP" --ro-bind / / "--$option" 3 true 3<"$IO/invalid"
		tell "$BWRAP" --ro-bind / / "--$option" 3 true 3</dev/null
	done
}

#: own unshimmed
stacked_mounts_become_read_only() {
	mkdir d
	tell "$BWRAP" --dev-bind / / --tmpfs "$PWD/d" --tmpfs "$PWD/d" "$BWRAP" --ro-bind / / \
		awk -v at="$PWD/d" '$5 == at { print substr($6, 1, 2) }' /proc/self/mountinfo
}

#: own
version_names_postern_on_its_second_line() {
	"$BWRAP" --version | sed -n 2p | grep -c postern
	"$BWRAP" --version | wc -l
}

#: own unshimmed
uid_map_shows_the_callers_id() {
	box --unshare-user --uid 7 --gid 8 awk -v uid="$OUTER_UID" '{ print ($2 == uid) ? "caller" : $2 }' \
		/proc/self/uid_map
	box --unshare-user --uid 7 --gid 8 --dev /dev awk -v uid="$OUTER_UID" \
		'{ print ($2 == uid) ? "caller" : $2 }' /proc/self/uid_map
}

#: own only=root
a_chroot_is_no_obstacle_for_root() {
	mkdir root
	tell unshare -m --propagation private sh -c 'mount --rbind / root &&
		exec chroot root "$BWRAP" --ro-bind / / --unshare-pid --dev /dev "$PEEK" hostname' |
		sed 's/hostname .*/ran/'
}

#: own filters
pivot_root_is_replaced_where_the_kernel_refuses_it() {
	tell "$SHIM" pivot_root=EINVAL -- "$BWRAP" --ro-bind "$PEEK" /peek --cap-drop ALL --dir /x \
		/peek stat /x
}

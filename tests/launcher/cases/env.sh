# shellcheck shell=sh
# Programs in single quotes expand their variables in the sandbox:
# shellcheck disable=SC2016
# Environment, working directory, argv, exit status, signals, descriptors.

setenv_and_unsetenv_act_in_order() {
	A=outer
	B=outer
	export A B
	box --setenv A new --unsetenv B --setenv C 1 --unsetenv C --setenv D 1 --setenv D 2 \
		sh -c 'echo "${A-} ${B-unset} ${C-unset} ${D-}"'
}

clearenv_leaves_only_pwd() {
	tell "$BWRAP" --ro-bind / / --chdir / --clearenv --setenv A 1 "$PEEK" env
	tell "$BWRAP" --ro-bind / / --chdir / --setenv A 1 --clearenv "$PEEK" env
}

bad_variable_names_are_refused() {
	box --setenv '' x true
	box --setenv A=B x true
	box --unsetenv '' true
	box --unsetenv A=B true
}

the_command_is_found_in_the_new_path() {
	mkdir bin
	printf '#!/bin/sh\necho found\n' >bin/postern-test-command
	chmod 755 bin/postern-test-command
	box --setenv PATH "$PWD/bin:$PATH" postern-test-command
	PATH=$PWD/bin:$PATH
	box --setenv PATH /nonexistent postern-test-command
}

chdir_sets_the_directory_and_pwd() {
	box --chdir /usr sh -c 'pwd -P; echo "$PWD"'
	box --chdir /nosuch true
	box --chdir /etc/passwd true
}

without_chdir_the_old_directory_is_kept() {
	mkdir d
	cd d || return
	box sh -c 'pwd -P; echo "$PWD"'
}

without_the_old_directory_home_is_taken() {
	tell "$BWRAP" --ro-bind "$PEEK" /peek --dir /home-inside --setenv HOME /home-inside /peek env |
		grep '|PWD=\|exit'
	tell "$BWRAP" --ro-bind "$PEEK" /peek --setenv HOME /nonexistent /peek env |
		grep '|PWD=\|exit'
}

exit_status_is_the_commands() {
	for status in 0 1 2 77 126 127 128 255; do
		box sh -c "exit $status"
		box --unshare-pid sh -c "exit $status"
	done
}

death_by_signal_is_128_plus_n() {
	for signal in 1 2 9 13 15; do
		box --unshare-pid sh -c "kill -$signal \$\$"
		# the launcher may die of the signal itself: to a shell that is the same
		(
			"$BWRAP" --ro-bind / / "$PEEK" suicide $signal
			say "status $?"
		) 2>/dev/null
	done
}

commands_that_cannot_run_end_with_status_1() {
	box /nonexistent
	box nosuch-postern-command
	: >plain
	box "$PWD/plain"
	box /
	box ''
	box --unshare-pid /nonexistent
	box --as-pid-1 --unshare-pid /nonexistent
}

inherited_descriptors_reach_the_command() {
	tell "$BWRAP" --ro-bind / / "$PEEK" fds 3</dev/null 5</dev/null 9</dev/null
	tell "$BWRAP" --ro-bind / / --unshare-pid --proc /proc --dev /dev "$PEEK" fds 3</dev/null 7</dev/null
	tell "$BWRAP" --ro-bind / / --as-pid-1 --unshare-pid "$PEEK" fds 4</dev/null
}

#: smoke
no_descriptor_of_the_launcher_reaches_the_command() {
	box "$PEEK" fds
	box --unshare-all "$PEEK" fds
	box --unshare-all --proc /proc --dev /dev --tmpfs /run "$PEEK" fds
	box --unshare-pid --as-pid-1 "$PEEK" fds
}

stdin_is_inherited() {
	echo from-stdin >f
	tell_in "$BWRAP" --ro-bind / / cat <f
	tell_in "$BWRAP" --ro-bind / / --unshare-pid cat <f
}

umask_is_kept() {
	umask 027
	box "$PEEK" umask
}

signal_dispositions_are_the_callers() {
	box "$PEEK" signals
	tell "$WITH" ignored 15 -- "$BWRAP" --ro-bind / / "$PEEK" signals
	tell "$WITH" blocked 12 -- "$BWRAP" --ro-bind / / "$PEEK" signals
}

# Otherwise the launcher could not learn how its child ended. (0.8.0 waits forever.)
#: since=0.13.1
an_ignored_sigchld_is_no_trouble() {
	tell "$WITH" ignored 17 -- "$BWRAP" --ro-bind / / --unshare-pid sh -c 'exit 7'
}

processes_left_behind_outlive_the_command() {
	tell "$BWRAP" --dev-bind / / --unshare-pid sh -c '(sleep 0.2; echo late >late) &'
	if eventually 1 test -e late; then
		say late
	else
		say killed
	fi
}

silence_on_success() {
	box --unshare-all --proc /proc --dev /dev --tmpfs /run --dir /run/x --die-with-parent \
		--new-session true
}

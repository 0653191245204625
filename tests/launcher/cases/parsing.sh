# shellcheck shell=sh
# Programs in single quotes expand their variables in the sandbox:
# shellcheck disable=SC2016
# The parsing rules: exact words, numbers, order, repeats, --args.

usage_without_a_command() {
	box | sed 2,200d
	tell "$BWRAP" | sed 2,200d
	tell "$BWRAP" -- | sed 2,200d
}

a_usage_error_ends_with_status_1() {
	"$BWRAP" >"$IO/out" 2>"$IO/err"
	say "exit $?"
	wc -c <"$IO/out"
	head -n 1 "$IO/err"
}

help_goes_to_stdout_and_lists_the_options() {
	"$BWRAP" --help >"$IO/out" 2>"$IO/err"
	say "exit $?"
	wc -c <"$IO/err"
	head -n 1 "$IO/out"
	for option in args unshare-all share-net unshare-user unshare-user-try unshare-ipc unshare-pid \
		unshare-net unshare-uts unshare-cgroup unshare-cgroup-try userns userns2 disable-userns \
		assert-userns-disabled pidns uid gid hostname chdir clearenv setenv unsetenv lock-file \
		sync-fd bind bind-try dev-bind dev-bind-try ro-bind ro-bind-try bind-fd ro-bind-fd \
		remount-ro exec-label file-label proc dev tmpfs mqueue dir file bind-data ro-bind-data \
		symlink seccomp add-seccomp-fd block-fd userns-block-fd info-fd json-status-fd \
		new-session die-with-parent as-pid-1 cap-add cap-drop perms size chmod; do
		grep -q "^ *--$option " "$IO/out" || say "missing: --$option"
	done
}

#: since=0.13.1
help_lists_the_newer_options() {
	"$BWRAP" --help >"$IO/out"
	for option in argv0 level-prefix overlay-src overlay tmp-overlay ro-overlay \
		not-a-security-boundary; do
		grep -q "^ *--$option\( \|$\)" "$IO/out" || say "missing: --$option"
	done
}

help_acts_where_it_stands() {
	tell "$BWRAP" --bogus --help
	"$BWRAP" --help --bogus | sed 2,200d
}

#: since=0.13.1
version_is_on_the_first_line() {
	"$BWRAP" --version | sed 2,200d
	"$BWRAP" --ro-bind / / --version true | sed 2,200d
}

unknown_options_are_refused() {
	tell "$BWRAP" --bogus true
	tell "$BWRAP" -x true
	tell "$BWRAP" - true
	tell "$BWRAP" --unshare true
	tell "$BWRAP" --chdir=/ true
	tell "$BWRAP" --Unshare-pid true
	tell "$BWRAP" '' true
}

options_end_at_the_first_other_word() {
	box "$WITH" --unshare-pid
	box "$PEEK" argv --bind a --
}

two_dashes_end_the_options() {
	box -- "$PEEK" argv --
	box -- --unshare-pid
}

missing_arguments_are_named() {
	for option in args unshare-user userns userns2 pidns uid gid hostname chdir setenv unsetenv \
		lock-file sync-fd bind bind-try dev-bind dev-bind-try ro-bind ro-bind-try bind-fd \
		remount-ro exec-label file-label proc dev tmpfs mqueue dir file bind-data \
		ro-bind-data symlink seccomp add-seccomp-fd block-fd userns-block-fd info-fd \
		json-status-fd cap-add cap-drop perms size chmod; do
		"$BWRAP" "--$option" 2>&1 | sed -n 1p
	done
	for option in setenv bind ro-bind-try bind-fd file ro-bind-data symlink chmod; do
		"$BWRAP" "--$option" 3 2>&1 | sed -n 1p
	done
}

#: since=0.13.1
missing_arguments_of_the_newer_options_are_named() {
	for option in argv0 overlay tmp-overlay ro-overlay; do
		"$BWRAP" "--$option" 2>&1 | sed -n 1p
	done
	"$BWRAP" --overlay a b 2>&1 | sed -n 1p
}

#: since=0.13.1
a_missing_argument_is_named_with_its_own_option() {
	for option in ro-bind-fd overlay-src; do
		"$BWRAP" "--$option" 2>&1 | sed -n 1p
	done
}

bad_numbers_for_ids_are_refused() {
	for number in x -1 1x 0x1 '' 1.0 '1 ' 4294967294 99999999999999999999; do
		box --unshare-user --uid "$number" true
		box --unshare-user --gid "$number" true
	done
}

bad_numbers_for_descriptors_are_refused() {
	for option in args userns userns2 pidns sync-fd seccomp add-seccomp-fd block-fd \
		userns-block-fd info-fd json-status-fd; do
		box "--$option" x true
		box "--$option" -1 true
	done
	for option in bind-fd ro-bind-fd file bind-data ro-bind-data; do
		box "--$option" 3x /x true
		box "--$option" -1 /x true
	done
}

octal_arguments_are_checked() {
	for mode in 999 10000 x '' -1 0x1; do
		box --perms "$mode" --dir /x true
		box --chmod "$mode" / true
	done
}

sizes_are_checked() {
	for size in 0 x -1 +1 '' ' 1' 1k 99999999999999999999; do
		box --size "$size" --tmpfs /x true
	done
	box --size 9223372036854775808 --tmpfs /x true
}

repeated_options_warn() {
	box --chdir /usr --chdir / pwd
	box --unshare-user --uid 1 --uid 2 --gid 3 --gid 4 "$PEEK" ids
	box --unshare-uts --hostname a --hostname b "$PEEK" hostname
}

#: filters
repeated_descriptor_options_warn() {
	tell "$BWRAP" --ro-bind / / --block-fd 3 --block-fd 4 true 3</dev/null 4</dev/null
	tell "$BWRAP" --ro-bind / / --info-fd 3 --info-fd 4 true 3>/dev/null 4>/dev/null
	tell "$BWRAP" --ro-bind / / --json-status-fd 3 --json-status-fd 4 true 3>/dev/null 4>/dev/null
	"$WITH" bpf uname 1 >"$IO/bpf"
	tell "$BWRAP" --ro-bind / / --seccomp 3 --seccomp 4 "$PEEK" hostname 3<"$IO/bpf" 4<"$IO/bpf"
}

repeated_flags_are_silent() {
	box --unshare-pid --unshare-pid --new-session --new-session --die-with-parent \
		--die-with-parent --unshare-all --unshare-all --clearenv --clearenv /bin/true
}

args_are_read_from_a_descriptor() {
	words --setenv A 'one two' --chdir /usr >"$IO/args"
	tell "$BWRAP" --ro-bind / / --args 3 sh -c 'echo "$A"; pwd' 3<"$IO/args"
	printf '%s\0%s\0%s' --setenv A last-without-nul >"$IO/args"
	tell "$BWRAP" --ro-bind / / --args 3 sh -c 'echo "$A"' 3<"$IO/args"
	tell "$BWRAP" --ro-bind / / --args 3 true 3</dev/null
}

args_may_be_given_more_than_once() {
	words --setenv A 1 >"$IO/a"
	words --setenv B 2 >"$IO/b"
	tell "$BWRAP" --args 3 --ro-bind / / --args 4 sh -c 'echo "$A$B"' 3<"$IO/a" 4<"$IO/b"
}

args_inside_args_are_refused() {
	words --args 3 >"$IO/args"
	tell "$BWRAP" --ro-bind / / --args 3 true 3<"$IO/args"
}

args_cannot_supply_the_command() {
	words --setenv A 1 echo from-args >"$IO/args"
	tell "$BWRAP" --ro-bind / / --args 3 sh -c 'echo "$A from the command line"' 3<"$IO/args"
	words --setenv A 1 -- --bogus >"$IO/args"
	tell "$BWRAP" --ro-bind / / --args 3 sh -c 'echo "$A from the command line"' 3<"$IO/args"
	"$BWRAP" --ro-bind / / --args 3 2>&1 3<"$IO/args" | sed -n 1p
}

args_errors_are_like_those_of_the_command_line() {
	words --bogus >"$IO/args"
	tell "$BWRAP" --ro-bind / / --args 3 true 3<"$IO/args"
	words --bind / >"$IO/args"
	tell "$BWRAP" --ro-bind / / --args 3 true 3<"$IO/args"
	box --args 9 true
	tell "$BWRAP" --ro-bind / / --args 3 true 3<.
}

args_descriptor_is_closed() {
	words --setenv A 1 >"$IO/args"
	tell "$BWRAP" --ro-bind / / --args 3 "$PEEK" fds 3<"$IO/args"
}

#: since=0.13.1
argv0_is_set() {
	box --argv0 other "$PEEK" argv x
	box --argv0 '' "$PEEK" argv
}

#: since=0.13.1
argv0_twice_is_fatal() {
	box --argv0 a --argv0 b true
}

#: since=0.13.1
level_prefix_marks_diagnostics() {
	tell "$BWRAP" --level-prefix --bogus
	tell "$BWRAP" --bogus --level-prefix
	box --level-prefix --chdir a --chdir / true
	box --chdir a --chdir / --level-prefix true
	box --level-prefix /nonexistent
}

#: since=0.13.1
empty_paths_are_refused() {
	tell "$BWRAP" --bind '' / true
	tell "$BWRAP" --bind / '' true
	for option in tmpfs proc dev mqueue dir remount-ro chdir lock-file; do
		box "--$option" '' true
	done
	box --symlink '' /x true
	box --symlink x '' true
	box --chmod 0755 '' true
	box --ro-bind-try '' /x true
	box --overlay-src '' --tmp-overlay /x true
	tell "$BWRAP" --ro-bind / / --file 3 '' true 3</dev/null
	tell "$BWRAP" --ro-bind / / --bind-data 3 '' true 3</dev/null
	tell "$BWRAP" --ro-bind / / --bind-fd 3 '' true 3</dev/null
}

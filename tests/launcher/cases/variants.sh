# shellcheck shell=sh
# Cases that only a variant of run selects.

# _closed SET NAME WORD...: what the command has as 0, 1 and 2 when those of SET were closed. The files
# that options read are opened outside as 3, 4 and 5 and must never be seen as one of the three.
_closed() {
	set_closed=$1
	rm -f report
	echo input >in
	case_name=$2
	shift 2
	"$WITH" closed "$set_closed" -- "$BWRAP" "$@" "$PEEK" standard "$PWD/report" \
		<in >"$IO/out" 2>"$IO/err" 3<"$IO/data" 4<"$IO/args" 5>"$IO/info"
	say "$set_closed $case_name: exit $?, $(cat report 2>/dev/null)"
	cat "$IO/out" "$IO/err"
}

#: variant=closed-fds
no_opened_file_becomes_a_standard_descriptor() {
	echo data >"$IO/data"
	words --setenv A 1 >"$IO/args"
	for set in 0 1 2 01 02 12 012; do
		_closed $set plain --dev-bind / /
		_closed $set pid --dev-bind / / --unshare-pid --proc /proc
		_closed $set pid-1 --dev-bind / / --unshare-pid --as-pid-1
		_closed $set dev --bind / / --dev /dev --unshare-all
		_closed $set data --dev-bind / / --ro-bind-data 3 "$PWD/in"
		_closed $set args --args 4 --dev-bind / /
		_closed $set info --dev-bind / / --info-fd 5
		_closed $set status --dev-bind / / --json-status-fd 5
	done
}

#: variant=closed-fds
a_failure_with_closed_descriptors_is_a_failure() {
	for set in 0 1 2 01 02 12 012; do
		"$WITH" closed $set -- "$BWRAP" --ro-bind / / --bind /nosuch /x true <"$0" >"$IO/out" 2>"$IO/err"
		say "$set exit $?"
		cat "$IO/out"
		sed '/^postern: /d' "$IO/err"
	done
}

# _limited NAME VALUE WORD...: under a limit the sandbox runs, or there is one error and nothing is left
_limited() {
	limit="$1 $2"
	resource=$1
	value=$2
	shift 2
	# Whatever of the sandbox is left holds the lock through descriptor 9. Messages come through a
	# pipe: a file would have the limit, too.
	status=$({
		{
			flock 9
			"$WITH" rlimit "$resource" "$value" -- "$BWRAP" --dev-bind / / \
				--ro-bind-data 3 "$PWD/f" "$@" 3<f 2>&1 >/dev/null </dev/null
			echo $? >&8
		} 9>held | cat >"$IO/err"
	} 8>&1)
	errors=$(grep -c '^bwrap: ' "$IO/err")
	ours=$(grep -cE '^postern: (host refuses the sandbox )?\[' "$IO/err")
	case "$status $errors $ours" in
		'0 0 0' | '1 1 1') ;;
		*)
			say "$limit ($*): status $status, $errors and $ours lines"
			cat "$IO/err"
			;;
	esac
	flock -w 3 held true || say "$limit: a process is left"
}

#: variant=tiny-rlimits
small_limits_are_met_or_reported() {
	echo data >f
	for limit in 'nofile 8' 'nofile 16' 'nofile 32' 'fsize 0' 'nproc 1' 'nproc 4' 'stack 65536' \
		'stack 131072' 'cpu 1' 'memlock 0' 'data 4194304' 'as 16777216'; do
		# shellcheck disable=SC2086
		set -- $limit
		_limited "$1" "$2" "$PEEK" umask
		_limited "$1" "$2" --unshare-all --proc /proc --dev /dev --tmpfs /run "$PEEK" umask
		_limited "$1" "$2" --unshare-pid --as-pid-1 "$PEEK" umask
	done
	say "all tried"
}

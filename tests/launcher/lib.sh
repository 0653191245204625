# shellcheck shell=sh
# What a case may use. Sourced by `one` in a fresh, empty directory; results go to stdout.
# PEEK, WITH and SHIM are helper programs, BWRAP the launcher, IO a directory outside the case's own.

# postern's second line of a failure
OWN_LINE='^\(<3>\)\{0,1\}postern: \(host refuses the sandbox \)\{0,1\}\[[a-z0-9-]*\] step '

say() {
	printf '%s\n' "$*"
}

# tell COMMAND...: runs it and prints what it wrote and how it ended, each line labelled.
tell() {
	"$@" </dev/null >"$IO/out" 2>"$IO/err"
	told $?
}

# tell_in COMMAND...: the same with the case's own standard input.
tell_in() {
	"$@" >"$IO/out" 2>"$IO/err"
	told $?
}

# told STATUS: prints $IO/out and $IO/err. postern's own second line of a failure is taken out and
# counted: there is exactly one where the launcher failed and none where it did not.
told() {
	sed 's/^/out|/' "$IO/out"
	grep -v "$OWN_LINE" "$IO/err" | sed 's/^/err|/'
	say "exit $1"
	if [ "${PLUS_LINE:-0}" = 1 ]; then
		told_lines=$(grep -c "$OWN_LINE" "$IO/err")
		told_want=0
		[ "$1" = 1 ] && grep -v 'Only the last' "$IO/err" | grep -q '^\(<3>\)\{0,1\}bwrap: \|^usage: ' && told_want=1
		[ "$told_lines" = "$told_want" ] || say "postern's own lines: $told_lines, expected $told_want"
	fi
	return "$1"
}

# box WORD...: the launcher with the whole host read-only in it.
box() {
	tell "$BWRAP" --ro-bind / / "$@"
}

# bare WORD...: the launcher with nothing in it but the helper, as /peek.
bare() {
	tell "$BWRAP" --ro-bind "$PEEK" /peek "$@"
}

# words WORD...: NUL-separated, for --args.
words() {
	printf '%s\0' "$@"
}

# namespaces: which of this process's namespaces differ from the ones in OUTER_NS
namespaces() {
	for ns in user mnt pid net ipc uts cgroup; do
		now=$(readlink /proc/self/ns/$ns)
		case " $OUTER_NS " in
			*" $now "*) say "$ns shared" ;;
			*) say "$ns own" ;;
		esac
	done
}

# eventually SECONDS COMMAND...: 0 as soon as the command succeeds
eventually() {
	left=$(($1 * 20))
	shift
	while ! "$@"; do
		left=$((left - 1))
		[ "$left" -gt 0 ] || return 1
		sleep 0.05
	done
}

# shellcheck shell=sh
# Test results, one line each. Source it from the top of the tree; it defines functions only.
#
#	ok NAME				the behaviour called NAME was seen
#	not_ok NAME [DETAIL...]		it was not; each DETAIL follows, indented
#	skip NAME REASON		it could not be tried; a failure when MUST_WORK=1
#	need WHAT...			0 if all is there; otherwise skips the script's name and returns 1
#	tap_end				last line of a script: 0 iff something was tried and nothing failed
#
# Results that are given in a subshell reach the output but not tap_end.

TAP_TRIED=0
TAP_FAILED=0

ok() {
	TAP_TRIED=$((TAP_TRIED + 1))
	printf 'ok - %s\n' "$1"
}

not_ok() {
	TAP_TRIED=$((TAP_TRIED + 1))
	TAP_FAILED=$((TAP_FAILED + 1))
	printf 'not ok - %s\n' "$1"
	shift
	for tap_detail; do
		printf '%s\n' "$tap_detail" | sed 's/^/  /'
	done
}

skip() {
	TAP_TRIED=$((TAP_TRIED + 1))
	if [ "${MUST_WORK:-0}" = 1 ]; then
		TAP_TRIED=$((TAP_TRIED - 1))
		not_ok "$1" "not tried, and MUST_WORK=1: $2"
		return 0
	fi
	printf 'skip - %s # %s\n' "$1" "$2"
}

# A WHAT with a blank in it is a condition for the shell ("[ -e /dev/fuse ]"), any other
# is the name of a command.
need() {
	tap_missing=
	for tap_what; do
		case $tap_what in
			*\ *) eval "$tap_what" >/dev/null 2>&1 || tap_missing="$tap_missing, $tap_what" ;;
			*) command -v "$tap_what" >/dev/null 2>&1 || tap_missing="$tap_missing, $tap_what" ;;
		esac
	done
	[ -z "$tap_missing" ] && return 0
	skip "${TAP_NAME:-${0#"$PWD"/}}" "needs ${tap_missing#, }"
	return 1
}

tap_end() {
	[ "$TAP_TRIED" -gt 0 ] && [ "$TAP_FAILED" -eq 0 ]
}

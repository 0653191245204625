# shellcheck shell=sh
# For the tests beside it: the installed package, as who runs the test (not root, but for `privileged`).

# 77 is autopkgtest's status for a test that this machine cannot run.
needs_sandboxes() {
	if ! postern doctor --quiet; then
		postern doctor >&2 || :
		echo "skipped: this machine refuses sandboxes" >&2
		exit 77
	fi
}

fail() {
	printf 'failed: %s\n' "$1" >&2
	exit 1
}

# equals WHAT EXPECTED SEEN
equals() {
	[ "$2" = "$3" ] || fail "$1: expected \"$2\", saw \"$3\""
}

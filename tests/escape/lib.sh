# shellcheck shell=sh
# Common to the escape tests' files; sourced from the top of the tree by each of them.
#
#	$W	scratch directory of this file, removed at the end
#	$BIN	the compiled helpers; sandboxes show them as /t
#	box ...	starts the launcher with /t, options and command as given

set -u
. tests/lib/tap.sh

BIN=$ESC_BIN
W=$(mktemp -d /tmp/postern-escape-part.XXXXXX)
chmod 755 "$W"
HOME=$W
export HOME
export LC_ALL=C
ESC_CLEAN=

# at_end COMMAND: run before the scratch directory goes.
at_end() {
	ESC_CLEAN="$1;$ESC_CLEAN"
}
trap 'eval "$ESC_CLEAN"; chmod -R u+rwx "$W" 2>/dev/null; rm -rf "$W"' EXIT
trap 'exit 1' HUP INT TERM

box() {
	"$BWRAP" --ro-bind "$BIN" /t "$@"
}

# same NAME FILE FILE: the test NAME holds iff both files are equal.
same() {
	if cmp -s "$2" "$3"; then
		ok "$1"
	else
		not_ok "$1" "$(diff "$2" "$3" | head -8)"
	fi
}

# expect NAME WANT GOT: the test NAME holds iff the two texts are equal.
expect() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "wanted: $2" "got: $3"
	fi
}

# as_user COMMAND...: from a root file, with a real exec of the user's.
as_user() {
	runuser -u "$TEST_USER" -- "$@"
}

# unwritable: from here on BWRAP is a launcher that this user may not write. One that he may write keeps
# its processes closed to everybody inside, and nothing could be seen.
unwritable() {
	[ -w "$BWRAP" ] || return 0
	cp "$BWRAP" "$W/bwrap"
	chmod 555 "$W/bwrap"
	BWRAP=$W/bwrap
}

# shellcheck shell=sh
# Common to the escape tests' files; sourced from the top of the tree by each of them.
#
#	$W	scratch directory of this file, removed at the end
#	$BIN	the compiled helpers; sandboxes show them as /t
#	box ...	starts the launcher with /t, options and command as given

# A file that says ESC_PRIVATE=yes before it sources this runs in a mount namespace of its own.

set -u
if [ "${ESC_PRIVATE:-}" = yes ] && [ "${ESC_ENTERED:-}" != yes ]; then
	export ESC_ENTERED=yes
	exec unshare -m --propagation private sh "$0" "$@"
fi
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

# await COMMAND...: until it succeeds, a minute at most
await() {
	awaited=0
	until "$@"; do
		[ $awaited -lt 600 ] || return 1
		awaited=$((awaited + 1))
		sleep 0.1
	done
}

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

# base NAME: $M, an empty file system to prepare mounts on; ends the file where this root may not mount.
base() {
	M=$W/m
	mkdir "$M"
	mount -t tmpfs -o mode=755 base "$M" || {
		skip "$1" "this root may not mount"
		tap_end
		exit
	}
	at_end "umount -R -l '$M' 2>/dev/null"
}

# under COUNT COMMAND...: runs it with so many file systems stacked on the root. A user makes them in a
# user namespace of his own.
under() {
	under_how="-m --propagation private"
	[ "$(id -u)" = 0 ] || under_how=-Urm
	# shellcheck disable=SC2016,SC2086
	unshare $under_how sh -c '
		i=0
		while [ $i -lt "$1" ]; do
			i=$((i + 1))
			mount -t tmpfs stacked / || exit 97
		done
		shift
		exec "$@"
	' sh "$@"
}

# bare_or_refused NAME STATUS OUTPUT: nothing is to be seen at /.., or there was no start.
bare_or_refused() {
	case $2,$3 in
		0,bare) ok "$1" ;;
		1,bwrap:*) ok "$1, refused" ;;
		*) not_ok "$1" "status $2: $3" ;;
	esac
}

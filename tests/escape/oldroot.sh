#!/bin/sh
# After the start nothing of the host's tree is left but what was asked for: /.. is /, whatever was
# stacked on the way there, on every kernel that the launcher knows.
# Reference: passes on 0.8.0 and 0.13.1; the launcher's own first version left the host's root as /..
# wherever a data file was bound. The control stacks a mount and must be noticed.
. tests/escape/lib.sh

mkdir "$W/empty"

# look HOW...: starts with the options given after HOW and `--` through the words of HOW
look() {
	how=$1
	name=$2
	shift 2
	# shellcheck disable=SC2086 # words of a command
	expect "oldroot: ${how#"$BIN"/}: $name" bare "$($how "$BWRAP" "$@" /mnt/oldroot 3</etc/passwd 4</etc/passwd 2>&1)"
}

layouts() {
	look "$1" "an empty root" --ro-bind "$BIN" /mnt
	look "$1" "/ in place" --ro-bind / / --ro-bind "$BIN" /mnt
	look "$1" "/ in place, with data" --ro-bind / / --tmpfs /tmp --ro-bind-data 3 /tmp/data --ro-bind "$BIN" /mnt
	look "$1" "/ in place, replaced" --ro-bind / / --bind-data 3 /etc/passwd --tmpfs / --ro-bind "$BIN" /mnt
	look "$1" "a data file" --ro-bind-data 3 /data --ro-bind "$BIN" /mnt
	look "$1" "two data files and an overlay" --bind-data 3 /a --ro-bind-data 4 /b --overlay-src "$W/empty" \
		--tmp-overlay /c --ro-bind "$BIN" /mnt
	look "$1" "a tmpfs on /" --dir /x --tmpfs / --ro-bind "$BIN" /mnt
	look "$1" "many on /" --bind-data 3 /a --tmpfs / --ro-bind "$W/empty" / --tmpfs / --bind-data 4 /b --tmpfs / \
		--ro-bind "$BIN" /mnt
	look "$1" "/ on /, late" --tmpfs /x --dev-bind / / --tmpfs /mnt --tmpfs / --ro-bind "$BIN" /mnt
	look "$1" "/ below" --bind-data 3 /a --bind / /host --bind "$W/.." /up --ro-bind "$BIN" /mnt
	look "$1" "a pid namespace" --unshare-all --proc /proc --dev /dev --bind-data 3 /a --ro-bind "$BIN" /mnt
	look "$1" "process 1" --unshare-pid --as-pid-1 --dev /dev --bind-data 3 /a --tmpfs / --ro-bind "$BIN" /mnt
}

# / is in the list twice: its own copy must not show what the launcher had stacked on /
copy_is_clean() {
	got=$("$BWRAP" --bind-data 3 /a --dir /mark --bind / /host --ro-bind "$BIN" /mnt \
		--ro-bind-try /bin /bin --ro-bind-try /lib /lib --ro-bind-try /lib64 /lib64 --ro-bind-try /usr /usr \
		/bin/sh -c 'ls -d /host/mark /host/a' 3</etc/passwd 2>/dev/null)
	expect "oldroot: a bind of / shows nothing of the launcher's" "" "$got"
}

control() {
	got=$(unshare -Urm sh -c 'mount -t tmpfs control / && exec "$0"' "$BIN/oldroot" 2>&1)
	expect "oldroot: control, a mount stacked on / is noticed" stacked "$got"
}

if need unshare; then
	control
fi
layouts env
layouts "prlimit --nofile=32"
layouts "$BIN/shim 3.10 --"
layouts "$BIN/shim 5.4 --"
layouts "$BIN/shim 6.1 --"
copy_is_clean
tap_end

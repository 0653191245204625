#!/bin/sh
# CVE-2019-12439, snap-confine CVE-2026-3888: whatever lies in /tmp, its owner and its mode, a start
# does the same and touches none of it. Each /tmp here is a private mount.
# Reference: 0.8.0 uses /tmp itself as a mount point and fails where it is missing.
if [ "${ESC_PRIVATE:-}" != 1 ]; then
	export ESC_PRIVATE=1
	exec unshare -m --propagation private sh "$0" "$@"
fi
. tests/escape/lib.sh

# Everything of the test itself must lie elsewhere: /tmp is about to be covered.
S=$(mktemp -d /var/tmp/postern-escape.XXXXXX)
at_end "rm -rf '$S'"
chmod 755 "$S"
cp -r "$BIN" "$S/bin"
case $BWRAP in
	/tmp/*)
		cp "$BWRAP" "$S/bwrap"
		BWRAP=$S/bwrap
		;;
esac
mkdir "$S/host"
echo host >"$S/host/file"
chmod 777 "$S/host"
chmod 666 "$S/host/file"
uid=$(id -u "$TEST_USER")

try() {
	chown -h "$uid" /tmp/* /tmp/.[!.]* 2>/dev/null
	"$S/bin/snap" "$S/host" >"$S/before"
	"$S/bin/snap" /tmp 2>/dev/null | sed 's/atime=.*//' >"$S/tmp.before"
	got=$(as_user "$BWRAP" --ro-bind "$S/bin" /t --dir /d --tmpfs /x --bind-data 8 /data --file 9 /file --dev /dev \
		--unshare-pid --proc /proc /t/inside len 8</etc/passwd 9</etc/passwd 2>&1)
	expect "tmpnames: $1: a start works" "0 words 0 bytes" "$got"
	"$S/bin/snap" "$S/host" >"$S/after"
	"$S/bin/snap" /tmp 2>/dev/null | sed 's/atime=.*//' >"$S/tmp.after"
	same "tmpnames: $1: nothing was followed" "$S/before" "$S/after"
	same "tmpnames: $1: nothing there changed" "$S/tmp.before" "$S/tmp.after"
}

names="newroot oldroot .newroot .oldroot bwrap .bwrap .bubblewrap .bubblewrap-$uid bubblewrap postern .postern
	postern-$uid .postern-$uid bindfile bindfileXXXXXX root sandbox overlay tmp-overlay-upper-0 tmp-overlay-work-0"

mount -t tmpfs -o mode=1777 fresh /tmp || {
	skip "tmpnames" "this root may not mount"
	tap_end
	exit
}
try "empty"
for n in $names; do
	ln -s "$S/host" "/tmp/$n"
done
try "all names are links to a directory"
rm -rf /tmp/* /tmp/.[!.]*
for n in $names; do
	ln -s "$S/host/file" "/tmp/$n"
done
try "all names are links to a file"
rm -rf /tmp/* /tmp/.[!.]*
for n in $names; do
	ln -s "$S/host/created" "/tmp/$n"
done
try "all names are dangling links"
rm -rf /tmp/* /tmp/.[!.]*
for n in $names; do
	mkfifo "/tmp/$n"
done
try "all names are fifos"
rm -rf /tmp/* /tmp/.[!.]*
for n in $names; do
	mkdir -p "/tmp/$n/newroot/t" "/tmp/$n/oldroot"
done
try "all names are full directories"
chmod 000 /tmp
try "/tmp is closed"
chmod 1777 /tmp
mount -o remount,ro /tmp
try "/tmp is read-only"
umount -l /tmp
mount -t tmpfs -o size=4k,nr_inodes=1 full /tmp
try "/tmp is full"
umount -l /tmp

# /tmp missing, or a link: on a root of our own.
mkdir "$S/toor"
mount -t tmpfs -o mode=755 toor "$S/toor"
for d in /*; do
	case $d in
		/tmp | /lost+found) continue ;;
	esac
	if [ -L "$d" ]; then
		cp -a "$d" "$S/toor$d"
	elif [ -d "$d" ]; then
		mkdir "$S/toor$d"
		mount --rbind "$d" "$S/toor$d" 2>/dev/null
	fi
done
cat >"$S/other" <<-'END'
	cd "$1" && mkdir -p old && pivot_root . old && cd / && umount -l old || exit 9
	shift
	"$@"
END
for kind in missing link; do
	[ $kind = missing ] || ln -s "$S/host" "$S/toor/tmp"
	"$S/bin/snap" "$S/host" >"$S/before"
	got=$(unshare -m --propagation private sh "$S/other" "$S/toor" runuser -u "$TEST_USER" -- "$BWRAP" \
		--ro-bind "$S/bin" /t --unshare-pid --proc /proc /t/inside len 2>&1)
	expect "tmpnames: /tmp is $kind: a start works" "0 words 0 bytes" "$got"
	"$S/bin/snap" "$S/host" >"$S/after"
	same "tmpnames: /tmp is $kind: nothing was followed" "$S/before" "$S/after"
done
umount -R -l "$S/toor"
tap_end

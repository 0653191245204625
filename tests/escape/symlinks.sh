#!/bin/sh
# CVE-2026-87766: a directory that the attacker fills is bound into the sandbox; then something is
# created below it. No link in there may lead the launcher out of the new root.
# Reference: bubblewrap 0.8.0 fails (host file list changes through /oldroot, /proc/self/fd).
. tests/escape/lib.sh

H=$W/host
A=$W/attacker
mkdir "$H" "$H/etc" "$H/empty" "$A" "$W/given"
echo host >"$H/etc/file"
echo data >"$W/data"
chmod 700 "$H/etc/file"

# fill: the attacker's directory as it is before every start. $A/NAME leads to the directory,
# $A/NAME.f to a file in it, $A/NAME.n to a name that does not exist there.
fill() {
	rm -rf "$A"
	mkdir "$A" "$A/real"
	up=../../../../../../../../../../..
	for link in "abs $H" "old /oldroot$H" "oldup $up/oldroot$H" "new /newroot/../oldroot$H" \
		"fd /proc/self/fd/9" "oldfd /oldroot/proc/self/fd/9" "root /proc/self/root$H" \
		"cwd /proc/self/cwd/host" "thread /oldroot/proc/thread-self/root$H" "up $up$H" \
		"real/up ../$up/oldroot$H" "init /oldroot/proc/1/root$H"; do
		name=${link%% *}
		ln -s "${link#* }" "$A/$name"
		ln -s "${link#* }/etc/file" "$A/$name.f"
		ln -s "${link#* }/fresh" "$A/$name.n"
	done
	ln -s chain2 "$A/chain"
	ln -s real/chain3 "$A/chain2"
	ln -s ../old "$A/real/chain3"
	ln -s loopb "$A/loop"
	ln -s loop "$A/loopb"
	ln -s /nowhere/at/all "$A/dangling"
	ln -s . "$A/dot"
}

# attempt OPTIONS...: one start. Whether it succeeds is not the question here.
attempt() {
	starts=$((starts + 1))
	box --bind "$A" /a "$@" /t/inside len 9<"$H" 8<"$W/data" 6<"$H/etc/file" 5<"$W/given" \
		>"$W/out" 2>&1
	st=$?
	[ $st -le 1 ] || odd="$odd; exit $st: $*"
	! grep -q '^0 words' "$W/out" || worked=$((worked + 1))
}

# each DEST: all options that create, change or mount something, at one destination.
each() {
	d=$1
	attempt --dir "$d"
	attempt --perms 0777 --dir "$d"
	attempt --file 8 "$d"
	attempt --bind-data 8 "$d"
	attempt --ro-bind-data 8 "$d"
	attempt --symlink planted "$d"
	attempt --tmpfs "$d" --dir "$d/below" --file 8 "$d/below/f"
	attempt --proc "$d"
	attempt --dev "$d"
	attempt --unshare-ipc --mqueue "$d"
	attempt --chmod 0777 "$d"
	attempt --bind "$W/given" "$d" --file 8 "$d/../escaped"
	attempt --ro-bind "$W/data" "$d"
	attempt --dev-bind /dev/null "$d"
	attempt --bind-try "$W/given" "$d"
	attempt --bind-fd 5 "$d"
	attempt --ro-bind-fd 6 "$d"
	attempt --remount-ro "$d"
	attempt --lock-file "$d"
	attempt --overlay-src "$H/empty" --tmp-overlay "$d"
	attempt --overlay-src "$H/empty" --overlay "$W/up" "$W/wk" "$d"
	attempt --overlay-src "$H/empty" --overlay-src "$H/etc" --ro-overlay "$d"
	attempt --dir "$d" --chdir "$d"
}

try_link() {
	target=$1
	fill
	mkdir -p "$W/up" "$W/wk"
	starts=0
	worked=0
	odd=
	"$BIN/snap" "$H" >"$W/before"
	for tail in "" .f .n /made /made/deep /etc/file /etc/made /../host/made /empty; do
		each "/a/$target$tail"
	done
	"$BIN/snap" "$H" >"$W/after"
	same "symlinks: host unchanged, link $target ($starts starts, $worked ran)" "$W/before" "$W/after"
	expect "symlinks: clean exits, link $target" "" "$odd"
}

for link in abs old oldup new fd oldfd root cwd thread up real/up init chain loop dangling dot; do
	try_link $link
done

# Control: the comparison does see one file created and one mode changed.
"$BIN/snap" "$H" >"$W/before"
: >"$H/control"
"$BIN/snap" "$H" >"$W/after"
if cmp -s "$W/before" "$W/after"; then
	not_ok "symlinks: control, a created file is noticed"
else
	ok "symlinks: control, a created file is noticed"
fi
rm "$H/control"

# The safe counterpart: a link that leads somewhere inside is followed there, in the new root.
# Reference: 0.8.0 follows it in the half-built root and fails; 0.13.1 follows parents.
fill
ln -s /target "$A/in"
got=$(box --bind "$A" /a --dir /target --file 8 /a/in/made --chmod 0600 /target/made \
	/t/inside len 2>&1 8<"$W/data")
expect "symlinks: a link to a place inside is followed inside" "0 words 0 bytes" "$got"
if [ -e "$A/in/made" ] || [ -e /target ]; then
	not_ok "symlinks: nothing is made outside for it"
else
	ok "symlinks: nothing is made outside for it"
fi
tap_end

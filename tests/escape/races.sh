#!/bin/sh
# Exchange races (CVE-2019-19921, CVE-2021-30465, CVE-2024-45310, CVE-2024-42472): while launchers
# start, another process swaps a directory and a symlink, on the destination and on the source side.
# Whatever is bound is one of the two legitimate objects; the host outside stays as it was.
# Reference: 0.8.0 fails the destination tests (it writes through the link to the host).
. tests/escape/lib.sh

H=$W/host
A=$W/attacker
mkdir "$H" "$H/sub" "$A" "$A/dir" "$W/src" "$W/one" "$W/two"
echo host >"$H/file"
echo data >"$W/data"
echo one >"$W/one/id"
echo two >"$W/two/id"
mkdir "$W/one/sub" "$W/two/sub"
echo one >"$W/one/sub/id"
echo two >"$W/two/sub/id"
n=$((TEST_STARTS / 5))
limit=$((60 + n / 10))

# judge NAME: no crash, no odd exit, the racer really swapped, and some starts succeeded.
judge() {
	read -r line <"$W/out" || line=
	case $line in
		"starts=$n "*" odd=0 signal=0 swaps=0") not_ok "$1" "the racer never swapped" "$line" ;;
		"starts=$n ok=0 "*) not_ok "$1" "no start succeeded" "$(tail -3 "$W/err")" "$line" ;;
		"starts=$n "*" odd=0 signal=0 swaps="*) ok "$1 (${line%% swaps*})" ;;
		*) not_ok "$1" "$line" "$(tail -3 "$W/err")" ;;
	esac
}

# race_dest NAME LINK OPTIONS...: the name "x" in the attacker's directory is now a directory, now LINK.
race_dest() {
	name=$1
	rm -rf "$A/x" "$A/link"
	ln -s "$2" "$A/link"
	mkdir "$A/x"
	shift 2
	"$BIN/snap" "$H" >"$W/before"
	"$BIN/race" -n $n -l $limit -x "$A/x:$A/link" -f "8:$W/data" -f "9:$H" -- \
		"$BWRAP" --ro-bind "$BIN" /t --bind "$A" /a "$@" /t/inside len >"$W/out" 2>"$W/err"
	judge "races: destination, $name"
	"$BIN/snap" "$H" >"$W/after"
	same "races: destination, $name: host unchanged" "$W/before" "$W/after"
}

race_dest "file below" "/oldroot$H" --file 8 /a/x/file
race_dest "directories and data" "../../../../oldroot$H" --dir /a/x/d/e --dir /a/x/sub/f \
	--bind-data 8 /a/x/data --symlink planted /a/x/planted
race_dest "mounts" "/oldroot$H/sub" --tmpfs /a/x/t --dir /a/x/t/made --chmod 0700 /a/x/t \
	--ro-bind "$W/one" /a/x/b --proc /a/x/p

# only NAME WORD...: the outputs seen (but those of failed starts, which are empty) are all among WORDs,
# and the race was real: each WORD was seen. That is certain only with enough starts.
only() {
	name=$1
	shift
	bad=
	seen=
	while read -r tag count text; do
		case $tag,$text in
			out,?*) ;;
			*) continue ;;
		esac
		case " $* " in
			*" $text "*) seen="$seen $text" ;;
			*) bad="$bad; $count times '$text'" ;;
		esac
	done <"$W/out"
	if [ -n "$bad" ] || [ -z "$seen" ]; then
		not_ok "$name" "unexpected:$bad" "expected only: $*"
	else
		ok "$name (saw:$seen)"
	fi
}

ln -s "$W/two" "$W/src/link"
cp -r "$W/one" "$W/src/x"
"$BIN/race" -n $n -l $limit -x "$W/src/x:$W/src/link" -- "$BWRAP" --ro-bind / / --ro-bind "$W/src/x" /mnt \
	/bin/cat /mnt/id >"$W/out" 2>"$W/err"
judge "races: source, directory and link"
only "races: source, directory and link: one of the two is bound" one two

"$BIN/race" -n $n -l $limit -x "$W/src/x:$W/src/link" -- "$BWRAP" --ro-bind / / --tmpfs /mnt \
	--ro-bind "$W/src/x/sub/id" /mnt/f --ro-bind "$W/src/x/sub" /mnt/d /bin/cat /mnt/f >"$W/out" 2>"$W/err"
judge "races: source, parents of a file"
only "races: source, parents of a file: one of the two is bound" one two

# A descriptor names an object, not a name: it is opened before the swapping starts, and that object is
# bound whatever lies at its old name; the swap is not even a reason to fail.
# Reference: 0.8.0 as Debian has it and 0.13.1 answer with "Race condition binding dirfd" now and then.
rm -rf "$W/src"
mkdir "$W/src"
cp -r "$W/one" "$W/src/keep"
cp -r "$W/two" "$W/src/x"
"$BIN/race" -n $n -l $limit -k "5:$W/src/keep" -x "$W/src/keep:$W/src/x" -- "$BWRAP" --ro-bind / / \
	--ro-bind-fd 5 /mnt /bin/cat /mnt/id >"$W/out" 2>"$W/err"
judge "races: --ro-bind-fd"
only "races: --ro-bind-fd binds the object of the descriptor" one
read -r line <"$W/out"
case $line in
	*" ok=$n fail=0 "*) ok "races: --ro-bind-fd never fails for a swapped name" ;;
	*) not_ok "races: --ro-bind-fd never fails for a swapped name" "$line" "$(head -2 "$W/err")" ;;
esac
tap_end

#!/bin/sh
# What the launcher finds on the caller's root, and what it puts there itself: neither mounts of others
# nor its own hidden ones are /.., and a path that goes up too far ends at the root as the command sees
# it. And two refusals and a layout that went wrong in the same review.
# Reference: the launcher's own first version leaves what is stacked as /.., makes its hidden file system
# read-only in place of the root, fails with --dev / and takes --hostname between layers. 0.13.1 passes
# those about what is stacked; --remount-ro of /.. is its own old root.
. tests/escape/lib.sh

# stacked COUNT OPTIONS...: with so many mounts on the caller's root, made by the user himself.
# /.. is the root, or the start fails with a message.
stacked() {
	count=$1
	shift
	# shellcheck disable=SC2086
	got=$(under "$count" $how "$BWRAP" "$@" --ro-bind "$BIN" /mnt /mnt/oldroot 2>&1)
	bare_or_refused "stacked: $count on the root${rule:+ ($rule)}: $*" $? "$got"
}

if need unshare; then
	got=$(under 1 "$BIN/oldroot" 2>&1)
	expect "stacked: control, it is seen without a launcher" stacked "$got"
	for rule in "" 5.4 3.10; do
		how=${rule:+$BIN/shim $rule --}
		for count in 0 1 3 70; do
			stacked "$count"
			stacked "$count" --unshare-user
			stacked "$count" --ro-bind / /
			stacked "$count" --unshare-user --ro-bind / /
			stacked "$count" --unshare-pid --tmpfs /tmp --cap-drop ALL
		done
	done
	# One layout must work, or the above says little.
	rule=
	how=
	stacked 0
	expect "stacked: plain starts work there" bare "$got"
fi

echo data >"$W/data"
echo place >"$W/place"
mkdir "$W/dir" "$W/lower1" "$W/lower2"
ln -s ../../../../../../../../../../.. "$W/top"

# Over / bound in place with a data file, /.. was the hidden file system of the data.
remounted() {
	for path in /.. "$W/top" "$W/top/.." /../../.; do
		got=$($how "$BWRAP" "$@" --bind / / --ro-bind-data 3 "$W/place" --remount-ro "$path" "$BIN/probe" \
			options / 3<"$W/data" 2>&1)
		name="stacked: --remount-ro ${path#"$W/"} is the root${rule:+ ($rule)} $*"
		case ,$got, in
			*,ro,*) ok "$name" ;;
			*) not_ok "$name" "$got" ;;
		esac
	done
	got=$($how "$BWRAP" "$@" --bind / / --ro-bind-data 3 "$W/place" "$BIN/probe" options / 3<"$W/data" 2>&1)
	name="stacked: control, it is writable without${rule:+ ($rule)} $*"
	case ,$got, in
		*,rw,*) ok "$name" ;;
		*) not_ok "$name" "$got" ;;
	esac
}

# A link with more .. than there are directories.
ln -s "../../../../../../../../../../..$W/dir" "$W/up"
ln -s "/..$W/dir" "$W/up-absolute"
dotted() {
	for link in up up-absolute; do
		got=$($how "$BWRAP" --bind / / --ro-bind-data 3 "$W/place" --ro-bind "$BIN" "$W/$link" "$W/dir/inside" len \
			3<"$W/data" 2>&1)
		expect "stacked: a destination up too far is below the root (${rule:-now}, $link)" "0 words 0 bytes" "$got"
		got=$($how "$BWRAP" --bind / / --ro-bind-data 3 "$W/place" --symlink target "$W/$link/made" \
			"$BIN/probe" writable / 3<"$W/data" 2>&1)
		expect "stacked: a link up too far is made below the root (${rule:-now}, $link)" target "$(readlink "$W/dir/made")"
		rm -f "$W/dir/made"
	done
}
for rule in "" 5.4 3.10; do
	how=${rule:+$BIN/shim $rule --}
	remounted
	remounted --unshare-user
	dotted

	got=$($how "$BWRAP" --dev / --ro-bind "$BIN" /t /t/inside len 2>&1)
	expect "stacked: --dev / (${rule:-now})" "0 words 0 bytes" "$got"
	got=$($how "$BWRAP" --dev / --ro-bind "$BIN" /t --unshare-pid --proc /proc --as-pid-1 /t/oldroot 2>&1)
	expect "stacked: --dev / leaves nothing else (${rule:-now})" bare "$got"
done

# refused WORDS...: as 0.13.1, an overlay's layers come without anything in between.
refused() {
	got=$("$BWRAP" --ro-bind "$BIN" /t --unshare-uts "$@" /t/inside len 2>&1)
	st=$?
	case $st,$got in
		"1,bwrap: --overlay-src must be followed by "*) ok "stacked: refused: $(echo "$*" | sed "s|$W/||g")" ;;
		*) not_ok "stacked: refused: $*" "status $st: $got" ;;
	esac
}
refused --overlay-src "$W/lower1" --hostname x --overlay-src "$W/lower2" --ro-overlay /o
refused --overlay-src "$W/lower1" --hostname x --tmp-overlay /o
refused --overlay-src "$W/lower1" --dir /x --tmp-overlay /o
got=$("$BWRAP" --ro-bind "$BIN" /t --unshare-uts --hostname x --overlay-src "$W/lower1" --overlay-src "$W/lower2" \
	--ro-overlay /o /t/inside len 2>&1)
expect "stacked: control, --hostname before the layers" "0 words 0 bytes" "$got"
tap_end

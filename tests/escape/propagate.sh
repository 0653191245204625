#!/bin/sh
# Mounts as root prepares them, and as a user or an administrator changes them while a start goes on,
# where the kernel sets flags only mount by mount; and what root itself sees of /proc.
# Reference: the launcher's own first version fails on the numbers of older kernels wherever a mount is
# added, moved or covered, keeps links to follow or is a namespace's file; on any kernel it leaves mounts
# on the caller's root as /.. and root's /proc/sys writable. The controls see a mount without flags.
ESC_PRIVATE=yes
. tests/escape/lib.sh
base propagate
mount --make-shared "$M"
mkfifo "$W/stall"
chmod 666 "$W/stall"
user=$(id -u "$TEST_USER")

# The user owns mine, and an administrator has mounted below it.
again() {
	umount -l "$M/mine/deep/sub" "$M/away/deep/sub" "$M/added" "$M/mine/new" 2>/dev/null
	rm -rf "$M/mine" "$M/away" "$M/added"
	mkdir -p "$M/mine/deep/sub" "$M/mine/new" "$M/added"
	mount -t tmpfs admin "$M/mine/deep/sub"
	chown -R "$user" "$M/mine"
	chown "$user" "$M"
}

# verdict NAME STATUS OUTPUT: every mount has its flags, or there was no start. One that is covered
# by a later one ($hidden) is below no path, whatever the table says of it.
hidden=
verdict() {
	case $2,$3 in
		0,seen*) ok "propagate: $1 (${3##*seen })" ;;
		3,*)
			if [ -n "$hidden" ] && ! echo "$3" | grep -v "^$hidden lacks" | grep -q ' lacks '; then
				ok "propagate: $1 (but for what is covered)"
			else
				not_ok "propagate: $1" "status $2: $3"
			fi
			;;
		1,bwrap:*) ok "propagate: $1 (refused)" ;;
		*) not_ok "propagate: $1" "status $2: $3" ;;
	esac
}

# stalled NAME RULE USER CHANGE...: CHANGE is run while the launcher waits for its data.
stalled() {
	name=$1
	rule=$2
	who=$3
	shift 3
	again
	run="runuser -u $TEST_USER --"
	[ "$who" = user ] || run="env"
	# shellcheck disable=SC2086
	timeout 20 $run "$BIN/shim" "$rule" -- "$BWRAP" --ro-bind "$BIN" /t --file 3 /data --ro-bind "$M" /m \
		--unshare-pid --proc /proc /t/inside mounts /m ro nosuid nodev 3<"$W/stall" >"$W/out" 2>&1 &
	box=$!
	# Opening waits for the reader, which is the shell before its exec: wait for the launcher itself.
	exec 8>"$W/stall"
	sleep 0.15
	"$@" || not_ok "propagate: $name: the change" "$*"
	# A launcher that has given up already is no reason to die of it.
	(
		trap '' PIPE
		echo data >&8
	) 2>/dev/null
	exec 8>&-
	wait $box
	verdict "$name, as $who ($rule)" $? "$(cat "$W/out")"
}
add() {
	mount -t tmpfs added "$M/added" && mount -t tmpfs added "$M/mine/new"
}
move() {
	as_user mv "$M/mine" "$M/away"
}
cover() {
	mount -t tmpfs added "$M/mine" && mkdir "$M/mine/sub" && mount -t tmpfs added "$M/mine/sub"
}
uncover() {
	umount -l "$M/mine/sub" "$M/mine"
}
for rule in mlock2=ENOSYS 5.4 3.10; do
	for who in user root; do
		stalled "a mount is added" $rule $who add
		stalled "a mount is moved away" $rule $who move
		hidden=/m/mine/deep/sub
		stalled "a mount is covered" $rule $who cover
		hidden=
		uncover
		stalled "a mount is gone" $rule $who umount -l "$M/mine/deep/sub"
	done
done
got=$(as_user "$BWRAP" --ro-bind "$BIN" /t --bind "$M" /m --unshare-pid --proc /proc /t/inside mounts /m ro 2>&1)
expect "propagate: control, a mount without the flag is noticed" 3 $?

# A user who renames without end, and starts by the hundred.
cat >"$W/starts" <<-'STARTS'
	i=0
	while [ $i -lt 150 ]; do
		i=$((i + 1))
		got=$("$BIN/shim" "$1" -- "$BWRAP" --ro-bind "$BIN" /t --ro-bind "$2" /m --unshare-pid --proc /proc \
			/t/inside mounts /m ro nosuid nodev 2>&1)
		case $?,$got in
			0,*) echo full ;;
			1,bwrap:*) echo failed ;;
			*) echo "odd: $got" ;;
		esac
	done
STARTS
again
export BIN
for rule in 5.4 3.10; do
	as_user timeout 60 "$BIN/renames" "$M/mine" "$M/away" sh "$W/starts" $rule "$M" >"$W/counts" 2>&1
	raced=$?
	full=$(grep -c -x full "$W/counts")
	failed=$(grep -c -x failed "$W/counts")
	if [ $raced = 0 ] && [ "$full" -gt 0 ] && [ $((full + failed)) = 150 ]; then
		ok "propagate: renamed all the time: flags or no start ($rule: $full and $failed)"
	else
		not_ok "propagate: renamed all the time: flags or no start ($rule)" "$full and $failed" \
			"$(grep odd "$W/counts" | sort | uniq -c | head -3)"
	fi
done

# nosymfollow of an administrator stays, whichever way the flags are set.
mkdir "$M/nolinks"
if mount -t tmpfs -o nosymfollow nolinks "$M/nolinks" 2>"$W/err" &&
	grep -q " $M/nolinks [^ ]*nosymfollow" /proc/self/mountinfo; then
	for rule in mlock2=ENOSYS 5.4 3.10; do
		for who in as_user env; do
			for opt in --bind --ro-bind --dev-bind; do
				got=$($who "$BIN/shim" $rule -- "$BWRAP" --ro-bind "$BIN" /t $opt "$M/nolinks" /m \
					--unshare-pid --proc /proc /t/inside mounts /m nosymfollow nosuid 2>&1)
				expect "propagate: nosymfollow stays, $opt ($who, $rule)" "seen 1 lacking 0" "$got"
			done
		done
	done
else
	skip "propagate: nosymfollow stays" "this kernel or mount(8) has none: $(head -1 "$W/err")"
fi

# A namespace's file is no directory and has no path, but a bind of it is a mount with flags.
for rule in mlock2=ENOSYS 5.4 3.10; do
	for who in as_user env; do
		for opt in --ro-bind-try --ro-bind; do
			got=$($who "$BIN/shim" $rule -- "$BWRAP" --ro-bind "$BIN" /t $opt /proc/self/ns/user /userns \
				--unshare-pid --proc /proc /t/inside mounts /userns ro nosuid nodev 2>&1)
			expect "propagate: a namespace's file has flags, $opt ($who, $rule)" "seen 1 lacking 0" "$got"
		done
	done
done

# Root's own /proc: without capabilities its files in sys must not be writable by their mode alone.
# access(2) only, nothing is written.
procsys() {
	name=$1
	want=$2
	shift 2
	for rule in mlock2=ENOSYS 5.4 3.10; do
		got=$("$BIN/shim" $rule -- "$BWRAP" --ro-bind "$BIN" /t --unshare-pid --proc /proc "$@" \
			/t/probe writable /proc/sys/kernel/hostname 2>&1)
		expect "propagate: /proc/sys of root, $name ($rule)" "$want" "$got"
	done
}
procsys "no capability" "Read-only file system" --cap-drop ALL
procsys "all but one dropped" "Read-only file system" --cap-drop ALL --cap-add CAP_NET_ADMIN
procsys "capabilities kept" "$("$BIN/probe" writable /proc/sys/kernel/hostname)"
# The same for mounts that root has stacked on its own root, as stacked.sh has it for users.
for rule in "" 5.4 3.10; do
	for count in 1 3 70; do
		for form in "" "--ro-bind / /" "--unshare-user" "--cap-drop ALL" "--unshare-pid --ro-bind / / --tmpfs /tmp"; do
			# shellcheck disable=SC2086
			got=$(under $count ${rule:+"$BIN/shim" $rule --} "$BWRAP" $form --ro-bind "$BIN" /mnt /mnt/oldroot 2>&1)
			bare_or_refused "propagate: $count on the caller's root, ${rule:-now}: $form" $? "$got"
		done
	done
done
tap_end

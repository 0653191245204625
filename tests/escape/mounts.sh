#!/bin/sh
# Mount flags and propagation. The host's mounts are prepared in a private mount namespace, as root:
# nested, stacked, with an administrator's flags, below an unreachable directory, behind autofs, and
# changing while launchers start (#541, #650, #754). Flags are only ever added inside; nothing leaks out.
# Reference: 0.8.0 fails the stacked, unreachable and changing-table tests; 0.13.1 passes those and
# fails "nosuid on everything" (its mqueue).
ESC_PRIVATE=yes
. tests/escape/lib.sh
base mounts
# sub NAME OPTIONS: a tmpfs below $M.
sub() {
	mkdir -p "$M/$1"
	mount -t tmpfs -o "mode=755,$2" "$(basename "$1")" "$M/$1"
}
sub rw rw
sub rw/nested rw
sub rw/nested/deep rw,noexec
sub ro ro
sub noexec rw,noexec,nosuid,nodev
sub stack rw
sub stack rw
sub stack/above rw
sub closed rw
sub closed/below rw
chmod 000 "$M/closed"
sub "with blank" rw
mkdir -p "$M/rw/many"
i=0
while [ $i -lt 20 ]; do
	sub "rw/many/$i" rw
	i=$((i + 1))
done

# Every mount of a recursive bind carries FLAGS; as the user, and as root, who has no kernel guard.
flags() {
	name=$1
	want=$2
	shift 2
	for who in user root; do
		case $who in
			user) run=as_user ;;
			*) run="env" ;;
		esac
		# shellcheck disable=SC2086
		got=$($run "$BWRAP" --ro-bind "$BIN" /t "$@" --unshare-pid --proc /proc /t/inside mounts /m $want 2>&1)
		case $? in
			0) ok "mounts: $name, as $who (${got##*seen })" ;;
			*) not_ok "mounts: $name, as $who" "$got" ;;
		esac
	done
}
flags "--ro-bind: ro, nosuid, nodev everywhere" "ro nosuid nodev" --ro-bind "$M" /m
flags "--bind: nosuid, nodev everywhere" "nosuid nodev" --bind "$M" /m
flags "--dev-bind: nosuid everywhere" "nosuid" --dev-bind "$M" /m
flags "--ro-bind of a stacked mount" "ro nosuid nodev" --ro-bind "$M/stack" /m
flags "--ro-bind twice on one place" "ro nosuid nodev" --ro-bind "$M/rw" /m --ro-bind "$M" /m
flags "--ro-bind over an earlier bind" "nosuid nodev" --bind "$M/rw" /m --ro-bind "$M/ro" /m/many
flags "all of the root" "nosuid" --ro-bind / /m
# What the administrator set stays set, although the launcher did not ask for it.
flags "noexec of the administrator stays" "noexec nosuid nodev" --bind "$M/noexec" /m
flags "ro of the administrator stays with --bind" "ro" --bind "$M/ro" /m
flags "ro of the administrator stays with --dev-bind" "ro" --dev-bind "$M/ro" /m
flags "noexec of a nested mount stays" "noexec" --bind "$M/rw/nested/deep" /m
exec 9<"$M"
flags "--ro-bind-fd: everywhere" "ro nosuid nodev" --ro-bind-fd 9 /m
exec 9<&-

# What the launcher itself mounts has the flags it should have.
got=$(as_user "$BWRAP" --ro-bind "$BIN" /t --tmpfs /x --unshare-ipc --mqueue /q --dev /d --proc /proc \
	--unshare-pid /t/inside mounts / nosuid 2>&1)
expect "mounts: nosuid on everything, own mounts too" 0 "$(case $got in *"lacking 0") echo 0 ;; *) echo "$got" ;; esac)"
got=$(as_user "$BWRAP" --ro-bind "$BIN" /t --tmpfs /x --unshare-pid --proc /proc --remount-ro / --remount-ro /x \
	/t/inside mounts /x ro nosuid nodev 2>&1)
expect "mounts: --remount-ro of a tmpfs" "seen 1 lacking 0" "$got"

# A set-user-ID program on the bound mounts gives nothing.
cp "$BIN/inside" "$M/rw/suid"
chmod 4755 "$M/rw/suid"
got=$(as_user "$BWRAP" --bind "$M" /m --unshare-user /m/rw/suid caps 2>&1)
expect "mounts: a setuid program gains nothing" "inh=0 prm=0 eff=0 bnd=0 amb=0 nnp=1 ids=same" "$got"

# autofs: a trigger without a daemon must not stop a start, nor be triggered.
if grep -q autofs /proc/filesystems; then
	mkdir "$M/auto"
	mkfifo "$W/autopipe"
	# The kernel writes requests into the pipe; nobody ever answers them.
	sleep 60 <>"$W/autopipe" &
	daemon=$!
	at_end "kill $daemon 2>/dev/null"
	if (exec 8<>"$W/autopipe" && mount -t autofs -o fd=8,pgrp=1,minproto=5,maxproto=5,direct auto "$M/auto") \
		2>"$W/err"; then
		for opt in --ro-bind --bind --dev-bind; do
			got=$(as_user timeout 10 "$BWRAP" --ro-bind "$BIN" /t $opt "$M" /m /t/inside len 2>&1)
			expect "mounts: an automount below the source, $opt" "0 words 0 bytes" "$got"
		done
		got=$(timeout 10 "$BWRAP" --ro-bind "$BIN" /t --ro-bind "$M" /m --unshare-pid --proc /proc \
			/t/inside mounts /m ro nosuid nodev 2>&1)
		expect "mounts: the automount itself carries the flags" "lacking 0" "lacking ${got##*lacking }"
		umount -l "$M/auto"
	else
		skip "mounts: an automount below the source" "mount -t autofs: $(head -1 "$W/err")"
	fi
	kill $daemon
	rmdir "$M/auto" 2>/dev/null
else
	skip "mounts: an automount below the source" "this kernel has no autofs"
fi

# The table changes while launchers start: each start has complete flags or fails with a message.
cat >"$W/flap" <<-'END'
	i=0
	while :; do
		i=$(((i + 1) % 5))
		mount -t tmpfs flap "$1/flap/$i" && umount -l "$1/flap/$i"
	done
END
mkdir -p "$M/flap/0" "$M/flap/1" "$M/flap/2" "$M/flap/3" "$M/flap/4"
sh "$W/flap" "$M" &
flapper=$!
at_end "kill $flapper 2>/dev/null"
starts=$((TEST_STARTS / 5))
i=0
full=0
fails=0
partial=
odd=
while [ $i -lt $starts ]; do
	i=$((i + 1))
	got=$(as_user "$BWRAP" --ro-bind "$BIN" /t --ro-bind "$M" /m --unshare-pid --proc /proc \
		/t/inside mounts /m ro nosuid nodev 2>&1)
	case $?,$got in
		0,*) full=$((full + 1)) ;;
		1,bwrap:*) fails=$((fails + 1)) ;;
		3,*) partial=$got ;;
		*) odd=$got ;;
	esac
done
kill $flapper
wait $flapper 2>/dev/null
if [ -n "$partial$odd" ] || [ $full = 0 ]; then
	not_ok "mounts: changing table: complete flags or a clean failure" "$partial" "$odd" "complete $full, failed $fails"
else
	ok "mounts: changing table: complete flags or a clean failure (complete $full, failed $fails of $starts)"
fi
# Stronger, and ours: with flags set on the detached copy a change cannot make a start fail at all.
expect "mounts: changing table: no start fails" 0 "$fails"

# Propagation: with everything shared, neither a user's nor root's sandbox shows in the host's table,
# not while it runs and not when the command itself mounts.
cat >"$W/shared" <<-'END'
	set -u
	cat /proc/self/mountinfo >"$W/table.before"
	for who in user root; do
		run="runuser -u $TEST_USER --"
		[ $who = user ] || run=env
		: >"$W/up"
		$run "$BWRAP" --ro-bind / / --bind "$M" "$M" --tmpfs /mnt --ro-bind "$BIN" /mnt --dev /dev --proc /proc \
			--unshare-pid /mnt/inside wait 20 >"$W/up" &
		box=$!
		i=0
		while [ ! -s "$W/up" ] && [ $i -lt 50 ]; do i=$((i + 1)); sleep 0.1; done
		cat /proc/self/mountinfo >"$W/table.during.$who"
		kill -KILL $box
		wait $box 2>/dev/null
	done
	"$BWRAP" --bind / / --unshare-pid mount -t tmpfs leak "$M/ro"
	cat /proc/self/mountinfo >"$W/table.after"
	# Control: a plain mount does show.
	mount -t tmpfs control "$M/rw/nested"
	cat /proc/self/mountinfo >"$W/table.control"
END
export W M BIN
unshare -m --propagation shared sh "$W/shared" >"$W/log" 2>&1
for when in during.user during.root after; do
	if [ -s "$W/table.$when" ]; then
		same "mounts: nothing propagates to the host, $when" "$W/table.before" "$W/table.$when"
	else
		not_ok "mounts: nothing propagates to the host, $when" "$(cat "$W/log")"
	fi
done
if cmp -s "$W/table.before" "$W/table.control"; then
	not_ok "mounts: control, a mount changes the table"
else
	ok "mounts: control, a mount changes the table"
fi
tap_end

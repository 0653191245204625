#!/bin/sh
# Memory that the launcher shares with the first process inside until its exec: never with one that has
# neighbours. Whoever lives in a joined namespace already could write that memory, and so the launcher's.
# Reference: bubblewrap shares no memory at all; the control is the launcher with namespaces of its own.
. tests/escape/lib.sh

mkfifo "$W/stall"
chmod 666 "$W/stall"
# Somebody has it open, and nobody ever writes.
exec 7<>"$W/stall"

# held OPTIONS...: the start hangs at its data; whose memory is it? Descriptors 20 and 21 are the holder's.
held() {
	ESC_MARK=0 as_user "$BIN/start" -f "20:$ns/user" -f "21:$ns/pid" -f "9:$W/stall" -o "$W/out" -e "$W/err" -- \
		"$BWRAP" --ro-bind "$BIN" /t "$@" --file 9 /data /t/inside len >"$W/start" 2>&1 &
	box=$!
	launcher=
	i=0
	while [ -z "$launcher" ] && [ $i -lt 60 ]; do
		i=$((i + 1))
		sleep 0.05
		launcher=$("$BIN/tree" $box | sed -n 's/^proc \([0-9]*\) Name:=bwrap .*/\1/p' | head -n 1)
	done
	if [ -n "$launcher" ]; then
		"$BIN/share" "$launcher" 2>&1
		kill -KILL "$launcher"
	else
		echo "no launcher: $(cat "$W/start" "$W/err")"
	fi
	wait $box
}

touch "$W/out" "$W/err"
chmod 666 "$W/out" "$W/err"
as_user unshare -U -m -p -f --kill-child --map-current-user sleep 300 2>/dev/null &
runner=$!
init=
i=0
while [ -z "$init" ] && [ $i -lt 50 ]; do
	i=$((i + 1))
	sleep 0.1
	init=$("$BIN/tree" $runner | sed -n 's/^proc \([0-9]*\) Name:=sleep .*/\1/p')
done
if [ -z "$init" ]; then
	skip "share: joined namespaces" "no user namespace from unshare(1)"
	tap_end
	exit
fi
at_end "kill -KILL $init 2>/dev/null"
ns=/proc/$init/ns

# A build with the address sanitizer shares nothing.
if ! grep -q __asan_init "$BWRAP"; then
	expect "share: control, namespaces of its own" shared "$(held --unshare-user --unshare-pid --as-pid-1)"
fi
expect "share: --pidns" separate "$(held --userns 20 --pidns 21)"
expect "share: --pidns and a pid namespace below" separate "$(held --userns 20 --pidns 21 --unshare-pid --as-pid-1)"
expect "share: --userns" separate "$(held --userns 20 --unshare-pid --as-pid-1)"
expect "share: --userns with an init" separate "$(held --userns 20 --unshare-pid)"
# with the first process of the namespaces everything that waits for it ends
kill -KILL "$init"
wait $runner 2>/dev/null
tap_end

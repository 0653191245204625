#!/bin/sh
# The launcher or its monitor dies at any moment: nothing of the sandbox may stay behind, with and
# without --die-with-parent (facts: the child waited forever for a dead monitor).
# Reference: 0.8.0 and 0.13.1 fail most of these: the child blocks on a descriptor that it holds both
# ends of, or the reaper simply goes on when no --die-with-parent was given.
. tests/escape/lib.sh

n=$((TEST_STARTS / 10))
[ $n -ge 10 ] || n=10
limit=$((20 + TEST_STARTS / 40))
common="--ro-bind $BIN /t"

# dies NAME KILLS-OPTIONS... -- LAUNCHER-OPTIONS... COMMAND
dies() {
	name=$1
	shift
	opts=
	while [ "$1" != -- ]; do
		opts="$opts $1"
		shift
	done
	shift
	# shellcheck disable=SC2086
	"$BIN/kills" -l $limit -r "$TEST_SEED" $opts -- "$BWRAP" $common "$@" >"$W/out" 2>"$W/err"
	st=$?
	read -r line <"$W/out" || line="no report"
	if [ $st = 0 ]; then
		ok "kills: $name ($line)"
	else
		not_ok "kills: $name" "$line" "$(head -4 "$W/err")"
	fi
}

P="--unshare-pid --proc /proc"
F="/t/inside family 20"
# shellcheck disable=SC2086
random_points() {
	dies "KILL at 0..4 ms, reaper" -n $n -- $P $F
	dies "KILL at 0..4 ms, everything unshared" -n $n -d 5000 -- --unshare-all --dev /dev $P $F
	dies "KILL at 0..4 ms, --die-with-parent" -n $n -- $P --die-with-parent $F
	dies "KILL at 0..4 ms, --as-pid-1" -n $n -- $P --as-pid-1 $F
	dies "KILL at 0..4 ms, in place" -n $n -- /t/inside wait 20
	dies "KILL at 0..4 ms, no pid namespace, --sync-fd" -n $n -- --sync-fd 102 /t/inside wait 20
	dies "KILL at 0..4 ms, disabled user namespaces" -n $n -- --unshare-user --disable-userns $P $F
	dies "TERM at 0..4 ms, reaper" -n $n -s TERM -- $P $F
	dies "STOP then KILL at 0..4 ms, reaper" -n $((n / 2)) -s STOP -- $P $F
	dies "KILL of the first child at 0..4 ms" -n $((n / 2)) -k child -- $P $F
}

# shellcheck disable=SC2086
running() {
	m=$((n / 5))
	dies "KILL while the command runs, reaper" -n $m -w up -- $P $F
	dies "KILL while the command runs, --as-pid-1" -n $m -w up -- $P --as-pid-1 $F
	dies "KILL while the command runs, --new-session" -n $m -w up -- $P --new-session $F
	dies "KILL while the command runs, status fds" -n $m -w up -- $P --json-status-fd 102 $F
	dies "KILL while the command runs, in place" -n $m -w up -- /t/inside wait 20
	dies "TERM while the command runs, reaper" -n $m -w up -s TERM -- $P $F
	dies "STOP then KILL while the command runs" -n $m -w up -s STOP -- $P $F
	dies "KILL of the reaper while the command runs" -n $m -w up -k child -- $P $F
	dies "caller dies, --die-with-parent, reaper" -n $m -w up -k caller -- $P --die-with-parent $F
	dies "caller dies, --die-with-parent, --as-pid-1" -n $m -w up -k caller -- $P --as-pid-1 \
		--die-with-parent $F
	dies "caller dies, --die-with-parent, in place" -n $m -w up -k caller -- --die-with-parent \
		/t/inside wait 20
}

# The launcher hangs at each descriptor that can stall it, with monitor and child at their places.
stalls() {
	m=8
	for sig in KILL TERM STOP; do
		for stall in "--block-fd 100" "--info-fd 101" "--json-status-fd 101" "--args 100" \
			"--file 100 /f" "--bind-data 100 /f" "--seccomp 100" "--add-seccomp-fd 100" \
			"--info-fd 101 --json-status-fd 101 --block-fd 100" \
			"--unshare-user --info-fd 102 --userns-block-fd 100" \
			"--sync-fd 100 --block-fd 100" "--as-pid-1 --block-fd 100"; do
			# shellcheck disable=SC2086
			dies "$sig at $stall" -n $m -w stall -s $sig -- $P $stall $F
		done
		dies "$sig at --block-fd without pid namespace" -n $m -w stall -s $sig -- --block-fd 100 \
			/t/inside wait 20
	done
	# shellcheck disable=SC2086
	dies "caller dies at --block-fd, --die-with-parent" -n $m -w stall -k caller -- $P \
		--die-with-parent --block-fd 100 $F
}

# --pidns: one more process lies between monitor and command. The namespaces come from a holder.
pidns() {
	unshare -U -m -p -f --kill-child --map-current-user sleep 300 2>/dev/null >"$W/up" &
	holder=$!
	# unshare ignores what it can while it waits; its child dies with it.
	at_end "kill -KILL $holder 2>/dev/null"
	i=0
	init=
	while [ -z "$init" ] && [ $i -lt 50 ]; do
		i=$((i + 1))
		sleep 0.1
		init=$(cat /proc/$holder/task/$holder/children)
		init=${init%% *}
	done
	if [ -z "$init" ]; then
		skip "kills: --pidns" "no user namespace from unshare(1)"
		return
	fi
	for mode in "KILL -w none" "KILL -w up" "TERM -w up" "KILL -k child"; do
		# shellcheck disable=SC2086
		dies "--pidns, $mode" -n $((n / 3)) -s $mode -f 20:/proc/$init/ns/user -f 21:/proc/$init/ns/pid \
			-- --userns 20 --pidns 21 $F
	done
	kill -KILL $holder
}

# Control: the counting works: a launcher that leaves a process behind is found out.
control() {
	cat >"$W/leaky" <<-'END'
		#!/bin/sh
		( trap '' TERM; exec sleep 20 ) &
		exec sleep 20
	END
	chmod +x "$W/leaky"
	if "$BIN/kills" -n 1 -w stall -- "$W/leaky" >"$W/out" 2>"$W/err"; then
		not_ok "kills: control, an orphan is noticed"
	else
		ok "kills: control, an orphan is noticed"
	fi
}

control
random_points
running
stalls
pidns
tap_end

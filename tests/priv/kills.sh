#!/bin/sh
# The launcher dies at any moment, before, while and after postern-priv has taken over: nothing may stay. (MUST 10)
#
#	PRIV_KILLS	starts in all loops of a form together (1000; make soak: 10000)
set -eu
. tests/lib/tap.sh
. tests/priv/lib.sh

# dies NAME N KILLS-OPTIONS... -- LAUNCHER-OPTIONS... COMMAND
dies() {
	name=$1
	n=$2
	shift 2
	kill_options=
	while [ "$1" != -- ]; do
		kill_options="$kill_options $1"
		shift
	done
	shift
	rc=0
	# shellcheck disable=SC2086
	refuse "$PRIV_BIN/kills" -l $((30 + n / 10)) -n "$n" -r "${TEST_SEED:-1}" $kill_options -- \
		"$BWRAP" --ro-bind "$PRIV_BIN" /t "$@" >"$W/out" 2>"$W/err" </dev/null || rc=$?
	read -r line <"$W/out" || line="no report"
	left=$(left_behind)
	if [ $rc = 0 ] && [ -z "$left" ]; then
		ok "$mode: $name ($line)"
	else
		not_ok "$mode: $name" "$line" "$(head -n 4 "$W/err")" "$left"
	fi
}

# shellcheck disable=SC2086
loops() {
	n=$((${PRIV_KILLS:-1000} / 10))
	P="--unshare-pid --proc /proc"
	F="/t/inside family 20"
	dies "KILL at 0..6 ms, reaper" $n -d 6000 -- $P $F
	dies "KILL at 0..6 ms, everything unshared" $n -d 6000 -- --unshare-all --dev /dev $P $F
	dies "KILL at 0..6 ms, --as-pid-1" $n -d 6000 -- $P --as-pid-1 $F
	dies "KILL at 0..6 ms, in place" $n -d 6000 -- /t/inside wait 20
	dies "TERM at 0..6 ms, reaper" $n -d 6000 -s TERM -- $P $F
	dies "STOP then KILL at 0..6 ms" $n -d 6000 -s STOP -- $P $F
	dies "KILL of the first child at 0..6 ms" $n -d 6000 -k child -- $P $F
	dies "KILL while the command runs" $n -w up -- $P $F
	dies "the caller dies, --die-with-parent" $n -w up -k caller -- $P --die-with-parent $F
	dies "the caller dies at --block-fd, --die-with-parent" 8 -w stall -k caller -- $P --die-with-parent --block-fd 100 $F
	dies "KILL at --block-fd" 8 -w stall -- $P --block-fd 100 $F
	dies "KILL at --info-fd" 8 -w stall -- $P --info-fd 101 $F
}

main() {
	priv_enter "$0" "$@"
	priv_begin kills
	${CC:-cc} -std=gnu11 -O1 -w -static -o "$PRIV_BIN/kills" tests/escape/c/kills.c
	for mode in ${PRIV_MODES:-filecaps filecaps-userns setuid setuid-userns}; do
		PRIV_HOST=$(priv_host_of "$mode")
		priv_mode "$mode"
		loops
	done
	tap_end
}

main "$@"

#!/bin/sh
# Signals: --forward-signals brings each of its eight to the command exactly once, whoever is in
# between; ^C on the terminal reaches the command once, and it can go on reading its terminal.
# Reference: no bubblewrap has the option; 0.8.0 and 0.13.1 leave the sandbox behind after a signal.
. tests/escape/lib.sh

all=2,15,1,3,10,12,28,18
want="sig 2 sig 15 sig 1 sig 3 sig 10 sig 12 sig 28 sig 18"

sent() {
	"$BIN/pty" "$@" >"$W/out" 2>"$W/err"
	got=$(grep -v '^line\|^ready' "$W/out" | tr '\n' ' ')
	got=${got% }
}

for form in "" "--unshare-pid --proc /proc" "--unshare-pid --as-pid-1" "--unshare-all --dev /dev" \
	"--unshare-pid --new-session" "--new-session" "--unshare-pid --die-with-parent" "--sync-fd 2"; do
	# shellcheck disable=SC2086
	sent kill $all -- "$BWRAP" --ro-bind "$BIN" /t --forward-signals $form /t/inside signals
	expect "signals: each arrives once ($form)" "$want status exit 0 left 0" "$got"
	# shellcheck disable=SC2086
	sent keys -- "$BWRAP" --ro-bind "$BIN" /t --forward-signals $form /t/inside signals
	expect "signals: ^C arrives once ($form)" "sig 2 status exit 0 left 0" "$got"
	if grep -q '^line hello' "$W/out" && grep -q '^line end' "$W/out"; then
		ok "signals: the terminal can be read after ^C ($form)"
	else
		not_ok "signals: the terminal can be read after ^C ($form)" "$(cat "$W/out" "$W/err")"
	fi
done

# Without the option: in place the command is the started process, so all of it arrives.
sent kill $all -- "$BWRAP" --ro-bind "$BIN" /t /t/inside signals
expect "signals: without the option, in place" "$want status exit 0 left 0" "$got"
# With a monitor, a fatal signal to it ends the sandbox; what would not have ended it changes nothing.
for sig in 15 1 12; do
	sent kill $sig -- "$BWRAP" --ro-bind "$BIN" /t --unshare-pid /t/inside signals
	expect "signals: without the option, $sig ends monitor and sandbox" "status signal $sig left 0" "$got"
done
sent kill 28,18 -- "$BWRAP" --ro-bind "$BIN" /t --unshare-pid /t/inside signals
expect "signals: without the option, harmless ones stay with the monitor" "status exit 0 left 0" "$got"
sent keys -- "$BWRAP" --ro-bind "$BIN" /t --unshare-pid /t/inside signals
case $got in
	*"sig 2 "*"sig 2 "*) not_ok "signals: without the option, ^C at most once" "$got" ;;
	*"left 0") ok "signals: without the option, ^C at most once, nothing left ($got)" ;;
	*) not_ok "signals: without the option, ^C leaves nothing" "$got" ;;
esac

# Control: the same probe without a launcher.
sent kill $all -- "$BIN/inside" signals
expect "signals: control, each arrives once without a launcher" "$want status exit 0 left 0" "$got"
tap_end

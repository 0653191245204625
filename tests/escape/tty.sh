#!/bin/sh
# CVE-2017-5226, CVE-2023-28100, CVE-2019-10063: with --new-session nothing inside can type into the
# caller's terminal, not with a request number whose upper half is set, not by taking it over.
# Reference: all launchers fail without the option (that is the control); none is known to fail with.
. tests/escape/lib.sh

push() {
	"$BIN/pty" push -- "$BWRAP" --ro-bind "$BIN" /t "$@" /t/inside tty >"$W/out" 2>"$W/err"
}

push
if [ "$(cat /proc/sys/dev/tty/legacy_tiocsti 2>/dev/null || echo 1)" != 1 ]; then
	skip "tty: control, TIOCSTI works without --new-session" "the kernel has legacy_tiocsti=0"
elif grep -q '^TIOCSTI won' "$W/out" && ! grep -q '^injected [0-]' "$W/out"; then
	ok "tty: control, TIOCSTI works without --new-session"
else
	not_ok "tty: control, TIOCSTI works without --new-session" "$(cat "$W/out" "$W/err")"
fi

for form in "" "--unshare-pid --proc /proc" "--unshare-all --dev /dev" "--unshare-pid --as-pid-1" \
	"--die-with-parent" "--dev-bind /dev /dev" "--unshare-user --uid 0 --cap-add ALL --dev-bind /dev /dev" \
	"--sync-fd 0"; do
	# shellcheck disable=SC2086
	push --new-session $form
	if grep -q ' won' "$W/out" || ! grep -q '^TIOCSTI lost' "$W/out"; then
		not_ok "tty: --new-session ($form): every attempt fails" "$(cat "$W/out" "$W/err")"
	else
		ok "tty: --new-session ($form): every attempt fails"
	fi
	if grep -q '^injected [0-]' "$W/out"; then
		ok "tty: --new-session ($form): nothing was typed"
	else
		not_ok "tty: --new-session ($form): nothing was typed" "$(cat "$W/out" "$W/err")"
	fi
done
tap_end

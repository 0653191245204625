#!/bin/sh
# A command inside against processes of the same user outside, where both can see each other: ptrace,
# pidfd_getfd, /proc/N/{mem,root,cwd,fd,environ}, setns, process_vm_*.
# Reference: 0.8.0 and 0.13.1 pass (their user namespace makes it so); the control is the same attack
# without a launcher.
. tests/escape/lib.sh

"$BIN/inside" secret 100 >"$W/victim" </dev/null &
victim=$!
at_end "kill $victim 2>/dev/null"
await test -s "$W/victim"
read -r pid addr <"$W/victim"

# The first to try is an ordinary process: it must win, or the tests below say nothing.
"$BIN/inside" attack "$pid" "$addr" >"$W/out" 2>&1
if grep -q '^mem won' "$W/out" && grep -q '^ptrace won' "$W/out" && grep -q '^pidfd_getfd won' "$W/out"; then
	ok "attack: control, it works without a launcher"
elif [ "$(cat /proc/sys/kernel/yama/ptrace_scope 2>/dev/null || echo 0)" != 0 ]; then
	skip "attack: control, it works without a launcher" "Yama's ptrace_scope forbids it to everybody"
else
	not_ok "attack: control, it works without a launcher" "$(cat "$W/out")"
fi
# Detaching happens when the attacker exits; the victim may be stopped.
kill -CONT "$pid"

lost() {
	name=$1
	shift
	"$BWRAP" "$@" >"$W/out" 2>&1
	st=$?
	if [ $st = 0 ] && grep -q '^ptrace lost' "$W/out" && ! grep -q ' won' "$W/out"; then
		ok "attack: $name"
	else
		not_ok "attack: $name" "exit $st" "$(cat "$W/out")"
	fi
}

for form in "" "--unshare-user" "--unshare-user --uid 0 --gid 0" "--unshare-user --uid 0 --cap-add ALL" \
	"--unshare-pid" "--proc /proc" "--new-session --die-with-parent" "--sync-fd 0" "--dev-bind / /"; do
	# shellcheck disable=SC2086
	lost "a process of the same user ($form)" --bind / / $form "$BIN/inside" attack "$pid" "$addr"
done
# With an own procfs the number means nothing inside.
lost "not even visible with --unshare-pid --proc" --bind / / --unshare-pid --proc /proc \
	"$BIN/inside" attack "$pid" "$addr"

# The launcher's own processes outside: the caller's shell here, and a monitor.
lost "the caller" --bind / / "$BIN/inside" attack $$ "$addr"
"$BWRAP" --bind / / --unshare-pid "$BIN/inside" wait 20 >"$W/up" &
monitor=$!
at_end "kill $monitor 2>/dev/null"
await test -s "$W/up"
lost "the monitor of another sandbox" --bind / / "$BIN/inside" attack $monitor 0
children=$(cat /proc/$monitor/task/$monitor/children)
for child in $children; do
	lost "the first process of another sandbox" --bind / / "$BIN/inside" attack "$child" 0
done
kill $monitor
kill "$victim"
tap_end

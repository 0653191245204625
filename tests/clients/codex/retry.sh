# shellcheck shell=sh
# Codex' answer to a launcher that fails, with failures made by the shim. The words that it goes by
# are part of the contract.

use logged
fake '/usr/bin/true' 1 "bwrap: Can't mount proc on /newroot/proc: Operation not permitted"
expect "procfs refused: the command runs all the same, in silence" 0 '^ran$' "$WW" /bin/echo ran
if [ "$(calls)" = 3 ] && call_has 2 '[--proc] [/proc]' &&
	call_has 3 '[--apply-seccomp-then-exec]' && ! call_has 3 '[--proc]'; then
	ok "codex/$WHERE: procfs refused: asked for in the trial, not in the run"
else
	not_ok "codex/$WHERE: procfs refused: asked for in the trial, not in the run" "$(cat "$S/log")"
fi

fake '/usr/bin/true' 1 "bwrap: Can't mount proc on /newroot/proc: No such device"
cx sandbox -c "$WW" -- /bin/echo ran
if [ "$RC" = 0 ] && call_has 3 '[--proc] [/proc]'; then
	ok "codex/$WHERE: control: other words do not make it go without"
else
	not_ok "codex/$WHERE: control: other words do not make it go without" "exit $RC: $ERR" "$(call 3)"
fi

fake '--apply-seccomp-then-exec' 1 "bwrap: setting up uid map: Permission denied"
cx sandbox -c "$WW" -- /bin/echo ran
if [ "$RC:$OUT$ERR" = "1:bwrap: setting up uid map: Permission denied" ]; then
	ok "codex/$WHERE: a failed start is the command's own failure"
else
	not_ok "codex/$WHERE: a failed start is the command's own failure" "exit $RC: $OUT $ERR"
fi
fake

# The helper's own options lead to two further forms of the third call.
# shellcheck disable=SC2016
see='test -d "/proc/$0" && echo visible || echo hidden'
helper -- /bin/sh -c "$see" $$
judge "control: a process outside cannot be seen" 0 '^hidden$'
helper --no-proc -- /bin/sh -c "$see" $$
judge "without a procfs of its own the host's is visible" 0 '^visible$'
if ! call_has "$(calls)" '[--proc]'; then
	ok "codex/$WHERE: --no-proc: not asked for"
else
	not_ok "codex/$WHERE: --no-proc: not asked for" "$(call "$(calls)")"
fi
helper --inherit-pid-namespace -- /bin/sh -c 'readlink /proc/self/ns/pid'
judge "inherited process ids" 0 "^$(readlink /proc/self/ns/pid | sed 's/[][]/\\&/g')\$"
if ! call_has "$(calls)" '[--unshare-pid]' && ! call_has "$(calls)" '[--as-pid-1]' &&
	call_has "$(calls)" '[--unshare-user]'; then
	ok "codex/$WHERE: inherited process ids: nothing else was asked for"
else
	not_ok "codex/$WHERE: inherited process ids: nothing else was asked for" "$(call "$(calls)")"
fi

#!/bin/sh
# The caller's terminal: with --new-session, or `require = new-session` or `base-filter` in privileged.conf, nothing
# inside types into it, on a pseudo-terminal and on a virtual console, by any number of the call; without them it is as
# without privilege. (MUST 7; CVE-2017-5226, CVE-2023-28100, CVE-2019-10063)
#
# Where dev.tty.legacy_tiocsti is 0 the kernel itself refuses TIOCSTI to all but CAP_SYS_ADMIN, and so to every command
# inside. Then the attempts are judged alike, and only the control cannot be made.
set -eu
. tests/lib/tap.sh
. tests/priv/lib.sh
. tests/priv/attack_lib.sh

NO_LANDLOCK=landlock_create_ruleset=ENOSYS
VT=/dev/tty63
KERNEL= # what the shim takes away, for `push`
CONSOLE=

# push OPTION...: the attempts of a command in a sandbox that is the foreground job of a terminal of its own
push() {
	# shellcheck disable=SC2086 # two words or none
	set -- "$PRIV_BIN/pty" push $CONSOLE -- "$BWRAP" --ro-bind / / "$@" "$PRIV_BIN/inside" tty
	if [ -n "$KERNEL" ]; then
		priv_host "$PRIV_HOST" "$PRIV_BIN/shim" --no-nnp "$KERNEL" -- runuser -u "$TEST_USER" -- "$@"
	else
		refuse "$@"
	fi >"$W/out" 2>"$W/err" </dev/null || :
}

# tried: all attempts were made, and the terminal was looked at
tried() {
	grep -q '^TIOCSTI again ' "$W/out" && grep -q '^injected ' "$W/out"
}

# typed: something reached the terminal's input
typed() {
	grep -q '^injected [0-9]*[1-9]' "$W/out"
}

# none_won NAME: no attempt did anything
none_won() {
	if tried && ! typed && ! grep -q ' won' "$W/out" && [ ! -s "$W/err" ]; then
		ok "tty: $1"
	else
		not_ok "tty: $1" "$(cat "$W/out" "$W/err")"
	fi
}

# filtered NAME: each request was refused by a filter. The kernel says otherwise: EPERM only where the terminal is not
# the caller's controlling one, which it is here.
filtered() {
	if tried && ! typed && [ "$(grep -c '^TIOC[SL][-A-Z0-9a-z ]* lost Operation not permitted' "$W/out")" -ge 5 ] &&
		! grep '^TIOC[SL]' "$W/out" | grep -qv -e 'Operation not permitted' -e 'x32 lost Function not'; then
		ok "tty: $1"
	else
		not_ok "tty: $1" "$(cat "$W/out" "$W/err")"
	fi
}

# with_each COMMAND...: with $form; also on a kernel without Landlock, where a process more may be between
with_each() {
	for form in "" "--unshare-all --dev /dev --proc /proc" "--dev-bind /dev /dev --unshare-pid --as-pid-1"; do
		"$@"
	done
	KERNEL=$NO_LANDLOCK
	for form in "" "--unshare-pid --proc /proc"; do
		"$@"
	done
	KERNEL=
}

# shellcheck disable=SC2086 # forms are words
asked() {
	push $form --new-session
	none_won "$mode: --new-session ($form${KERNEL:+, no Landlock}): nothing is typed"
}

# shellcheck disable=SC2086
required() {
	push $form
	none_won "$mode: require = new-session ($form${KERNEL:+, no Landlock}): nothing is typed (MUST 7)"
}

# shellcheck disable=SC2086
refused() {
	push $form
	filtered "$mode: require = base-filter ($form${KERNEL:+, no Landlock}): the requests are refused (MUST 7)"
}

# done_by NAME: which attempts do something; not what another session would change, which a leader cannot make
done_by() {
	tried || : >"$W/out"
	sed -n '/^TIOCSTI again/d; s/^\(TIOC.*\) \(won\|lost\) .*/\1 \2/p' "$W/out" >"$W/$1"
	! typed || echo typed >>"$W/$1"
}

# shellcheck disable=SC2086
compared() {
	push $form
	done_by privileged
	before=$PRIV_HOST
	PRIV_HOST=none
	push $form
	PRIV_HOST=$before
	done_by plain
	verdict "tty: $mode: without a rule ($form${KERNEL:+, no Landlock}) as without privilege" \
		diff "$W/plain" "$W/privileged"
	[ -s "$W/plain" ] || not_ok "tty: $mode: the attempts were made" "$(cat "$W/err")"
}

control() {
	push
	if [ "$(cat /proc/sys/dev/tty/legacy_tiocsti 2>/dev/null || echo 1)" != 1 ]; then
		ok "tty: $mode: control: this kernel has legacy_tiocsti=0, and nothing is typed"
		! typed || not_ok "tty: $mode: with legacy_tiocsti=0 nothing is typed" "$(cat "$W/out")"
	elif typed && grep -q '^TIOCSTI won' "$W/out" && grep -q '^TIOCSTI-64 won' "$W/out"; then
		ok "tty: $mode: control: without a rule the terminal can be typed into"
	else
		not_ok "tty: $mode: control: without a rule the terminal can be typed into" "$(cat "$W/out" "$W/err")"
	fi
}

# TIOCLINUX is known to virtual consoles only. The user's own one, by a node of ours.
console() {
	[ -e "$W/user/vt" ] || return 0
	CONSOLE="-v $W/user/vt"
	push
	if grep -q '^TIOCLINUX won' "$W/out" && grep -q '^TIOCLINUX-64 won' "$W/out"; then
		ok "tty: $mode: control: TIOCLINUX works on a console without a rule"
	else
		not_ok "tty: $mode: control: TIOCLINUX works on a console without a rule" "$(cat "$W/out" "$W/err")"
	fi
	push --new-session
	none_won "$mode: --new-session keeps TIOCLINUX out"
	priv_config require=new-session
	push
	none_won "$mode: require = new-session keeps TIOCLINUX out (MUST 7)"
	priv_config require=base-filter
	push
	filtered "$mode: require = base-filter refuses TIOCLINUX (MUST 7)"
	priv_config
	CONSOLE=
}

all() {
	control
	with_each asked
	with_each compared
	priv_config require=new-session
	with_each required
	priv_config require=base-filter
	with_each refused
	priv_config
	console
}

main() {
	priv_enter "$0" "$@"
	priv_begin tty
	priv_static "$PRIV_BIN/pty" tests/escape/c/pty.c
	if (exec 3<>$VT) 2>/dev/null && mknod "$W/user/vt" c "$(printf '%d' "0x$(stat -c %t $VT)")" "$(printf '%d' "0x$(stat -c %T $VT)")" &&
		(exec 3<>"$W/user/vt") 2>/dev/null; then
		chown "$TEST_USER:" "$W/user/vt"
	else
		rm -f "$W/user/vt"
		skip "tty: TIOCLINUX" "no virtual console"
	fi
	in_modes all
	no_process "tty: no process is left (MUST 10)"
	tap_end
}

main "$@"

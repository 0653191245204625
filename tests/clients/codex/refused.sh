# shellcheck shell=sh
# What Codex makes of a host that refuses (docs/compat.md, "What Codex makes of a refusal"): the launcher's own words,
# where chosen calls fail. Not where postern-priv helps.

mkdir -p "$S/refused"

# refused NAME ERROR WARNING RULE...: what Codex says as a session starts, and a command that fails with both lines
refused() {
	name=$1
	error=$2
	warning=$3
	shift 3
	printf '#!/bin/sh\nexec %s %s -- %s "$@"\n' "$S/tools/no_syscall" "$*" "$S/bin/bwrap" >"$S/refused/bwrap"
	chmod 755 "$S/refused/bwrap"
	use refused
	session_says "$name: the start of a session" "$warning"
	cx sandbox -c "$WW" -- /bin/echo ran
	case $RC:$OUT$ERR in
		*ran*) not_ok "codex: $name: the command did not run, and the host's class is told" "exit $RC: $OUT $ERR" ;;
		1:*"postern: host refuses the sandbox [$error] step "*"; "[a-z]*": "*)
			ok "codex: $name: the command did not run, and the host's class is told"
			;;
		*) not_ok "codex: $name: the command did not run, and the host's class is told" "exit $RC: $OUT $ERR" ;;
	esac
}

if [ -n "${PRIV_MODE:-}" ]; then
	:
elif "${HOSTCC:-cc}" -static -O1 -w -std=gnu11 -o "$S/tools/no_syscall" tests/shim/no_syscall.c; then
	refused "no user namespace" ns-refused 'create user namespaces' \
		clone:NEWUSER=EPERM unshare:NEWUSER=EPERM clone3=ENOSYS
	refused "a limit of 0" ns-limit '' clone:NEWUSER=ENOSPC unshare:NEWUSER=ENOSPC clone3=ENOSYS
	refused "no mount" root-slave '' mount,mount_setattr,open_tree,open_tree_attr,move_mount=EPERM
else
	not_ok "codex: the program that refuses calls compiles"
fi

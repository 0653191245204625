# shellcheck shell=sh
# What Codex tells its user about bwrap when a session starts: nothing, with a launcher that works.

hello='{"jsonrpc":"2.0","id":1,"method":"initialize",'
hello=$hello'"params":{"clientInfo":{"name":"t","version":"1"}}}'

# session: one start of the application server, as an editor makes it; sets OUT. Standard input
# stays open until it has answered, a minute at most, and the warning, if there is one, has come.
session() {
	: >"$S/log"
	: >"$S/session"
	{
		printf '%s\n' "$hello" '{"jsonrpc":"2.0","method":"initialized"}'
		s_tries=0
		while ! grep -q '"userAgent"' "$S/session" && [ $s_tries -lt 600 ]; do
			s_tries=$((s_tries + 1))
			sleep 0.1
		done
		sleep 1.5
	} | in_project "$CODEX" app-server 2>/dev/null >"$S/session"
	OUT=$(cat "$S/session")
}

# session_says NAME TEXT: the warning contains TEXT; there is none if TEXT is empty.
session_says() {
	session
	s_warning=$(printf '%s\n' "$OUT" | grep '"method":"configWarning"')
	case $OUT in
		*'"userAgent"'*) ;;
		*) s_warning="no answer: $OUT" ;;
	esac
	if [ -z "$2" ] && [ -z "$s_warning" ]; then
		ok "codex/$WHERE: $1"
	elif [ -n "$2" ] && printf '%s\n' "$s_warning" | grep -q "$2"; then
		ok "codex/$WHERE: $1"
	else
		not_ok "codex/$WHERE: $1" "expected /$2/" "$s_warning"
	fi
}

use bin
session_says "a session starts without a warning" ''
use logged
session_says "a session starts without a warning, watched" ''
trial=' [--unshare-user] [--unshare-net] [--ro-bind] [/] [/] [/bin/true]'
if [ "$(calls)" = 1 ] && [ "$(call 1)" = "$trial" ]; then
	ok "codex/$WHERE: it tried the launcher once"
else
	not_ok "codex/$WHERE: it tried the launcher once" "$(cat "$S/log")"
fi

# The trial has 500 ms; later than that Codex looks away, and no warning would mean nothing.
start=$(date +%s%N)
"$S/bin/bwrap" --unshare-user --unshare-net --ro-bind / / /bin/true
rc=$?
took=$((($(date +%s%N) - start) / 1000000))
if [ "$rc" = 0 ] && [ "$took" -lt 400 ]; then
	ok "codex: the trial of a session's start succeeds in good time"
else
	not_ok "codex: the trial of a session's start succeeds in good time" "exit $rc after $took ms"
fi

fake '/bin/true ' 1 "bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted"
session_says "control: the warning about a host that forbids user namespaces" \
	'create user namespaces'
fake

# A PATH without any bwrap: only what Codex needs to start.
mkdir -p "$S/without"
for program in env git sh timeout; do
	ln -sf "$(command -v "$program")" "$S/without/$program"
done
(
	# in_project's own PATH goes on with /usr/bin, where a host may have one.
	in_project() {
		cd "$PROJ" && exec env -i HOME="$H" CODEX_HOME="$H/.codex" PATH="$S/without" \
			"$(command -v timeout)" -k 5 300 "$@"
	}
	use without
	session_says "control: the warning about a missing bwrap" 'could not find bubblewrap on PATH'
	[ "$TAP_FAILED" = 0 ]
) || TAP_FAILED=$((TAP_FAILED + 1))

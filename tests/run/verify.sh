#!/bin/sh
# postern verify: every preset and backend holds; a promise that is broken is seen; nothing that ran is no success.
set -eu
. tests/lib/tap.sh
. tests/run/lib.sh

# holds NAME WORD...
holds() {
	holds_name=$1
	shift
	psay verify "$@"
	if [ "$status" = 0 ] && grep -q '^held' "$W/out" && ! grep -qE '^BROKEN' "$W/out"; then
		ok "$holds_name holds"
	else
		not_ok "$holds_name holds" "status $status" "$(grep -v '^held' "$W/out")" "$(cat "$W/err")"
	fi
}

# broken NAME PROMISE PATTERN WORD...: a launcher that leaves out what matches PATTERN (of --args) breaks that promise
broken() {
	broken_name=$1
	broken_promise=$2
	broken_pattern=$3
	shift 3
	captured in_project env BROKEN_PATTERN="$broken_pattern" BROKEN_REAL="$RUN_LAUNCHER" "$RUN_POSTERN" verify \
		--launcher "$W/lib/bwrap" "$@"
	if [ "$status" = 1 ] && grep -Eq "^BROKEN +.*$broken_promise" "$W/out"; then
		ok "seen: $broken_name"
	else
		not_ok "seen: $broken_name" "status $status, no line BROKEN $broken_promise" "$(grep -v '^held' "$W/out")" "$(cat "$W/err")"
	fi
}

main() {
	run_begin run-verify
	TAP_NAME=run-verify need python3 jq || return 1
	mkdir -p "$PROJ/.git/hooks" "$PROJ/sub" "$USER_HOME/.ssh"
	echo x >"$PROJ/.git/config"
	echo x >"$PROJ/sub/a.env"
	echo x >"$PROJ/b.env"
	echo x >"$USER_HOME/.ssh/key"
	mine "$USER_HOME"
	holds read-only
	holds workspace --preset workspace
	holds "workspace with rules" --preset workspace --deny '**/*.env' --deny "$USER_HOME/.ssh" --protect sub --protect later
	holds "workspace with commits" --preset workspace --allow-commits
	holds minimal --preset minimal --write .
	holds full --preset full --i-know
	holds "the host's network" --network host
	holds "a clean environment" --clean-env --unset-env HOME
	if grep -q landlock /sys/kernel/security/lsm 2>/dev/null || "$RUN_POSTERN" run --launcher "$RUN_LAUNCHER" --backend landlock \
		-- true 2>/dev/null; then
		holds "the Landlock backend" --backend landlock
	else
		skip "the Landlock backend holds" "this kernel has no Landlock"
	fi
	mkdir "$PROJ/log"
	mine "$PROJ/log"
	psay verify --allow-unix-socket /run/x.sock
	seen "--allow-unix-socket: all sockets are open, and that is said" 0 'held +Unix sockets that are shown can be reached' '*'
	psay verify --allow-unix-socket /run/x.sock --preset minimal
	seen "... but what is not shown" 0 'held +no Unix socket is reached' '*'
	expect "... by run, too" 0 '' 'every Unix socket that the sandbox shows can be connected to, not /run/x.sock alone' \
		--allow-unix-socket /run/x.sock -- true
	psay verify --write-no-delete log
	if grep -q 'Landlock' "$W/err"; then
		skip "a directory that is only added to" "this kernel's Landlock is too old"
	else
		seen "a directory that is only added to holds" 0 'held +write-no-delete .*EACCES' ''
		if [ -z "$(ls -A "$PROJ/log")" ]; then
			ok "and nothing is left in it"
		else
			not_ok "and nothing is left in it" "$(ls -A "$PROJ/log")"
		fi
	fi
	python3 -c 'import socket, sys, time
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen(64)
print(s.getsockname()[1], flush=True)
time.sleep(120)' >"$W/port" &
	listener=$!
	until [ -s "$W/port" ]; do sleep 0.05; done
	psay verify --preset workspace --proxy "http://127.0.0.1:$(cat "$W/port")"
	seen "a proxy that is there can be used, and nothing else" 0 'held +the proxy 127.0.0.1:[0-9]* can be used .*works' ''
	kill $listener
	wait $listener 2>/dev/null || :
	psay verify --preset workspace --proxy "http://127.0.0.1:$(cat "$W/port")"
	seen "seen: a proxy that has gone" 1 'BROKEN +the proxy' ''
	psay verify --preset workspace --json
	if python3 tests/cli/schema.py src/cli/verify.schema.json "$W/out" >"$W/problems" && jq -e '.exit == 0' "$W/out" >/dev/null; then
		ok "--json is as its schema says"
	else
		not_ok "--json is as its schema says" "$(cat "$W/problems")"
	fi
	if [ "$(find "$PROJ" -name '.postern-verify*' -o -name .codex)" = "" ] && [ "$(cat "$PROJ/b.env" "$PROJ/.git/config")" = "x
x" ]; then
		ok "it leaves nothing and changes nothing"
	else
		not_ok "it leaves nothing and changes nothing" "$(find "$PROJ")"
	fi

	mkdir "$W/lib"
	cp tests/run/broken.py "$W/lib/bwrap"
	chmod 755 "$W/lib/bwrap"
	for program in postern-inside postern-battery; do cp "$RUN_BIN/$program" "$W/lib/" 2>/dev/null ||
		cp "$(dirname "$RUN_LAUNCHER")/$program" "$W/lib/"; done
	broken "a protected directory that is writable" 'protect .*/\.git' '/\.git$' --preset workspace
	broken "a protected name that can be made" 'protect .*/\.codex' 'project/\.codex$' --preset workspace
	broken "a denied file that is read" 'deny .*env' '/b\.env$' --preset workspace --deny '**/*.env'
	broken "a denied directory that is listed" 'deny .*\.ssh' '/\.ssh$' --deny "$USER_HOME/.ssh"
	broken "a filter that is missing" 'filter refuses' '^filter=' --preset workspace
	broken "a network that is there" 'no service' '^(--unshare-net|filter=.*)$' --preset workspace

	printf '#!/bin/sh\necho "bwrap: no" >&2\nexit 1\n' >"$W/lib/bwrap"
	captured in_project "$RUN_POSTERN" verify --launcher "$W/lib/bwrap"
	seen "where nothing ran it is 3" 3 '' 'nothing was run'
	printf '#!/bin/sh\nexit 0\n' >"$W/lib/bwrap"
	captured in_project "$RUN_POSTERN" verify --launcher "$W/lib/bwrap"
	seen "a launcher that does nothing, and says that all is well, is no success" 3 '' '*'
	tap_end
}

main "$@"

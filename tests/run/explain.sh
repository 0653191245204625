#!/bin/sh
# postern explain: says what postern run does, in all its forms, and makes nothing.
set -eu
. tests/lib/tap.sh
. tests/run/lib.sh

as_json() {
	TAP_NAME=run-explain-json need jq python3 || return 0
	psay explain --preset workspace --deny sub --proxy http://127.0.0.1:3128 --env A=b --json
	if python3 tests/cli/schema.py src/cli/explain.schema.json "$W/out" >"$W/problems"; then
		ok "--json is as its schema says"
	else
		not_ok "--json is as its schema says" "$(cat "$W/problems" "$W/err")"
	fi
	if jq -e '.network.proxies[0].proxy == "127.0.0.1:3128" and (.argv | index("--unshare-net"))' "$W/out" >/dev/null; then
		ok "it has the proxy and the command line"
	else
		not_ok "it has the proxy and the command line" "$(cat "$W/out")"
	fi
}

main() {
	run_begin run-explain
	mkdir "$PROJ/sub"
	mine "$PROJ"
	psay explain --preset workspace --deny sub --env A=b --memory 1G
	seen "it says the preset" 0 '^preset +workspace' ''
	seen "every line has its reason" 0 'hide +.*/project/sub +# --deny' ''
	seen "what is missing and protected" 0 'project/.git +# .git, protected in every writable root' ''
	seen "the network and its reason" 0 '^network +none +# preset workspace' ''
	seen "the filter" 0 '^seccomp +none: ' ''
	seen "variables" 0 'set +A=b +# --env' ''
	seen "limits" 0 'memory_bytes 1073741824' ''
	seen "that this host lets sandboxes start" 0 '^this host +lets sandboxes start' ''
	if [ "$(ls -A "$PROJ")" = sub ]; then
		ok "it makes nothing"
	else
		not_ok "it makes nothing" "$(ls -A "$PROJ")"
	fi
	as_json
	mkdir "$PROJ/.git"
	echo x >"$PROJ/.git/config"
	mine "$PROJ"
	psay explain --argv --write .
	# the filter needs nobody outside here, so that the line can be repeated
	sed 's/ COMMAND$/ sh -c "cat \/proc\/self\/status; echo x >.git\/config"/; s/ stderr=[0-9]*//' "$W/out" >"$W/line"
	captured in_project sh -c "$(cat "$W/line")"
	seen "--argv prints a line that a shell repeats" 2 'Seccomp:.2' 'Read-only file system'
	rm -r "$PROJ/.git" "$PROJ/.agents" "$PROJ/.aws" "$PROJ/.codex" "$PROJ/.postern"
	psay explain --preset workspace -- --launcher "$RUN_LAUNCHER" --preset workspace
	seen "two equal policies have no difference" 0 '' ''
	psay explain --preset workspace -- --launcher "$RUN_LAUNCHER" --preset workspace --deny sub
	seen "with -- it prints what is different" 1 '^\+ +hide +.*/sub' ''
	if ! grep -vq '^[+-]' "$W/out"; then
		ok "and nothing else"
	else
		not_ok "and nothing else" "$(cat "$W/out")"
	fi
	psay explain --write missing
	seen "what postern run refuses it refuses, too" 125 '' 'missing'
	tap_end
}

main "$@"

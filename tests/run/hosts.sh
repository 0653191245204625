#!/bin/sh
# Hosts that refuse something: what is done instead is said, and what cannot be done runs nothing. As root, which makes such hosts.
set -eu
. tests/lib/tap.sh
. tests/run/lib.sh

# on HOST... -- NAME STATUS OUT ERR WORD...: postern run on a host that the command HOST makes
on_host() {
	host=$1
	shift
	captured unshare -m --propagation private sh -c "$host"' && cd "$PROJ" && exec "$@"' sh \
		runuser -u "$TEST_USER" -- env HOME="$USER_HOME" PATH=/usr/local/bin:/usr/bin:/bin "$RUN_POSTERN" "$@"
}

proc() {
	masked='mount -t tmpfs none /proc/sys'
	on_host "$masked" run --launcher "$RUN_LAUNCHER" -- sh -c 'echo in; grep NoNewPrivs: /proc/self/status'
	seen "where a new /proc is refused it runs without, which is said" 0 '^in$' 'refuses the sandbox a /proc of its own'
	seen "in one line" 0 '*' '^postern: '
	[ "$(wc -l <"$W/err")" = 1 ] || not_ok "and only one" "$(cat "$W/err")"
	on_host "$masked" run --launcher "$RUN_LAUNCHER" --no-proc -- echo in
	seen "--no-proc says so beforehand" 0 '^in$' ''
	on_host "$masked" run --launcher "$RUN_LAUNCHER" --preset workspace --report "$PROJ/report" -- true
	if jq -e '.notes[0] | test("/proc of its own")' "$PROJ/report" >/dev/null; then
		ok "the report has it"
	else
		not_ok "the report has it" "$(cat "$PROJ/report")"
	fi
	if [ "$(ls -A "$PROJ")" = report ]; then
		ok "both tries leave nothing"
	else
		not_ok "both tries leave nothing" "$(ls -A "$PROJ")"
	fi
	on_host "$masked" verify --launcher "$RUN_LAUNCHER" --preset workspace
	seen "the policy holds there, too" 0 '0 broken' '*'
}

wsl() {
	while IFS='|' read -r version verdict; do
		echo "Linux version $version" >"$W/version"
		on_host "mount --bind $W/version /proc/version" run --launcher "$RUN_LAUNCHER" -- echo in
		if [ "$verdict" = yes ]; then
			seen "WSL1 is refused before anything runs: $version" 125 '' 'this is WSL1'
		else
			seen "no WSL1: $version" 0 '^in$' '*'
		fi
	done <<-EOM
		4.4.0-19041-Microsoft|yes
		5.15.90.1-microsoft-standard-WSL2|no
		5.10-WSL1|yes
		6.1-WSL12|no
		6.6-microsoft-custom|yes
		6.1.0-18-amd64|no
	EOM
}

refused() {
	. tests/cli/lib.sh
	# root of a user namespace in which there can be no other
	status=0
	limited user sh -c 'cd "$PROJ" && exec "$@"' sh env HOME="$USER_HOME" "$RUN_POSTERN" run --launcher "$RUN_LAUNCHER" -- \
		echo in >"$W/out" 2>"$W/err" || status=$?
	seen "a host that refuses sandboxes runs nothing" 125 '' 'no sandbox could be made, nothing was run'
	seen "and doctor's verdict is there" 125 '' '^postern: host refuses the sandbox \[[a-z-]+\] .*max-user-namespaces'
	status=0
	limited user sh -c 'cd "$PROJ" && exec "$@"' sh env HOME="$USER_HOME" "$RUN_POSTERN" verify --launcher "$RUN_LAUNCHER" \
		>"$W/out" 2>"$W/err" || status=$?
	seen "verify is not green there" 3 '' 'host refuses the sandbox'
	status=0
	limited user sh -c 'cd "$PROJ" && exec "$@"' sh env HOME="$USER_HOME" "$RUN_POSTERN" explain --launcher "$RUN_LAUNCHER" \
		>"$W/out" 2>"$W/err" || status=$?
	seen "explain says so" 0 '^this host +REFUSES sandboxes' ''
	status=0
	limited user sh -c 'cd "$PROJ" && exec "$@"' sh env HOME="$USER_HOME" "$RUN_POSTERN" run --launcher "$RUN_LAUNCHER" \
		--backend landlock -- echo in >"$W/out" 2>"$W/err" || status=$?
	if grep -q 'Landlock' "$W/err"; then
		skip "the Landlock backend needs no namespaces" "this kernel has no Landlock"
	else
		seen "the Landlock backend needs no namespaces" 0 '^in$' ''
	fi
}

main() {
	run_begin run-hosts
	TEST_USER=${TEST_USER:-postern-test}
	proc
	wsl
	refused
	tap_end
}

main "$@"

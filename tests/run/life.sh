#!/bin/sh
# A command's life: its status, its words, signals, time, terminal, environment, descriptors; and what comes after it.
set -eu
. tests/lib/tap.sh
. tests/run/lib.sh

statuses() {
	expect "the command's output is its own" 0 '^hello$' '' -- echo hello
	expect "its status, too" 42 '' '' -- sh -c 'exit 42'
	expect "a signal is 128 and its number" 137 '' '' -- sh -c 'kill -9 $$'
	expect "a command that is not there is 127" 127 '' "there is no command nowhere-at-all" -- nowhere-at-all
	expect "a path that is not there is 127" 127 '' 'cannot execute ./nowhere' -- ./nowhere
	expect "what cannot be executed is 126" 126 '' 'cannot execute /etc/passwd .*Permission denied' -- /etc/passwd
	expect "--timeout is 124" 124 '' 'ended after [0-9]+ ms: --timeout' --timeout 200ms -- sleep 60
	expect "a command that heeds SIGTERM may clean up before" 124 '^cleaned$' '*' --timeout 1s -- \
		sh -c 'trap "echo cleaned; exit 0" TERM; while :; do sleep 0.1; done'
	expect "words keep their bytes" 0 '^<a b><><\*>$' '' -- printf '<%s><%s><%s>\n' 'a b' '' '*'
	expect "without dashes the first word is the command" 0 '^-n$' '' printf '%s\n' -n
}

signals() {
	TAP_NAME=run-signals need python3 || return 0
	for signal in USR1 INT HUP TERM KILL; do
		if timeout 120 python3 tests/run/signals.py $signal "$PROJ" "$USER_HOME" "$RUN_POSTERN" "$RUN_LAUNCHER" \
			"${TEST_USER:-postern-test}" >"$W/out" 2>&1; then
			ok "SIG$signal: $(cat "$W/out")"
		else
			not_ok "SIG$signal" "$(cat "$W/out")"
		fi
	done
}

environment() {
	A_SECRET=x
	export A_SECRET
	expect "the environment is the caller's" 0 '^A_SECRET=x$' '' -- env
	expect "--unset-env takes a variable away" 1 '' '' --unset-env A_SECRET -- sh -c 'env | grep A_SECRET'
	expect "--env sets one" 0 '^B=a=b c$' '' --env 'B=a=b c' -- env
	expect "--clean-env leaves few" 1 '' '' --clean-env -- sh -c 'env | grep -vE "^(PATH|HOME|USER|LOGNAME|SHELL|LANG|TERM|TZ|PWD|_)="'
	expect "--env with a name alone keeps the caller's value" 0 '^A_SECRET=x$' '' --clean-env --env A_SECRET -- env
	expect "the last word on a variable counts" 0 '^A_SECRET=z$' '' --unset-env A_SECRET --env A_SECRET=y --env A_SECRET=z -- env
	if in_project "$RUN_POSTERN" explain --launcher "$RUN_LAUNCHER" --argv --env B=secret >"$W/out" 2>&1 &&
		in_project "$RUN_POSTERN" run --launcher "$RUN_LAUNCHER" --env B=secret -- \
			sh -c 'tr "\0" " " </proc/1/cmdline' >"$W/out" 2>&1 && ! grep -q secret "$W/out"; then
		ok "values are on nobody's command line"
	else
		not_ok "values are on nobody's command line" "$(cat "$W/out")"
	fi
	unset A_SECRET
}

descriptors() {
	echo secret >"$W/user/secret"
	mine "$W/user/secret"
	captured in_project sh -c 'exec 7<"$1"; shift; exec "$@"' sh "$W/user/secret" "$RUN_POSTERN" run --launcher \
		"$RUN_LAUNCHER" -- sh -c 'ls /proc/self/fd; cat <&7'
	if ! grep -q secret "$W/out" && [ "$(grep -c '^[4-9]\|^[1-9][0-9]' "$W/out")" = 0 ]; then
		ok "the command has no descriptor of the caller's but the first three"
	else
		not_ok "the command has no descriptor of the caller's but the first three" "$(cat "$W/out")"
	fi
	status=0
	echo in | (in_project "$RUN_POSTERN" run --launcher "$RUN_LAUNCHER" -- cat) >"$W/out" 2>"$W/err" || status=$?
	seen "standard input is the command's" 0 '^in$' ''
	for closed in '0<&-' '1>&-' '0<&- 1>&- 2>&-'; do
		status=0
		(eval "in_project \"$RUN_POSTERN\" run --launcher \"$RUN_LAUNCHER\" -- sh -c 'exit 5' $closed") || status=$?
		: >"$W/out"
		: >"$W/err"
		case $status in
			5) ok "it runs with closed descriptors: $closed" ;;
			# nobody can be told anything without the last
			125)
				case $closed in
					*2*) ok "it is refused without standard error: $closed" ;;
					*) not_ok "it runs with closed descriptors: $closed" "status $status" ;;
				esac
				;;
			*) not_ok "it runs with closed descriptors: $closed" "status $status" ;;
		esac
	done
}

terminal() {
	TAP_NAME=run-terminal need python3 || return 0
	# the tree may be closed to the user
	cp tests/run/terminal.py "$W/"
	chmod 644 "$W/terminal.py"
	if in_project timeout 300 python3 "$W/terminal.py" "$RUN_POSTERN" "$RUN_LAUNCHER" >"$W/tty" 2>&1; then
		ok "at a terminal: none without --tty; with it job control, window size and ^C"
	else
		not_ok "at a terminal: none without --tty; with it job control, window size and ^C" "$(cat "$W/tty")"
	fi
}

# Without a PID namespace nothing ends by itself.
landlock() {
	TAP_NAME=run-landlock-ends need pgrep || return 0
	# of this run alone
	long=4321$$
	prun --backend landlock -- sh -c "sleep $long & setsid sleep $long & (sleep $long &); echo up"
	if grep -q Landlock "$W/err"; then
		skip "the Landlock backend leaves no process" "this kernel has no Landlock"
		return 0
	fi
	if [ "$status" = 0 ] && ! pgrep -f "^sleep $long\$" >"$W/left"; then
		ok "the Landlock backend leaves no process"
	else
		not_ok "the Landlock backend leaves no process" "status $status" "$(cat "$W/left" "$W/err")"
	fi
	expect "the Landlock backend: --timeout ends all of it" 124 '' '*' --backend landlock --timeout 200ms -- \
		sh -c "trap '' TERM; setsid sleep $long & sleep $long"
	if ! pgrep -f "^sleep $long\$" >"$W/left"; then
		ok "and nothing is left"
	else
		not_ok "and nothing is left" "$(cat "$W/left")"
	fi
}

report() {
	TAP_NAME=run-report need jq python3 || return 0
	report=$PROJ/report.json
	prun --report "$report" --timeout 100ms -- sleep 9
	if [ "$(jq -r '.cause, ."exit-status"' "$report" | tr '\n' ' ')" = "timeout 124 " ]; then
		ok "the report says that time was up"
	else
		not_ok "the report says that time was up" "$(cat "$report")"
	fi
	prun --report "$report" -- sh -c 'kill -11 $$'
	if [ "$(jq -r '.cause, ."exit-status"' "$report" | tr '\n' ' ')" = "signal 139 " ]; then
		ok "the report says which signal it was"
	else
		not_ok "the report says which signal it was" "$(cat "$report")"
	fi
	prun --report "$report" -- nowhere-at-all
	if [ "$(jq -r '.cause, ."exit-status"' "$report" | tr '\n' ' ')" = "exec 127 " ]; then
		ok "the report says that there is no such command"
	else
		not_ok "the report says that there is no such command" "$(cat "$report")"
	fi
	ln -s "$PROJ/elsewhere" "$PROJ/link"
	expect "a report follows no link" 125 '' 'cannot write --report' --report "$PROJ/link" -- true
	if prun --report "$report" -- sh -c 'echo > made-here' && [ "$status" != 0 ] &&
		python3 tests/cli/schema.py src/policy/report.schema.json "$report" >"$W/problems"; then
		ok "a report is as its schema says"
	else
		not_ok "a report is as its schema says" "$(cat "$W/problems" "$W/err")"
	fi
}

main() {
	run_begin run-life
	statuses
	signals
	environment
	descriptors
	terminal
	landlock
	report
	tap_end
}

main "$@"

#!/bin/sh
# Wrong input, as a new user gives it: one line says what is wrong, nothing runs, and the status is 125.
set -eu
. tests/lib/tap.sh
. tests/run/lib.sh

# wrong COMMAND PATTERN WORD...
wrong() {
	wrong_command=$1
	wrong_pattern=$2
	shift 2
	psay "$wrong_command" "$@"
	wrong_name="$wrong_command $*"
	if [ "$status" = 125 ] && [ ! -s "$W/out" ] && [ "$(wc -l <"$W/err")" = 1 ] && ! [ -e "$PROJ/ran" ] &&
		grep -q "^postern: .*$wrong_pattern" "$W/err"; then
		ok "refused: postern $wrong_name"
	else
		not_ok "refused: postern $wrong_name" "status $status; wanted $wrong_pattern" "$(head -n 5 "$W/err")"
	fi
	rm -f "$PROJ/ran"
}

main() {
	run_begin run-usage
	wrong run 'say what to run'
	wrong run 'say what to run' --
	wrong run 'say what to run' --preset workspace
	wrong run 'there is no option "--frob"' --frob -- touch ran
	wrong run 'use --write DIR' --bind / / touch ran
	wrong run 'use --read PATH' --ro-bind / / touch ran
	wrong run 'use --network host' --share-net touch ran
	wrong run 'use --env NAME=VALUE' --setenv A b touch ran
	wrong run 'use --network none' --no-network touch ran
	wrong run '--write needs an argument: DIR' --write
	wrong run '--write is empty' --write '' touch ran
	wrong run '--tty takes no argument' --tty=yes touch ran
	wrong run '--argv is an option of postern explain' --argv touch ran
	wrong run '--plain is an option of postern verify' --plain touch ran
	wrong run 'nonsense' --preset nonsense touch ran
	wrong run 'give --preset once' --preset full --preset full touch ran
	wrong run 'add --i-know' --preset full touch ran
	wrong run 'nonsense' --network nonsense touch ran
	wrong run 'give --network once' --network none --network host touch ran
	wrong run 'nonsense' --backend nonsense touch ran
	wrong run 'no effect with --network host' --network host --proxy http://127.0.0.1:1 touch ran
	wrong run 'proxy' --network proxy touch ran
	wrong run 'proxy' --proxy http://example.org:3128 touch ran
	wrong run 'proxy' --proxy nonsense touch ran
	wrong run 'give an amount like 512M' --memory lots touch ran
	wrong run 'give an amount like 512M' --memory 0 touch ran
	wrong run 'give an amount like 512M' --memory 512 touch ran
	wrong run 'give a number like 64' --pids -1 touch ran
	wrong run 'give a number like 64' --pids 1.5 touch ran
	wrong run 'give a number like 2' --cpus none touch ran
	wrong run 'give a time like 90' --timeout soon touch ran
	wrong run 'give a number from 1 to 1000' --glob-depth 0 touch ran
	wrong run 'this variable is not set here' --env NOBODY_HAS_THIS touch ran
	wrong run 'env' --env =x touch ran
	wrong run 'missing' --write missing touch ran
	wrong run 'missing' --preset minimal --read missing touch ran
	wrong run 'missing' --chdir missing touch ran
	wrong run 'chdir /etc/passwd: Not a directory' --chdir /etc/passwd touch ran
	wrong run 'patterns are for --deny and --protect' --read '*.c' touch ran
	wrong run 'patterns are for --deny and --protect' --write '*.c' touch ran
	wrong run 'missing' --scratch missing touch ran
	wrong run 'missing' --policy missing.json touch ran
	wrong run 'missing' --settings missing.json touch ran
	wrong run 'missing' --codex-profile missing.json touch ran
	wrong run 'needs --scratch' --scratch-keep touch ran
	wrong run 'give one of --scratch-keep' --scratch . --scratch-keep --scratch-drop touch ran
	wrong run 'this descriptor is not open' --report 77 touch ran
	wrong run 'cannot write --report' --report /nowhere/report touch ran
	wrong run 'cannot be executed' --launcher /nowhere touch ran
	echo '{"wriet": ["."]}' >"$PROJ/bad.json"
	mine "$PROJ/bad.json"
	wrong run 'bad.json:1:2: .*wriet' --policy bad.json touch ran
	wrong run 'namespaces' --backend landlock --preset workspace touch ran
	wrong explain 'takes no command' ls
	wrong explain 'after -- come the options' -- ls
	wrong explain 'leave out --argv' --argv --json
	wrong explain '--report is an option of postern run' --report x
	wrong verify 'takes no command' ls
	wrong verify 'give one of --json and --plain' --json --plain
	wrong verify '--argv is an option of postern explain' --argv
	expect "a variable before the command: what to write instead" 127 '' 'set by --env FOO=bar' -- FOO=bar touch ran
	tap_end
}

main "$@"

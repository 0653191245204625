#!/bin/sh
# Words that are wrong: one line that says what to do, status 125, and nothing else. --help and --version.
set -eu
. tests/lib/tap.sh
. tests/cli/lib.sh

# wrong PATTERN WORD...: postern WORD... complains so
wrong() {
	pattern=$1
	shift
	captured "$POSTERN" "$@"
	if [ "$status" = 125 ] && [ ! -s "$W/out" ] && [ "$(wc -l <"$W/err")" = 1 ] &&
		grep -Eq -e "^postern: .*$pattern" "$W/err"; then
		ok "complains: postern $*"
	else
		not_ok "complains: postern $*" "wanted $pattern" "$(cli_shown)"
	fi
}

main() {
	cli_begin usage
	wrong 'postern run -- ls; postern --help'
	wrong '"doctr"; postern --help' doctr
	wrong '"--doctor"' --doctor
	wrong 'no option "--jsn"; postern doctor --help' doctor --jsn
	wrong 'no option "extra"' doctor extra
	wrong 'no option "-h"' doctor -h
	wrong '--json takes no argument' doctor --json=yes
	wrong '--user needs an argument: NAME' doctor --user
	wrong '--user is empty' doctor --user ''
	wrong 'give --record once' doctor --record "$W/a" --record "$W/b"
	wrong 'one of --json, --plain and --quiet' doctor --json --plain
	wrong 'one of --json, --plain and --quiet' doctor --quiet --json
	wrong 'cannot both go to standard output' doctor --html - --support -
	wrong 'cannot both go to standard output' doctor --json --html -
	wrong 'only writes the facts' doctor --record - --json
	wrong 'only writes the facts' doctor --record - --replay "$W/x"
	wrong 'leave out --user and --launcher' doctor --replay "$W/x" --user nobody
	wrong 'no dialect "cobol"; it is one of docker, compose' doctor --dialect cobol
	wrong "$W/none: No such file" doctor --launcher "$W/none"
	wrong "$W is no program" doctor --launcher "$W"
	(
		mkdir "$W/gone"
		cd "$W/gone"
		rmdir "$W/gone"
		captured "$POSTERN" doctor --launcher ./bwrap
	)
	if grep -q '^postern: doctor: cannot look up the path of --launcher: No such file' "$W/err"; then
		ok "complains: a path below a directory that is gone"
	else
		not_ok "complains: a path below a directory that is gone" "$(cat "$W/err")"
	fi
	wrong "cannot read $W/none: No such file" doctor --replay "$W/none"
	wrong "cannot read $W: Is a directory" doctor --replay "$W"
	printf 'os.id=debian\nos.name=\ncolour=green\n' >"$W/bad"
	wrong "$W/bad: line 3 " doctor --replay "$W/bad"
	printf 'ns.user=yes\nns.user=yes\n' >"$W/twice"
	wrong "$W/twice: line 2 " doctor --replay "$W/twice"
	head -c 100000 /dev/zero >"$W/huge"
	wrong "cannot read $W/huge: File too large" doctor --replay "$W/huge"
	: >"$W/empty"
	wrong 'cannot write /none/x' doctor --replay "$W/empty" --html /none/x --quiet
	captured "$POSTERN" doctor --replay "$W/empty" --html /none/x
	if [ "$status" = 125 ] && grep -q '^cannot tell' "$W/out" && grep -q 'cannot write /none/x' "$W/err"; then
		ok "the verdict is not lost with a file that cannot be written"
	else
		not_ok "the verdict is not lost with a file that cannot be written" "$(cli_shown)"
	fi
	wrong 'cannot write /none/x' doctor --record /none/x --launcher "$W/bin/bwrap"
	if [ "$(id -u)" = 0 ]; then
		wrong 'no user "no-such-user"' doctor --user no-such-user --launcher "$W/bin/bwrap"
	fi
	captured test_user_run "$POSTERN" doctor --user nobody --launcher "$W/bin/bwrap"
	if [ "$status:$(cat "$W/err")" = "125:postern: doctor: only root can judge for another user" ]; then
		ok "a user is told that only root judges for others"
	else
		not_ok "a user is told that only root judges for others" "$(cli_shown)"
	fi
	captured "$POSTERN" --version
	ended "--version succeeds" 0
	has "and says its name and number" '^postern [0-9]+\.[0-9]+'
	captured "$POSTERN" --help
	ended "--help succeeds" 0
	has "and lists the command" '^ +doctor '
	captured "$POSTERN" doctor --help
	ended "doctor --help succeeds" 0
	sed -n 's/^DOCTOR_OPTION([A-Z_]*, "\([^"]*\)".*/\1/p' src/cli/doctor_options.def >"$W/options"
	while read -r word; do
		has "doctor --help has $word" "^ +$word "
	done <"$W/options"
	tap_end
}

main "$@"

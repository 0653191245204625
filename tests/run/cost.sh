#!/bin/sh
# What postern run adds to a start of the launcher, in figures that the machine's load does not change; times are only printed:
#
#	tests/run/run cost
set -eu
. tests/lib/tap.sh
. tests/run/lib.sh

# calls WORD...: system calls of postern itself, not of what it starts
calls() {
	in_project strace -o "$USER_HOME/trace" "$RUN_POSTERN" run --launcher "$RUN_LAUNCHER" "$@" -- true </dev/null >/dev/null
	grep -c '(' "$USER_HOME/trace"
}

# at_most NAME LIMIT VALUE
at_most() {
	if [ "$3" -le "$2" ]; then
		ok "cost: $1 at most $2"
		printf '# measured: %s\n' "$3"
	else
		not_ok "cost: $1 at most $2" "measured: $3"
	fi
}

main() {
	run_begin run-cost
	TAP_NAME=run-cost need strace python3 || return 1
	# what is made once is there
	prun --preset workspace -- true
	at_most "system calls of postern run" 230 "$(calls)"
	at_most "system calls of postern run for a workspace with ten missing names" 900 "$(calls --preset workspace)"
	none=$(calls --write .)
	mkdir "$PROJ/d"
	(cd "$PROJ/d" && for i in $(seq 1000); do : >"$i.env"; done)
	mine "$PROJ/d"
	at_most "system calls for each file that a pattern hides" 12 $((($(calls --write . --deny '**/*.env') - none) / 1000))
	set --
	for i in $(seq 1000); do set -- "$@" --read "d/$i.env"; done
	at_most "system calls for each rule that is given" 16 $((($(calls --write . "$@") - none) / 1000))
	cp tests/run/cost.py "$W/"
	chmod 644 "$W/cost.py"
	in_project python3 "$W/cost.py" "$RUN_POSTERN" "$RUN_LAUNCHER" "${COST_ROUNDS:-20}" | sed 's/^/# /'
	tap_end
}

main "$@"

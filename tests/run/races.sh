#!/bin/sh
# Somebody exchanges directories and links in the workspace while runs start: an agent in a parallel run, or one that a wider
# policy lets do it.
set -eu
. tests/lib/tap.sh
. tests/run/lib.sh

ROUNDS=${RUN_RACES:-60}

# A workspace with a directory to be written in a denied one, and a directory outside that no run may write
ground() {
	fresh
	rm -rf "$USER_HOME/outside"
	mkdir -p "$PROJ/x/open" "$PROJ/docs" "$USER_HOME/outside"
	echo s3cret >"$USER_HOME/outside/secret"
	echo old >"$PROJ/docs/text"
	ln -s "$USER_HOME/outside" "$PROJ/link"
	mine "$PROJ" "$USER_HOME/outside"
}

# swapping PATH OTHER COMMAND...: runs the command while these two are exchanged by a process outside of every sandbox
swapping() {
	rm -f "$W/user/end"
	in_project python3 "$W/swap.py" "$1" "$2" "$W/user/end" >"$W/swap.out" &
	shift 2
	for _ in $(seq 600); do
		! grep -q up "$W/swap.out" || break
		sleep 0.1
	done
	"$@"
	: >"$W/user/end"
	mine "$W/user/end"
	wait
}

write_often() {
	refused=0
	worked=0
	for _ in $(seq "$ROUNDS"); do
		prun --write . --deny x --write x/open -- sh -c 'echo x >x/open/new; echo x >>x/open/secret'
		case $status in
			0) worked=$((worked + 1)) ;;
			125) refused=$((refused + 1)) ;;
		esac
	done
}

read_often() {
	read_found=0
	for _ in $(seq "$ROUNDS"); do
		prun --preset minimal --write . --deny x --read x/open -- cat "$PROJ/x/open/secret"
		! grep -q s3cret "$W/out" || read_found=$((read_found + 1))
	done
}

outside_is_untouched() {
	[ "$(ls "$USER_HOME/outside")" = secret ] && [ "$(cat "$USER_HOME/outside/secret")" = s3cret ]
}

sources() {
	ground
	swapping x/open link write_often
	if outside_is_untouched && [ "$((refused + worked))" -gt 0 ]; then
		ok "what a rule lets write is never what a link leads to ($worked of $ROUNDS started, $refused were refused)"
	else
		not_ok "what a rule lets write is never what a link leads to" "$worked started; $(ls -la "$USER_HOME/outside")"
	fi
	ground
	swapping x/open link read_often
	if [ "$read_found" = 0 ]; then
		ok "nor is what a rule shows"
	else
		not_ok "nor is what a rule shows" "$read_found of $ROUNDS runs showed it"
	fi
	ground
	mkdir "$PROJ/y"
	rmdir "$PROJ/x/open"
	mkdir "$PROJ/x/open"
	mine "$PROJ"
	swapping x link write_often
	if outside_is_untouched; then
		ok "nor where a directory above is exchanged"
	else
		not_ok "nor where a directory above is exchanged" "$(ls -la "$USER_HOME/outside")"
	fi
}

# The agent itself tries, with the same policy as the runs that start meanwhile.
same_policy() {
	ground
	mkdir "$PROJ/.git" "$PROJ/deep" "$PROJ/deep/er"
	echo '[core]' >"$PROJ/.git/config"
	echo s3cret >"$PROJ/deep/er/secret"
	ln -s "$USER_HOME/outside" "$PROJ/link2"
	mine "$PROJ"
	rm -f "$PROJ/end"
	# shellcheck disable=SC2016 # the shell inside expands them
	in_project "$RUN_POSTERN" run --launcher "$RUN_LAUNCHER" --write . --deny x --write x/open --protect docs \
		--deny deep/er/secret -- sh -c 'touch up
		while [ ! -e end ]; do
			for n in x x/open docs .git .codex deep deep/er; do
				mv -T "$n" gone; mv -T gone "$n"; ln -sfn ../outside "$n"; rm -rf "$n"; mkdir "$n"; rmdir "$n"
			done
		done' >/dev/null 2>&1 &
	for _ in $(seq 600); do
		[ ! -e "$PROJ/up" ] || break
		sleep 0.1
	done
	same_bad=
	for _ in $(seq "$ROUNDS"); do
		prun --write . --deny x --write x/open --protect docs --deny deep/er/secret -- sh -c '
			echo x >>x/open/secret; echo x >docs/text; echo x >.git/config; mkdir .codex/x; cat deep/er/secret; true'
		if [ "$status" != 0 ] || grep -q s3cret "$W/out"; then
			same_bad="status $status: $(cat "$W/out" "$W/err")"
		fi
	done
	: >"$PROJ/end"
	wait
	if [ "$same_bad" = '' ] && outside_is_untouched && [ "$(cat "$PROJ/docs/text")" = old ] &&
		[ "$(cat "$PROJ/.git/config")" = '[core]' ] && [ ! -e "$PROJ/.codex" ] && [ -s "$PROJ/deep/er/secret" ]; then
		ok "with one policy, nothing that one run does moves what another one protects"
	else
		not_ok "with one policy, nothing that one run does moves what another one protects" "$same_bad" \
			"$(find "$PROJ" -maxdepth 2)"
	fi
}

main() {
	run_begin races
	TAP_NAME=races need python3 || {
		tap_end
		return 0
	}
	cp tests/run/swap.py "$W/swap.py"
	chmod 644 "$W/swap.py"
	sources
	same_policy
	tap_end
}

main "$@"

#!/bin/sh
# Mount points that a run makes on the host are gone after it, however it ends, and never before the last run that needs them.
set -eu
. tests/lib/tap.sh
. tests/run/lib.sh

# points: what is there of the protected names, and what the registry still has
points() {
	(cd "$PROJ" && find . -mindepth 1 -maxdepth 1 -name '.[a-z]*' | sort | tr -d '\n')
}

registered() {
	find "$USER_HOME/.local/state/postern/points" -type f ! -name lock 2>/dev/null | wc -l
}

# until_true WHAT COMMAND...: waits, at most a minute
until_true() {
	until_what=$1
	shift
	for _ in $(seq 600); do
		! "$@" 2>/dev/null || return 0
		sleep 0.1
	done
	not_ok "$until_what" "still not after a minute: $*; $(ls -A "$PROJ")"
	return 1
}

gone() {
	[ "$(points)" = '' ] && [ "$(registered)" = 0 ]
}

here() {
	[ -e "$PROJ/$1" ]
}

# start NAME [OPTION...]: a run in the background that says that it is there, and waits for a file to end; $pid
start() {
	start_name=$1
	shift
	rm -f "$PROJ/up-$start_name" "$PROJ/end-$start_name"
	in_project "$RUN_POSTERN" run --launcher "$RUN_LAUNCHER" --write . "$@" -- sh -c ": >up-$start_name; while [ ! -e end-$start_name ]; do sleep 0.05; done
		mkdir .codex/x && : >broken-$start_name || true" >"$W/$start_name.out" 2>&1 </dev/null &
	until_true "$start_name starts" here "up-$start_name"
}

# process_of COMM NAME: the process of that name that was started first for the run NAME
process_of() {
	for process_dir in /proc/[0-9]*; do
		[ "$(cat "$process_dir/comm" 2>/dev/null)" = "$1" ] || continue
		if tr '\0\n' '  ' <"$process_dir/cmdline" | grep -q "^$RUN_POSTERN run .*up-$2;\{0,1\} "; then
			# numbers begin anew, times do not: its 22nd field, of which the second holds a name without blanks
			echo "$(cut -d' ' -f22 "$process_dir/stat") ${process_dir#/proc/}"
		fi
	done | sort -n | head -n 1 | cut -d' ' -f2
}

postern_of() {
	process_of postern "$1"
}

keeper_of() {
	process_of postern-keeper "$1"
}

is_dead() {
	[ "$1" = '' ] || ! kill -0 "$1"
}

finish() {
	: >"$PROJ/end-$1"
	mine "$PROJ/end-$1"
}

ends() {
	fresh
	prun --preset workspace -- true
	if [ "$status" = 0 ] && gone; then ok "a run leaves nothing"; else not_ok "a run leaves nothing" "$(ls -A "$PROJ")"; fi
	prun --preset workspace -- sh -c 'exit 3'
	if [ "$status" = 3 ] && gone; then ok "nor one that fails"; else not_ok "nor one that fails" "$(ls -A "$PROJ")"; fi
	prun --preset workspace -- /nowhere
	if [ "$status" = 127 ] && gone; then ok "nor one without a command"; else not_ok "nor one without a command" "$status $(ls -A "$PROJ")"; fi
	prun --preset workspace --timeout 300ms -- sleep 60
	if [ "$status" = 124 ] && gone; then ok "nor one that takes too long"; else not_ok "nor one that takes too long" "$status $(ls -A "$PROJ")"; fi
	prun --preset workspace -- sh -c 'sleep 60 & setsid sleep 60 & exit 0'
	if [ "$status" = 0 ] && gone; then ok "nor one with processes of its own"; else not_ok "nor one with processes of its own" "$status $(ls -A "$PROJ")"; fi
	echo '#!/bin/sh' >"$W/bin/failing"
	echo 'exit 1' >>"$W/bin/failing"
	chmod 755 "$W/bin/failing"
	captured in_project "$RUN_POSTERN" run --launcher "$W/bin/failing" --preset workspace -- true
	if [ "$status" != 0 ] && gone; then ok "nor one whose launcher fails"; else not_ok "nor one whose launcher fails" "$status $(ls -A "$PROJ")"; fi
}

kept() {
	fresh
	mkdir "$PROJ/.codex"
	mine "$PROJ"
	prun --preset workspace -- true
	if [ -d "$PROJ/.codex" ] && [ "$(points)" = ./.codex ]; then
		ok "an empty directory of the user's stays"
	else
		not_ok "an empty directory of the user's stays" "$(ls -A "$PROJ")"
	fi
	fresh
	start one
	echo mine >"$PROJ/.agents/file"
	finish one
	wait
	if [ "$(points)" = ./.agents ] && [ "$(registered)" = 0 ]; then
		ok "what somebody fills outside meanwhile is his"
	else
		not_ok "what somebody fills outside meanwhile is his" "$(ls -A "$PROJ") $(registered)"
	fi
}

shared() {
	fresh
	start one
	start two
	first=$(postern_of one)
	finish one
	until_true "the first run ends" is_dead "$first" || true
	if here .codex; then ok "a mount point stays while another run needs it"; else not_ok "a mount point stays while another run needs it" ""; fi
	finish two
	wait
	if gone && [ ! -e "$PROJ/broken-two" ] && grep -q 'Read-only' "$W/two.out"; then
		ok "that run is protected to its end, and then it is gone"
	else
		not_ok "that run is protected to its end, and then it is gone" "$(
			cat "$W/two.out"
			ls -A "$PROJ"
			registered
		)"
	fi
}

killed() {
	fresh
	start one
	kill -9 "$(postern_of one)"
	if until_true "kill -9 of postern leaves nothing" gone; then ok "kill -9 of postern leaves nothing"; fi
	wait || true

	fresh
	start one
	start two
	wait_keeper=$(keeper_of one)
	kill -9 "$(postern_of one)"
	until_true "the keeper ends" is_dead "$wait_keeper" || true
	if here .codex; then ok "nor takes what another run needs"; else not_ok "nor takes what another run needs" ""; fi
	finish two
	wait || true
	if until_true "which takes it at its end" gone; then ok "which takes it at its end"; fi

	fresh
	start one
	keeper=$(keeper_of one)
	# the sixth field of stat; its second one, the name, has no blank
	if [ "$keeper" = '' ] || [ "$(cut -d' ' -f6 "/proc/$keeper/stat")" != "$keeper" ]; then
		not_ok "the keeper has a session of its own" "keeper '$keeper'"
	else
		ok "the keeper has a session of its own"
	fi
	kill -9 "$keeper" "$(postern_of one)"
	wait || true
	if here .codex; then ok "kill -9 of both leaves it to the next run"; else not_ok "kill -9 of both leaves it to the next run" ""; fi
	sleep 0.2 # the sandbox ends by itself: this is no proof of anything
	prun --preset workspace -- true
	if until_true "which removes it" gone; then ok "which removes it"; fi

	fresh
	start one
	keeper=$(keeper_of one)
	kill -9 "$keeper" "$(postern_of one)"
	wait || true
	mkdir -p "$PROJ/elsewhere"
	mine "$PROJ"
	captured in_project env -C elsewhere "$RUN_POSTERN" run --launcher "$RUN_LAUNCHER" --write . -- true
	if until_true "also one in another place" gone; then ok "also one in another place"; fi
}

# At any moment, also between writing down and making.
any_moment() {
	fresh
	for delay in 1 2 3 4 5 6 7 8 9 10 12 14 17 20 25 30 40 60; do
		in_project timeout -s KILL "0.$(printf %03d "$delay")" "$RUN_POSTERN" run --launcher "$RUN_LAUNCHER" --preset workspace \
			--protect "new$delay/deep" --deny ".file$delay" -- sleep 30 >/dev/null 2>&1 </dev/null || true
	done
	prun --preset workspace -- true
	if until_true "killed at any moment, nothing is left after the next run" gone &&
		[ -z "$(find "$PROJ" -mindepth 1)" ]; then
		ok "killed at any moment, nothing is left after the next run"
	else
		not_ok "killed at any moment, nothing is left after the next run" "$(find "$PROJ")"
	fi
}

homeless() {
	fresh
	captured in_project env -u HOME "$RUN_POSTERN" run --launcher "$RUN_LAUNCHER" -- true
	seen "without HOME what needs no mount point runs" 0 '' ''
	captured in_project env -u HOME "$RUN_POSTERN" run --launcher "$RUN_LAUNCHER" --preset workspace -- true
	seen "and what needs one says what to do" 125 '' 'HOME is not set; set it or XDG_STATE_HOME'
	captured in_project env HOME=/nonexistent "$RUN_POSTERN" run --launcher "$RUN_LAUNCHER" --preset workspace -- true
	seen "a HOME that is not there, too" 125 '' 'set XDG_STATE_HOME'
	captured in_project env -u HOME "$RUN_POSTERN" run --launcher "$RUN_LAUNCHER" --deny /etc/passwd --deny /etc/ssl -- \
		sh -c 'cat /etc/passwd || ls /etc/ssl'
	seen "what is denied is hidden without it" 2 '' 'ssl.*Permission denied'
	ln -s /etc "$USER_HOME/state"
	captured in_project env XDG_STATE_HOME="$USER_HOME/state" "$RUN_POSTERN" run --launcher "$RUN_LAUNCHER" --preset workspace -- true
	seen "somebody else's directory is not taken" 125 '' 'set XDG_STATE_HOME|belongs to somebody else'
	rm "$USER_HOME/state"
}

main() {
	run_begin residue
	ends
	kept
	shared
	killed
	any_moment
	homeless
	tap_end
}

main "$@"

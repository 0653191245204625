#!/bin/sh
# What doctor prints about this very host, whatever that is, in all its forms; --record and --replay; how long it takes.
set -eu
. tests/lib/tap.sh
. tests/cli/lib.sh

json_is_right() {
	as_user --json
	if python3 tests/cli/schema.py src/cli/doctor.schema.json <"$W/out" >"$W/problems"; then
		ok "the JSON form is as its schema says"
	else
		not_ok "the JSON form is as its schema says" "$(cat "$W/problems")"
	fi
	if [ "$(jq .exit "$W/out")" = "$status" ]; then
		ok "the JSON form has the exit status"
	else
		not_ok "the JSON form has the exit status" "$(cli_shown)"
	fi
	if jq -e --argjson s "$status" '(.verdict == "works") == ($s == 0)' "$W/out" >/dev/null; then
		ok "works and exit 0 are one"
	else
		not_ok "works and exit 0 are one" "$(cli_shown)"
	fi
	if jq -e '.verdict != "works" or (.facts.launch == "ok" and .facts.battery == "held" and
		(.battery | length > 5 and all(.[]; .outcome != "broken")))' "$W/out" >/dev/null; then
		ok "it works only where a sandbox ran and held"
	else
		not_ok "it works only where a sandbox ran and held" "$(cli_shown)"
	fi
}

plain_is_right() {
	verdict=$status
	as_user --plain
	if [ "$status" = "$verdict" ] && [ "$(sed -n 's/^outcome	//p' "$W/out")" = "$verdict" ]; then
		ok "--plain begins with the exit status"
	else
		not_ok "--plain begins with the exit status" "$(cli_shown)"
	fi
	tab='	'
	has "--plain has all its words" "^summary$tab." "^mode${tab}[a-z-]+$" "^chosen${tab}[a-z-]+$" \
		"^rung${tab}userns$tab(yes|no)$tab(yes|no)$tab(none|privileged|sysctl)$tab." "^rung${tab}setuid$tab" \
		"^battery${tab}[a-z-]+$tab(held|broken|not-run)$tab"
	if [ "$(grep -cvE "^(outcome|summary|mode|chosen|rung|finding|advice|battery)$tab" "$W/out")" = 0 ]; then
		ok "--plain has no other lines"
	else
		not_ok "--plain has no other lines" "$(cli_shown)"
	fi
	captured as_user_quietly
	if [ "$status" = "$verdict" ] && [ ! -s "$W/out" ] && [ ! -s "$W/err" ]; then
		ok "--quiet prints nothing and ends alike"
	else
		not_ok "--quiet prints nothing and ends alike" "$(cli_shown)"
	fi
}

as_user_quietly() {
	test_user_run "$POSTERN" doctor --launcher "$W/bin/bwrap" --quiet
}

text_is_right() {
	as_user
	[ "$verdict" = 0 ] || verdict_line='^(blocked by|cannot tell)'
	if head -n 1 "$W/out" | grep -Eq "${verdict_line:-^works}"; then
		ok "the text begins with the verdict"
	else
		not_ok "the text begins with the verdict" "$(cli_shown)"
	fi
	# evidence and commands are never broken, and are indented
	wide=$(sed 1d "$W/out" | grep -v '^  *[a-zA-Z._-]*=' | grep -v '^    ' | grep -E '^.{81}' || :)
	if [ -z "$wide" ]; then
		ok "the text has 80 columns"
	else
		not_ok "the text has 80 columns" "$wide"
	fi
	if [ "$verdict" != 0 ] || [ "$(wc -l <"$W/out")" -le 12 ]; then
		ok "where all is well the text is short"
	else
		not_ok "where all is well the text is short" "$(cli_shown)"
	fi
	if ! grep -q "$(printf '\033')" "$W/out"; then
		ok "there are no colours where there is no terminal"
	else
		not_ok "there are no colours where there is no terminal"
	fi
}

round_trip() {
	mkdir -m 1777 "$W/shared"
	as_user --record "$W/shared/facts"
	ended "--record writes and succeeds" 0
	captured "$POSTERN" doctor --replay "$W/shared/facts" --json
	want=$verdict
	[ "$want" != 0 ] || want=3
	if [ "$status" = "$want" ]; then
		ok "--replay judges alike, but for green"
	else
		not_ok "--replay judges alike, but for green" "wanted $want" "$(cli_shown)"
	fi
	jq -r '.facts | to_entries[] | "\(.key)=\(.value)"' "$W/out" | sort >"$W/replayed"
	grep -v '^#' "$W/shared/facts" | sort >"$W/recorded"
	if cmp -s "$W/replayed" "$W/recorded" && [ "$(wc -l <"$W/recorded")" -gt 40 ]; then
		ok "the facts are the recorded ones"
	else
		not_ok "the facts are the recorded ones" "$(diff "$W/recorded" "$W/replayed" | head -n 10)"
	fi
	jq -r '.battery[] | select(.outcome != "not-run") | "# battery \(.id) \(.outcome) \(.detail)"' "$W/out" >"$W/replayed"
	grep '^# battery ' "$W/shared/facts" | grep -v ' not-run ' >"$W/recorded" || :
	if cmp -s "$W/replayed" "$W/recorded"; then
		ok "and so is what the attacks found"
	else
		not_ok "and so is what the attacks found" "$(diff "$W/recorded" "$W/replayed" | head -n 10)"
	fi
	as_user --record -
	has "--record - prints them" '^kernel.release=' '^caller.uid='
}

# A host that is given is judged without a look at this one, so that answers do not depend on where tests run.
green_never() {
	printf '%s\n' os.id=debian launcher.installed=yes ns.user=yes run.user-namespace=ok launch=ok launch.userns=new \
		launch.CapEff=0000000000000000 battery=held caller.uid=1000 >"$W/good"
	captured "$POSTERN" doctor --replay "$W/good"
	ended "recorded facts are never green" 3
	has "and it is said why" '^works.*; nothing ran here$'
}

full() {
	status=0
	"$POSTERN" doctor --replay "$W/good" "$@" >/dev/full 2>"$W/err" || status=$?
	if [ "$status" = 125 ] && grep -q 'No space left' "$W/err"; then
		ok "a full disk is told: doctor $*"
	else
		not_ok "a full disk is told: doctor $*" "$(cat "$W/err")"
	fi
}

# seconds COMMAND...: how long it took, in milliseconds, the least of three
time_of() {
	best=
	for _ in 1 2 3; do
		from=$(date +%s%N)
		"$@" >/dev/null 2>&1 || :
		to=$(date +%s%N)
		took=$(((to - from) / 1000000))
		if [ -z "$best" ] || [ "$took" -lt "$best" ]; then best=$took; fi
	done
	echo "$best"
}

is_quick() {
	took=$(time_of test_user_run "$POSTERN" doctor --launcher "$W/bin/bwrap" --quiet)
	printf '# the whole verdict takes %s ms\n' "$took"
	if [ "$took" -lt 3000 ]; then
		ok "the verdict comes soon"
	else
		not_ok "the verdict comes soon" "$took ms"
	fi
}

# Where descriptors 0 to 2 are closed, those of children get their numbers.
closed() {
	set --
	[ "$(id -u)" != 0 ] || set -- --user nobody
	for words in '<&-' '<&- >&-' '<&- >&- 2>&-'; do
		status=0
		(eval "exec $words" && exec "$POSTERN" doctor --launcher "$W/bin/bwrap" --record "$W/closed" "$@") || status=$?
		if [ $status = 0 ] && grep -q '^launch=ok' "$W/closed"; then
			ok "it does its work with closed descriptors: $words"
		else
			not_ok "it does its work with closed descriptors: $words" "$status" "$(grep launch "$W/closed")"
		fi
		rm -f "$W/closed"
	done
}

main() {
	cli_begin output
	if need jq python3; then
		json_is_right
		plain_is_right
		text_is_right
		round_trip
		green_never
		closed
		full
		full --json
		full --plain
		is_quick
	fi
	tap_end
}

main "$@"

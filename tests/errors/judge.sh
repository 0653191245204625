# shellcheck shell=sh disable=SC2034,SC2154
# How a failure is judged; tests/errors/run and tests/priv/errors.sh source this after tests/lib/tap.sh. It defines
# functions and names only. Its user sets
#
#	work		a directory; $work/produced gets the ids that were seen, $work/errors.def is the table
#	writes_json	yes, or no where the failure comes before --json-errors counts
#	want_why	the id of the reason why postern-priv was no help, or -
#	mode		of postern-priv, if there is one

priv_steps="hand-over|plan|authorize|walls"

# json FILE: keys, then the values of id step errno message hint exit why, one a line. Any of three
# programs can read it.
json() {
	if command -v jq >/dev/null 2>&1; then
		jq -r '(keys | join(" ")), .id, .step, .errno // "-", .message, .hint, .exit, .why // "-"' "$1"
	elif command -v python3 >/dev/null 2>&1; then
		python3 -c '
import json, sys
d = json.load(open(sys.argv[1]))
print(" ".join(sorted(d)))
for key in "id", "step", "errno", "message", "hint", "exit", "why":
    print("-" if d.get(key) is None else d[key])' "$1"
	else
		node -e '
const d = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
console.log(Object.keys(d).sort().join(" "));
for (const key of ["id", "step", "errno", "message", "hint", "exit", "why"])
	console.log(d[key] ?? "-");' "$1"
	fi
}

# is WHAT GLOB VALUE: a complaint unless the value matches; - stands for no errno
is() {
	# shellcheck disable=SC2254
	case $3 in
		$2) ;;
		*) printf '%s: expected %s, observed %s\n' "$1" "$2" "$3" ;;
	esac
}

line() {
	sed -n "$1p" "$2"
}

# is_refusal ID: the table says that the host refuses
is_refusal() {
	awk -v id="\"$1\"," '/^ERR\(/ { here = index($0, id) } here && /"this host refuses the sandbox: / { found = 1 }
		END { exit !found }' "$work/errors.def"
}

# judge STATUS: complaints about the last run, whose expectations are in want_*
judge() {
	is "exit status" 1 "$1"
	message=$(sed -n '1s/^bwrap: //p' "$work/err")
	number=$(sed -n "2s/^postern: \(host refuses the sandbox \)*\[[^]]*\] step [^ ,;]*, \([^;]*\);.*/\2/p" "$work/err")
	: "${number:=-}"
	detail="postern: [[]$want_id] step $want_step"
	if is_refusal "$want_id"; then
		detail="postern: host refuses the sandbox [[]$want_id] step $want_step"
	fi
	[ "$want_errno" = - ] || detail="$detail, $want_errno"
	is "last line" "$detail; ?*" "$(tail -n 1 "$work/err")"
	is "why on the last line" "$want_why" "$(tail -n 1 "$work/err" | sed -n 's/.*; \[\([^]]*\)\] ..*/\1/p' | grep . || echo -)"
	if [ "$want_id" = no-command ]; then
		is "first line" "usage: *" "$(line 1 "$work/err")"
		message=$want_message
		number=$want_errno
	else
		is "lines on stderr" 2 "$(wc -l <"$work/err")"
		is message "$want_message" "$message"
	fi
	if [ "$writes_json" = no ]; then
		is "lines of JSON" 0 "$(wc -l <"$work/json")"
		return
	fi
	is "lines of JSON" 1 "$(wc -l <"$work/json")"
	json "$work/json" >"$work/values" 2>&1 || {
		cat "$work/values"
		return
	}
	keys="errno exit hint id message step"
	if is_refusal "$want_id"; then keys="errno exit hint host id message step"; fi
	[ "$want_why" = - ] || keys="$keys why"
	printf '%s\n' "$keys" "$want_id" "$want_step" "$number" "$message" \
		"$(tail -n 1 "$work/err" | sed 's/^[^;]*; //')" 1 "$want_why" >"$work/expected"
	diff "$work/expected" "$work/values" || :
}

# error ID STEP ERRNO MESSAGE COMMAND...: the command fails in exactly this way. MESSAGE is a pattern
# of the shell, ERRNO too; - means none.
error() {
	want_id=$1
	want_step=$2
	want_errno=$3
	want_message=$4
	shift 4
	status=0
	timeout -s KILL 20 "$@" 9>"$work/json" 2>"$work/err" >/dev/null </dev/null || status=$?
	complaints=$(judge $status)
	printf '%s\n' "$want_id" "$want_why" >>"$work/produced"
	name="${mode:+$mode: }error $want_id"
	[ "$want_why" = - ] || name="$name, $want_why"
	if [ -z "$complaints" ]; then
		ok "$name"
	else
		not_ok "$name" "$complaints"
	fi
}

# steps: the steps of the table, each once
steps() {
	sed -n 's/^ERR([A-Z0-9_]*, "[a-z0-9-]*", "\([a-z-]*\)".*/\1/p' "$work/errors.def" | sort -u
}

# coverage NAME STEPS: each id of these was produced
coverage() {
	sort -u "$work/produced" >"$work/produced.sorted"
	for step in $2; do
		sed -n "s/^ERR([A-Z0-9_]*, \"\([a-z0-9-]*\)\", \"$step\".*/\1/p" "$work/errors.def"
	done | sort >"$work/ids"
	missing=$(comm -13 "$work/produced.sorted" "$work/ids")
	if [ -s "$work/ids" ] && [ -z "$missing" ]; then
		ok "$1"
	else
		not_ok "$1" "$missing"
	fi
}

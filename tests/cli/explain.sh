#!/bin/sh
# --explain-error: every message that people ask about, every error of errors.def, and texts that are none.
set -eu
. tests/lib/tap.sh
. tests/cli/lib.sh

# An Ubuntu with its restriction, which is what most people have who ask
facts_of_a_host() {
	printf '%s\n' os.id=ubuntu os.version=24.04 kernel.release=6.8.0 caller.uid=1000 launcher.installed=yes \
		kernel.apparmor_restrict_unprivileged_userns=1 apparmor.enabled=yes apparmor.label=unconfined ns.user=yes \
		run.user-namespace=ok run.capabilities=EPERM failed.step=capabilities failed.errno=EPERM launch=uid-map \
		'launch.error=bwrap: setting up uid map: Permission denied' battery=not-run >"$W/facts"
}

# explain TEXT OPTION...
explain() {
	text=$1
	shift
	captured "$POSTERN" doctor --replay "$W/facts" --explain-error "$text" "$@"
}

# names ID CLASSES: the answer has this id and these kinds of hosts
names() {
	[ "$(jq -r '.explanation.id // "-"' "$W/out")" = "$1" ] || return 1
	[ "$2" != - ] || return 0
	for class in $2; do
		jq -e --arg c "$class" 'any(.explanation.causes[]; .class == $c)' "$W/out" >/dev/null || return 1
	done
}

messages() {
	grep -v '^#' tests/cli/messages.tsv >"$W/messages"
	while IFS='	' read -r text id classes; do
		explain "$text" --json
		if [ "$status" = 1 ] && names "$id" "$classes"; then
			ok "explains: $text"
		else
			not_ok "explains: $text" "wanted $id: $classes" \
				"$(jq -c .explanation "$W/out" 2>/dev/null)" "$(head -n 3 "$W/err")"
		fi
	done <"$W/messages"
}

# Every error's second line is known, and says either a kind of host or what it means.
ids() {
	sed -n 's/^ERR([A-Z_]*, "\([^"]*\)".*/\1/p' src/base/errors.def >"$W/ids"
	unknown=
	while read -r id; do
		explain "postern: [$id] step x" --json
		names "$id" - && jq -e '.explanation | .meaning != null' "$W/out" >/dev/null || unknown="$unknown $id"
	done <"$W/ids"
	if [ -z "$unknown" ] && [ "$(wc -l <"$W/ids")" -gt 50 ]; then
		ok "explains every id of errors.def"
	else
		not_ok "explains every id of errors.def" "not: $unknown"
	fi
}

# What is named as a cause is a kind of host that exists.
classes() {
	sed -n 's/^CLASS([A-Z0-9_]*, "\([^"]*\)".*/\1/p' src/host/classes.def | sort >"$W/known"
	sed -n '/^CAUSE(/,/)$/p' src/cli/messages.def | tr -d '\n' | sed 's/CAUSE(/\n/g' | sed -n 's/.*"\([^"]*\)")*$/\1/p' |
		tr ' ' '\n' | grep -v '^$' | sort -u >"$W/named"
	left=$(comm -13 "$W/known" "$W/named")
	if [ -z "$left" ] && [ -s "$W/named" ]; then
		ok "every cause is a kind of host"
	else
		not_ok "every cause is a kind of host" "$left"
	fi
}

unknown() {
	for text in 'segmentation fault' 'ls: cannot access: Permission denied' 'postern: [no-such-id] x' ' '; do
		explain "$text"
		if [ "$status" = 3 ] && [ ! -s "$W/out" ] && [ "$(wc -l <"$W/err")" = 1 ] && grep -q 'no message of' "$W/err"; then
			ok "does not know: $text"
		else
			not_ok "does not know: $text" "$(cli_shown)"
		fi
	done
}

main() {
	cli_begin explain
	if ! need jq; then
		tap_end
		exit
	fi
	facts_of_a_host
	messages
	ids
	classes
	unknown
	explain 'bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted'
	has "the first line says which cause holds" "^its cause holds here: .*\[ubuntu-userns\]$"
	has "the others are ruled out" '^  not here: .*\[gvisor\]$'
	has "and the verdict follows" '^This host now:$'
	explain 'bwrap: pivot_root: Invalid argument'
	has "it is said when no cause holds" '^none of its known causes holds here$'
	status=0
	printf 'Error: x\nbwrap: setting up uid map: Permission denied\n' |
		"$POSTERN" doctor --replay "$W/facts" --explain-error - >"$W/out" 2>"$W/err" || status=$?
	has "the message may come from standard input, among others" '\[uid-map\] step uid-map EACCES'
	tap_end
}

main "$@"

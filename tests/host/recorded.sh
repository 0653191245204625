#!/bin/sh
# Recorded hosts end to end: `postern doctor --replay` says of each what its golden file says, and the recorded facts
# come back from --record's form unchanged. What is made of the facts is in tests/unit/host_recorded_test.c, which
# also writes the golden files anew.
set -eu
. tests/lib/tap.sh

# A host that only was recorded never works for certain: 3 instead of 0.
expected() {
	status=$(sed -n 's/^exit: //p' "$1")
	[ "$status" != 0 ] || status=3
	printf '%s\n' "$status"
}

replay() {
	name=$1
	status=0
	"$POSTERN" doctor --replay "tests/host/recorded/$name.facts" --plain >"$scratch/plain" 2>"$scratch/errors" ||
		status=$?
	if [ "$status" != "$(expected "tests/host/recorded/$name.golden")" ]; then
		printf '%s: exit status %s\n' "$name" "$status"
	fi
	[ ! -s "$scratch/errors" ] || sed "s/^/$name: /" "$scratch/errors"
	sed -n 's/^\(blocks\|limits\): \([a-z0-9-]*\).*/\1 \2/p' "tests/host/recorded/$name.golden" >"$scratch/expected"
	awk -F '\t' '$1 == "finding" { print $3, $2 }' "$scratch/plain" >"$scratch/found"
	cmp -s "$scratch/expected" "$scratch/found" || printf '%s: other findings\n' "$name"
	[ "$(sed -n 's/^chosen: //p' "tests/host/recorded/$name.golden")" = \
		"$(sed -n "s/^chosen$tab//p" "$scratch/plain")" ] || printf '%s: another mode\n' "$name"
}

main() {
	: "${POSTERN:=${BUILD:-$PWD/build}/postern}"
	scratch=$(mktemp -d)
	trap 'rm -rf "$scratch"' EXIT
	tab=$(printf '\t')
	TAP_NAME="doctor says of recorded hosts what is recorded" need "[ -x '$POSTERN' ]" || {
		tap_end
		return
	}
	for facts in tests/host/recorded/*.facts; do
		[ -e "$facts" ] || break
		replay "$(basename "$facts" .facts)"
	done >"$scratch/wrong"
	if [ -s "$scratch/wrong" ] || [ ! -e "$facts" ]; then
		not_ok "doctor says of recorded hosts what is recorded" "$(cat "$scratch/wrong")"
	else
		ok "doctor says of recorded hosts what is recorded"
	fi
	tap_end
}

main "$@"

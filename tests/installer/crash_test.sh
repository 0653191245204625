#!/bin/sh
# Killed after any step of apply or of undo, the next run leaves the host as it was, or as it should be.
# CRASH_EVERY=N tries every Nth step only.
. tests/installer/lib.sh

oneTimeSetUp() { installer_begin; }
oneTimeTearDown() { installer_end; }

# crashes HOST WORD...
crashes() {
	cr_host=$1
	shift
	new_case "$cr_host"
	snapshot >"$BASE/before"
	setup apply "$@"
	assertEquals "$cr_host: apply: $(said)" 0 "$RC" || return
	cr_steps=$(cat "$CASE/count")
	snapshot | grep -v var/lib/postern/journal >"$BASE/applied"
	setup undo
	cr_undo_steps=$(cat "$CASE/count")
	assertTrue "$cr_host: there are steps" "[ $cr_steps -gt 5 ]"
	cr_at=1
	while [ $cr_at -le "$cr_steps" ]; do
		crash_in_apply "$@"
		cr_at=$((cr_at + ${CRASH_EVERY:-1}))
	done
	cr_at=1
	while [ $cr_at -le "$cr_undo_steps" ]; do
		crash_in_undo "$@"
		cr_at=$((cr_at + ${CRASH_EVERY:-1}))
	done
}

# The next command is undo and apply by turns.
crash_in_apply() {
	new_case "$cr_host"
	echo $cr_at >"$CASE/kill"
	setup apply "$@"
	assertEquals "$cr_host: killed after step $cr_at of apply" 137 "$RC"
	rm "$CASE/kill"
	if [ $((cr_at % 2)) = 0 ]; then
		setup apply "$@"
		assertEquals "$cr_host: apply after a kill after step $cr_at: $(said)" 0 "$RC"
		snapshot | grep -v var/lib/postern/journal >"$CASE/applied"
		assertEquals "$cr_host: ... leads where it should" "" "$(diff "$BASE/applied" "$CASE/applied")"
	fi
	setup undo
	assertEquals "$cr_host: undo after a kill after step $cr_at: $(said)" 0 "$RC"
	snapshot >"$CASE/after"
	assertEquals "$cr_host: ... leaves no trace (step $cr_at)" "" "$(diff "$BASE/before" "$CASE/after")"
}

crash_in_undo() {
	new_case "$cr_host"
	setup apply "$@"
	echo $cr_at >"$CASE/kill"
	setup undo
	assertEquals "$cr_host: killed after step $cr_at of undo" 137 "$RC"
	rm "$CASE/kill"
	setup undo
	assertEquals "$cr_host: undo after a kill after step $cr_at of undo: $(said)" 0 "$RC"
	snapshot >"$CASE/after"
	assertEquals "$cr_host: ... leaves no trace (step $cr_at of undo)" "" "$(diff "$BASE/before" "$CASE/after")"
}

testFilecaps() { crashes debian-12 --yes --allow-privileged --as-bwrap; }
testApparmor() { crashes ubuntu-24.04; }
testSysctl() { crashes arch-hardened --mode sysctl --yes --allow-sysctl; }

# A line that was cut off, as by a power failure, was never acted upon.
testTornLine() {
	new_case debian-12
	snapshot >"$CASE/before"
	setup apply --yes --allow-privileged
	printf 'made-file\t/etc/passw' >>"$CASE_ROOT/var/lib/postern/journal"
	setup undo
	assertEquals "$(said)" 0 "$RC"
	snapshot >"$CASE/after"
	assertEquals "undo leaves no trace" "" "$(diff "$CASE/before" "$CASE/after")"
}

testStatusOfAnInterruptedRun() {
	new_case debian-12
	echo 12 >"$CASE/kill"
	setup apply --yes --allow-privileged
	rm "$CASE/kill"
	setup status
	says "it is told" "interrupted"
	setup check
	says "it is told" "interrupted"
}

# shellcheck source=/dev/null
. "${SHUNIT2:-/usr/share/shunit2/shunit2}"

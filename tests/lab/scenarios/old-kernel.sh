# A kernel without user namespaces that has no system call newer than Linux 4.4, where the real Codex CLI runs.
# kernel: no-userns
# image: codex
# guest: --memory 2048 --limit 2400
# also: clients tests/shim/fails.c
# tier: fast
# shellcheck shell=sh disable=SC2034

. /work/scenarios/real-codex.inc

# In a shell of its own, which root has put a filter on that answers ENOSYS, without no_new_privs; its results come back.
flow() {
	export W SCENARIO KERNEL
	# shellcheck disable=SC2016 # the other shell's
	/work/bin/shim --no-nnp 4.4 -- /bin/sh -c '. ./tap.sh && . ./steps.sh && . "./scenarios/$SCENARIO.sh" && old'
	. "$W/results"
}

old() {
	CLASS=- MODE=- WORKS=- CAPS=- UNDO=-
	expect "the control: there is no openat2" "437 Function not implemented" "$(/work/bin/fails 437)"
	usual_flow
	printf '%s\n' "CLASS=$CLASS MODE=$MODE WORKS=$WORKS CAPS=$CAPS UNDO=$UNDO" >"$W/results"
}

more() {
	more_said=$(as postern-test postern-bwrap --ro-bind / / readlink /proc/self/ns/pid 2>&1)
	[ "$more_said" != "$(readlink /proc/self/ns/pid)" ] && pass "without Landlock each command has its own pid namespace" ||
		fail "without Landlock each command has its own pid namespace" "$more_said"
	real_codex agent
}

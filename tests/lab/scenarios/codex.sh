# A kernel that was built without user namespaces, where the real Codex CLI runs.
# kernel: no-userns
# image: codex
# guest: --memory 2048 --limit 2400
# also: clients
# tier: fast
# shellcheck shell=sh

. /work/scenarios/real-codex.inc

flow() {
	before
	verdict
	apply --allow-privileged --yes
	expect "filecaps was chosen" filecaps "$MODE"
	join
	real_codex agent acceptance
	leave
	undo
	same
}

# Docker's containers on a host with AppArmor: its default profile and seccomp filter, and what is left when one is lifted.
# kernel: 6.12
# image: docker
# guest: --memory 2048 --limit 900
# tier: fast
# shellcheck shell=sh disable=SC2034

. /work/scenarios/docker.inc

# cell NAME WORD...: what doctor says in a container with these arguments
cell() {
	cell_name=$1
	shift
	docker run --rm --network none --user 1000:1000 "$@" lab postern doctor --json >"$W/doctor" 2>"$W/doctor.err" </dev/null
	cell_rc=$?
	tidy <"$W/doctor" | grep -v '"caller.groups":' | sed "s/^/=$SCENARIO= $cell_name ($cell_rc): /"
	cell_class=$(awk '/"class":/ { print $2; exit }' "$W/doctor" | tr -d '",')
}

flow() {
	before
	host || {
		fail "dockerd starts" "$(tail -n 5 "$W/dockerd")"
		return
	}
	cell default
	CLASS=$cell_class
	expect "a container as Docker makes it: the filter comes first" container-seccomp "$cell_class"
	expect "... under the profile" "docker-default (enforce)" "$(inside lab cat /proc/self/attr/apparmor/current)"
	cell no-filter --security-opt seccomp=unconfined
	expect "without the filter it is the profile" container-apparmor "$cell_class"
	cell no-profile --security-opt apparmor=unconfined
	expect "without the profile it is the filter" container-seccomp "$cell_class"
	cell neither --security-opt seccomp=unconfined --security-opt apparmor=unconfined
	expect "without both only /proc is masked" "0 proc-masked" "$cell_rc $cell_class"
	cell advised --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined
	expect "with all that is lifted sandboxes work" "0 " "$cell_rc $cell_class"
	MODE=none WORKS=no
	unhost
	same
}

# The imitation of Ubuntu's restriction where other vendors' profiles claim the launcher's path: two, so that neither attaches.
# kernel: 6.12
# tier: fast
# shellcheck shell=sh

. /work/scenarios/apparmor.inc
. /work/scenarios/imitation.inc

# claim NAME FLAGS RULES: such a profile for that path, loaded
claim() {
	printf '%s\n' 'abi <abi/4.0>,' 'include <tunables/global>' "profile $1 $LAUNCHER flags=($2) {" "	$3" '}' >/etc/apparmor.d/"$1"
	apparmor_parser -r -K /etc/apparmor.d/"$1"
}

host() {
	restricted
	claim vendor unconfined userns,
	claim rival unconfined userns,
}

# The group's mode is chosen; a profile is not forced on a path that others claim
more() {
	expect "a third profile is not chosen, but filecaps" filecaps "$MODE"
	setup plan --mode apparmor
	ends "... nor by name: the reason is said" 1 "does not help against AppArmor profiles that claim the launcher's path"
}

# One of them alone does what it is for, or not; postern's would cancel it
after() {
	restricted
	claim rival unconfined userns,
	expect "one rival alone attaches" "rival (unconfined)" "$(label $LAUNCHER)"
	as postern-test postern doctor --plain >"$W/out" 2>&1
	expect "... and doctor says that its mode is in force" "mode	apparmor" "$(grep '^mode' "$W/out")"
	snapshot >"$W/rival"
	setup plan
	ends "... plan, that nothing is to be done" 0 "Sandboxes work here already, in mode apparmor"
	setup apply
	ends "... and so apply" 0 "nothing was to be done"
	snapshot >"$W/rival.after"
	expect "... which does nothing" "" "$(diff "$W/rival" "$W/rival.after")"
	claim rival attach_disconnected "file, capability, network, unix, signal, ptrace,"
	setup apply --mode apparmor
	ends "where one that does not help claims the path, apply refuses and names its file" 1 "/etc/apparmor.d/rival speaks of $LAUNCHER"
	unrestricted rival
	rm /etc/apparmor.d/rival
}

unhost() {
	unrestricted vendor rival
	rm -f /etc/apparmor.d/vendor /etc/apparmor.d/rival
}

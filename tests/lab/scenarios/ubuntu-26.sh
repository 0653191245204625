# Ubuntu's kernel of 26.04, with the second setting that 25.04 and later have: change_profile of the unconfined stacks.
# kernel: ubuntu-7.0
# image: ubuntu
# also: tests/priv/c/reach.c
# tier: all
# shellcheck shell=sh

. /work/scenarios/apparmor.inc

host() {
	restricted
	echo 1 >/proc/sys/kernel/apparmor_restrict_unprivileged_unconfined
}

asks() { :; }

more() {
	expect "apply needs no word to choose the stacking profile" apparmor "$MODE"
	stacked
	joined
	unattached
	verified
}

unhost() {
	echo 0 >/proc/sys/kernel/apparmor_restrict_unprivileged_unconfined
	unrestricted
}

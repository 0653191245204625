# AppArmor leaves user namespaces of a user's programs no power, as on Ubuntu 24.04; imitated by a profile for all of them.
# kernel: 6.12
# tier: fast
# shellcheck shell=sh

. /work/scenarios/apparmor.inc
. /work/scenarios/imitation.inc

host() {
	restricted
}

asks() { :; }

more() {
	expect "apply needs no word to choose the stacking profile" apparmor "$MODE"
	stacked
	unattached
	verified
}

unhost() {
	unrestricted
}

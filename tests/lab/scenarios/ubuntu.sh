# Ubuntu 24.04 as it is installed, on its own kernel: AppArmor leaves user namespaces of programs without a profile no power.
# kernel: ubuntu-6.8
# image: ubuntu
# also: tests/priv/c/reach.c
# tier: fast
# shellcheck shell=sh

. /work/scenarios/apparmor.inc

# What systemd-sysctl and apparmor.service do at boot; of the profiles only the one that matters here
host() {
	restricted
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
	unrestricted
}

# Ubuntu where apparmor.service is masked or failed: the profile into which new user namespaces are put is missing.
# kernel: ubuntu-6.8
# image: ubuntu
# tier: fast
# shellcheck shell=sh

. /work/scenarios/apparmor.inc

host() {
	restricted without-profile
}

asks() { :; }

more() {
	expect "what the launcher starts has both profiles" "$STACK" "$(label $LAUNCHER)"
	refuses "a program without a profile makes no user namespace" "Permission denied" unshare -U true
}

unhost() {
	unrestricted
}

# The imitation of Ubuntu's restriction with postern's other profile, for sandboxes in sandboxes: what it starts has user namespaces.
# kernel: 6.12
# tier: all
# shellcheck shell=sh

. /work/scenarios/apparmor.inc
. /work/scenarios/imitation.inc

host() {
	restricted
}

asks() {
	echo --mode apparmor --apparmor=permissive --yes
}

more() {
	expect "what the launcher starts inherits its profile" "postern (unconfined)" "$(label $LAUNCHER)"
	expect "a sandbox in a sandbox starts" yes "$(as postern-test $LAUNCHER --ro-bind / / --dev /dev --proc /proc \
		$LAUNCHER --ro-bind / / --dev /dev echo yes 2>&1)"
	expect "it is a way around the restriction: any program mounts" yes \
		"$(as postern-test $LAUNCHER --dev-bind / / --proc /proc unshare -Urm sh -c 'mount -t tmpfs none /tmp && echo yes' 2>&1)"
	unattached
	verified
}

unhost() {
	unrestricted postern
}

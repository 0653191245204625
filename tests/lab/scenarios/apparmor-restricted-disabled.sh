# The imitation of Ubuntu's restriction where the administrator has switched postern's profile off, in /etc/apparmor.d/disable.
# kernel: 6.12
# tier: all
# shellcheck shell=sh

. /work/scenarios/apparmor.inc
. /work/scenarios/imitation.inc

host() {
	restricted
	mkdir -p /etc/apparmor.d/disable
	ln -s ../postern /etc/apparmor.d/disable/postern
}

more() {
	ends "apply respects it, and names the switch" 1 "an administrator has switched the profile: /etc/apparmor.d/disable/postern"
	expect "... and changes nothing" none "$MODE"
}

unhost() {
	unrestricted
	rm /etc/apparmor.d/disable/postern
}

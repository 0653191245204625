# Ubuntu where the administrator has switched postern's profile off, in /etc/apparmor.d/disable.
# kernel: ubuntu-6.8
# image: ubuntu
# tier: all
# shellcheck shell=sh

. /work/scenarios/apparmor.inc

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

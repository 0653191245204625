# The imitation of Ubuntu's restriction where the parser is of AppArmor 3, which cannot read the first text of postern's profile.
# kernel: 6.12
# image: apparmor-old
# tier: all
# shellcheck shell=sh

. /work/scenarios/apparmor.inc
. /work/scenarios/imitation.inc

host() {
	restricted
	mv /usr/sbin/apparmor_parser /usr/sbin/apparmor_parser-4
	mv /usr/sbin/apparmor_parser-3 /usr/sbin/apparmor_parser
	mv /etc/apparmor.d/abi/4.0 "$W/4.0"
	setup plan --mode apparmor --apparmor=permissive
	ends "the permissive text needs the newer parser, and plan says so" 1 "the installed apparmor_parser understands no text"
}

asks() { :; }

more() {
	expect "the second text is chosen" "abi <abi/3.0>," "$(grep '^abi ' /etc/apparmor.d/postern)"
	stacked
	verified
}

unhost() {
	mv "$W/4.0" /etc/apparmor.d/abi/4.0
	mv /usr/sbin/apparmor_parser /usr/sbin/apparmor_parser-3
	mv /usr/sbin/apparmor_parser-4 /usr/sbin/apparmor_parser
	unrestricted
}

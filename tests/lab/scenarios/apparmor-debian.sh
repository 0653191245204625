# A Debian host, whose kernels restrict nobody without a profile: what postern's profiles do there, loaded by hand.
# kernel: 6.1 6.12
# also: tests/priv/c/reach.c
# tier: fast
# shellcheck shell=sh disable=SC2034

. /work/scenarios/apparmor.inc

host() {
	sed "s,@LAUNCHER@,$LAUNCHER," /usr/local/share/postern/apparmor-profiles/postern >/etc/apparmor.d/postern
	apparmor_parser -r -K /etc/apparmor.d/postern
}

flow() {
	before
	host
	verdict
	works postern-test
	stacked
	joined
	setup apply
	ends "apply changes nothing where user namespaces work" 0 "Sandboxes work here without any change."
	MODE=userns
	unhost
	same
	expect "without the profile the label is gone" unconfined "$(label $LAUNCHER)"
}

unhost() {
	apparmor_parser -R /etc/apparmor.d/postern
	rm /etc/apparmor.d/postern
}

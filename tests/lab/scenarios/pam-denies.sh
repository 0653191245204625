# PAM denies an account that is in the group: by /etc/security/access.conf, by /etc/nologin; or PAM goes away.
# tier: fast
# shellcheck shell=sh disable=SC2034 # steps.sh reads them

host() {
	key kernel/unprivileged_userns_clone 0
}

unhost() {
	key kernel/unprivileged_userns_clone
}

more() {
	expect "the mode is filecaps" filecaps "$MODE"
	cp -p /etc/security/access.conf "$W/access.conf"
	echo '-:postern-test:ALL' >>/etc/security/access.conf
	refused postern-test pam-denied
	cp -p "$W/access.conf" /etc/security/access.conf
	works postern-test
	echo 'The host goes down.' >/etc/nologin
	refused postern-test pam-denied
	rm /etc/nologin
	works postern-test
	mv /etc/pam.d/postern "$W/"
	refused postern-test pam-file
	mv "$W/postern" /etc/pam.d/
	mv /usr/lib/x86_64-linux-gnu/libpam.so.0 "$W/"
	refused postern-test pam-no-verdict
	mv "$W/libpam.so.0" /usr/lib/x86_64-linux-gnu/
	works postern-test
}

# A host without PAM: no libraries, no modules, no service files. What apply sets up does without.
# tier: all
# shellcheck shell=sh disable=SC2034 # steps.sh reads them

libraries=/usr/lib/x86_64-linux-gnu

host() {
	key kernel/unprivileged_userns_clone 0
	mkdir "$W/pam"
	mv $libraries/libpam.so.0* $libraries/security /etc/pam.d "$W/pam/"
}

unhost() {
	mv "$W"/pam/libpam.so.0* "$W/pam/security" $libraries/
	mv "$W/pam/pam.d" /etc/
	key kernel/unprivileged_userns_clone
}

more() {
	expect "the mode is filecaps" filecaps "$MODE"
}

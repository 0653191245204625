#!/bin/sh
# What the packages' own scripts would have done, in the directory that they were unpacked to.
set -eu

accounts() {
	printf '%s\n' root:x:0:0:root:/root:/bin/sh nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin \
		postern-test:x:1000:1000::/home/postern-test:/bin/sh postern-other:x:1001:1001::/home/postern-other:/bin/sh >etc/passwd
	printf '%s\n' root:x:0: tty:x:5: shadow:x:42: nogroup:x:65534: postern-test:x:1000: postern-other:x:1001: >etc/group
	for name in root nobody postern-test postern-other; do
		printf '%s:*:20000:0:99999:7:::\n' $name
	done >etc/shadow
	sed 's/:x:.*/:*::/' etc/group >etc/gshadow
	chown root:42 etc/shadow etc/gshadow
	chmod 640 etc/shadow etc/gshadow
	for name in postern-test postern-other; do
		mkdir -p home/$name
		chmod 755 home/$name
	done
	chown 1000:1000 home/postern-test
	chown 1001:1001 home/postern-other
}

# As pam-auth-update leaves it on Debian, for the types that are used here
pam() {
	printf '%s\n' 'account [success=1 new_authtok_reqd=done default=ignore] pam_unix.so' \
		'account requisite pam_deny.so' 'account required pam_permit.so' >etc/pam.d/common-account
	printf '%s\n' 'auth [success=1 default=ignore] pam_unix.so nullok' 'auth requisite pam_deny.so' \
		'auth required pam_permit.so' >etc/pam.d/common-auth
	printf '%s\n' 'session required pam_unix.so' >etc/pam.d/common-session
	cp etc/pam.d/common-session etc/pam.d/common-session-noninteractive
	printf '%s\n' 'password required pam_unix.so' >etc/pam.d/common-password
}

# A guest unpacks all of it each time.
trim() {
	rm -rf usr/share/doc usr/share/man usr/share/info usr/share/locale usr/share/lintian usr/share/common-licenses \
		usr/share/bash-completion usr/lib/locale usr/lib/x86_64-linux-gnu/gconv var/cache
	rm -f usr/bin/localedef usr/bin/vdir usr/bin/dir usr/sbin/zramctl
}

main() {
	ln -sf mawk usr/bin/awk
	cp usr/share/libc-bin/nsswitch.conf etc/nsswitch.conf
	sed -i 's/^\(passwd\|group\|shadow\|gshadow\):.*/\1: files/' etc/nsswitch.conf
	accounts
	pam
	trim
	mkdir -p var/log var/tmp var/lib work
	chmod 1777 var/tmp
}

main "$@"

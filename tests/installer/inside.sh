#!/bin/sh
# What guest.sh does in the guest, as root.
set -u
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
cd /work || exit 1
. ./tap.sh
. ./outcome.sh
W=/work

setup() {
	RC=0
	postern-setup "$@" >out 2>&1 </dev/null || RC=$?
}

expect() {
	if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "wanted: $2" "got: $3"; fi
}

snapshot() {
	find /usr/local /etc ! -path '/etc/*-' ! -path /etc/.pwd.lock -printf '%p\t%y %m %U %G %l\n' | sort
	find /usr/local /etc -type f ! -path '/etc/*-' ! -path /etc/.pwd.lock -exec sha256sum {} + | sort
	getcap -r /usr/local
}

forbid() {
	echo 0 >/proc/sys/kernel/unprivileged_userns_clone
}

allowed() {
	setup apply
	ends "where user namespaces work apply changes nothing" 0 "Sandboxes work here without any change."
	same "... really nothing"
}

filecaps() {
	setup check
	ends "check sees that they are forbidden" 1 "apply would choose the mode filecaps"
	setup apply
	ends "not without consent" 3 "not applied without --allow-privileged"
	setup apply --yes --allow-privileged
	ends "the doctor's choice is filecaps, and it holds" 0 "The mode filecaps is in force."
	setup check
	ends "the doctor finds that it works" 0 "Applied: the mode filecaps"
	setup apply
	ends "a second apply has nothing to do" 0 "nothing was to be done"
	setup undo
	same "undo restores everything"
}

sysctl() {
	setup apply --mode sysctl --yes --allow-sysctl
	ends "the mode sysctl" 0 "The mode sysctl is in force."
	expect "the key is set" 1 "$(cat /proc/sys/kernel/unprivileged_userns_clone)"
	setup undo
	expect "undo sets it back" 0 "$(cat /proc/sys/kernel/unprivileged_userns_clone)"
	same "undo restores everything"
}

# on LABEL MOUNT-WORD...: LIBEXECDIR there
on() {
	cp -a /usr/local/libexec libexec
	mount "$@" /usr/local/libexec
	chmod 755 /usr/local/libexec
	cp -R libexec/. /usr/local/libexec/
	rm -rf libexec
	snapshot >before
}

file_systems() {
	on -t ramfs ramfs
	setup apply --yes --allow-privileged
	ends "on ramfs: setuid" 0 "The mode setuid is in force."
	setup undo
	same "undo restores everything there"
	umount /usr/local/libexec
	on -o loop,umask=022 -t vfat /work/fat
	setup apply --yes --allow-privileged
	ends "on vfat: refused with the reason" 1 "setuid: the file system keeps no owner and mode that count: postern-priv.fstype=vfat"
	same "... and nothing is changed"
	setup apply --mode setuid --yes --allow-privileged
	ends "on vfat: setuid by name, too" 1 "vfat"
	same "... and nothing is changed"
	umount /usr/local/libexec
}

main() {
	rm -f /dev/log
	snapshot >before
	allowed
	forbid
	filecaps
	sysctl
	file_systems
	tap_end
}

main "$@"

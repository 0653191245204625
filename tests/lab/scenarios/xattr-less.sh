# Debian 13 with unprivileged_userns_clone=0, and postern on a file system that keeps no extended attributes.
# tier: all
# shellcheck shell=sh

host() {
	echo 0 >/proc/sys/kernel/unprivileged_userns_clone
	cp -a /usr/local/libexec "$W/libexec"
	mount -t ramfs ramfs /usr/local/libexec
	chmod 755 /usr/local/libexec
	cp -R --preserve=mode "$W/libexec/." /usr/local/libexec/
}

unhost() {
	umount /usr/local/libexec
	echo 1 >/proc/sys/kernel/unprivileged_userns_clone
}

more() {
	expect "setuid was chosen" setuid "$MODE"
}

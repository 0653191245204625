# A host with a read-only root.
# tier: fast
# shellcheck shell=sh disable=SC2034

# The log is written elsewhere, and homes are not on the root.
host() {
	pkill -f 'busybox syslogd'
	while pgrep -f 'busybox syslogd' >/dev/null; do sleep 0.1; done
	busybox syslogd -O /run/messages
	mount -t tmpfs -o mode=755 tmpfs /home
	mkdir /home/postern-test /home/postern-other
	chown postern-test: /home/postern-test
	chown postern-other: /home/postern-other
	mount -o remount,ro /
}

unhost() {
	mount -o remount,rw /
	umount /home
}

more() {
	expect "nothing is changed" userns "$MODE"
	echo 0 >/proc/sys/kernel/unprivileged_userns_clone
	setup apply --allow-privileged --yes
	ends "with unprivileged_userns_clone=0 nothing can be applied, for that reason" 1 "mounted read-only"
	expect "... and doctor says what comes first" 'mount -o remount,rw "$(findmnt -n -o TARGET -T /usr/local/libexec/postern/postern-priv)"' \
		"$(as postern-test postern doctor --plain | awk -F '\t' '$1 == "advice" { print $3; exit }')"
	eval "$(as postern-test postern doctor --plain | awk -F '\t' '$1 == "advice" { print $3; exit }')"
	setup apply --allow-privileged --yes
	ends "what is applied while it is writable" 0 "The mode filecaps is in force."
	join
	mount -o remount,ro /
	works postern-test
	refused postern-other priv-not-member
	setup verify
	ends "... is verified when it is read-only" 0 "All of it holds."
	setup apply --allow-privileged --yes
	ends "... and stays" 0 "nothing was to be done"
	mount -o remount,rw /
	leave
	setup undo
	echo 1 >/proc/sys/kernel/unprivileged_userns_clone
	mount -o remount,ro /
	MODE=userns
}

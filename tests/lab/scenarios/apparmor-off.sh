# A Debian host with AppArmor switched off at boot, and user namespaces by the sysctl: its tools are there, the module is not.
# kernel: 6.12
# boot: apparmor=0
# tier: all
# shellcheck shell=sh

host() {
	echo 0 >/proc/sys/kernel/unprivileged_userns_clone
}

more() {
	expect "no profile is thought of, but filecaps" filecaps "$MODE"
	setup plan --mode apparmor
	ends "... and by name the mode apparmor is not possible" 1 "does not help against kernel.unprivileged_userns_clone=0"
}

unhost() {
	echo 1 >/proc/sys/kernel/unprivileged_userns_clone
}

# A host that stayed on its initramfs: / cannot be pivoted away.
# guest: --initramfs
# tier: fast
# shellcheck shell=sh

more() {
	expect "nothing is changed" userns "$MODE"
	expect "the control: / is rootfs" rootfs "$(awk '$5 == "/" { for (i = 6; $i != "-"; i++); print $(i + 1); exit }' \
		/proc/self/mountinfo)"
	echo 0 >/proc/sys/kernel/unprivileged_userns_clone
	setup apply --allow-privileged --yes
	ends "with unprivileged_userns_clone=0: filecaps" 0 "The mode filecaps is in force."
	join
	works postern-test
	refused postern-other priv-not-member
	leave
	setup undo
	echo 1 >/proc/sys/kernel/unprivileged_userns_clone
	MODE=userns
}

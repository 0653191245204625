# Debian hardened by hand, Arch linux-hardened: kernel.unprivileged_userns_clone=0
# kernel: 6.1 6.12
# tier: fast
# shellcheck shell=sh disable=SC2034 # steps.sh reads them

host() {
	key kernel/unprivileged_userns_clone 0
}

unhost() {
	key kernel/unprivileged_userns_clone
}

# The policy that the administrator chose stays, for everything else.
more() {
	expect "the mode is filecaps" filecaps "$MODE"
	expect "the sysctl is as it was" 0 "$(cat /proc/sys/kernel/unprivileged_userns_clone)"
	expect "unshare -U is refused to a member" "unshare: unshare failed: Operation not permitted" "$(as postern-test unshare -U true 2>&1)"
	leave
	refused postern-test priv-not-member
	join
}

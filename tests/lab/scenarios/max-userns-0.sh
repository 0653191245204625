# RHEL and its kin under STIG, Debian's hardening-runtime, NixOS without user namespaces: user.max_user_namespaces=0
# kernel: 6.12
# tier: fast
# shellcheck shell=sh disable=SC2034 # steps.sh reads them

host() {
	key user/max_user_namespaces 0
}

unhost() {
	key user/max_user_namespaces
}

more() {
	expect "the mode is filecaps" filecaps "$MODE"
	expect "the sysctl is as it was" 0 "$(cat /proc/sys/user/max_user_namespaces)"
	expect "not even root makes a user namespace" "unshare: unshare failed: No space left on device" "$(unshare -U true 2>&1)"
}

# A kernel in lockdown, as Secure Boot makes it: it takes nothing from sandboxes.
# kernel: 6.12
# boot: lockdown=confidentiality
# tier: all
# shellcheck shell=sh

asks() { :; }

more() {
	expect "the kernel is locked down" "[confidentiality]" "$(grep -o '\[.*\]' /sys/kernel/security/lockdown)"
	expect "nothing is needed" userns "$MODE"
}

# WSL1: /proc/version says so, and every new namespace is EINVAL. No mode helps.
# tier: fast
# shellcheck shell=sh disable=SC2034 # steps.sh reads them

host() {
	echo "Linux version 4.4.0-19041-Microsoft (Microsoft@Microsoft.com) (gcc version 5.4.0 (GCC) ) #1237-Microsoft" >"$W/version"
	echo 4.4.0-19041-Microsoft >"$W/osrelease"
	mount --bind "$W/version" /proc/version
	mount --bind "$W/osrelease" /proc/sys/kernel/osrelease
}

unhost() {
	umount /proc/version /proc/sys/kernel/osrelease
}

flow() {
	before
	host
	HOST="/work/bin/shim --no-nnp clone:NEWUSER=EINVAL unshare:NEWUSER=EINVAL clone3=ENOSYS --"
	verdict
	plan
	apply --yes --allow-privileged
	expect "nothing is applied" "1 none" "$APPLY_RC $MODE"
	refused postern-test ns-unsupported
	WORKS=no
	HOST=
	unhost
	same
}

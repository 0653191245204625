# kernel.unprivileged_userns_clone=0, and the group gets user namespaces all the same.
# tier: all
# shellcheck shell=sh disable=SC2034 # steps.sh reads them

host() {
	key kernel/unprivileged_userns_clone 0
}

unhost() {
	key kernel/unprivileged_userns_clone
}

asks() {
	echo --mode filecaps-userns --allow-privileged --yes
}

more() {
	expect "the mode is filecaps-userns" filecaps-userns "$MODE"
	expect "a member is root inside, over its own user alone" "0 0 1000 1" "$(as postern-test postern-bwrap --unshare-user --uid 0 \
		--ro-bind / / --proc /proc --unshare-pid sh -c 'echo $(id -u) $(cat /proc/self/uid_map)' 2>&1)"
	expect "other programs have none" "unshare: unshare failed: Operation not permitted" "$(as postern-test unshare -U true 2>&1)"
}

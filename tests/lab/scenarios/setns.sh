# Debian 13 with unprivileged_userns_clone=0: what the user's other processes gain in a sandbox's namespaces.
# also: tests/priv/c/reach.c
# tier: all
# shellcheck shell=sh disable=SC2034

host() {
	echo 0 >/proc/sys/kernel/unprivileged_userns_clone
}

unhost() {
	echo 1 >/proc/sys/kernel/unprivileged_userns_clone
}

# entered: which of a sandbox's namespaces a process of the user's may enter from outside, and whether it may mount there
entered() {
	: >"$W/pid"
	as postern-test postern-bwrap --ro-bind / / --unshare-user --unshare-pid --info-fd 9 sleep 60 \
		9>"$W/pid" >/dev/null 2>&1 </dev/null &
	entered_started=$!
	entered_left=300
	until grep -q '}' "$W/pid" || [ $entered_left = 0 ]; do
		sleep 0.1
		entered_left=$((entered_left - 1))
	done
	entered_pid=$(sed -n 's/.*"child-pid": \([0-9]*\).*/\1/p' "$W/pid")
	as postern-test /work/bin/reach join "$entered_pid" 2>&1 | sed -n 's/ OPEN$//p' | tr '\n' ' '
	kill -KILL "$entered_pid"
	wait $entered_started
}

more() {
	expect "filecaps was chosen" filecaps "$MODE"
	expect "the control: outside none can be made" "unshare: unshare failed: Operation not permitted" \
		"$(as postern-test unshare --user true 2>&1)"
	expect "filecaps: nothing can be entered" "" "$(entered)"
	leave
	setup undo
	setup apply --mode filecaps-userns --allow-privileged --yes
	ends "filecaps-userns is applied by name" 0 "The mode filecaps-userns is in force."
	join
	case $(entered) in
		user*mnt*mount*) pass "filecaps-userns: the user's own processes get user namespaces, as postern-setup plan says" ;;
		*) fail "filecaps-userns: the user's own processes get user namespaces, as postern-setup plan says" "$(entered)" ;;
	esac
	expect "... and nobody else's" 1 "$(as postern-other /work/bin/reach join 1 2>&1 | grep -c '^user closed')"
}

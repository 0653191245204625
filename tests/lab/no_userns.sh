#!/bin/sh
# On a kernel that was built without user namespaces, in a guest of tests/lab/run-priv: what is granted, what is refused
# and in which words, and that --disable-userns tells the truth. (MUST 6, 7, 9; DESIGN §2)
set -eu
. tests/lib/tap.sh
. tests/priv/lib.sh

lacking='Creating new namespace failed, likely because the kernel does not support user namespaces'

# The kernel is what this is about, and nothing else refuses.
kernel() {
	says "the kernel has no user namespaces" "unshare user ns: Invalid argument" \
		runuser -u "$TEST_USER" -- "$PRIV_BIN/peek" userns
	has=no
	! grep -q '^Seccomp:' /proc/self/status || has=filters
	! dmesg | grep -q '^[^a-z]*landlock: Up and running' || has="$has Landlock"
	case $PRIV_KERNEL:$has in
		"no-userns:filters Landlock" | nas:no) ok "the kernel has, of what stands in for them: $has" ;;
		*) not_ok "the kernel has, of what stands in for them, what it is built with" "$has" ;;
	esac
	rc=0
	runuser -u "$TEST_USER" -- test -e /proc/self/ns/user || rc=$?
	[ $rc = 1 ] && ok "there is no /proc/self/ns/user" || not_ok "there is no /proc/self/ns/user"
}

# first_line NAME WORDS: the first line of the refusal that was seen last is bubblewrap's own
first_line() {
	equals "$1" "bwrap: $2" "$(sed -n 1p "$W/err")"
}

# What the launcher says where postern-priv cannot help it
alone() {
	mv "$PRIV" "$PRIV.away"
	denied "without postern-priv: refused" ns-unsupported refuse "$BWRAP" --ro-bind / / true
	first_line "without postern-priv: in bubblewrap's words" "$lacking"
	mv "$PRIV.away" "$PRIV"
	priv_mode none
	denied "without privilege: refused" priv-not-privileged refuse "$BWRAP" --ro-bind / / true
	first_line "without privilege: in bubblewrap's words" "$lacking"
	rc=0
	refuse "$BWRAP" --json-errors 5 --ro-bind / / true 5>"$W/json" >"$W/out" 2>&1 || rc=$?
	if [ $rc = 1 ] && grep -q '"ns-unsupported"' "$W/json"; then
		ok "without privilege: told in JSON, too"
	else
		not_ok "without privilege: told in JSON, too" "status $rc" "$(cat "$W/json" "$W/out")"
	fi
}

# Codex's lines in full (tests/priv/host.sh has the small ones); P is the user's project.
codex() {
	cat <<-'END'
		read-only|--as-pid-1 --new-session --die-with-parent --ro-bind / / --dev /dev --perms 000 --tmpfs D --remount-ro D --unshare-user --unshare-pid --unshare-ipc --unshare-net --proc /proc --cap-drop ALL --argv0 codex-linux-sandbox --
		workspace-write|--as-pid-1 --new-session --die-with-parent --ro-bind / / --dev /dev --perms 000 --tmpfs D --remount-ro D --bind P P --ro-bind P/.git P/.git --perms 555 --tmpfs P/.agents --remount-ro P/.agents --perms 555 --tmpfs P/.codex --remount-ro P/.codex --unshare-user --unshare-pid --unshare-ipc --unshare-net --proc /proc --cap-drop ALL --argv0 codex-linux-sandbox --
		network|--as-pid-1 --new-session --die-with-parent --ro-bind / / --dev /dev --bind P P --unshare-user --unshare-pid --unshare-ipc --proc /proc --cap-drop ALL --
		no procfs|--as-pid-1 --new-session --die-with-parent --ro-bind / / --dev /dev --perms 000 --tmpfs D --remount-ro D --unshare-user --unshare-pid --unshare-ipc --unshare-net --cap-drop ALL --argv0 codex-linux-sandbox --
		inherited pid namespace|--new-session --die-with-parent --ro-bind / / --dev /dev --perms 000 --tmpfs D --remount-ro D --unshare-user --unshare-ipc --unshare-net --cap-drop ALL --argv0 codex-linux-sandbox --
		inherited pid namespace, minimal|--new-session --die-with-parent --tmpfs / --dev /dev --ro-bind /usr /usr --ro-bind /bin /bin --ro-bind /lib /lib --ro-bind-try /lib64 /lib64 --ro-bind /proc /proc --unshare-user --unshare-ipc --unshare-net --cap-drop ALL --
		procfs preflight|--as-pid-1 --new-session --die-with-parent --tmpfs / --dev /dev --ro-bind /bin /bin --ro-bind /etc /etc --ro-bind /lib /lib --ro-bind-try /lib64 /lib64 --ro-bind /sbin /sbin --ro-bind /usr /usr --unshare-user --unshare-pid --unshare-ipc --unshare-net --proc /proc --cap-drop ALL --
	END
}

codex_lines() {
	says "$1: Codex's probe" "" refuse "$BWRAP" --unshare-user --unshare-net --ro-bind / / /bin/true
	mkdir -p "$W/user/project/.git" "$W/user/daemon"
	chown -R "$TEST_USER:" "$W/user"
	codex | sed "s,\\<D\\>,$W/user/daemon,g; s,\\<P\\>,$W/user/project,g" >"$W/codex"
	while IFS='|' read -r name words; do
		# shellcheck disable=SC2086
		says "$1: Codex, $name" "ran 0" refuse "$BWRAP" $words /bin/sh -c 'echo "ran $?"'
	done <"$W/codex"
	made=$(cd "$W/user/project" && find . -mindepth 1 -printf '%P %U\n' | sort | tr '\n' ' ')
	equals "$1: Codex's mount points in the project are the caller's" ".agents 1000 .codex 1000 .git 1000 " "$made"
	rm -rf "$W/user/project"
}

# What inherently needs a user namespace
refused() {
	while IFS='|' read -r id words; do
		# shellcheck disable=SC2086
		denied "$1: $words" "$id" refuse "$BWRAP" --ro-bind / / $words true
	done <<-'END'
		priv-needs-userns|--unshare-user --uid 0
		priv-needs-userns|--unshare-user --uid 0 --gid 0
		priv-needs-userns|--unshare-user --gid 5
		priv-needs-userns|--cap-add CAP_NET_ADMIN
		priv-needs-userns|--cap-add ALL --unshare-pid
		priv-needs-userns|--overlay-src /etc --tmp-overlay /mnt
		priv-needs-userns|--overlay-src /etc --overlay-src /usr --ro-overlay /mnt
		priv-needs-userns|--size 4096 --tmpfs /mnt
		ns-join-user|--userns 0
	END
	priv_config allow-no-userns=no
	denied "$1: --unshare-user, unless the administrator lets it be substituted" priv-needs-userns \
		refuse "$BWRAP" --unshare-user --ro-bind / / true
	says "$1: without --unshare-user that is no question" ran refuse "$BWRAP" --ro-bind / / echo ran
	priv_config
}

# No process inside makes a user namespace, by which way ever, and what is claimed is tried.
no_namespaces() {
	for options in "--unshare-user --disable-userns" "--unshare-user --disable-userns --assert-userns-disabled" \
		"--assert-userns-disabled" "--unshare-user --unshare-pid --proc /proc --disable-userns"; do
		rc=0
		# shellcheck disable=SC2086
		refuse "$BWRAP" --ro-bind / / $options "$PRIV_BIN/reach" userns >"$W/out" 2>"$W/err" </dev/null || rc=$?
		if [ $rc = 0 ] && ! grep -q OPEN "$W/out" && [ "$(wc -l <"$W/out")" -ge 3 ] && [ ! -s "$W/err" ]; then
			ok "$1: $options: none can be made"
		else
			not_ok "$1: $options: none can be made" "status $rc" "$(cat "$W/out" "$W/err")"
		fi
	done
}

# What is asked for of filters is there, or the start is refused.
filters() {
	"$PRIV_BIN/with" bpf uname 1 >"$W/bpf"
	[ "$PRIV_KERNEL" != nas ] ||
		denied "$1: --seccomp is refused where there are no filters" seccomp \
			refuse sh -c 'exec "$@" 3<"$0"' "$W/bpf" "$BWRAP" --ro-bind / / --seccomp 3 true
	priv_config require=base-filter
	if [ "$PRIV_KERNEL" = nas ]; then
		denied "$1: so is the administrator's own filter" wall refuse "$BWRAP" --ro-bind / / true
	else
		says "$1: --seccomp, and the administrator's own filter" "Seccomp:	2" refuse sh -c 'exec "$@" 3<"$0"' "$W/bpf" \
			"$BWRAP" --ro-bind / / --seccomp 3 grep ^Seccomp: /proc/self/status
	fi
	priv_config
}

# Without Landlock the command does not see the caller's processes, even if nobody asked for that.
processes() {
	wanted=own
	[ "$PRIV_KERNEL" = nas ] || wanted=shared
	for options in "" "--unshare-user --unshare-net" "--dev-bind /proc /proc"; do
		# shellcheck disable=SC2016,SC2086
		says "$1: its pid namespace, where nobody asked for one${options:+, $options}: $wanted" $wanted refuse "$BWRAP" \
			--bind / / $options sh -c '[ "$(readlink /proc/self/ns/pid)" = "$0" ] && echo shared || echo own' \
			"$(readlink /proc/self/ns/pid)"
	done
}

# A process of the caller's that the command has a pidfd of, given or told by a socket, keeps its descriptors.
peers() {
	says "$1: control: outside, a process's descriptors can be taken by a pidfd" OPEN \
		refuse "$PRIV_BIN/peer" pidfd "$PRIV_BIN/peer"
	if [ "$PRIV_KERNEL" = nas ]; then
		denied "$1: no pidfd is given to the command (MUST 2)" wall \
			refuse "$PRIV_BIN/peer" pidfd "$BWRAP" --ro-bind / / "$PRIV_BIN/peer"
	else
		says "$1: nor inside, if the command is given one (MUST 2)" "closed EPERM" \
			refuse "$PRIV_BIN/peer" pidfd "$BWRAP" --ro-bind / / "$PRIV_BIN/peer"
	fi
	says "$1: no socket of this kernel tells one" "closed no pidfd" \
		refuse "$PRIV_BIN/peer" "$BWRAP" --ro-bind / / "$PRIV_BIN/peer"
}

main() {
	priv_enter "$0" "$@"
	priv_begin no_userns
	kernel
	for mode in $PRIV_MODES; do
		priv_mode "$mode"
		codex_lines "$mode"
		refused "$mode"
		no_namespaces "$mode"
		filters "$mode"
		processes "$mode"
		peers "$mode"
	done
	alone
	no_process "no process is left"
	tap_end
}

main "$@"

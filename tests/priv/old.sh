#!/bin/sh
# Old kernels: from Linux 3.10 on the launcher, postern-priv and postern's commands work, without any call that is newer;
# on an older one there is a refusal that says so. What an old kernel lacks besides calls is tried on a kernel without
# it: tests/lab. (MUST 7)
set -eu
. tests/lib/tap.sh
. tests/priv/lib.sh

# old COMMAND...: as the member, on a host that refuses user namespaces and has only the calls of Linux 3.10
old() {
	priv_host "$PRIV_HOST" "$PRIV_BIN/shim" --no-nnp 3.10 -- runuser -u "$TEST_USER" -- env HOME="$W/user" TMPDIR="$W/user" "$@"
}

# older COMMAND...: and uname says 2.6
older() {
	priv_host "$PRIV_HOST" setarch --uname-2.6 runuser -u "$TEST_USER" -- "$@"
}

# no_cgroup COMMAND...: on one without cgroup namespaces (4.6)
no_cgroup() {
	priv_host "$PRIV_HOST" "$PRIV_BIN/shim" --no-nnp 3.10 unshare:NEWCGROUP=EINVAL clone:NEWCGROUP=EINVAL -- \
		runuser -u "$TEST_USER" -- "$@"
}

# one_devpts COMMAND...: on one whose devpts has no instances: no mount says ptmxmode (before 4.7, ARM NAS)
one_devpts() {
	# shellcheck disable=SC2016 # the other shell's
	unshare -m --propagation private sh -c 'while umount -l /dev/pts 2>/dev/null; do :; done; exec "$@"' sh \
		sh tests/priv/as priv_host "$PRIV_HOST" "$PRIV_BIN/shim" --no-nnp 3.10 -- runuser -u "$TEST_USER" -- "$@"
}

# finds NAME TEXT COMMAND...: what the command says, whatever its status, has that
finds() {
	finds_name=$1
	finds_text=$2
	shift 2
	"$@" >"$W/out" 2>&1 </dev/null || :
	if grep -qF -e "$finds_text" "$W/out"; then ok "$finds_name"; else not_ok "$finds_name" "wanted: $finds_text" "$(head -n 20 "$W/out")"; fi
}

main() {
	priv_enter "$0" "$@"
	priv_begin old
	PRIV_HOST=einval
	export PRIV_HOST W
	cli=$PRIV_PREFIX/bin/postern
	for mode in filecaps setuid; do
		priv_mode "$mode"
		says "$mode: with the calls of Linux 3.10 a sandbox starts" started old "$BWRAP" --unshare-all --ro-bind / / --dev /dev --proc /proc \
			echo started
		says "$mode: and one without namespaces asked for" started old "$BWRAP" --ro-bind / / echo started
		finds "$mode: postern doctor finds so" "works in mode $mode" old "$cli" doctor
		finds "$mode: postern run starts a command" started old "$cli" run --write "$W/user" -- echo started
		finds "$mode: postern explain says what it would be" network old "$cli" explain
		finds "$mode: postern container writes" seccomp old "$cli" container --print seccomp-postern.json
		finds "$mode: postern verify tries it" "held" old "$cli" verify --write "$W/user"
		says "$mode: without cgroup namespaces --unshare-cgroup-try is none" started no_cgroup "$BWRAP" --ro-bind / / --unshare-cgroup-try \
			echo started
		says "$mode: nor does --unshare-all ask for one" started no_cgroup "$BWRAP" --ro-bind / / --unshare-all echo started
		finds "$mode: and --unshare-cgroup is an error" "[ns-" no_cgroup "$BWRAP" --ro-bind / / --unshare-cgroup echo started
		says "$mode: /dev has terminals of its own" ptmx old "$BWRAP" --ro-bind / / --dev /dev ls /dev/pts
		says "$mode: and none where they would be the host's" "" one_devpts "$BWRAP" --ro-bind / / --dev /dev ls /dev/pts
		denied "$mode: on an older kernel postern-priv refuses" priv-caller older "$BWRAP" --ro-bind / / echo started
		finds "$mode: and says why" "the kernel is older than Linux 3.10" older "$BWRAP" --ro-bind / / echo started
	done
	priv_mode none
	finds "without it the launcher says so" "kernel-too-old" older "$BWRAP" --ro-bind / / echo started
	finds "and so does doctor" "a kernel older than 3.10" older "$cli" doctor
	tap_end
}

main "$@"

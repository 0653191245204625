# A host whose /proc is covered in part, as by container engines and systemd: no new procfs can be mounted.
# tier: fast
# shellcheck shell=sh disable=SC2034

host() {
	mount --bind /dev/null /proc/kcore
	# as Codex goes on when its preflight is refused
	CODEX_EDIT='/^procfs preflight/d; s, --proc /proc,,'
}

unhost() {
	umount /proc/kcore
	CODEX_EDIT=
}

# proc_is_refused EVIDENCE NAME: no procfs, in the words that Codex looks for
proc_is_refused() {
	proc_said=$(as postern-test postern-bwrap --ro-bind / / --unshare-all --proc /proc true 2>&1)
	case $proc_said in
		"bwrap: Can't mount proc on /newroot/proc: Operation not permitted
postern: "*'[mount-proc]'*"proc-masked"*"$1"*) pass "$2: no procfs, in the words that Codex waits for" ;;
		*) fail "$2: no procfs, in the words that Codex waits for" "$proc_said" ;;
	esac
}

more() {
	expect "nothing is changed" userns "$MODE"
	proc_is_refused /proc/kcore "a masked file"
	umount /proc/kcore
	mount --bind /proc/sys /proc/sys
	mount -o remount,bind,ro /proc/sys
	proc_is_refused proc.readonly=sys "a read-only /proc/sys"
	mkdir "$W/proc"
	mount -t proc proc "$W/proc"
	expect "another procfs that is whole lets it be mounted" "0 " \
		"0 $(as postern-test postern-bwrap --ro-bind / / --unshare-all --proc /proc true 2>&1)"
	umount "$W/proc"
	umount /proc/sys
	mount --bind /dev/null /proc/kcore
	# privilege over the host is not bound by it
	echo 0 >/proc/sys/kernel/unprivileged_userns_clone
	setup apply --allow-privileged --yes
	ends "with unprivileged_userns_clone=0: filecaps" 0 "The mode filecaps is in force."
	join
	CODEX_EDIT=
	works postern-test
	leave
	setup undo
	echo 1 >/proc/sys/kernel/unprivileged_userns_clone
	MODE=userns
}

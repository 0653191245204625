#!/bin/sh
# Real facts of hosts that refuse something: what the kernel lets pass, what it says and which step fails, beside
# what the launcher makes of the same host. As root for all of it; without, filters alone are tried.
set -eu
. tests/lib/tap.sh

# As a user. What a sandbox of Codex's kind needs.
SANDBOX='--unshare-all --hostname x --ro-bind / / --tmpfs /tmp --dev /dev --proc /proc'

cleanup() {
	rm -rf "$work"
}

# static NAME SOURCE...: works in a chroot, too
static() {
	out=$work/bin/$1
	shift
	for cc in "${CC:-cc}" musl-gcc; do
		"$cc" -static -std=gnu11 -O1 -w -D_GNU_SOURCE -Isrc -DPOSTERN_SYSCONFDIR='"/etc"' \
			-DPOSTERN_PACKAGE='""' -DPOSTERN_PRIVDIR='""' -DPOSTERN_VERSION='"0"' \
			-idirafter /usr/include -idirafter "/usr/include/$(uname -m)-linux-gnu" \
			-o "$out" "$@" 2>"$work/log" && return 0
	done
	cat "$work/log" >&2
	return 1
}

stage() {
	umask 022
	work=$(mktemp -d "${TMPDIR:-/tmp}/postern-host.XXXXXX")
	trap cleanup EXIT
	trap 'exit 130' HUP INT TERM
	chmod 755 "$work"
	mkdir "$work/bin"
	static shim tests/shim/no_syscall.c
	static probe tests/host/c/probe.c src/host/facts*.c src/host/direction.c src/host/probe*.c src/base/*.c
	cp "${BWRAP:-${BUILD:-$PWD/build}/bwrap}" "$work/bin/bwrap"
	user=
	nnp=
	if [ "$(id -u)" = 0 ]; then
		user=${TEST_USER:-postern-test}
		nnp="--no-nnp --user $user"
	fi
	export work user SANDBOX
}

# has NAME WORD...: the facts in $work/facts have these lines, or for !LINE not that one; a KEY alone is any value
has() {
	has_name=$1
	has_bad=
	shift
	for word; do
		case $word in
			!*=*) ! grep -qxF -- "${word#!}" "$work/facts" || has_bad="$has_bad $word" ;;
			!*) ! grep -q "^${word#!}=" "$work/facts" || has_bad="$has_bad $word" ;;
			*) grep -qxF -- "$word" "$work/facts" || has_bad="$has_bad $word" ;;
		esac
	done
	if grep -q 'a process was left' "$work/facts"; then
		has_bad="$has_bad (a process was left)"
	fi
	if [ -z "$has_bad" ]; then
		ok "probe: $has_name"
	else
		not_ok "probe: $has_name" "not so:$has_bad" "$(cat "$work/facts")"
	fi
}

# agrees NAME: the launcher, which left its status in $work/status, failed if and only if the dry run did, or met
# what it has noted, as this sandbox wants everything
agrees() {
	agrees_want=0
	if grep -qE '^failed.step=|^run\.(hostname|proc|devpts)=[^o]' "$work/facts"; then
		agrees_want=1
	fi
	if [ "$(cat "$work/status")" = $agrees_want ]; then
		ok "probe: the launcher agrees: $1"
	else
		not_ok "probe: the launcher agrees: $1" "status $(cat "$work/status")" "$(cat "$work/errors")" \
			"$(grep -E '^(run|failed)' "$work/facts")"
	fi
}

# filtered NAME RULES WORD...: where these calls fail so
filtered() {
	name=$1
	rules=$2
	shift 2
	# shellcheck disable=SC2086 # words
	"$work/bin/shim" $nnp $rules -- "$work/bin/probe" read calls run >"$work/facts" 2>&1 || :
	echo 0 >"$work/status"
	# shellcheck disable=SC2086
	"$work/bin/shim" $nnp $rules -- "$work/bin/bwrap" $SANDBOX true >"$work/errors" 2>&1 || echo $? >"$work/status"
	has "$name" "$@"
	agrees "$name"
}

# on NAME SCRIPT WORD...: on the host that SCRIPT, as root in a mount namespace of its own, has made of this one;
# it begins the commands with $as, which becomes the user
on() {
	name=$1
	script=$2
	shift 2
	# shellcheck disable=SC2016 # the inner shell's
	unshare -m --propagation private sh -c "set -eu; as='runuser -u $user --'; $script"'
		$as "$work/bin/probe" read calls run >"$work/facts" 2>&1 || :
		echo 0 >"$work/status"
		$as "$work/bin/bwrap" $SANDBOX true >"$work/errors" 2>&1 || echo $? >"$work/status"' ||
		echo "the host could not be made" >"$work/facts"
	has "$name" "$@"
	agrees "$name"
}

filters() {
	filtered "this machine" 7.99 !failed.step run.user-namespace=ok run.pivot-root=ok call.mount=ok call.setns=ok
	filtered "no user namespaces" "clone:NEWUSER=EPERM unshare:NEWUSER=EPERM" run.user-namespace=EPERM \
		failed.step=user-namespace failed.errno=EPERM call.unshare=EPERM call.clone-user=EPERM call.clone-mount=ok \
		!run.uid-map Seccomp=2
	filtered "a kernel without them" "clone:NEWUSER=EINVAL unshare:NEWUSER=EINVAL" failed.step=user-namespace \
		failed.errno=EINVAL
	filtered "a limit" "clone:NEWUSER=ENOSPC unshare:NEWUSER=ENOSPC" failed.step=user-namespace failed.errno=ENOSPC
	filtered "as Docker's filter" \
		"clone:NEWUSER,clone:NEWNS,unshare,setns,mount,umount2,pivot_root,open_tree,mount_setattr=EPERM clone3=ENOSYS" \
		failed.step=user-namespace failed.errno=EPERM call.mount=EPERM call.umount2=EPERM call.unshare=EPERM \
		call.setns=EPERM call.clone-mount=EPERM call.clone3=ENOSYS call.open_tree=EPERM call.mount_setattr=EPERM \
		call.chroot=ok
	filtered "clone that knows no namespaces" "clone:NEWUSER=EINVAL" !failed.step run.pivot-root=ok
	filtered "clone that is not there" "clone:NEWUSER=ENOSYS" !failed.step run.pivot-root=ok
	filtered "unshare refused" "unshare=EPERM" !failed.step call.unshare=EPERM
	filtered "no other namespaces" "clone:NEWPID=EPERM unshare:NEWPID=EPERM" run.user-namespace=ok \
		run.capabilities=ok failed.step=namespaces failed.errno=EPERM
	filtered "no network namespace" "clone:NEWNET=ENOSPC unshare:NEWNET=ENOSPC" failed.step=namespaces \
		failed.errno=ENOSPC
	filtered "no socket" "socket=EACCES" failed.step=loopback failed.errno=EACCES run.gid-map=ok !run.slave
	filtered "no mount of any kind" "mount,open_tree,move_mount=EPERM" failed.step=slave failed.errno=EPERM \
		run.loopback=ok call.open_tree=EPERM
	filtered "mounting refused by a security module" "mount,move_mount=EACCES" failed.step=slave failed.errno=EACCES
	filtered "mount(2) alone refused" "mount=EPERM" !failed.step call.mount=EPERM run.proc=ok
	filtered "no fsopen" "fsopen=EPERM" !failed.step run.proc=ok run.devpts=ok
	filtered "no pivot_root" "pivot_root=EPERM" !failed.step run.pivot-root=EPERM run.proc=ok
	filtered "Linux 3.10's calls" "3.10" !failed.step run.pivot-root=ok call.open_tree=ENOSYS call.clone3=ENOSYS \
		call.mount_setattr=ENOSYS call.mount=ok
	filtered "Linux 5.4's calls" "5.4" !failed.step call.open_tree=ok call.mount_setattr=ENOSYS
	filtered "Linux 3.10's calls, without mount" "3.10 mount=EPERM" failed.step=slave failed.errno=EPERM
	filtered "no sethostname" "sethostname=EPERM" run.hostname=EPERM run.pivot-root=ok !failed.step
}

hosts() {
	cat >"$work/bin/nested" <<'END'
#!/bin/sh
# nested KEY=VALUE... -- COMMAND...: COMMAND as the user in a user namespace with the same ids, whose limits are these
if [ "$1" = limited ]; then
	shift
	while [ "$1" != -- ]; do
		echo "${1#*=}" >"/proc/sys/user/max_${1%=*}_namespaces" || exit 97
		shift
	done
	shift
	exec runuser -u "$user" -- "$@"
fi
rm -f "$work/born" "$work/go"
mkfifo "$work/born" "$work/go"
unshare -U -m sh -c '
	echo $$ >"$work/born"
	read -r go <"$work/go"
	# the ids are mapped now, so that exec gives the capabilities back
	exec "$0" limited "$@"' "$0" "$@" &
read -r pid <"$work/born"
echo "0 0 4294967295" >"/proc/$pid/uid_map"
echo "0 0 4294967295" >"/proc/$pid/gid_map"
echo go >"$work/go"
wait $!
END
	chmod 755 "$work/bin/nested"
	on "max_user_namespaces=0" 'as="$work/bin/nested user=0 --"' user.max_user_namespaces=0 run.user-namespace=ENOSPC \
		failed.step=user-namespace failed.errno=ENOSPC
	on "max_net_namespaces=0" 'as="$work/bin/nested net=0 --"' user.max_net_namespaces=0 run.user-namespace=ok \
		failed.step=namespaces failed.errno=ENOSPC
	on "max_cgroup_namespaces=0" 'as="$work/bin/nested cgroup=0 --"' user.max_cgroup_namespaces=0 \
		failed.step=namespaces failed.errno=ENOSPC
	on "no limit in a nested namespace" 'as="$work/bin/nested --"' !failed.step "uid_map=0 0 4294967295" run.pivot-root=ok
	on "no_new_privs" 'as="$as setpriv --no-new-privs"' NoNewPrivs=1 Seccomp=0 !failed.step run.pivot-root=ok
	on "WSL1's /proc/version" 'echo "Linux version 4.4.0-19041-Microsoft (Microsoft@Microsoft.com)" >"$work/version"
		mount --bind "$work/version" /proc/version' wsl=1 !failed.step \
		"kernel.version=Linux version 4.4.0-19041-Microsoft (Microsoft@Microsoft.com)"
	on "a masked file in /proc" 'mount --bind /dev/null /proc/uptime' proc.masked=/proc/uptime run.proc=EPERM \
		run.pivot-root=ok proc.readonly=no
	on "a read-only /proc/sys" 'mount --bind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys' \
		proc.readonly=sys proc.masked=/proc/sys run.proc=EPERM
	on "a read-only /proc" 'mount -o remount,bind,ro /proc' proc.readonly=yes failed.step=uid-map failed.errno=EROFS
	on "no /proc" 'mount -t tmpfs none /proc' proc=no failed.step=uid-map failed.errno=ENOENT !ns.user !Seccomp
	on "a read-only root" 'mount --bind "$work" "$work"; mount -o remount,bind,ro /' root.readonly=yes !failed.step
	on "a hidden /proc" 'mount -t proc -o hidepid=2 proc /proc' proc.masked=no
	chroots
}

chroots() {
	cat >"$work/bin/jail" <<'END'
#!/bin/sh
# jail DIR: fills it with what is below /
for dir in /*; do
	[ -d "$dir" ] && [ ! -h "$dir" ] && [ "$dir" != /lost+found ] || continue
	mkdir "$1$dir"
	mount --rbind "$dir" "$1$dir"
done
for link in bin lib lib32 lib64 libx32 sbin; do
	[ ! -h "/$link" ] || ln -s "$(readlink "/$link")" "$1/$link"
done
END
	chmod 755 "$work/bin/jail"
	mkdir "$work/jail" "$work/mounted"
	on "a chroot" '"$work/bin/jail" "$work/jail"; as="chroot $work/jail $as"' root.mount=no \
		failed.step=user-namespace failed.errno=EPERM call.unshare=ok call.clone-user=ok
	# only root sees that a mount point is not the namespace's root, by where the first process is
	# shellcheck disable=SC2016
	unshare -m -p -f --mount-proc --propagation private sh -c 'mount -t tmpfs -o mode=755 jail "$work/mounted"
		"$work/bin/jail" "$work/mounted"
		chroot "$work/mounted" "$work/bin/probe" read run; echo end' >"$work/facts" 2>&1 || :
	has "a chroot to a mount point, seen by root" root.mount=no failed.step=user-namespace failed.errno=EPERM end
	# shellcheck disable=SC2016
	unshare -m -p -f --mount-proc --propagation private sh -c 'mount --rbind / "$work/mounted"
		chroot "$work/mounted" "$work/bin/probe" read run; echo end' >"$work/facts" 2>&1 || :
	has "a chroot to a bind of the root, seen by root" root.mount=no failed.step=user-namespace end
}

# What cannot be had at all.
ends() {
	runuser -u "$user" -- prlimit --nproc=0 "$work/bin/probe" run >"$work/facts" 2>&1 || :
	if grep -q 'nothing could be tried: Resource temporarily unavailable' "$work/facts"; then
		ok "probe: without a process to be had, nothing is said"
	else
		not_ok "probe: without a process to be had, nothing is said" "$(cat "$work/facts")"
	fi
	runuser -u "$user" -- "$work/bin/probe" --deadline 0 run >"$work/facts" 2>&1 || :
	has "a deadline ends it" failed.errno=timeout
}

main() {
	stage
	# shellcheck disable=SC2086 # words or nothing
	if ! "$work/bin/shim" $nnp 7.99 -- unshare -U -m -p -f -n --mount-proc true 2>/dev/null; then
		skip "probe: hosts that are made of this one" "it refuses user namespaces, or a /proc in one"
		tap_end
		return
	fi
	filters
	if [ -n "$user" ]; then
		hosts
		ends
	else
		skip "probe: hosts that only root can make" "needs root"
	fi
	tap_end
}

main "$@"

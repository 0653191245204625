#!/bin/sh
# Mounts, in the host's own user namespace, where the kernel guards nothing for us: an administrator's flags are never
# taken away, what a mount covers stays covered, and nothing that is mounted for a sandbox reaches the host, not out of
# a chroot either. With the newest mount calls, those of Linux 5.4, and those of 3.10. (MUST 5; bubblewrap's remount by
# path; CVE-2019-16884, CVE-2023-28642, CVE-2025-52881 for /proc)
set -eu
. tests/lib/tap.sh
. tests/priv/lib.sh
. tests/priv/attack_lib.sh

KERNELS="now 5.4 3.10"

# user KERNEL COMMAND...: as TEST_USER, on such a host and kernel
user() {
	user_kernel=$1
	shift
	if [ "$user_kernel" = now ]; then
		refuse "$@"
	else
		priv_host "$PRIV_HOST" "$PRIV_BIN/shim" --no-nnp "$user_kernel" -- runuser -u "$TEST_USER" -- "$@"
	fi
}

# fs PLACE FLAGS: a file system of the administrator's, shared, with these flags and a file in it
fs() {
	mkdir -p "$M/$1"
	mount -t tmpfs -o mode=755 "fs-$1" "$M/$1"
	echo "in $1" >"$M/$1/file"
	mount -o "remount,bind,$2" "$M/$1"
}

ground() {
	M=$PRIV_WORK/m
	mkdir "$M"
	mount -t tmpfs -o mode=755 base "$M"
	mount --make-shared "$M"
	mkdir -p "$M/hide" "$M/unbindable" "$M/mine"
	echo hidden >"$M/hide/file"
	echo hidden >"$M/unbindable/file"
	mount -t tmpfs -o mode=755 above "$M/hide"
	fs all ro,nosuid,nodev,noexec,noatime
	fs nodiratime nosuid,noexec,nodiratime,relatime
	fs strict nodev,noexec,strictatime
	fs outer rw
	fs outer/ro ro
	mkdir "$M/outer/between"
	fs outer/between/noexec rw,noexec
	mount -t tmpfs -o mode=755 unbindable "$M/unbindable"
	mount --make-unbindable "$M/unbindable"
	chown "$TEST_USER:" "$M/mine"
	LINKS=
	if mkdir "$M/nolinks" && mount -t tmpfs -o mode=755,nosymfollow nolinks "$M/nolinks" 2>"$W/err" &&
		grep -q " $M/nolinks [^ ]*nosymfollow" /proc/self/mountinfo; then
		LINKS=nosymfollow
	fi
}

# keeps NAME KERNEL BELOW "FLAG..." OPTION...: each mount at BELOW has these
keeps() {
	keeps_name=$1
	keeps_kernel=$2
	keeps_below=$3
	keeps_flags=$4
	shift 4
	# shellcheck disable=SC2086
	user "$keeps_kernel" "$BWRAP" "$@" --ro-bind "$PRIV_BIN" /mnt --unshare-pid --proc /proc \
		/mnt/inside mounts "$keeps_below" $keeps_flags >"$W/out" 2>&1 </dev/null || {
		BAD="$BAD$keeps_name: $(tail -n 3 "$W/out"); "
		return 0
	}
	grep -q '^seen [1-9][0-9]* lacking 0$' "$W/out" || BAD="$BAD$keeps_name: $(cat "$W/out"); "
}

flags() {
	for kernel in $KERNELS; do
		for option in --bind --dev-bind --ro-bind; do
			BAD=
			for in_place in "$option / / " "--ro-bind /usr /usr --symlink usr/lib64 /lib64 $option $M $M "; do
				nodev=nodev
				[ $option != --dev-bind ] || nodev=
				# shellcheck disable=SC2086
				{
					keeps "all" $kernel "$M/all" "ro nosuid nodev noexec noatime" $in_place
					keeps "nodiratime" $kernel "$M/nodiratime" "nosuid noexec nodiratime relatime $nodev" $in_place
					keeps "strict" $kernel "$M/strict" "nosuid nodev noexec" $in_place
					keeps "outer" $kernel "$M/outer" "nosuid $nodev" $in_place
					keeps "outer/ro" $kernel "$M/outer/ro" "nosuid $nodev ro" $in_place
					keeps "below outer" $kernel "$M/outer/between" "nosuid $nodev noexec" $in_place
					[ -z "$LINKS" ] || keeps "nolinks" $kernel "$M/nolinks" "nosuid nosymfollow" $in_place
				}
			done
			verdict "propagation: $mode: $option keeps an administrator's flags, Linux $kernel (MUST 5)" nothing "$BAD"
		done
		BAD=
		keeps "a submount alone" "$kernel" /x "ro nosuid nodev noexec noatime" --dev-bind "$M/all" /x
		keeps "--remount-ro of it" "$kernel" "$M/all" "ro nosuid nodev noexec noatime" --bind / / --remount-ro "$M/all"
		keeps "a bind on it" "$kernel" "$M/strict" "nosuid nodev noexec" --bind / / --bind "$M/strict" "$M/strict"
		keeps "a file of it" "$kernel" /x "ro nosuid nodev noexec" --dev-bind "$M/all/file" /x
		verdict "propagation: $mode: single mounts keep an administrator's flags, Linux $kernel (MUST 5)" nothing "$BAD"
		# strictatime is the absence of all others
		user "$kernel" "$BWRAP" --bind / / --bind "$M/strict" /mnt --unshare-pid --proc /proc \
			grep -E " (/mnt|$M/strict) " /proc/self/mountinfo >"$W/out" 2>&1 </dev/null || :
		# shellcheck disable=SC2016
		verdict "propagation: $mode: atime flags are as they were, Linux $kernel (MUST 5)" \
			sh -c '[ "$(wc -l <"$0")" = 2 ] && ! grep -E "relatime|noatime" "$0"' "$W/out"
	done
}

# nothing TEXT: there is none
nothing() {
	printf '%s\n' "$1"
	[ -z "$1" ]
}

# What lies below a mount is seen by nobody who did not see it before: binds are recursive.
covered() {
	exec 9<"$M"
	for kernel in $KERNELS; do
		BAD=
		for form in "--bind $M /mnt" "--dev-bind $M /mnt" "--ro-bind-fd 9 /mnt" "--ro-bind / / --bind $M /mnt" \
			"--ro-bind-try $M/../m /mnt"; do
			# shellcheck disable=SC2086
			user $kernel "$BWRAP" --ro-bind "$PRIV_BIN" /t --ro-bind /usr /usr --ro-bind-try /lib /lib \
				--ro-bind-try /lib64 /lib64 $form /usr/bin/cat /mnt/all/file /mnt/hide/file \
				/mnt/unbindable/file >"$W/out" 2>"$W/err" </dev/null || :
			case $(cat "$W/out") in
				"in all") ;;
				*) BAD="$BAD$form: $(cat "$W/out" "$W/err"); " ;;
			esac
		done
		verdict "propagation: $mode: what a mount covers stays covered, Linux $kernel (MUST 5)" nothing "$BAD"
		user "$kernel" "$BWRAP" --ro-bind / / --ro-bind "$M/unbindable" /mnt ls /mnt >"$W/out" 2>"$W/err" </dev/null || :
		# since Linux 6.17 a new mount namespace makes it bindable
		verdict "propagation: $mode: of an unbindable mount nothing below it is bound, Linux $kernel (MUST 5)" \
			[ ! -s "$W/out" ]
	done
	exec 9<&-
}

# during COMMAND...: the host's mounts while COMMAND's sandbox is up, and afterwards
during() {
	: >"$W/up"
	chmod 666 "$W/up"
	"$@" >"$W/up" 2>"$W/err" </dev/null &
	box=$!
	i=0
	while [ ! -s "$W/up" ] && [ $i -lt 50 ] && kill -0 $box 2>/dev/null; do
		i=$((i + 1))
		sleep 0.05
	done
	cat /proc/self/mountinfo >"$W/table.during"
	kill_tree $box
	wait $box 2>/dev/null || :
	cat /proc/self/mountinfo >"$W/table.after"
}

# leaks NAME COMMAND...: nothing of what it mounts is to be seen here. Its sandbox says "up", if it starts.
leaks() {
	leaks_name=$1
	shift
	cat /proc/self/mountinfo >"$W/table.before"
	during "$@"
	[ -s "$W/up" ] || BAD="$BAD$leaks_name: did not start: $(head -n 1 "$W/err"); "
	cmp -s "$W/table.before" "$W/table.during" && cmp -s "$W/table.before" "$W/table.after" ||
		BAD="$BAD$leaks_name: $(diff "$W/table.before" "$W/table.during" | head -n 3); "
}

leak() {
	for kernel in $KERNELS; do
		BAD=
		for form in "--ro-bind / / --tmpfs /tmp --dev /dev --unshare-pid --proc /proc" "--bind / / --bind /usr $M/mine" \
			"--tmpfs / --dir /a --bind $M /m --tmpfs /m/mine/new" "--ro-bind / / --perms 000 --tmpfs $M/mine"; do
			# shellcheck disable=SC2086
			leaks "$form" user $kernel "$BWRAP" $form --ro-bind "$PRIV_BIN" /mnt /mnt/inside wait 10
			rm -rf "$M/mine/new"
		done
		verdict "propagation: $mode: nothing reaches the host's mounts, Linux $kernel (MUST 5)" nothing "$BAD"
	done
}

# ---- from inside a chroot, whose root is no mount point

chroot_ground() {
	R=$PRIV_WORK/root
	mkdir -p "$R/bin" "$R/proc" "$R/dev" "$R/mnt" "$R/tmp" "$R$PRIV_PREFIX" "$R/mounted"
	cp "$PRIV_BIN/inside" "$PRIV_BIN/peek" "$R/bin"
	mount --rbind "$PRIV_PREFIX" "$R$PRIV_PREFIX"
	mount -t tmpfs -o ro,noexec,mode=755 inner "$R/mounted"
	chmod -R go+rX "$R/bin"
	chmod 1777 "$R/tmp"
	U=$(id -u "$TEST_USER")
	G=$(id -g "$TEST_USER")
}

# jailed KERNEL WORD...: the launcher with these, as the user, in the chroot
jailed() {
	jailed_kernel=$1
	shift
	set -- chroot "--userspec=$U:$G" "--groups=$G,$(stat -c %g "$PRIV")" "${J:-$R}" "$BWRAP" "$@"
	[ "$jailed_kernel" = now ] || set -- "$PRIV_BIN/shim" --no-nnp "$jailed_kernel" -- "$@"
	priv_host "$PRIV_HOST" "$@"
}

jail() {
	mount -t proc proc "$R/proc"
	for kernel in $KERNELS; do
		case $mode in
			*-userns)
				# the kernel makes no user namespace for who is in a chroot
				verdict "propagation: $mode: in a chroot the start is refused, Linux $kernel (MUST 5)" \
					refused_in_jail "$kernel" --ro-bind / / /bin/inside caps
				continue
				;;
		esac
		BAD=
		for form in "--ro-bind / /" "--ro-bind / / --tmpfs /mnt --unshare-pid --proc /proc" "--tmpfs / --ro-bind /bin /bin --tmpfs /x"; do
			# shellcheck disable=SC2086
			leaks "$form" jailed $kernel $form /bin/inside wait 10
		done
		verdict "propagation: $mode: from a chroot nothing reaches the host's mounts, Linux $kernel (MUST 5)" nothing "$BAD"
		BAD=
		for form in "--ro-bind / /" "--bind / / --unshare-pid --proc /proc" "--tmpfs / --ro-bind /bin /bin"; do
			# shellcheck disable=SC2086
			says_jailed "tree ok" $kernel $form /bin/inside tree
		done
		says_jailed "seen 1 lacking 0" "$kernel" --bind / / --unshare-pid --proc /proc /bin/inside mounts /mounted ro noexec nosuid
		verdict "propagation: $mode: a sandbox in a chroot has that root and no other, Linux $kernel (MUST 5, CVE-2024-21626)" \
			nothing "$BAD"
	done
	umount "$R/proc"
	verdict "propagation: $mode: in a chroot without /proc the start is refused (MUST 5)" \
		refused_in_jail now --ro-bind / / /bin/inside caps
	foreign_proc
}

says_jailed() {
	said_wanted=$1
	shift
	said=$(jailed "$@" 2>&1 </dev/null) || said="$said, status $?"
	[ "$said" = "$said_wanted" ] || BAD="$BAD$*: $said; "
}

refused_in_jail() {
	jail_rc=0
	jailed "$@" >"$W/jail" 2>&1 </dev/null || jail_rc=$?
	cat "$W/jail"
	[ $jail_rc = 1 ] && grep -q '^postern: ' "$W/jail"
}

# A /proc of the user's own making: every number leads where he wants the kernel to mount and to write.
foreign_proc() {
	mkdir -p "$R/proc/self/fd" "$R/proc/self/ns" "$R/proc/self/attr" "$R/victim"
	echo untouched >"$R/victim/map"
	for fd in $(seq 0 40); do
		ln -s /mounted "$R/proc/self/fd/$fd"
	done
	ln -s /victim/map "$R/proc/self/uid_map"
	ln -s /victim/map "$R/proc/self/gid_map"
	ln -s /victim/map "$R/proc/self/setgroups"
	ln -s /victim/map "$R/proc/self/attr/exec"
	ln -s "$PRIV" "$R/proc/self/exe"
	cat /proc/self/mountinfo >"$R/proc/self/mountinfo"
	: >"$R/proc/self/ns/mnt"
	chmod 666 "$R/victim/map"
	chown -hR "$TEST_USER:" "$R/proc"
	# a root that is a mount point needs no /proc to become a slave
	mkdir -p "$R.point"
	mount --rbind "$R" "$R.point"
	mount --make-rprivate "$R.point"
	J=$R.point
	for kernel in $KERNELS; do
		verdict "propagation: $mode: a /proc that is none is refused, Linux $kernel (MUST 5, CVE-2019-16884, CVE-2025-52881)" \
			refused_in_jail "$kernel" --bind / / --bind /mounted /mnt /bin/inside caps
		verdict "propagation: $mode: nor is it there for --exec-label, Linux $kernel (CVE-2019-16884)" \
			refused_in_jail "$kernel" --tmpfs / --ro-bind /bin /bin --exec-label x /bin/inside caps
	done
	verdict "propagation: $mode: nothing was written through it (MUST 4)" [ "$(cat "$R/victim/map")" = untouched ]
	J=
	umount -l "$R.point"
	rm -rf "$R/victim" "$R/proc"
	mkdir "$R/proc"
}

all() {
	flags
	covered
	leak
	jail
}

main() {
	priv_enter "$0" "$@"
	priv_begin propagation
	need chroot || {
		tap_end
		exit
	}
	ground
	chroot_ground
	J=
	in_modes all
	no_process "propagation: no process is left (MUST 10)"
	tap_end
}

main "$@"

# A chroot on a host where user namespaces work: in it nobody gets one.
# tier: fast
# shellcheck shell=sh disable=SC2034

ROOT=/srv/chroot

# From now on all of it is said, planned and started in the chroot; before and same look at both.
host() {
	mkdir -p "$ROOT"
	for host_dir in bin etc home lib lib64 sbin usr var; do
		cp -a "/$host_dir" "$ROOT/"
	done
	mkdir -p "$ROOT/proc" "$ROOT/dev" "$ROOT/sys" "$ROOT/tmp" "$ROOT$W"
	chmod 1777 "$ROOT/tmp"
	mount -t proc proc "$ROOT/proc"
	# what is unmounted there is not to be unmounted on the host, too
	mount --rbind /dev "$ROOT/dev"
	mount --make-rslave "$ROOT/dev"
	mount --bind "$W" "$ROOT$W"
	mount --bind /home "$ROOT/home"
	as() {
		as_user=$1
		shift
		chroot "$ROOT" setpriv --reuid "$as_user" --regid "$as_user" --init-groups env -i HOME="/home/$as_user" \
			PATH=/usr/local/bin:/usr/bin:/bin LC_ALL=C "$@"
	}
	setup() {
		RC=0
		chroot "$ROOT" postern-setup "$@" >"$W/out" 2>&1 </dev/null || RC=$?
	}
	postern() {
		chroot "$ROOT" postern "$@"
	}
}

unhost() {
	umount "$ROOT$W" "$ROOT/home"
	umount -R -l "$ROOT/dev"
	umount "$ROOT/proc"
	rm -rf "$ROOT"
}

# The host's own administrator may have given postern-priv in the chroot its privilege.
more() {
	expect "nothing is decided there" "0 none" "$APPLY_RC $MODE"
	expect "... and said so" 1 "$(grep -c 'this is a chroot' "$W/out")"
	setup apply --mode filecaps --allow-privileged --yes
	ends "nor by name" 1 "this is a chroot"
	refused postern-test ns-refused
	more_priv=$ROOT/usr/local/libexec/postern/postern-priv
	echo postern:x:999:postern-test >>"$ROOT/etc/group"
	chown 0:999 "$more_priv"
	chmod 0750 "$more_priv"
	setcap cap_sys_admin,cap_net_admin,cap_setpcap,cap_sys_chroot=p "$more_priv"
	chmod 0711 "$ROOT/usr/local/libexec/postern/postern-pam"
	mkdir "$ROOT/etc/postern"
	printf '%s\n' 'allow-no-userns = yes' 'group = postern' 'pam = off' >"$ROOT/etc/postern/privileged.conf"
	works postern-test
	refused postern-other priv-not-member
	expect "the host's root is not there" "" \
		"$(as postern-test postern-bwrap --ro-bind / / sh -c 'ls -d /srv/chroot /work' 2>/dev/null)"
	as postern-test postern doctor >"$W/out" 2>&1
	RC=$?
	ends "doctor finds filecaps in force" 0 "works in mode filecaps"
	bound
	MODE=none
}

# A chroot whose root is a mount: it looks whole, and the kernel refuses user namespaces all the same.
bound() {
	bound_old=$ROOT
	mkdir -p /srv/bound
	mount --rbind "$ROOT" /srv/bound
	mount --make-rprivate /srv/bound
	ROOT=/srv/bound
	expect "where a mount is the chroot's root, filecaps works, too" ran "$(as postern-test postern-bwrap --ro-bind / / echo ran 2>&1)"
	chmod 0755 "$ROOT/usr/local/libexec/postern/postern-priv"
	chown 0:0 "$ROOT/usr/local/libexec/postern/postern-priv"
	refused postern-test ns-refused
	ROOT=$bound_old
	umount -R -l /srv/bound
	rmdir /srv/bound
}

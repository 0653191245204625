# shellcheck shell=sh disable=SC2034 # the scripts use what is set here
# A NAS as postern-setup enable finds it, in a mount namespace of its own: package files that belong to the package's
# user, behind a link to a volume; its INFO and scripts, and /usr/local, of root's. Source it from the top of the tree, after tests/lib/tap.sh and
# tests/priv/lib.sh, as root; it defines functions only.
#
#	nas_ground	after priv_enter: the accounts $TEST_USER (in administrators), $PRIV_OUTSIDER, postern (the package's)
#	nas_build	sets NAS_TREE: the programs, compiled for a package
#	nas_package VERSION	installs or updates the package, as DSM does: target is wiped
#	nas_setup WORD...	the package's postern-setup, on a kernel without user namespaces; sets RC, output in $W/out
#	nas_start USER WORD...	a sandbox as that user
#	nas_refuse COMMAND...	on such a kernel

NAS=/var/packages/postern
NAS_TARGET=$NAS/target
NAS_COPY=/usr/local/libexec/postern
NAS_VOLUME=/var/volume1
# tests/lab/run takes this line as it is
NAS_WORDS="PACKAGE=/var/packages/postern PREFIX=/var/packages/postern/target PRIVDIR=/usr/local/libexec/postern SYSCONFDIR=/usr/local/etc STATEDIR=/usr/local/etc/postern-setup SBINDIR=/var/packages/postern/scripts"

# nas_dir DIR: what it holds stays, and other names may come
nas_dir() {
	mount --rbind "$1" /mnt
	mount -t tmpfs -o mode=755 nas "$1"
	for entry in /mnt/*; do
		if [ -L "$entry" ]; then
			cp -P "$entry" "$1/"
		elif [ -d "$entry" ]; then
			mkdir "$1/${entry##*/}"
			mount --rbind "$entry" "$1/${entry##*/}"
		fi
	done
	umount -l /mnt
}

nas_ground() {
	PRIV_BIN=$PRIV_WORK/bin
	PRIV_OUTSIDER=postern-test-outside
	W=$PRIV_WORK/nas
	mkdir -p "$PRIV_BIN" "$PRIV_WORK/etc" "$W"
	nas_dir /var
	mount -t tmpfs -o mode=755 local /usr/local
	mkdir -p /usr/local/bin /usr/local/lib /usr/local/etc /var/packages "$NAS_VOLUME/@appstore"
	cp /etc/passwd /etc/group "$PRIV_WORK/etc/"
	printf 'administrators:x:61101:%s\nusers-of-nobody:x:61104:\n' "$TEST_USER" >>"$PRIV_WORK/etc/group"
	printf 'postern:x:61103:61103::/:/bin/sh\n%s:x:61102:61102::/:/bin/sh\n' "$PRIV_OUTSIDER" >>"$PRIV_WORK/etc/passwd"
	printf 'postern:x:61103:\n%s:x:61102:\n' "$PRIV_OUTSIDER" >>"$PRIV_WORK/etc/group"
	priv_etc
	mount --make-rshared /
	priv_static "$PRIV_BIN/shim" tests/shim/no_syscall.c
	chmod -R go+rX "$PRIV_BIN" "$W"
	LC_ALL=C
	export PRIV_BIN W LC_ALL PRIV_OUTSIDER
	unset SUDO_UID
}

nas_build() {
	NAS_TREE=$PRIV_WORK/tree
	# shellcheck disable=SC2086 # words
	(umask 022 && "${MAKE:-make}" -s WERROR=1 PAM=no $NAS_WORDS O="$BUILD/nas" DESTDIR="$NAS_TREE" install) \
		>"$PRIV_WORK/log" 2>&1 || {
		cat "$PRIV_WORK/log" >&2
		return 1
	}
	pkg/synology/sums "$NAS_TREE$NAS" >"$PRIV_WORK/sums" && mv "$PRIV_WORK/sums" "$NAS_TREE$NAS/scripts/SHA256SUMS"
}

nas_package() {
	nas_to=$NAS_VOLUME/@appstore/postern
	rm -rf "$nas_to"
	rm -rf "$NAS/scripts" "$NAS/INFO"
	mkdir -p "$NAS"
	chown root:root "$NAS"
	cp -R "$NAS_TREE$NAS/scripts" "$NAS/scripts"
	cp -R "$NAS_TREE$NAS_TARGET" "$nas_to"
	chown -R postern:postern "$nas_to"
	ln -sfn "$nas_to" "$NAS_TARGET"
	printf '%s\n' 'package="postern"' "version=\"$1\"" 'os_min_ver="7.0-40000"' >"$NAS/INFO"
}

nas_refuse() {
	"$PRIV_BIN/shim" --no-nnp clone:NEWUSER=EINVAL unshare:NEWUSER=EINVAL clone3=ENOSYS landlock_create_ruleset=ENOSYS -- "$@"
}

nas_setup() {
	RC=0
	# shellcheck disable=SC2086 # two words for busybox
	${NAS_HOST:-nas_refuse} ${SHELL_UNDER_TEST:-sh} "${NAS_PROGRAM:-$NAS/scripts/postern-setup}" "$@" >"$W/out" 2>&1 </dev/null || RC=$?
}

nas_start() {
	nas_user=$1
	shift
	(cd / && nas_refuse runuser -u "$nas_user" -- "$NAS_TARGET/bin/postern-bwrap" "$@") 2>&1 </dev/null
}

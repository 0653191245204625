#!/bin/sh
# The package for DSM 7, installed, allowed, updated, moved, broken and removed in a root that is like a NAS's: its accounts and
# mounts, bash as sh, a kernel without user namespaces (a filter says so), DSM's part played by dsm_lib.sh and everything of
# ours real. What is done there is in dsm_inside.sh. With DSM_KERNEL=nas it is done on that kernel of tests/lab/kernels, in QEMU.
set -eu
. tests/lib/tap.sh
. tests/packaging/lib.sh

family() {
	case $(uname -m) in
		x86_64) echo x86_64 ;;
		aarch64) echo armv8 ;;
		*) return 1 ;;
	esac
}

packages() {
	for revision in 1 2; do
		make_it -j"$(jobs)" O="$out" ARCH="$family" WERROR=1 SPK_REVISION=$revision spk || return 1
	done
	set -- "$out"/spk/postern-*1-"$family".spk "$out"/spk/postern-*2-"$family".spk
	cp "$1" "$scratch/root/test/1.spk"
	cp "$2" "$scratch/root/test/2.spk"
}

# shellcheck disable=SC2016 # for the shell there
AROUND='set -eu
	root=$1
	mount --make-rslave /
	mount --bind "$root" "$root"
	cd "$root"
	mount -t proc -o nosuid,nodev,noexec proc proc
	mount -t sysfs -o nosuid,nodev,noexec sysfs sys
	mount -t tmpfs -o nosuid,mode=755 dev dev
	for node in null zero full random urandom tty; do : >dev/$node; mount --bind /dev/$node dev/$node; done
	mkdir dev/pts dev/shm
	mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts dev/pts
	ln -s pts/ptmx dev/ptmx
	ln -s /proc/self/fd dev/fd
	mount -t tmpfs -o nosuid,nodev shm dev/shm
	mount -t tmpfs -o mode=1777 tmp tmp
	pivot_root . mnt
	cd /
	umount -l /mnt
	mount --make-rshared /
	exec /test/shim --no-nnp clone:NEWUSER=EINVAL unshare:NEWUSER=EINVAL clone3=ENOSYS 4.4 -- sh /test/dsm_inside.sh'

make_root() {
	mkdir -p "$scratch/root"
	mount -t tmpfs -o mode=755,noatime dsm "$scratch/root"
	tests/lib/guestroot "$scratch/root" bash coreutils sed grep mawk findutils util-linux mount tar gzip diffutils
	cd "$scratch/root"
	ln -sf bash usr/bin/sh
	mkdir -p proc sys dev tmp volume1 volume2 test var/packages usr/local/bin usr/local/etc usr/local/lib etc.defaults
	printf '%s\n' root:x:0:0::/root:/bin/sh admin:x:1024:100::/:/sbin/nologin anna:x:1026:100::/:/bin/sh otto:x:1027:100::/:/bin/sh \
		>etc/passwd
	printf '%s\n' root:x:0: tty:x:5: users:x:100: administrators:x:101:admin,anna >etc/group
	printf '%s\n' 'majorversion="7"' 'minorversion="2"' 'productversion="7.2.2"' 'buildnumber="72806"' >etc/VERSION
	echo 'unique="synology_apollolake_918+"' >etc.defaults/synoinfo.conf
	cd "$OLDPWD"
	cp tests/lib/tap.sh tests/packaging/dsm_lib.sh tests/packaging/dsm_inside.sh docs/synology.md "$scratch/root/test/"
	for compiler in cc musl-gcc; do
		$compiler -O1 -w -static -o "$scratch/root/test/shim" tests/shim/no_syscall.c && return 0
	done
}

main() {
	: "${BUILD:=$PWD/build}"
	: "${POSTERN_CACHE:=/var/cache/postern-tests}"
	export POSTERN_CACHE
	if [ "${DSM_ENTERED:-}" != yes ]; then
		TAP_NAME="packages in an imitation of DSM" need '[ "$(id -u)" = 0 ]' unshare dpkg-source python3 bash || {
			tap_end
			exit
		}
		DSM_ENTERED=yes unshare -m --propagation private sh "$0" "$@"
		exit
	fi
	umask 022
	scratch=$(mktemp -d)
	trap 'umount -l "$scratch/root" 2>/dev/null; rm -rf "$scratch"' EXIT
	out=$BUILD/spk
	family=$(family) || {
		skip "packages in an imitation of DSM" "no package is for $(uname -m)"
		tap_end
		exit
	}
	make_root
	packages || {
		not_ok "the packages are built"
		exit 1
	}
	status=0
	if [ -n "${DSM_KERNEL:-}" ]; then
		kernel=$(tests/lab/kernel "$DSM_KERNEL")
		tests/lib/guest --limit 3000 --memory 1024 "$kernel" "$scratch/root" -- env MUST_WORK="${MUST_WORK:-0}" sh /test/dsm_inside.sh ||
			status=$?
		exit $status
	fi
	# shellcheck disable=SC2016
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin MUST_WORK="${MUST_WORK:-0}" \
		unshare -m -p -f -u -i --kill-child sh -c "$AROUND" - "$scratch/root" || status=$?
	exit $status
}

main "$@"

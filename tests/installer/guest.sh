#!/bin/sh
# postern-setup and the real doctor on Debian 12's kernel in QEMU, with real sysctls, a ramfs and a FAT file system.
set -eu
. tests/lib/tap.sh

# What of this machine the guest gets besides programs: PAM's modules, and libraries of what is not in /usr/bin
things() {
	for module in nologin access deny permit; do
		find /usr/lib -path "*/security/pam_$module.so" 2>/dev/null || :
	done
	printf '%s\n' /etc/security/access.conf /etc/login.defs
}

libraries() {
	# shellcheck disable=SC2046 # words
	ldd $(things | grep '\.so$') "$tree/usr/local/bin/postern" "$tree/usr/local/libexec/postern/postern-pam" 2>/dev/null |
		sed -n 's,^.*[[:blank:]]\(/[^ ]*\) (0x.*,\1,p' | sort -u | while read -r file; do
		printf '%s\n' "$file" "$(readlink -f "$file")"
	done
	# loaded by name
	find /usr/lib /lib -name 'libnss_files.so*' 2>/dev/null || :
}

stage() {
	tests/lib/guestroot "$work/root" dash coreutils sed grep mawk util-linux findutils diffutils mount passwd libcap2-bin libc-bin
	"${MAKE:-make}" -s O="$BUILD" DESTDIR="$tree" install
	{
		things
		libraries
	} | if [ -L /lib ]; then sed 's,^/lib,/usr/lib,'; else cat; fi | sort -u | sed 's,^/,,' | tar -C / --no-recursion -chf - -T - | tar -C "$tree" -xf -
	mkdir -p "$tree/work" "$tree/etc/pam.d" "$tree/etc/sysctl.d" "$tree/var/lib"
	printf 'passwd: files\ngroup: files\n' >"$tree/etc/nsswitch.conf"
	printf 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian, as a guest"\n' >"$tree/etc/os-release"
	: >"$tree/etc/gshadow"
	truncate -s 16M "$tree/work/fat"
	busybox mkdosfs "$tree/work/fat" >/dev/null
	cp tests/installer/inside.sh tests/installer/outcome.sh tests/lib/tap.sh "$tree/work/"
	find "$tree" -type d -exec chmod 755 {} +
}

main() {
	TAP_NAME=guest need qemu-system-x86_64 cpio busybox groupadd setcap || {
		tap_end
		exit
	}
	POSTERN_CACHE=${POSTERN_CACHE:-/var/cache/postern-tests}
	work=$(mktemp -d "${TMPDIR:-/tmp}/postern-guest.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	tree=$work/tree
	kernel=$POSTERN_CACHE/kernel-bookworm
	if ! tests/lib/aptroot "$kernel" bookworm '~R~n^linux-image-cloud-amd64$' >"$work/out" 2>&1; then
		skip "on Debian 12's kernel" "$(tail -n 1 "$work/out")"
		tap_end
		exit
	fi
	umask 022
	stage
	status=0
	tests/lib/guest --limit 1100 --memory 1024 --module loop --module fat --module vfat --module nls_cp437 \
		--module nls_ascii "$kernel" "$work/root" "$tree" -- /bin/dash /work/inside.sh >"$work/out" 2>&1 || status=$?
	while IFS= read -r line; do
		case $line in
			'ok - '*) ok "guest: ${line#ok - }" ;;
			'not ok - '*) not_ok "guest: ${line#not ok - }" ;;
			*) printf '%s\n' "$line" >&2 ;;
		esac
	done <"$work/out"
	[ $status -le 1 ] || not_ok "the guest runs" "status $status"
	tap_end
}

main "$@"

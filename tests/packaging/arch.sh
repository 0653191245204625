#!/bin/sh
# The Arch packages: built by a user with Debian's makepkg and Arch's flags, their files compared with what is to be where, and
# a machine on which pacman installs, upgrades and removes them.
set -eu
. tests/lib/tap.sh
. tests/lib/debsource.sh
. tests/lib/users.sh
. tests/packaging/deb_lib.sh
. tests/packaging/pkg_lib.sh

# conf: Debian's makepkg.conf with Arch's flags, but for those that Debian's musl is too old for
conf() {
	grep -v '^#' /etc/makepkg.conf
	cat <<-END
		CARCH=$(uname -m)
		CFLAGS="-O2 -pipe -fno-plt -fexceptions -Wp,-D_FORTIFY_SOURCE=2 -Wformat -Werror=format-security \
		-fstack-clash-protection -fno-omit-frame-pointer"
		LDFLAGS="-Wl,-O1 -Wl,--sort-common -Wl,--as-needed -Wl,-z,relro -Wl,-z,now"
		MAKEFLAGS=-j2
		OPTIONS=(strip docs !libtool !staticlibs emptydirs zipman purge !debug lto)
		LTOFLAGS=-flto=auto
		PKGEXT=.pkg.tar.gz
	END
}

# build NAME OPTION...: the packages go to $scratch/NAME
build() {
	mkdir -p "$scratch/$1"
	pkg_owned "$scratch"
	result=$scratch/$1
	shift
	(cd "$scratch/start" && test_user_run nice env HOME="$scratch/start" PKGDEST="$result" \
		makepkg --config "$scratch/makepkg.conf" --nodeps --nocheck --noconfirm --force "$@")
}

newer() {
	sed -i 's/^pkgrel=1$/pkgrel=2/' "$scratch/start/PKGBUILD"
	build second --repackage
}

# table FILE...: mode, owner and name of each file in packages
table() {
	for package; do
		tar --numeric-owner -tvzf "$package" | awk '{ sub(/^[.]\//, "", $6); print $1, $2, "/" $6 }' | grep -v ' /[.][A-Z]*$'
	done | sort -u
}

names() {
	table "$@" | awk '$3 !~ /\/$/ { print $3 }'
}

unusual() {
	table "$@" | grep -vE '^(-rwxr-xr-x|-rw-r--r--|drwxr-xr-x|lrwxrwxrwx) 0/0 ' |
		grep -vE '^(-rwx--x--x 0/0 /usr/lib/postern/postern-pam|drwx--x--x 0/0 /var/lib/postern/)$'
	# capabilities are attributes of tar's
	for package; do
		gzip -dc "$package" | tr '\000' '\n' | grep -a 'security[.]capability'
	done
}

# installs: all of it, as the packages' build has it: with its flags nothing is compiled again
installs() {
	tree=$scratch/start/src/postern-$(pkg_version)
	# shellcheck disable=SC2016 # bash's
	words=$(bash -c '. pkg/arch/PKGBUILD; echo "${_words[@]}"')
	# shellcheck disable=SC2086 # words
	test_user_run make -s -C "$tree" $words FLAGS="$(cat "$tree/build/flags")" DESTDIR="$scratch/installed" install
}

differs_from_install() {
	(cd "$scratch/installed" && find . -type f -o -type l) | sed 's/^[.]//' | sort >"$scratch/wanted"
	names "$scratch"/first/*.pkg.tar.gz | sed '/[/]man[/]/ s/[.]gz$//' |
		grep -vE '^/usr/share/(doc|licenses)/|^/usr/(bin/bwrap|share/man/man1/bwrap.1)$|/sysusers[.]d/' | sort | diff "$scratch/wanted" -
}

# Arch has no libexec
divided() {
	names "$scratch"/first/postern-priv-*.pkg.tar.gz | sed 's|^/usr/lib/postern|/usr/libexec/postern|' >"$scratch/priv"
	names "$scratch"/first/postern-[0-9]*.pkg.tar.gz | sed 's|^/usr/lib/postern|/usr/libexec/postern|' >"$scratch/base"
	grep -vE "$(pkg_priv_patterns)|^/usr/share/licenses|sysusers[.]d" "$scratch/priv" && return 1
	grep -E "$(pkg_priv_patterns)" "$scratch/base" && return 1
	return 0
}

names_bwrap() {
	tar -xzOf "$scratch"/first/postern-bwrap-*.pkg.tar.gz .PKGINFO >"$scratch/info"
	cat "$scratch/info"
	grep -qx 'provides = bubblewrap=0.13.1' "$scratch/info" && grep -qx 'conflict = bubblewrap' "$scratch/info"
}

sizes() {
	for file in "$scratch"/first/*.pkg.tar.gz; do
		printf '# %s: %s bytes, %s bytes installed\n' "${file##*/}" "$(stat -c %s "$file")" \
			"$(tar -xzOf "$file" .PKGINFO | sed -n 's/^size = //p')"
	done
}

main() {
	TAP_NAME=arch need makepkg pacman bsdtar musl-gcc mmdebstrap unshare "[ $(id -u) = 0 ]" || {
		tap_end
		exit
	}
	: "${POSTERN_CACHE:=/var/cache/postern-tests}"
	test_user_create "${TEST_USER:-postern-test}"
	scratch=$(mktemp -d /var/tmp/postern-arch.XXXXXX)
	chmod 0755 "$scratch"
	trap 'rm -rf "$scratch"' EXIT
	mkdir "$scratch/start"
	cp pkg/arch/* "$scratch/start/"
	pkg_archive "$scratch/start"
	conf >"$scratch/makepkg.conf"
	try "a user builds the packages" build first || {
		tap_end
		exit
	}
	sizes
	try "nothing in them has a privilege, or another owner than root" nothing "$(unusual "$scratch"/first/*.pkg.tar.gz)" || :
	installs >"$scratch/out" 2>&1
	try "they have what make install has" differs_from_install || :
	try "they are divided as Debian's are" divided || :
	try "postern-bwrap stands for bubblewrap" names_bwrap || :
	try "a later release is packed" newer || :
	pkg_machine arch "$scratch/first" "$scratch/second"
	tap_end
}

main "$@"

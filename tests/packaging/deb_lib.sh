# shellcheck shell=sh disable=SC2154 # the caller's $scratch
# Debian trees for the tests of packages: one to build in, one as an administrator's machine. Source it after tap.sh and
# debsource.sh; it defines functions only.

# deb_build_packages, deb_machine_packages: what is in the trees beside minbase. debhelper provides the names that begin with
# dh-sequence and debhelper-compat.
deb_build_packages() {
	printf '%s' build-essential,fakeroot,lintian,debhelper
	sed -n '/^Build-Depends:/,/^$/ s/^\(Build-Depends:\)\{0,1\} *\([a-z][a-z0-9.+-]*\).*/\2/p' pkg/debian/control |
		grep -vE '^(debhelper-compat|dh-sequence-)' | sed 's/^/,/' | tr -d '\n'
}

deb_machine_packages() {
	printf '%s' libjansson4,libcap2,libcap2-bin,libapparmor1,libpam0g,libpam-modules,debconf,systemd-standalone-sysusers,systemd-standalone-tmpfiles,
	printf '%s' bubblewrap,util-linux,passwd,adduser,apt-utils,autopkgtest,git
}

# what the other tests here run beside a build: the tools of rpm distributions, Arch and Nix, and every compiler of pkg/static
deb_tools_packages() {
	deb_build_packages
	printf '%s' ,rpm,rpmlint,cpio,file,makepkg,pacman-package-manager,libarchive-tools,nix-bin,shellcheck,busybox-static,
	printf '%s' libcap2-bin,mmdebstrap,dpkg-dev,xz-utils,ca-certificates,gcc-aarch64-linux-gnu,gcc-arm-linux-gnueabi,
	printf '%s' gcc-arm-linux-gnueabihf,gcc-i686-linux-gnu,qemu-user-static,hostname
}

# deb_tree build|machine|tools|foreign SUITE: sets $deb_tarball, which is made once and kept while what it is made of stays
deb_tree() {
	deb_words=$("deb_${1}_packages")
	deb_key=$(printf '%s %s' "$2" "$deb_words" | sha256sum | cut -c 1-16)
	deb_tarball=$POSTERN_CACHE/debian-$1-$2-$deb_key.tar
	[ ! -s "$deb_tarball" ] || return 0
	deb_line=$(debian_source_line "$2") || return 1
	rm -f "$POSTERN_CACHE/debian-$1-$2"-*
	# a proxy or a frozen mirror of this machine holds for the tree too
	apt-config dump | grep -E '^Acquire::(https?::|Check-|Retries)' >"$scratch/aptopt" || :
	mmdebstrap -q --variant=minbase --include="$deb_words" --aptopt="$scratch/aptopt" --aptopt='Acquire::Languages "none"' \
		--dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/bin/qemu-[!aix]*' --dpkgopt=force-unsafe-io \
		"$2" "$deb_tarball.$$.tar" "$deb_line" >&2 && mv "$deb_tarball.$$.tar" "$deb_tarball"
}

# deb_unpack TARBALL DIR
deb_unpack() {
	mkdir -p "$2"
	tar -xpf "$1" -C "$2" --exclude='./dev/*'
	cp -L /etc/resolv.conf /etc/hosts "$2/etc/"
}

# deb_source DIR: below it postern-VERSION, as Debian's tools want it, and its .orig.tar.gz
deb_source() {
	deb_version=$(sed -n 's/^VERSION := //p' Makefile)
	mkdir -p "$1/postern-$deb_version"
	tar -cf - --exclude=./.git --exclude=./build . | tar -xf - --no-same-owner -C "$1/postern-$deb_version"
	tar -C "$1" --sort=name --owner=0 --group=0 --mtime=@0 -cf - "postern-$deb_version" | gzip -1n \
		>"$1/postern_$deb_version.orig.tar.gz"
	cp -r pkg/debian "$1/postern-$deb_version/debian"
}

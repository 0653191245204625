#!/bin/sh
# Runs in a Debian tree to build in, as root: the packages of /build/postern-VERSION go to /build/first, and the same with a
# higher revision to /build/second; then lintian reads the first ones. The build is a user's.
set -eu

as_builder() {
	runuser -u builder -- "$@"
}

packages() {
	mkdir /build/first
	chown builder /build/first
	(cd /build/postern-* && as_builder dpkg-buildpackage -us -uc)
	find /build -maxdepth 1 -type f -name 'postern*_*-*' -exec mv -t /build/first {} +
	cp /build/*.orig.tar.gz /build/first/
}

# newer: as a later upload of the same source would be
newer() {
	mkdir /build/second
	for deb in /build/first/*.deb; do
		case $deb in *-dbgsym_*) continue ;; esac
		dpkg-deb -R "$deb" /build/unpacked
		sed -i '/^\(Version\|Depends\):/ s/\([0-9]\)-1\([),]\|$\)/\1-2\2/g' /build/unpacked/DEBIAN/control
		grep -q '^Version: .*-2$' /build/unpacked/DEBIAN/control
		name=${deb##*/}
		dpkg-deb --root-owner-group -Znone -b /build/unpacked "/build/second/${name%%-1_*}-2_${name#*-1_}"
		rm -r /build/unpacked
	done
}

main() {
	useradd -m builder
	chown -R builder /build
	packages
	newer
	echo "lintian:"
	cd /build/first
	as_builder lintian -EvIL +pedantic ./*.changes
}

main "$@"

#!/bin/sh
# The release's archive, and what a packager does with it: switches, the distribution's flags, parallel make, uninstall.
#
#	DIST_FLAGS=no	without the build with a distribution's flags
set -eu
. tests/lib/tap.sh
. tests/packaging/lib.sh
. tests/lib/users.sh

# repository: one with all of this as its last commit, whether here is one or an unpacked release
repository() {
	copy_tree "$scratch/repository"
	git -C "$scratch/repository" init -q
	git -C "$scratch/repository" add -A
	git -C "$scratch/repository" -c user.name=tests -c user.email=tests@tests.invalid commit -q -m "as it is"
}

same_bytes() {
	repository
	cd "$scratch/repository"
	check "make dist makes an archive" make_it O="$scratch/one" dist
	(
		umask 077
		TZ=Asia/Tokyo LC_ALL=C make_it O="$scratch/two" dist
	)
	set -- "$scratch"/one/postern-*.tar.gz
	archive=$1
	check "... with the same bytes under another umask, zone and locale" cmp "$archive" "$scratch/two/${archive##*/}"
	SOURCE_DATE_EPOCH=86400 make_it O="$scratch/three" dist
	check "SOURCE_DATE_EPOCH is its date" \
		[ "$(TZ=UTC tar -tvf "$scratch/three/${archive##*/}" | awk '{ print $4 }' | sort -u)" = 1970-01-02 ]
	check "its files belong to nobody of this machine" \
		[ "$(tar --numeric-owner -tvf "$archive" | awk '{ print $2 }' | sort -u)" = 0/0 ]
	tar -tf "$archive" | sed -n 's|^[^/]*/\(.*[^/]\)$|\1|p' | LC_ALL=C sort >"$scratch/packed"
	git ls-tree -r --name-only HEAD | LC_ALL=C sort >"$scratch/committed"
	check "it has what the commit has" cmp "$scratch/committed" "$scratch/packed"
	cd "$OLDPWD"
}

# What was installed, one line each.
inventory() {
	(cd "$1" && find . ! -type d) | sort
}

# A make that is not safe for many jobs fails now and then: what is made beside what it needs shows best when all is new.
parallel() {
	copy_tree "$scratch/source"
	cd "$scratch/source"
	# no debugging information, which would name the folder
	export CFLAGS=-O2
	check "make -j8 builds an unpacked release" make_it -j8 O=out all
	touch "$scratch/now"
	check "make -j8 again succeeds" make_it -j8 O=out all
	check "... and makes nothing anew" [ -z "$(find out -type f -newer "$scratch/now")" ]
	check "make -j8 all and install together, from nothing" make_it -j8 O=out8 DESTDIR="$scratch/all" all install
	make_it O=out DESTDIR="$scratch/serial" install
	check "... installs what one after the other installs" diff -r --no-dereference "$scratch/serial" "$scratch/all"
	unset CFLAGS
	cd "$OLDPWD"
}

uninstall() {
	check "there is something to uninstall" [ -n "$(inventory "$scratch/serial")" ]
	mkdir -p "$scratch/serial/usr/local/share/postern/apparmor-profiles"
	echo kept >"$scratch/serial/usr/local/share/postern/apparmor-profiles/of-another"
	check "make uninstall succeeds" make_it -C "$scratch/source" CFLAGS=-O2 O=out DESTDIR="$scratch/serial" uninstall
	check "... leaves what it did not install" \
		[ "$(inventory "$scratch/serial")" = ./usr/local/share/postern/apparmor-profiles/of-another ]
	rm -r "$scratch/serial/usr/local/share/postern/apparmor-profiles"
	make_it -C "$scratch/source" CFLAGS=-O2 O=out DESTDIR="$scratch/serial" uninstall
	check "... no file of its own, and no folder of its own" \
		[ -z "$(find "$scratch/serial" ! -type d -o -path '*postern*')" ]
	mkdir -p "$scratch/bare"
	cp -R "$scratch/source/Makefile" "$scratch/source/pkg" "$scratch/source/pam.d" "$scratch/source/src" \
		"$scratch/source/installer" "$scratch/source/apparmor-profiles" "$scratch/source/sysctl.d" "$scratch/bare/"
	check "make uninstall needs no compiler" env PATH="$scratch/path" "$(command -v "${MAKE:-make}")" -s -C "$scratch/bare" \
		DESTDIR="$scratch/all" uninstall
	check "... and leaves no file either" [ -z "$(inventory "$scratch/all")" ]
}

# few_tools: what uninstall may use
few_tools() {
	mkdir -p "$scratch/path"
	for tool in sh rm rmdir; do
		ln -s "$(command -v $tool)" "$scratch/path/$tool"
	done
}

all_off() {
	out=$scratch/off
	check "builds with PAM=no APPARMOR=no SECCOMP=no STATIC=no" make_it -j"$(jobs)" O="$out" CFLAGS=-O2 WERROR=1 PAM=no \
		APPARMOR=no SECCOMP=no STATIC=no LIBEXECDIR="$scratch/libexec" build
	check "PAM=no makes no postern-pam" [ ! -e "$out/postern-pam" ]
	check "APPARMOR=no links no libapparmor" not needs_library "$out/postern" apparmor
	check "SECCOMP=no needs no libseccomp" [ ! -e "$out/filters" ]
	check "STATIC=no links the distribution's libc" needs_library "$out/bwrap" libc
	check "such a launcher runs commands" launches "$out/bwrap"
	mkdir -p "$scratch/libexec/postern"
	cp "$out/bwrap" "$out/postern-inside" "$out/postern-battery" "$scratch/libexec/postern/"
	chmod 0755 "$scratch"
	said=$(test_user_run "$out/postern" run --preset read-only -- echo ran 2>&1) || :
	check "such a postern run refuses what it has no filter for, and says so" contains "$said" 'no seccomp filter'
	check "... and runs nothing" not contains "$said" '^ran'
}

launches() {
	[ "$("$1" --ro-bind / / --unshare-pid --proc /proc echo ran)" = ran ]
}

# What a package's build sets: each word reaches each compilation and each link, and is seen in the programs.
distribution_flags() {
	TAP_NAME="the distribution's flags" need dpkg-buildflags || return 0
	out=$scratch/flags
	export DEB_BUILD_MAINT_OPTIONS=hardening=+all
	CFLAGS=$(dpkg-buildflags --get CFLAGS)
	CPPFLAGS=$(dpkg-buildflags --get CPPFLAGS)
	LDFLAGS=$(dpkg-buildflags --get LDFLAGS)
	export CFLAGS CPPFLAGS LDFLAGS
	check "builds with Debian's hardening flags, PAM=yes APPARMOR=yes SECCOMP=yes STATIC=no" \
		quietly "${MAKE:-make}" -j"$(jobs)" O="$out" WERROR=1 V=1 PAM=yes APPARMOR=yes SECCOMP=yes STATIC=no build
	unset CFLAGS CPPFLAGS LDFLAGS DEB_BUILD_MAINT_OPTIONS
	grep -E '(^| )-c -o ' "$scratch/quiet" >"$scratch/compiled" || :
	check "every compilation has them" not grep -Ev -- '-D_FORTIFY_SOURCE=2.*-fstack-protector-strong' \
		"$scratch/compiled"
	check "there were compilations" [ -s "$scratch/compiled" ]
	for program in bwrap postern-priv postern-battery postern-inside postern-pam postern; do
		check "$program is hardened: RELRO, BIND_NOW, no executable stack" hardened "$out/$program"
		check "$program is position-independent" pie "$out/$program"
		check "$program has the stack protector" has_symbol "$out/$program" __stack_chk_fail
	done
	check "postern is fortified" has_symbol "$out/postern" '_chk@'
	check "APPARMOR=yes links libapparmor" needs_library "$out/postern" apparmor
	check "such a launcher runs commands" launches "$out/bwrap"
}

switch_words() {
	for switch in PAM SECCOMP STATIC CLI PIE; do
		said=$("${MAKE:-make}" -s "$switch=maybe" build 2>&1 || :)
		check "$switch=maybe is refused" [ "${said#*"$switch is yes or no"}" != "$said" ]
	done
	for switch in PAM APPARMOR SECCOMP STATIC CLI; do
		check "docs/building.md says what $switch is" grep -q "^| \`$switch\` " docs/building.md
	done
}

main() {
	umask 022
	unset DESTDIR CFLAGS CPPFLAGS LDFLAGS
	scratch=$(mktemp -d)
	trap 'rm -rf "$scratch"' EXIT
	if TAP_NAME="make dist" need git; then same_bytes; fi
	few_tools
	parallel
	uninstall
	all_off
	[ "${DIST_FLAGS-yes}" = no ] || distribution_flags
	switch_words
	tap_end
}

main "$@"

#!/bin/sh
# The portable archive of this machine's kind: what is in it, that it is the same from wherever it is built, that it
# installs, works without anything of the host's, and goes again.
set -eu
. tests/lib/tap.sh
. tests/lib/users.sh
. tests/packaging/lib.sh

machine() {
	case $(uname -m) in
		armv[78]*) echo armhf ;;
		i?86) echo i686 ;;
		*) uname -m ;;
	esac
}

# From here, and from an unpacked release in a place with a longer name.
made_twice() {
	SOURCE_DATE_EPOCH=$(pkg/static/pack --epoch)
	export SOURCE_DATE_EPOCH
	check "make static-archive makes an archive" make_it -j"$(jobs)" O="$out" ARCH="$arch" WERROR=1 static-archive
	copy_tree "$scratch/another/place/that/has/a/longer/name"
	check "... from an unpacked release, too" make_it -j"$(jobs)" -C "$scratch/another/place/that/has/a/longer/name" \
		O=elsewhere ARCH="$arch" static-archive
	set -- "$out"/static/postern-*-linux-"$arch".tar.gz
	archive=$1
	for file in "$archive" "${archive%.tar.gz}.spdx.json"; do
		check "... with the same bytes: ${file##*.}" \
			cmp "$file" "$scratch/another/place/that/has/a/longer/name/elsewhere/static/${file##*/}"
	done
	check "SHA256SUMS has both" sh -c "cd '$out/static' && sha256sum -c SHA256SUMS && grep -c . SHA256SUMS | grep -qx 2"
	wc -c <"$archive" | sed 's/^/# bytes of the archive: /'
}

contents() {
	mkdir "$scratch/unpacked"
	tar -xzf "$archive" -C "$scratch/unpacked"
	set -- "$scratch"/unpacked/*
	dir=$1
	check "it has one folder, which has its name" [ "$*" = "$scratch/unpacked/$(basename "$archive" .tar.gz)" ]
	check "SHA256SUMS in it is right" sh -c "cd '$dir' && sha256sum -c SHA256SUMS"
	(cd "$dir" && find . -type f ! -name SHA256SUMS) | LC_ALL=C sort >"$scratch/files"
	sed 's/^[0-9a-f]*  //' "$dir/SHA256SUMS" >"$scratch/listed"
	check "... and has all files" cmp "$scratch/files" "$scratch/listed"
	check "nothing in it has a privilege bit or is writable for others" [ -z "$(find "$dir" ! -type l -perm /7022)" ]
	check "it has the terms of each library" [ "$(ls "$dir/licenses")" = 'jansson.copyright
libcap2.copyright
musl.copyright' ]
	for program in libexec/postern/bwrap libexec/postern/postern-priv libexec/postern/postern-battery \
		libexec/postern/postern-inside bin/postern; do
		check "${program##*/} is static and position-independent" static_pie "$dir/tree/usr/local/$program"
		check "${program##*/} has no debugging information" not has_symbol "$dir/tree/usr/local/$program" ' FILE '
	done
	check "there is no postern-pam" [ ! -e "$dir/tree/usr/local/libexec/postern/postern-pam" ]
	check "the SBOM is SPDX, and true" python3 tests/packaging/spdx.py "$dir" "$dir/sbom.spdx.json"
}

installs() {
	check "./install --destdir puts it there" "$dir/install" --destdir "$scratch/root"
	check "... all of it" diff -r --no-dereference "$dir/tree" "$scratch/root"
	check "./install refuses an unknown word" not "$dir/install" --force
	cp -R "$dir" "$scratch/broken"
	echo >>"$scratch/broken/tree/usr/local/bin/postern"
	check "./install refuses files that were changed" not "$scratch/broken/install" --destdir "$scratch/none"
	check "... before it puts anything" [ ! -e "$scratch/none/usr" ]
	check "./install again changes nothing" "$dir/install" --destdir "$scratch/root"
}

# A root without any library: an empty one, but for the archive and busybox.
alone() {
	TAP_NAME="the programs work where there is nothing else" need busybox '[ -w / ]' || return 0
	mkdir -p "$scratch/root/bin" "$scratch/root/proc" "$scratch/root/dev" "$scratch/root/tmp" "$scratch/root/etc"
	cp "$(command -v busybox)" "$scratch/root/bin/"
	ln -s busybox "$scratch/root/bin/sh"
	ln -s busybox "$scratch/root/bin/id"
	printf 'root:x:0:0::/:/bin/sh\nuser:x:4242:4242::/tmp:/bin/sh\n' >"$scratch/root/etc/passwd"
	printf 'root:x:0:\nuser:x:4242:\n' >"$scratch/root/etc/group"
	said=$("$BWRAP" --bind "$scratch/root" / --dev /dev --proc /proc --unshare-pid /usr/local/bin/postern --version)
	check "postern runs where there is no library" contains "$said" '^postern [0-9]'
	said=$("$BWRAP" --bind "$scratch/root" / --dev /dev --proc /proc --unshare-pid /usr/local/bin/postern explain --preset workspace 2>&1 || :)
	check "postern explain does" contains "$said" 'workspace'
	said=$("$BWRAP" --bind "$scratch/root" / --dev /dev --proc /proc /usr/local/bin/postern-bwrap --ro-bind / / --tmpfs /tmp id 2>&1 || :)
	check "the launcher makes a sandbox there" contains "$said" 'uid='
}

removes() {
	mkdir -p "$scratch/root/var/lib/postern"
	: >"$scratch/root/var/lib/postern/journal"
	check "./install --remove refuses while a mode is applied" not "$dir/install" --remove --destdir "$scratch/root"
	check "... and removes nothing" [ -x "$scratch/root/usr/local/bin/postern" ]
	rm -r "$scratch/root/var"
	check "./install --remove succeeds" "$dir/install" --remove --destdir "$scratch/root"
	check "... and leaves nothing" [ -z "$(find "$scratch/root/usr" ! -type d -o -path '*postern*')" ]
}

main() {
	: "${BUILD:=$PWD/build}"
	: "${BWRAP:=$BUILD/bwrap}"
	: "${POSTERN_CACHE:=/var/cache/postern-tests}"
	export POSTERN_CACHE
	umask 022
	unset DESTDIR
	scratch=$(mktemp -d)
	trap 'rm -rf "$scratch"' EXIT
	arch=$(machine)
	triplet=$(awk -v a="$arch" '$1 == a { print $2 }' pkg/static/arches)
	TAP_NAME="the archive for $arch" need "$triplet-gcc" dpkg-source readelf python3 || exit 0
	out=$BUILD/archive
	made_twice
	contents
	installs
	alone
	removes
	tap_end
}

main "$@"

#!/bin/sh
# spk.sh [FAMILY...]: the packages for Synology's DSM 7 (SPK_FAMILIES, else all). Each is built and
# validated (spk_validate.py), that of x86_64 again from another place, and copies with one fault each (spk_corrupt.py)
# are seen to be refused for that fault.
set -eu
. tests/lib/tap.sh
. tests/packaging/lib.sh

validate() {
	said=$(python3 tests/packaging/spk_validate.py "$@" 2>&1) || :
}

# valid NAME WORD...: the validator finds nothing
valid() {
	valid_name=$1
	shift
	validate "$@"
	if [ -z "$said" ]; then
		ok "$valid_name"
	else
		not_ok "$valid_name" "$(printf '%s\n' "$said" | head -n 20)"
	fi
}

# emulator MACHINE: what runs its programs; nothing on a machine of that kind
emulator() {
	[ "$1" = "$(uname -m)" ] || awk -v a="$1" '$1 == a { print $4 }' pkg/static/arches
}

# one FAMILY: sets $spk
one() {
	machine=$(pkg/synology/make-spk --machine "$1")
	triplet=$(awk -v a="$machine" '$1 == a { print $2 }' pkg/static/arches)
	qemu=$(emulator "$machine")
	TAP_NAME="the package for $1" need "$triplet-gcc" dpkg-source python3 shellcheck busybox dash bash ${qemu:+"$qemu"} || return 1
	rm -f "$out"/spk/postern-*
	check "$1: make spk builds it" make_it -j"$(jobs)" O="$out" ARCH="$1" WERROR=1 spk
	set -- "$1" "$out"/spk/postern-*-"$1".spk
	[ $# = 2 ] && [ -e "$2" ] || {
		not_ok "$1: there is one package" "$*"
		return 1
	}
	spk=$2
	valid "$1: DSM's rules and ours hold" --qemu "$qemu" --launcher "$BWRAP" "$spk"
	check "$1: the sum beside it is right" sh -c "cd '$out/spk' && head -n 1 '${spk%.spk}.sha256' | sha256sum -c"
	wc -c <"$spk" | sed "s/^/# $1: bytes of the package: /"
	tar -xOf "$spk" package.tgz | tar -tvzf - | awk -v f="$1" '$3 > 50000 { print "# " f ": " $3 " " $6 }'
}

# From an unpacked release in a place with a longer name, by somebody with another umask, zone and language.
made_twice() {
	far=$scratch/another/place/that/has/a/longer/name
	copy_tree "$far"
	(
		umask 077
		TZ=Asia/Tokyo LC_ALL=C.UTF-8 make_it -j"$(jobs)" -C "$far" O=elsewhere ARCH="$1" spk
	) || not_ok "$1: make spk builds it in another place"
	again=$far/elsewhere/spk/${spk##*/}
	valid "$1: ... with the same bytes" "$spk" "$again"
}

# corrupted [RULE]: its lines are results of ours
corrupted() {
	python3 tests/packaging/spk_corrupt.py "$spk" "$BWRAP" "$@" || TAP_FAILED=$((TAP_FAILED + 1))
}

too_low() {
	version=$(tar -xOf "$spk" INFO | sed -n 's/^version="\(.*\)"/\1/p')
	validate --after "${version%-*}-$((${version##*-} + 1))" "$spk"
	check "refused: a build number below the last release's" contains "$said" '^info: the build number'
}

# docs/synology.md says which file is for which machine
documented() {
	for word in $(awk '!/^#/ { $2 = ""; print }' pkg/synology/families); do
		case $word in
			# a family of Synology's is as its platforms are
			x86_64 | armv8 | arm32) check "docs/synology.md has the file $word" grep -q "^| \`$word\` |" docs/synology.md ;;
			*) check "docs/synology.md has the platform $word" grep -qw "$word" docs/synology.md ;;
		esac
	done
}

main() {
	: "${BUILD:=$PWD/build}"
	: "${BWRAP:=$BUILD/bwrap}"
	: "${POSTERN_CACHE:=/var/cache/postern-tests}"
	export POSTERN_CACHE
	umask 022
	SOURCE_DATE_EPOCH=$(pkg/static/pack --epoch)
	export SOURCE_DATE_EPOCH
	scratch=$(mktemp -d)
	trap 'rm -rf "$scratch"' EXIT
	out=$BUILD/spk
	# shellcheck disable=SC2086 # words
	[ $# -gt 0 ] || set -- ${SPK_FAMILIES-$(awk '!/^#/ { print $1 }' pkg/synology/families)}
	check "make spk refuses a family that is none" not make_it O="$out" ARCH=armada370 spk
	documented
	for family; do
		one "$family" || continue
		if [ "$family" != x86_64 ]; then
			corrupted elf
			continue
		fi
		made_twice "$family"
		corrupted
		too_low
	done
	tap_end
}

main "$@"

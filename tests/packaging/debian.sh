#!/bin/sh
# The Debian packages: built in a fresh tree of each release, read by lintian, and installed, tried, upgraded, removed and
# purged on a machine that is another such tree (deb_inside.sh); once where user namespaces are open, once where they
# are refused.
#
#	DEB_SUITES="bookworm trixie"	these releases only
#	DEB_TESTED="bookworm trixie"	there the packages' build runs the tests, too; it is nocheck elsewhere
set -eu
. tests/lib/tap.sh
. tests/lib/debsource.sh
. tests/packaging/deb_lib.sh

SUITES=${DEB_SUITES:-bookworm trixie}

is_tested() {
	case " ${DEB_TESTED-} " in
		*" $suite "*) return 0 ;;
	esac
	return 1
}

build() {
	deb_tree build "$suite" || return 1
	tree=$scratch/build
	deb_unpack "$deb_tarball" "$tree"
	mkdir "$tree/build"
	deb_source "$tree/build"
	cp tests/packaging/deb_build.sh "$tree/build/"
	options=nocheck
	! is_tested || options=
	timeout -k 10 1500 tests/readme/enter pivot "$tree" \
		"DEB_BUILD_OPTIONS='$options parallel=2' sh /build/deb_build.sh" >"$out" 2>&1 </dev/null
}

# bookworm's lintian knows neither the field Static-Built-Using, which its dpkg writes, nor trixie's version of the policy
says_nothing_of_lintian() {
	sed -n '/^lintian:/,$p' "$out" | grep -E '^[EWIPX]:' >"$scratch/tags" || :
	[ "$suite" != bookworm ] || sed -i '/: unknown-field Static-Built-Using$/d; /: newer-standards-version 4[.]7[.]2 /d' "$scratch/tags"
	[ ! -s "$scratch/tags" ]
}

# inside open|refusing: deb_inside.sh prints results as the tests do; they are counted here
inside() {
	machine=$scratch/machine-$1
	deb_unpack "$deb_tarball" "$machine"
	mkdir "$machine/work"
	cp -r "$tree/build/first" "$tree/build/second" tests/packaging/deb_inside.sh tests/lib/tap.sh "$machine/work/"
	cp -r "$tree/build/postern-$deb_version" "$machine/work/source"
	cp "$scratch/shim" "$machine/work/"
	command="sh /work/deb_inside.sh $1"
	[ "$1" = open ] ||
		command="exec /work/shim --no-nnp clone:NEWUSER=EPERM unshare:NEWUSER=EPERM clone3=ENOSYS -- $command"
	timeout -k 10 1200 tests/readme/enter pivot "$machine" "$command" >"$scratch/results" 2>"$scratch/err" </dev/null || :
	while read -r line; do
		case $line in
			"ok - "*) ok "$suite, user namespaces $1: ${line#ok - }" ;;
			"not ok - "*) not_ok "$suite, user namespaces $1: ${line#not ok - }" ;;
		esac
	done <"$scratch/results"
	! grep -q '^not ok' "$scratch/results" || tail -n 120 "$scratch/err" >&2
	[ "$(tail -n 1 "$scratch/results")" = end ] || not_ok "$suite, user namespaces $1: the run ended early" "$(tail -n 30 "$scratch/err")"
	rm -rf "$machine"
}

sizes() {
	for file in "$tree"/build/first/*.deb; do
		case $file in *-dbgsym_*) continue ;; esac
		printf '# %s: %s bytes, %s kB installed\n' "${file##*/}" "$(stat -c %s "$file")" "$(dpkg-deb -f "$file" Installed-Size)"
	done
}

main() {
	TAP_NAME=debian need mmdebstrap dpkg-deb unshare cc || {
		tap_end
		exit
	}
	: "${POSTERN_CACHE:=/var/cache/postern-tests}"
	scratch=$(mktemp -d /var/tmp/postern-deb.XXXXXX)
	trap 'rm -rf "$scratch"' EXIT
	out=$scratch/out
	# its own libc: it runs in trees of other releases
	musl-gcc -static -O1 -o "$scratch/shim" tests/shim/no_syscall.c -idirafter /usr/include -idirafter "/usr/include/$(cc -print-multiarch)"
	for suite in $SUITES; do
		if ! build; then
			not_ok "$suite: a user builds the packages" "$(
				grep -A8 "^not ok" "$out" || :
				tail -n 40 "$out" 2>/dev/null
			)"
			continue
		fi
		if is_tested; then ok "$suite: a user builds the packages and tests them"; else ok "$suite: a user builds the packages"; fi
		if says_nothing_of_lintian; then ok "$suite: lintian -EvIL +pedantic has nothing to say"; else
			not_ok "$suite: lintian -EvIL +pedantic has nothing to say" "$(cat "$scratch/tags")"
		fi
		sizes
		deb_tree machine "$suite" || {
			not_ok "$suite: a machine to install them on" "mmdebstrap failed"
			continue
		}
		inside open
		inside refusing
		rm -rf "$tree"
	done
	tap_end
}

main "$@"

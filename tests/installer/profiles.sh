#!/bin/sh
# Which text of the AppArmor profile which parser understands: Debian 12's (3.0) and 13's (4.1). Dry runs: no kernel.
# What a loaded profile does, tests/lab shows on kernels with AppArmor.
set -eu
. tests/lib/tap.sh

# parser SUITE: the unpacked package, run with its own C library where it has one
parser() {
	root=$cache/apparmor-$1
	loader=$root/usr/lib64/ld-linux-x86-64.so.2
	for program in "$root/usr/sbin/apparmor_parser" "$root/sbin/apparmor_parser"; do
		[ -x "$program" ] || continue
		shift
		if [ -x "$loader" ]; then
			"$loader" --library-path "$root/usr/lib/x86_64-linux-gnu" "$program" -b "$root/etc/apparmor.d" "$@"
		else
			"$program" -b "$root/etc/apparmor.d" "$@"
		fi
		return
	done
	return 127
}

# expect SUITE yes|no TEXT
expect() {
	sed 's,@LAUNCHER@,/usr/local/libexec/postern/bwrap,' "apparmor-profiles/$3" >"$work/postern"
	got=no
	parser "$1" -Q -K "$work/postern" >"$work/out" 2>&1 && got=yes
	if [ $got = "$2" ]; then
		ok "$1's parser and $3: $2"
	else
		not_ok "$1's parser and $3: $2" "$(cat "$work/out")"
	fi
}

main() {
	cache=${POSTERN_CACHE:-/var/cache/postern-tests}
	work=$(mktemp -d "${TMPDIR:-/tmp}/postern-profiles.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	if tests/lib/aptroot "$cache/apparmor-bookworm" bookworm apparmor >"$work/out" 2>&1; then
		expect bookworm no postern
		expect bookworm yes postern.abi3
		expect bookworm no postern.permissive
	else
		skip "bookworm's parser" "$(tail -n 1 "$work/out")"
	fi
	if tests/lib/aptroot "$cache/apparmor-trixie" trixie apparmor libc6 >"$work/out" 2>&1; then
		expect trixie yes postern
		expect trixie yes postern.abi3
		expect trixie yes postern.permissive
	else
		skip "trixie's parser" "$(tail -n 1 "$work/out")"
	fi
	tap_end
}

main "$@"

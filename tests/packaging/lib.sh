# shellcheck shell=sh
# For the tests of archives and packages. Source it behind tests/lib/tap.sh; it defines functions only. $scratch is a
# folder of the caller's.

# check NAME COMMAND...: its output is shown only when it fails
check() {
	pk_name=$1
	shift
	# shellcheck disable=SC2154 # the caller's
	if "$@" >"$scratch/check" 2>&1; then
		ok "$pk_name"
	else
		not_ok "$pk_name" "failed: $*" "$(tail -n 40 "$scratch/check")"
	fi
}

# quietly COMMAND...: as check, without a result; 1 if it failed
quietly() {
	"$@" >"$scratch/quiet" 2>&1 || {
		tail -n 60 "$scratch/quiet" >&2
		return 1
	}
}

make_it() {
	quietly "${MAKE:-make}" -s "$@"
}

jobs() {
	getconf _NPROCESSORS_ONLN
}

# hardened FILE: what the linker was to do is in it
hardened() {
	readelf -lW "$1" >"$scratch/segments"
	readelf -dW "$1" >"$scratch/dynamic"
	! grep -q 'GNU_STACK.*RWE' "$scratch/segments" && grep -q GNU_STACK "$scratch/segments" &&
		! grep -Eq 'LOAD.* RWE ' "$scratch/segments" && grep -q GNU_RELRO "$scratch/segments" &&
		grep -Eq 'BIND_NOW|Flags:.*NOW' "$scratch/dynamic" && ! grep -q TEXTREL "$scratch/dynamic"
}

pie() {
	readelf -hW "$1" | grep -Eq 'Type: +DYN'
}

static() {
	! readelf -lW "$1" | grep -q INTERP && ! readelf -dW "$1" | grep -q NEEDED
}

static_pie() {
	static "$1" && pie "$1"
}

# needs_library FILE NAME
needs_library() {
	readelf -dW "$1" | grep -q "NEEDED.*$2"
}

# has_symbol FILE PATTERN
has_symbol() {
	readelf -sW "$1" | grep -q -e "$2"
}

not() {
	! "$@"
}

# contains TEXT PATTERN
contains() {
	printf '%s\n' "$1" | grep -Eq -e "$2" || {
		printf 'nothing like "%s" in:\n%s\n' "$2" "$1"
		return 1
	}
}

# a copy of what is here, committed or not, without the repository: as a release is unpacked
copy_tree() {
	mkdir -p "$1"
	if [ -e .git ]; then
		git ls-files -z -co --exclude-standard | tar --null --ignore-failed-read -cf "$scratch/tree.tar" -T - 2>/dev/null
	else
		tar --exclude=./build -cf "$scratch/tree.tar" .
	fi
	tar -xf "$scratch/tree.tar" -C "$1"
}

# shellcheck shell=sh
# What bench's scripts share; source it from the top of the tree.
# shellcheck disable=SC2034

# bench_stage: $work is a folder that TEST_USER can read, with the two commands, true and sleep
bench_stage() {
	umask 022
	work=$(mktemp -d /var/tmp/postern-bench.XXXXXX) || return 1
	trap 'rm -rf "$work"' EXIT
	trap 'exit 130' INT TERM HUP
	chmod 755 "$work"
	mkdir "$work/bin"
	bench_tiny true && bench_tiny sleep -DSLEEP
}

# bench_tiny NAME FLAG...: a program of 512 bytes
bench_tiny() {
	bench_name=$1
	shift
	# -N: one segment that is both writable and executable, which the linker warns of
	"${CC:-cc}" "$@" -Os -static -nostdlib -nostartfiles -fno-pie -no-pie \
		-Wl,--build-id=none,-z,norelro,-z,noexecstack,-N -s \
		-o "$work/bin/$bench_name" tests/bench/c/tiny.c 2>"$work/ld" || {
		cat "$work/ld" >&2
		return 1
	}
}

# bench_build NAME SOURCE...: a static program from the files of tests/bench/c
bench_build() {
	bench_name=$1
	shift
	# musl first: what glibc does before main is in what is measured. Warnings are the linter's business.
	for bench_cc in musl-gcc "${CC:-cc}"; do
		(cd tests/bench/c && "$bench_cc" -O2 -static -w -std=gnu11 -o "$work/bin/$bench_name" "$@" \
			2>"$work/cc") && return 0
	done
	cat "$work/cc" >&2
	return 1
}

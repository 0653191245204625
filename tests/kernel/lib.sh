# shellcheck shell=sh
# What those share that run the launcher's cases in guests (tests/lib/guest): tests/kernel/run and tests/lab/run-priv.
# Source it from the top of the tree after tests/lib/tap.sh; it defines functions only. They use
#
#	$work	their files; $running, pids of what stage_end ends; both set before
#	$only	a pattern: the cases of that name alone; empty: all
#	$label	what results begin with; $gate: 1 if the guest's failures are ours, else they are only reported
#
# shellcheck disable=SC2154

stage_end() {
	# what they started ends with them
	# shellcheck disable=SC2086 # words
	[ -z "$running" ] || kill $running 2>/dev/null
	rm -rf "$work"
}

# stage_begin PACKAGE...: sets $work and $bin; makes $work/root, the guest's programs, with these packages too, and
# $work/tree, which has the cases below /work
stage_begin() {
	work=$(mktemp -d "${TMPDIR:-/tmp}/postern-kernel.XXXXXX") || exit 1
	trap stage_end EXIT
	trap 'exit 130' INT TERM HUP
	bin=$work/tree/work/bin
	mkdir -p "$work/none" "$bin" "$work/tree/work/tests/lib"
	ln -s tree/work/bin "$work/bin"
	tests/lib/guestroot "$work/root" dash coreutils sed grep mawk util-linux findutils diffutils procps \
		"$@" || exit 1
	cp -R tests/launcher/one tests/launcher/lib.sh tests/launcher/cases tests/lib/tap.sh tests/kernel/inside.sh \
		"$work/tree/work/"
	cp tests/lib/tap.sh "$work/tree/work/tests/lib/"
	for helper in tests/launcher/helpers/*.c tests/shim/no_syscall.c; do
		compile "$helper"
	done
	chmod -R go+rX "$work/tree"
	tests/launcher/run --list --variant user --only "$only" >"$work/tree/work/list"
}

compile() {
	name=$(basename "$1" .c)
	"${CC:-cc}" -static -O1 -w -std=gnu11 -Itests/escape/c -o "$bin/$name" "$@" 2>/dev/null ||
		musl-gcc -static -O1 -w -std=gnu11 -Itests/escape/c -o "$bin/$name" "$@" || exit 1
}

# guest NAME WORD...: runs tests/lib/guest with these words; leaves what it said in $work/NAME, and NAME.status,
# NAME.errors
guest() {
	guest_name=$1
	shift
	setpriv --pdeathsig TERM tests/lib/guest "$@" >"$work/$guest_name" 2>"$work/$guest_name.errors"
	echo $? >"$work/$guest_name.status"
}

# fails NAME DETAIL...: where the kernel gates; elsewhere it is only reported
fails() {
	if [ "$gate" = 1 ]; then
		not_ok "$@"
	else
		fails_name=$1
		shift
		ok "$fails_name # differs"
		[ $# = 0 ] || printf '%s\n' "$@" | sed 's/^/  /' >&2
	fi
}

# told NAME DO...: the guest's results become ours
told() {
	# 1: a test failed, and says so itself
	[ "$(cat "$work/$1.status")" -le 1 ] ||
		fails "$label: the guest runs" "status $(cat "$work/$1.status")" "$(tail -n 30 "$work/$1.errors")"
	sed '/^results:/,$d' "$work/$1" >"$work/told"
	shift
	while IFS= read -r line; do
		case $line in
			'ok - '*) ok "$label: ${line#ok - }" ;;
			'not ok - '*) fails "$label: ${line#not ok - }" ;;
			'skip - '*) fails "$label: ${line#skip - }" skipped ;;
			'ended '*) ;;
			*) printf '%s\n' "$line" >&2 ;;
		esac
	done <"$work/told"
	for told_do; do
		[ "$told_do" = suite ] || grep -qxF "ended $told_do" "$work/told" || fails "$label: $told_do" "it did not end"
	done
}

# compared NAME [--variant VARIANT]: holds the results of the cases against the recordings
compared() {
	compared_name=$1
	shift
	rm -rf "$work/results"
	mkdir "$work/results"
	sed '1,/^results:/d' "$work/$compared_name" | base64 -d 2>/dev/null |
		tar -C "$work/results" -xzf - 2>"$work/errors" || {
		fails "$label: the cases of tests/launcher" "no results" "$(cat "$work/errors")"
		return
	}
	tests/launcher/run --variant user "$@" --only "$only" --results "$work/results" >"$work/told" 2>"$work/details"
	while IFS= read -r line; do
		case $line in
			'ok - '*) ok "$label: ${line#ok - }" ;;
			'skip - '*) printf '%s\n' "$line" ;;
			'not ok - '*) fails "$label: ${line#not ok - }" ;;
		esac
	done <"$work/told"
	cat "$work/details" >&2
}

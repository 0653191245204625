# shellcheck shell=sh
# Recordings and comparisons; sourced by run, whose variables it uses:
# shellcheck disable=SC2154,SC2034

# The recording of a case is one file where users and versions agree, several where they differ.
# recording CASE WHO VERSION: prints its path
recording() {
	for rec in "$1.$2.v$3" "$1.$2" "$1.v$3" "$1"; do
		if [ -f "$here/expected/$rec" ]; then
			printf '%s\n' "$here/expected/$rec"
			return 0
		fi
	done
	return 1
}

# meta CASE KEY: the value of KEY in the case's metadata
meta() {
	cases | awk -v name="$1" -v key="$2" '
		$2 == name {
			for (i = 3; i <= NF; i++) {
				if ($i == key) print "yes"
				if (index($i, key "=") == 1) print substr($i, length(key) + 2)
			}
		}'
}

# same RECORDING CASE: the result just made equals it
same() {
	sed 1d "$1" | cmp -s - "$work/out/$2"
}

# show RECORDING CASE
show() {
	sed 1d "$1" | diff -U 2 - "$work/out/$2" | sed '1,2d'
}

# references CASE: the versions that rule for our launcher
references() {
	ruling=$(meta "$1" reference)
	case $ruling in
		either) printf '0.8.0 0.13.1\n' ;;
		'') [ -n "$(meta "$1" since)" ] && printf '0.13.1\n' || printf '0.8.0\n' ;;
		*) printf '%s\n' "$ruling" ;;
	esac
}

# equals_reference CASE WHO: 0 if our result is one that the reference allows. Sets `rec`.
equals_reference() {
	nearest=
	for version in $(references "$1"); do
		recording "$1" "$2" "$version" >"$work/rec" || continue
		rec=$(cat "$work/rec")
		nearest=$rec
		same "$rec" "$1" && return 0
	done
	rec=$nearest
	return 1
}

# own CASE WHO: the outcome that postern has on purpose
own() {
	for rec in "$here/own/$1.$2" "$here/own/$1"; do
		[ -f "$rec" ] && return 0
	done
	rec=
	return 1
}

# difference CASE: its line of differences.tsv
difference() {
	awk -F '\t' -v name="$1" '$1 == name' "$here/differences.tsv"
}

# mode_difference CASE: is it declared for the form of postern-priv that is tested, or for what the kernel lacks?
mode_difference() {
	[ -n "$mode" ] && awk -F '\t' -v name="$1" -v here="$mode,$walls" '
		BEGIN { n = split(here, words, ",") }
		$1 == name {
			for (i = 1; i <= n; i++)
				if (words[i] != "" && index("," $2 ",", "," words[i] ",")) found = 1
		}
		END { exit !found }' tests/priv/differences.tsv
}

# as_everywhere CASE WHO: 0 if our result is what it is without postern-priv. Sets `rec`.
as_everywhere() {
	if [ -n "$(difference "$1")$(meta "$1" variant)" ]; then
		own "$1" "$2" && same "$rec" "$1"
	else
		equals_reference "$1" "$2"
	fi
}

# as_here RECORDING: where it is no special one, as a kernel without user namespaces words it
as_here() {
	refused='Creating new namespace failed, likely because the kernel does not support user namespaces'
	case ",$walls,$1" in
		*.no-*) printf '%s\n' "$1" ;;
		*,no-userns,*)
			sed -e 's/^\(err|with: unshare: \)Operation not permitted$/\1Invalid argument/' \
				-e 's/^\(err|bwrap: \)No permissions to create a new namespace, likely .*/\1'"$refused/" "$1" \
				>"$work/as_here"
			printf '%s\n' "$work/as_here"
			;;
		*) printf '%s\n' "$1" ;;
	esac
}

compare_in_mode() {
	for rec in $(echo "$walls" | tr , ' ') "$mode" ''; do
		rec=tests/priv/expected/$1${rec:+.$rec}
		[ ! -f "$rec" ] || break
	done
	[ ! -f "$rec" ] || rec=$(as_here "$rec")
	if [ ! -f "$rec" ]; then
		not_ok "$name" "$rec is missing"
	elif ! same "$rec" "$1"; then
		not_ok "$name" "differs from $rec" "$(show "$rec" "$1")"
	elif as_everywhere "$1" "$2"; then
		not_ok "$name" "tests/priv/differences.tsv lists it, but it does what it does everywhere"
	else
		ok "$name"
	fi
}

# Each line of the table names a case; each reason is explained to those who install postern-priv.
check_mode() {
	[ -z "$only" ] || return 0
	stray=$(awk -F '\t' '!/^#/ && NF { print $1 }' tests/priv/differences.tsv | while read -r case; do
		cases | awk -v name="$case" '$2 == name { found = 1 } END { exit !found }' || printf '%s ' "$case"
	done)
	undocumented=$(awk -F '\t' '!/^#/ && NF { print $3 }' tests/priv/differences.tsv | sort -u | while read -r id; do
		grep -qF "\`$id\`" docs/compat.md || printf '%s ' "$id"
	done)
	if [ -z "$stray$undocumented" ]; then
		ok "$label: docs/compat.md explains every difference"
	else
		not_ok "$label: docs/compat.md explains every difference" "missing: $undocumented" "no such case: $stray"
	fi
}

compare_ours() {
	name="$3 $1 ($2)"
	if [ ! -f "$work/out/$1" ]; then
		not_ok "$name" "the case did not end"
	elif grep -q '^skip: ' "$work/out/$1"; then
		skip "$name" "$(sed -n 's/^skip: //p' "$work/out/$1" | head -n 1)"
	elif mode_difference "$1"; then
		compare_in_mode "$1" "$2"
	elif [ -n "$(difference "$1")$(meta "$1" variant)" ]; then
		if [ -z "$(meta "$1" own)$(meta "$1" variant)" ] && equals_reference "$1" "$2"; then
			not_ok "$name" "differences.tsv lists it, but it does what bubblewrap does"
		elif ! own "$1" "$2"; then
			not_ok "$name" "own/$1 is missing"
		elif same "$rec" "$1"; then
			ok "$name"
		else
			not_ok "$name" "$(show "$rec" "$1")"
		fi
	elif equals_reference "$1" "$2"; then
		ok "$name"
	elif [ -z "$rec" ]; then
		not_ok "$name" "nothing is recorded for it"
	else
		not_ok "$name" "differs from $(basename "$rec")" "$(show "$rec" "$1")"
	fi
}

# Each difference has an id, and the id is explained to the people who change from bubblewrap.
check_differences() {
	[ -z "$only" ] || return 0
	undocumented=$(awk -F '\t' '!/^#/ && NF { print $2 }' "$here/differences.tsv" | sort -u |
		while read -r id; do
			grep -qF "\`$id\`" docs/compat.md 2>/dev/null || printf '%s ' "$id"
		done)
	if [ -z "$undocumented" ]; then
		ok "$label: docs/compat.md explains every difference"
	else
		not_ok "$label: docs/compat.md explains every difference" "missing: $undocumented"
	fi
	stray=$(
		{
			awk -F '\t' '!/^#/ && NF { print $1 }' "$here/differences.tsv"
			cases | awk '/ own( |$)/ { print $2 }'
		} | sort | uniq -c | awk -v known="$(cases | awk '{ printf " %s ", $2 }')" '
			!index(known, " " $2 " ") { print $2 }'
	)
	missing=$(cases | awk '/ own( |$)/ { print $2 }' | while read -r case; do
		[ -n "$(difference "$case")" ] || printf '%s ' "$case"
	done)
	if [ -z "$stray$missing" ]; then
		ok "$label: every case of postern's own is a declared difference"
	else
		not_ok "$label: every case of postern's own is a declared difference" \
			"not declared: $missing" "no such case: $stray"
	fi
}

# comparable WHO VERSION: the list of cases that the real VERSION can be held to
comparable() {
	cases | grep -v ' own\( \|$\)\| variant=' | awk -v who="$1" -v version="$2" -v only="$only" '
		/ only=/ && !($0 " " ~ " only=" who " ") { next }
		/ since=0.13.1/ && version == "0.8.0" { next }
		only != "" && $2 !~ only { next }
		{ print $1, $2 }'
}

# compare_real PROGRAM VERSION WHO RESULT: RESULT is called with NAME DETAIL where it differs
compare_real() {
	comparable "$3" "$2" >"$work/list"
	PLUS_LINE=0
	run_cases "$1" "$3" "$work/list"
	while read -r _ case; do
		name="$label $case ($3)"
		if ! rec=$(recording "$case" "$3" "$2"); then
			"$4" "$name" "nothing is recorded for it"
		elif grep -q '^skip: ' "$work/out/$case" 2>/dev/null; then
			skip "$name" "$(sed -n 's/^skip: //p' "$work/out/$case" | head -n 1)"
		elif same "$rec" "$case"; then
			ok "$name"
		else
			"$4" "$name" "differs from $(basename "$rec")" "$(show "$rec" "$case")"
		fi
	done <"$work/list"
}

default_cache() {
	if [ "$(id -u)" = 0 ]; then
		printf '/var/cache/postern-tests\n'
	else
		printf '%s/postern-tests\n' "${XDG_CACHE_HOME:-$HOME/.cache}"
	fi
}

# debian SUITE: makes $work/bin/SUITE, which runs that suite's bubblewrap with its own libraries
debian() {
	root=$POSTERN_CACHE/bubblewrap-$1
	tests/lib/aptroot "$root" "$1" bubblewrap libselinux1 libcap2 libc6 libpcre2-8-0 >&2 || return 1
	loader=$(find "$root" -name 'ld-linux*.so.*' -o -name 'ld64.so.*' | head -n 1)
	# before the merge of /usr they were in two places
	libraries=$(find "$root" -name 'libcap.so.2' -o -name 'libselinux.so.1' -o -name 'libc.so.6' |
		sed 's,/[^/]*$,,' | sort -u | tr '\n' :)
	[ -n "$loader" ] && [ -n "$libraries" ] || return 1
	cat >"$work/bin/$1" <<-END
		#!/bin/sh
		exec $loader --library-path $libraries $root/usr/bin/bwrap "\$@"
	END
	chmod 755 "$work/bin/$1"
}

# keep CASE: the fewest files that hold the four results of it in $work/recorded
keep() {
	cd "$work/recorded" || exit 1
	set -- "$1"
	versions=
	for rec in "$1".*.v*; do
		[ -f "$rec" ] || continue
		version=${rec##*.v}
		case " $versions " in *" $version "*) ;; *) versions="$versions $version" ;; esac
	done
	versions=${versions# }
	for who_kept in user root; do
		for version in $versions; do
			[ -f "$1.$who_kept.v$version" ] || continue
			put "$1" "$who_kept" "$version"
		done
	done
	cd "$OLDPWD" || exit 1
}

# put CASE WHO VERSION: under the most general name that is true
put() {
	content=$1.$2.v$3
	any_user=yes
	any_version=yes
	for other in "$1".*.v"$3"; do
		cmp -s "$content" "$other" || any_user=
	done
	for other in "$1.$2".v*; do
		cmp -s "$content" "$other" || any_version=
	done
	if [ -n "$any_user" ] && [ -n "$any_version" ]; then
		for other in "$1".*.v*; do
			cmp -s "$content" "$other" || any_version=
		done
	fi
	to=$1
	from="bubblewrap $3"
	[ -n "$any_user" ] || to=$to.$2
	if [ -n "$any_version" ]; then
		from="bubblewrap $(printf '%s' "$versions" | sed 's/ / and /')"
	else
		to=$to.v$3
	fi
	{
		printf '# recorded from %s\n' "$from"
		cat "$content"
	} >"$expected/$to"
}

record_all() {
	[ "$(id -u)" = 0 ] || {
		echo "run: --record needs root, for both users" >&2
		return 1
	}
	debian bookworm && debian sid || return 1
	mkdir "$work/recorded"
	expected=$PWD/$here/expected
	for version in 0.8.0 0.13.1; do
		program=$work/bin/bookworm
		[ "$version" = 0.8.0 ] || program=$work/bin/sid
		if [ "$("$program" --version)" != "bubblewrap $version" ]; then
			echo "run: $program is not $version" >&2
			return 1
		fi
		for who in user root; do
			comparable "$who" "$version" >"$work/list"
			PLUS_LINE=0
			run_cases "$program" "$who" "$work/list"
			while read -r _ case; do
				cp "$work/out/$case" "$work/recorded/$case.$who.v$version" || return 1
			done <"$work/list"
		done
	done
	cases | awk -v only="$only" '!/ own( |$)| variant=/ && (only == "" || $2 ~ only) { print $2 }' >"$work/list"
	[ -n "$only" ] || rm -f "$expected"/*
	undecided=
	while read -r case; do
		rm -f "$expected/$case" "$expected/$case".user* "$expected/$case".root* "$expected/$case".v*
		keep "$case"
		ls "$expected/$case"*.v* >/dev/null 2>&1 && [ -z "$(meta "$case" reference)" ] &&
			undecided="$undecided $case"
	done <"$work/list"
	grep -l '^skip: ' "$work"/recorded/* 2>/dev/null | sed 's/^/run: skipped: /' >&2
	[ -z "$undecided" ] && return 0
	echo "run: these differ between versions and name no reference:$undecided" >&2
	return 1
}

#!/bin/sh
# What postern-priv is made of: a small libc and nothing else; how large it is, and how many lines are trusted.
set -eu
. tests/lib/tap.sh
. tests/priv/lib.sh

# A name in the symbol table is code that could run with privilege.
FORBIDDEN='system|popen|getenv|secure_getenv|execvp|execvpe|execlp|dlopen|dlsym|setlocale|newlocale|iconv_open|catopen|
	getpw[a-z_]*|getgr[a-z_]*|getaddrinfo|gethostby[a-z_]*|initgroups|getlogin[_r]*|wordexp|glob|regcomp|tmpnam|mktemp|
	syslog|openlog|seccomp_[a-z_]*|pam_[a-z_]*|cap_[a-z]*_[a-z]*|nss_[a-z_]*|__nss_[a-z_]*|putenv|setenv|gets|
	printf|fprintf|vfprintf|sprintf|vsprintf|scanf|sscanf|fopen|fgets|options_[a-z_]*|usage_[a-z_]*'
LINES=4000

variant() {
	priv=$BUILD/$1/postern-priv
	if [ ! -x "$priv" ]; then
		not_ok "$1: it was built" "$priv"
		return
	fi
	readelf -d "$priv" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' >"$W/needed"
	if [ "$1" = priv ]; then
		readelf -l "$priv" >"$W/segments"
		if [ ! -s "$W/needed" ] && ! grep -q INTERP "$W/segments"; then
			ok "$1: it is static"
		else
			not_ok "$1: it is static" "$(cat "$W/needed")"
		fi
	else
		others=$(grep -v '^libc\.\(so\|musl\)' "$W/needed" || :)
		if [ -z "$others" ]; then
			ok "$1: it needs nothing but libc"
		else
			not_ok "$1: it needs nothing but libc" "$others"
		fi
	fi
	{
		nm "$priv" 2>/dev/null
		nm -D --undefined-only "$priv" 2>/dev/null
	} | awk '{ sub(/@.*/, "", $NF); print $NF }' | sort -u >"$W/symbols"
	bad=$(grep -Ex "$(printf %s "$FORBIDDEN" | tr -d '\n\t')" "$W/symbols" || :)
	if [ -s "$W/symbols" ] && [ -z "$bad" ]; then
		ok "$1: no function in it looks at environment, accounts or locale, or starts a shell"
	else
		not_ok "$1: no function in it looks at environment, accounts or locale, or starts a shell" "$bad"
	fi
	hardened "$1"
	size "$1"
}

hardened() {
	readelf -lW "$priv" >"$W/segments"
	if awk '/GNU_STACK/ && /RWE/ { bad = 1 } /LOAD/ && /RWE/ { bad = 1 } END { exit bad }' "$W/segments" &&
		grep -q GNU_RELRO "$W/segments" && readelf -hW "$priv" | grep -q 'Type:.*DYN'; then
		ok "$1: position independent, relocations read-only, no page writable and executable"
	else
		not_ok "$1: position independent, relocations read-only, no page writable and executable" "$(cat "$W/segments")"
	fi
}

size() {
	strip -o "$W/stripped" "$priv"
	printf '# %s: %s bytes, stripped %s\n' "$1" "$(wc -c <"$priv")" "$(wc -c <"$W/stripped")"
	# what a process could change of the program's own variables; musl has its own
	printf '# %s: %s writable variables\n' "$1" "$(nm "$priv" | grep -c ' [bBdD] ' || :)"
}

# code_lines FILE...: lines that are neither blank nor comment
code_lines() {
	cat "$@" | awk '
		{
			line = $0
			out = ""
			while (line != "") {
				if (inside) {
					at = index(line, "*/")
					if (!at) break
					line = substr(line, at + 2)
					inside = 0
				} else {
					at = index(line, "/*")
					if (!at) { out = out line; break }
					out = out substr(line, 1, at - 1)
					line = substr(line, at + 2)
					inside = 1
				}
			}
			if (out ~ /[^ \t]/) n++
		}
		END { print n + 0 }'
}

# The dependencies that make wrote down say which sources were compiled, the symbols which are linked.
budget() {
	objects=$(sed -n 's/^\(.*\)$/\1/p' "$BUILD/priv/postern-priv.objects" 2>/dev/null || :)
	: >"$W/sources"
	if [ -n "$objects" ]; then
		printf '%s\n' "$objects" | tr ' ' '\n' | sed -n 's,.*/obj/\(src/.*\)\.o$,\1.c,p' >"$W/sources"
	else
		for source in src/base/*.c src/plan/*.c src/sandbox/*.c src/priv/*.c; do
			# a file is in the program if one of its functions is
			nm --defined-only "$BUILD/priv/obj/${source%.c}.o" 2>/dev/null | awk '$2 == "T" { print $3 }' >"$W/defined"
			! grep -qxF -f "$W/defined" "$W/symbols" || echo "$source" >>"$W/sources"
		done
	fi
	total=0
	for layer in base plan sandbox priv; do
		grep "^src/$layer/" "$W/sources" >"$W/layer" || :
		# shellcheck disable=SC2046
		n=$(code_lines /dev/null $(cat "$W/layer") src/$layer/*.h)
		printf '# src/%s: %s lines of code in %s files of it that are linked, and its headers\n' "$layer" "$n" \
			"$(wc -l <"$W/layer")"
		total=$((total + n))
	done
	strangers=$(grep -v '^src/\(base\|plan\|sandbox\|priv\)/' "$W/sources" || :)
	printf '# trusted base: %s lines of code; its budget is %s\n' "$total" "$LINES"
	if [ -s "$W/sources" ] && [ -z "$strangers" ]; then
		ok "nothing of the option parser is in it"
	else
		not_ok "nothing of the option parser is in it" "$strangers"
	fi
}

main() {
	BUILD=${BUILD:-$PWD/build}
	W=$(mktemp -d)
	trap 'rm -rf "$W"' EXIT
	need readelf nm strip || {
		tap_end
		exit
	}
	if [ -d "$BUILD/priv-dyn" ]; then
		variant priv-dyn
	else
		skip "priv-dyn" "it was not built"
	fi
	variant priv
	budget
	tap_end
}

main "$@"

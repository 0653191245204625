# shellcheck shell=sh
# For the scripts of tests/cli. Source it from the top of the tree after tests/lib/tap.sh; it defines functions only.
#
#	cli_begin NAME		$W, a directory that everybody can read, with the programs in $W/bin; $POSTERN
#	doctor WORD...		postern doctor of the launcher in $W/bin; sets $status, fills $W/out and $W/err
#	as_user WORD...		the same as TEST_USER
#	on_host COMMAND... -- WORD...	the same by a command that makes a host of some kind; the last -- counts
#	limited KIND COMMAND...	runs COMMAND as root of a user namespace with all ids, in which user.max_KIND_namespaces is
#			0: nothing there tells it from a host where an administrator has set that, and no filter is in the way
#	ended NAME STATUS	the last one ended so, with nothing on stderr
#	has NAME PATTERN...	its stdout has lines like these
#	leads NAME STATUS|STATUS CLASS...	it ended so, and the first kind of host that it names is one of these

cli_begin() {
	export TAP_NAME="$1"
	BUILD=${BUILD:-$PWD/build}
	W=$(mktemp -d "${TMPDIR:-/tmp}/postern-cli.XXXXXX")
	trap 'rm -rf "$W"' EXIT
	trap 'exit 130' HUP INT TERM
	chmod 755 "$W"
	mkdir "$W/bin"
	for cli_program in postern bwrap postern-battery; do
		cp "$BUILD/$cli_program" "$W/bin/"
		chmod 755 "$W/bin/$cli_program"
	done
	POSTERN=$W/bin/postern
	unset SUDO_UID SUDO_GID POSIXLY_CORRECT
	LC_ALL=C
	export W POSTERN BUILD LC_ALL
	. tests/lib/users.sh
}

# captured COMMAND...
captured() {
	status=0
	"$@" >"$W/out" 2>"$W/err" </dev/null || status=$?
}

doctor() {
	captured "$POSTERN" doctor --launcher "$W/bin/bwrap" "$@"
}

as_user() {
	captured test_user_run "$POSTERN" doctor --launcher "$W/bin/bwrap" "$@"
}

# The last -- of all words gives way to the program.
on_host() {
	cli_n=$#
	cli_dashes=0
	for cli_word; do
		[ "$cli_word" != -- ] || cli_dashes=$((cli_dashes + 1))
	done
	while [ "$cli_n" -gt 0 ]; do
		cli_n=$((cli_n - 1))
		cli_word=$1
		shift
		[ "$cli_word" != -- ] || cli_dashes=$((cli_dashes - 1))
		if [ "$cli_word$cli_dashes" = --0 ]; then
			set -- "$@" "$POSTERN" doctor --launcher "$W/bin/bwrap"
		else
			set -- "$@" "$cli_word"
		fi
	done
	captured "$@"
}

limited() {
	cli_dir=$(mktemp -d "${TMPDIR:-/tmp}/postern-cli-go.XXXXXX")
	cli_kind=$1
	shift
	mkfifo "$cli_dir/go"
	# the second shell is there because the first one, executed before the ids were mapped, has no capabilities
	unshare -U sh -c "read -r _ <'$cli_dir/go'
		exec sh -c 'echo 0 >/proc/sys/user/max_${cli_kind}_namespaces && exec \"\$@\"' sh \"\$@\"" sh "$@" &
	cli_inside=$!
	while [ "$(readlink /proc/$cli_inside/ns/user)" = "$(readlink /proc/self/ns/user)" ]; do sleep 0.05; done
	echo '0 0 4294967295' >/proc/$cli_inside/gid_map
	echo '0 0 4294967295' >/proc/$cli_inside/uid_map
	echo >"$cli_dir/go"
	cli_status=0
	wait $cli_inside || cli_status=$?
	rm -rf "$cli_dir"
	return $cli_status
}

cli_shown() {
	printf '%s\n' "status $status" "out: $(grep -v '^battery' "$W/out" | head -n 30)" "err: $(head -n 5 "$W/err")"
}

ended() {
	if [ "$status" = "$2" ] && [ ! -s "$W/err" ]; then
		ok "$1"
	else
		not_ok "$1" "wanted status $2" "$(cli_shown)"
	fi
}

has() {
	cli_name=$1
	shift
	for cli_pattern; do
		grep -Eq -e "$cli_pattern" "$W/out" || {
			not_ok "$cli_name" "no line like $cli_pattern" "$(cli_shown)"
			return 0
		}
	done
	ok "$cli_name"
}

leads() {
	cli_name=$1
	cli_status=$2
	cli_class=$(sed -n 's/^finding	\([^	]*\)	.*/\1/p' "$W/out" | head -n 1)
	shift 2
	case " $* " in
		*" $cli_class "*)
			case "|$cli_status|" in
				*"|$status|"*)
					if [ ! -s "$W/err" ]; then
						ok "$cli_name"
						return 0
					fi
					;;
			esac
			;;
	esac
	not_ok "$cli_name" "wanted $* and status $cli_status" "$(cli_shown)"
}

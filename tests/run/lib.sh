# shellcheck shell=sh
# For the scripts of tests/run. Source it from the top of the tree after tests/lib/tap.sh; it defines functions only.
#
#	run_begin NAME		$W, which everybody can read, with the programs in $W/bin; $USER_HOME, the user's, with the
#				project $PROJ in it. Ends the script where this host lets nobody have a sandbox
#	in_project COMMAND...	as the user, in $PROJ, with that HOME
#	prun WORD...		postern run of these; sets $status, fills $W/out and $W/err
#	psay COMMAND WORD...	the same of postern explain or verify
#	expect NAME STATUS OUT ERR WORD...	prun, ended so; its output and errors have a line like these (extended
#				regular expressions; "": nothing was said; "*": anything)
#	seen NAME STATUS OUT ERR	the same of what was run last
#	fresh			empties the project
#	mine FILE...		these belong to the user

run_begin() {
	export TAP_NAME="$1"
	BUILD=${BUILD:-$PWD/build}
	W=$(mktemp -d /var/tmp/postern-run.XXXXXX)
	trap 'chmod -R u+rwX "$W"; rm -rf "$W"' EXIT
	trap 'exit 130' HUP INT TERM
	chmod 755 "$W"
	mkdir "$W/bin" "$W/user" "$W/user/home"
	if [ -n "${PRIV_MODE:-}" ]; then
		# below tests/priv/within: where alone a program may have a privilege
		RUN_LAUNCHER=$BWRAP
		RUN_BIN=${BWRAP%/*}
		RUN_POSTERN=$PRIV_PREFIX/bin/postern
	else
		RUN_BIN=$W/bin
		for run_program in postern bwrap postern-inside postern-battery; do
			cp "$BUILD/$run_program" "$W/bin/"
			chmod 755 "$W/bin/$run_program"
		done
		RUN_POSTERN=$W/bin/postern
		RUN_LAUNCHER=$W/bin/bwrap
	fi
	USER_HOME=$W/user/home
	PROJ=$USER_HOME/project
	mkdir "$PROJ"
	unset XDG_CONFIG_HOME XDG_STATE_HOME XDG_RUNTIME_DIR TMPDIR HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy \
		all_proxy
	LC_ALL=C
	export W BUILD RUN_BIN RUN_POSTERN RUN_LAUNCHER USER_HOME PROJ LC_ALL
	. tests/lib/users.sh
	mine "$W/user"
	chmod 755 "$W/user" "$USER_HOME"
	prun -- true
	if [ "$status" = 125 ] && grep -q 'host refuses the sandbox' "$W/err"; then
		skip "$1" "$(tail -n 1 "$W/err")"
		tap_end
		exit
	fi
}

mine() {
	[ "$(id -u)" != 0 ] || chown -R "${TEST_USER:-postern-test}:" "$@"
}

fresh() {
	rm -rf "$PROJ"
	mkdir "$PROJ"
	mine "$PROJ"
}

captured() {
	status=0
	"$@" >"$W/out" 2>"$W/err" </dev/null || status=$?
}

in_project() (
	cd "$PROJ" || exit
	# root's PATH may have folders that are closed to the user, which execvp tells apart from missing ones
	test_user_run env HOME="$USER_HOME" PATH=/usr/local/bin:/usr/bin:/bin "$@"
)

prun() {
	captured in_project "$RUN_POSTERN" run --launcher "$RUN_LAUNCHER" "$@"
}

psay() {
	run_command=$1
	shift
	captured in_project "$RUN_POSTERN" "$run_command" --launcher "$RUN_LAUNCHER" "$@"
}

run_matches() {
	case $1 in
		\*) ;;
		'') [ ! -s "$2" ] ;;
		*) grep -Eq -e "$1" "$2" ;;
	esac
}

seen() {
	if [ "$status" = "$2" ] && run_matches "$3" "$W/out" && run_matches "$4" "$W/err"; then
		ok "$1"
	else
		not_ok "$1" "status $status, wanted $2; out like '$3', err like '$4'" "out: $(head -n 20 "$W/out")" \
			"err: $(head -n 20 "$W/err")"
	fi
}

expect() {
	run_name=$1
	run_status=$2
	run_out=$3
	run_err=$4
	shift 4
	prun "$@"
	seen "$run_name" "$run_status" "$run_out" "$run_err"
}

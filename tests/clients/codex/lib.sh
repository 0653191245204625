# shellcheck shell=sh
# How the suites call Codex and read what the shim wrote. Source it from the top of the tree. Needs
# S (scratch directory; S/bin/bwrap is the launcher) and CODEX (the program).
#
#	use WHERE [DIR]		DIR (S/WHERE) is what PATH begins with from now on
#	cx ARG...		runs Codex in the project; sets RC, OUT (stdout) and ERR (stderr)
#	helper ARG...		the same with its sandbox helper, which takes any policy without a configuration
#	expect NAME RC REGEX MODE CMD...	runs CMD in the sandbox MODE and checks exit and output
#	calls			how many calls of bwrap are in the log
#	call N			the Nth of them, arguments on one line, each in brackets
#	call_has N TEXT		whether that line contains TEXT

H=$S/home
PROJ=$S/proj
# shellcheck disable=SC2034 # the three modes, for the suites
RO='sandbox_mode="read-only"'
# shellcheck disable=SC2034
WW='sandbox_mode="workspace-write"'
# shellcheck disable=SC2034
FULL='sandbox_mode="danger-full-access"'
DIR=$PROJ # where Codex is started
ADD=      # VAR=X words for its environment

HELPER_POLICY='{"type":"managed","file_system":{"type":"restricted","entries":[
{"path":{"type":"special","value":{"kind":"root"}},"access":"read"},
{"path":{"type":"path","path":"'$PROJ'"},"access":"write"}]},"network":"restricted"}'

# The project is a git repository, and the two directories that stand before the rest of PATH are
# outside it: Codex passes over a bwrap that lies in the project.
codex_setup() {
	mkdir -p "$H/.codex" "$PROJ" "$S/logged" "$S/tools"
	git -C "$PROJ" init -q
	cp tests/clients/shim "$S/logged/bwrap"
	fake
	# The helper's name must be a path: launchers without --argv0 execute it.
	ln -sf "$CODEX" "$S/tools/codex-linux-sandbox"
}

# fake [WHEN RC TEXT]: what the shim refuses; nothing by default.
# shellcheck disable=SC2120 # called with arguments by the suites
fake() {
	{
		printf 'LOG="%s"\nREAL="%s"\n' "$S/log" "$S/bin/bwrap"
		printf 'FAKE_WHEN="%s"\nFAKE_RC="%s"\nFAKE_ERR="%s"\n' "${1:-}" "${2:-}" "${3:-}"
	} >"$S/logged/shim.conf"
}

use() {
	WHERE=$1
	FIRST=${2:-$S/$1}
}

in_project() {
	(
		cd "$DIR" || exit 99
		# shellcheck disable=SC2086
		exec env -i HOME="$H" CODEX_HOME="$H/.codex" LANG=C.UTF-8 TERM=dumb PWD="$DIR" \
			PATH="$FIRST:/usr/bin:/bin" $ADD timeout -k 5 300 "$@"
	)
}

run_logged() {
	: >"$S/log"
	in_project "$@" >"$S/out" 2>"$S/err" </dev/null
	RC=$?
	OUT=$(cat "$S/out")
	ERR=$(cat "$S/err")
}

cx() {
	run_logged "$CODEX" "$@"
}

helper() {
	run_logged "$S/tools/codex-linux-sandbox" --sandbox-policy-cwd "$DIR" \
		--permission-profile "$HELPER_POLICY" "$@"
}

calls() {
	grep -c '^call ' "$S/log"
}

call() {
	awk -v n="$1" '/^call /{ i++; next } i == n && /^ \[/{ printf "%s", $0 }' "$S/log"
}

call_has() {
	case $(call "$1") in
		*"$2"*) return 0 ;;
	esac
	return 1
}

# judge NAME RC REGEX: the last run's exit status and both its outputs. A run that is to succeed
# says nothing on stderr, and in no run but a refused one does the launcher speak.
judge() {
	if [ "$RC" != "$2" ] || ! printf '%s\n%s\n' "$OUT" "$ERR" | grep -Eq -- "$3"; then
		not_ok "codex/$WHERE: $1" "exit $RC, expected $2 and /$3/" "out: $OUT" "err: $ERR"
	elif [ "$2" = 0 ] && [ -n "$ERR" ]; then
		not_ok "codex/$WHERE: $1" "stderr is not empty: $ERR"
	elif printf '%s\n' "$ERR" | grep -Eq '^(bwrap|postern):'; then
		not_ok "codex/$WHERE: $1" "the launcher spoke: $ERR"
	else
		ok "codex/$WHERE: $1"
	fi
}

expect() {
	e_name=$1 e_rc=$2 e_regex=$3 e_mode=$4
	shift 4
	cx sandbox -c "$e_mode" -- "$@"
	judge "$e_name" "$e_rc" "$e_regex"
}

# The three calls that Codex makes for each restricted command: does the launcher know enough
# options, does it get a procfs, and the run itself. Privileges must still be gainable at each
# (no_new_privs 0).
judge_calls() {
	c_third='[--apply-seccomp-then-exec]'
	if grep -q -e --argv0 "$S/help"; then
		c_argv0='[--argv0] [codex-linux-sandbox] [--]'
	else
		c_argv0='codex-linux-sandbox]'
	fi
	if [ "$(calls)" = 3 ] && [ "$(call 1)" = ' [--help]' ] && call_has 2 '[--] [/usr/bin/true]' &&
		call_has 3 "$c_third" && call_has 3 "$c_argv0" &&
		[ "$(grep -c '^call nnp=0 ' "$S/log")" = 3 ]; then
		ok "codex/$WHERE: $1: three calls, none with no_new_privs"
	else
		not_ok "codex/$WHERE: $1: three calls, none with no_new_privs" "$(cat "$S/log")"
	fi
}

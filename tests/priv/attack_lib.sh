# shellcheck shell=sh
# What the attacks share. Source it after lib.sh; it defines functions only.
#
#	in_modes COMMAND...	runs COMMAND in each form, with $mode and $PRIV_HOST, the host it is about
#	attack_c NAME [SOURCE...]	compiles c/NAME.c, with these sources of the tree, to $PRIV_BIN/NAME
#	verdict NAME COMMAND...	COMMAND ends with 0; what it prints is said of a failure
#	kill_tree PID		it and all below it

# shellcheck disable=SC2034 # PRIV_HOST is lib.sh's
in_modes() {
	for mode in ${PRIV_MODES:-filecaps filecaps-userns setuid setuid-userns}; do
		PRIV_HOST=$(priv_host_of "$mode")
		priv_mode "$mode"
		"$@"
	done
}

attack_c() {
	attack_name=$1
	shift
	priv_static "$PRIV_BIN/$attack_name" -Isrc "tests/priv/c/$attack_name.c" "$@"
}

verdict() {
	verdict_name=$1
	shift
	verdict_rc=0
	"$@" >"$W/verdict" 2>&1 </dev/null || verdict_rc=$?
	if [ $verdict_rc = 0 ]; then
		ok "$verdict_name"
	else
		not_ok "$verdict_name" "status $verdict_rc" "$(head -n 20 "$W/verdict")"
	fi
}

kill_tree() {
	# shellcheck disable=SC2013
	for below in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
		(kill_tree "$below")
	done
	kill -KILL "$1" 2>/dev/null || :
}

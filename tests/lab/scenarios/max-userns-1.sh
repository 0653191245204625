# One user namespace for each user: user.max_user_namespaces=1. The first sandbox starts, and a second one does not.
# tier: fast
# shellcheck shell=sh disable=SC2034 # steps.sh reads them

host() {
	key user/max_user_namespaces 1
}

unhost() {
	key user/max_user_namespaces
}

more() {
	expect "the mode is userns" userns "$MODE"
	# shellcheck disable=SC2016 # the user's shell
	more_said=$(as postern-test sh -c '
		mkfifo fifo && exec 3<>fifo && rm fifo
		postern-bwrap --ro-bind / / sh -c "echo up; read -r line" <&3 >up &
		until [ -s up ]; do sleep 0.1; done
		postern-bwrap --ro-bind / / echo ran
		echo "status $?"
		echo >&3
		wait' 2>&1 </dev/null)
	rm -f up
	case $more_said in
		"bwrap: "*"
postern: "*"[ns-limit] "*"
status 1") pass "a second sandbox is refused: ns-limit" ;;
		*) fail "a second sandbox is refused: ns-limit" "$more_said" ;;
	esac
}

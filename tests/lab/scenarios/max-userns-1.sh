# One user namespace for each user: user.max_user_namespaces=1. One sandbox starts, and not a second one beside it.
# tier: fast
# shellcheck shell=sh disable=SC2034 # steps.sh reads them

# The kernel gives a namespace back some time after it was left, so that what doctor says depends on when it is asked.
flow() {
	before
	key user/max_user_namespaces 1
	cd /home/postern-test || return
	# shellcheck disable=SC2016 # the user's shell
	said=$(as postern-test sh -c '
		mkfifo fifo && exec 3<>fifo && rm fifo
		postern-bwrap --ro-bind / / sh -c "echo up; read -r line" <&3 >up &
		left=600
		until [ -s up ] || [ $left = 0 ]; do
			sleep 0.1
			left=$((left - 1))
		done
		cat up
		postern-bwrap --ro-bind / / echo ran
		echo "status $?"
		echo >&3
		wait' 2>&1 </dev/null)
	rm -f up
	cd /work || return
	case $said in
		"up
bwrap: "*"
postern: "*"[ns-limit] "*"
status 1") pass "one sandbox starts, and not a second one: ns-limit" ;;
		*) fail "one sandbox starts, and not a second one: ns-limit" "$said" ;;
	esac
	CLASS=- MODE=- WORKS=one
	key user/max_user_namespaces
	same
}

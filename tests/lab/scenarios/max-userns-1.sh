# One user namespace for each user: user.max_user_namespaces=1. One sandbox starts, and not a second one beside it.
# tier: fast
# shellcheck shell=sh disable=SC2034 # steps.sh reads them

# found WHO COMMAND...: what doctor says of the host there, but for a start that may have got through
found() {
	found_who=$1
	shift
	"$@" postern doctor --json >"$W/doctor" 2>&1 </dev/null
	tidy <"$W/doctor" | sed -n "/\"ladder\":/q; s/^/=$SCENARIO= $found_who: /p"
	expect "doctor finds the limit, as $found_who" max-user-namespaces \
		"$(awk '/"class":/ { c = $2 } /"blocks": true/ { print c; exit }' "$W/doctor" | tr -d '",')"
}

host() {
	key user/max_user_namespaces 1
}

flow() {
	before
	host
	found user as postern-test
	found root env
	beside
	apply --allow-privileged --yes
	ends "no mode is applied unasked" 1 "sysctl: only by name: one key is the cause: user.max_user_namespaces=1"
	setup apply --mode filecaps --allow-privileged --yes
	ends "where one start gets through, no other mode is proven" 1 "does not help against"
	apply --mode sysctl --allow-sysctl --yes
	expect "the mode is sysctl" sysctl "$MODE"
	works postern-test
	others
	undo
	expect "undo sets it back" 1 "$(cat /proc/sys/user/max_user_namespaces)"
	CLASS=max-user-namespaces
	key user/max_user_namespaces
	same
}

beside() {
	cd /home/postern-test || return
	# shellcheck disable=SC2016 # the user's shell
	said=$(as postern-test sh -c '
		mkfifo fifo && exec 3<>fifo && rm fifo
		left=600
		# the kernel gives back what doctor had some time after it was left
		until [ -s up ] || [ $left = 0 ]; do
			postern-bwrap --ro-bind / / sh -c "echo up; read -r line" <&3 >>up 2>/dev/null &
			sleep 0.5
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
postern: "*"[ns-limit] "*"max-user-namespaces: user.max_user_namespaces=1; remedy: "*"
status 1") pass "one sandbox starts, and not a second one: ns-limit" ;;
		*) fail "one sandbox starts, and not a second one: ns-limit" "$said" ;;
	esac
}

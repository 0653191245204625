#!/bin/sh
# No process that holds a capability over the host, and none that has a channel to one, is within its caller's reach:
# not by ptrace, not through /proc, not by its descriptors. Tried for all processes of a start, in small steps
# from its first instruction to its last, and while they run. (MUST 2; CVE-2016-8659, CVE-2020-5291, CVE-2026-41163)
#
#	PRIV_TRACES	starts of each mode (300)
set -eu
. tests/lib/tap.sh
. tests/priv/lib.sh
. tests/priv/attack_lib.sh

# forms: what takes a process, none, the reaper or not, and the stalls in which an attacker has all the time
forms() {
	cat <<-'END'
		everything, and a reaper|--unshare-all --ro-bind / / --proc /proc --dev /dev
		in place, no second process|--ro-bind / /
		no reaper, many operations|--unshare-pid --as-pid-1 --ro-bind / / --tmpfs /mnt MANY --proc /proc
		stalled at --info-fd|--unshare-pid --ro-bind / / --info-fd 101
		stalled at --json-status-fd|--unshare-pid --ro-bind / / --json-status-fd 101
		told its pid, stalled at --block-fd|--unshare-pid --ro-bind / / --info-fd 102 --block-fd 100
		stalled at --block-fd, in place|--ro-bind / / --block-fd 100
		stalled at --seccomp|--unshare-pid --ro-bind / / --seccomp 100
		--sync-fd|--ro-bind / / --sync-fd 100 --json-status-fd 102
	END
}

# figure NAME LINE: of what trace prints at its end
figure() {
	echo "$2" | sed "s/.* $1=\([0-9]*\).*/\1/"
}

# traced NAME OPTION...: adds to $held, $user, $windows
traced() {
	traced_name=$1
	shift
	traced_rc=0
	# shellcheck disable=SC2086
	refuse timeout -k 5 60 "$PRIV_BIN/trace" -n "$starts" -r "${TEST_SEED:-1}" $window -p "$PRIV" -- "$BWRAP" "$@" \
		sleep 5 >"$W/out" 2>"$W/err" </dev/null || traced_rc=$?
	line=$(grep '^starts=' "$W/out") || line="starts=0 held=0 user=0 after=0 window=0 left=0"
	held=$((held + $(figure held "$line")))
	user=$((user + $(figure user "$line")))
	windows=$((windows + $(figure window "$line")))
	if [ $traced_rc = 0 ]; then
		ok "trace: $mode: $traced_name: nobody can be attached, read or robbed (MUST 2, CVE-2016-8659, CVE-2026-41163)"
	else
		not_ok "trace: $mode: $traced_name: nobody can be attached, read or robbed (MUST 2, CVE-2016-8659, CVE-2026-41163)" \
			"status $traced_rc" "$(head -n 12 "$W/out" "$W/err")"
	fi
}

mode_traced() {
	# the map window of a user namespace of the caller's own is the one exception that MUST 2 makes
	window=
	[ "$mode" != filecaps-userns ] || window=-w
	held=0
	user=0
	windows=0
	forms >"$W/forms"
	starts=$((${PRIV_TRACES:-300} / $(wc -l <"$W/forms") + 1))
	while IFS='|' read -r name options; do
		# shellcheck disable=SC2046 # words
		traced "$name" $(echo "$options" | sed "s,MANY,$(many),")
	done <"$W/forms"
	echo "# trace: $mode: somebody held a capability at $held moments, $windows of them in the map window"
	verdict "trace: $mode: control: processes were attacked while they held capabilities" \
		[ "$held" -ge "$((starts * 9))" ]
	verdict "trace: $mode: control: the attacks work where they may" [ "$user" -ge "$starts" ]
	[ -z "$window" ] ||
		verdict "trace: $mode: in the map window there is no power over the host (MUST 2)" [ "$windows" -gt 0 ]
}

many() {
	seq -f '--ro-bind /usr /mnt/%g' 40 | tr '\n' ' '
}

main() {
	priv_enter "$0" "$@"
	priv_begin trace
	in_modes mode_traced
	no_process "trace: no process is left (MUST 10)"
	tap_end
}

main "$@"

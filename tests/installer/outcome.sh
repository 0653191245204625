# shellcheck shell=sh
# How a real run of postern-setup ended. Source it after tests/lib/tap.sh; it defines functions only. The script has RC, a
# directory $W with what was said in $W/out, and a function snapshot.
#
#	ends NAME STATUS TEXT	the status, and a part of what was said
#	same NAME		a snapshot is as the one in $W/before

ends() {
	if [ "$RC" = "$2" ] && grep -qF -e "$3" "$W/out"; then
		ok "$1"
	else
		not_ok "$1" "wanted status $2 and: $3" "status $RC" "$(cat "$W/out")"
	fi
}

same() {
	snapshot >"$W/after"
	if diff "$W/before" "$W/after" >"$W/diff"; then ok "$1"; else not_ok "$1" "$(cat "$W/diff")"; fi
}

#!/bin/sh
# Whatever the caller makes postern-priv wait for, nobody holds a capability over the host meanwhile; and when the
# launcher dies or stands still there, nothing stays. (MUST 10; bubblewrap's orphan at the death of its monitor)
set -eu
. tests/lib/tap.sh
. tests/priv/lib.sh
. tests/priv/attack_lib.sh

# pipes: 8 is a pipe in which nothing ever comes, 9 one that takes nothing more; both have their other end
pipes() {
	rm -f "$W/silent" "$W/full"
	mkfifo "$W/silent" "$W/full"
	exec 8<>"$W/silent" 9<>"$W/full"
	dd if=/dev/zero of=/dev/fd/9 bs=4096 count=64 oflag=nonblock 2>/dev/null || :
	dd if=/dev/zero of=/dev/fd/9 bs=1 count=4096 oflag=nonblock 2>/dev/null || :
}

# ours: pids of the user's processes that run a program of this installation; left_behind takes longer
ours() {
	for one in $(pgrep -U "$U"); do
		[ "$(stat -L -c %d "/proc/$one/exe" 2>/dev/null)" != "$DEVICE" ] || echo "$one"
	done
}

# first: the one of them that is no child of another. Not the one with the smallest number: numbers begin anew.
first() {
	all=$(ours | tr '\n' ' ')
	for one in $all; do
		case " $all" in
			*" $(sed -n 's/^PPid:	*//p' "/proc/$one/status" 2>/dev/null) "*) ;;
			*)
				echo "$one"
				return 0
				;;
		esac
	done
}

# holders: which of them hold capabilities in the host's own user namespace; and how many there are at all
holders() {
	HOLD=
	THERE=0
	for pid in $(ours); do
		THERE=$((THERE + 1))
		[ "$(readlink "/proc/$pid/ns/user")" = "$(readlink /proc/self/ns/user)" ] || continue
		held=$(sed -n 's/^CapPrm:	*0*//p' "/proc/$pid/status" 2>/dev/null)
		[ -z "$held" ] || HOLD="$HOLD $pid has $held;"
	done
}

# family PID: what runs below it, a line for each: state, name, pid
family() {
	# shellcheck disable=SC2013
	for member in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
		sed -n 's/^\([0-9]*\) (\(.*\)) \(.\) .*/\3 \2 \1/p' "/proc/$member/stat" 2>/dev/null || :
		(family "$member")
	done
}

# settled: until what was started is ours, asleep and the same for a while, or has ended
settled() {
	before=
	same=0
	tries=0
	while [ $same -lt 3 ] && [ $tries -lt 80 ] && kill -0 "$box" 2>/dev/null; do
		tries=$((tries + 1))
		now=$(family "$box")
		case $now in
			*"R "*) same=0 ;;
			*bwrap* | *postern-priv* | *sleep*) [ "$now" = "$before" ] && same=$((same + 1)) || same=0 ;;
			*) same=0 ;;
		esac
		before=$now
		sleep 0.02
	done
}

# gone: nothing is left after a moment
gone() {
	tries=0
	while [ -n "$(ours)" ]; do
		tries=$((tries + 1))
		[ $tries -lt 30 ] || return 1
		sleep 0.03
	done
}

# waits NAME COMMAND...: it waits for us, or has ended; then its first process is killed
waits() {
	waits_name=$1
	shift
	"$@" >/dev/null 2>"$W/err" </dev/null &
	box=$!
	settled
	holders
	[ -z "$HOLD" ] || BAD="$BAD$waits_name:$HOLD "
	WAITED=$((WAITED + (THERE > 0)))
	for how in ${KILLS:-KILL}; do
		launcher=$(first)
		[ -z "$launcher" ] || kill "-$how" "$launcher" 2>/dev/null || :
	done
	gone || {
		LEFT="$LEFT$waits_name: $(ours | tr '\n' ' ')"
		ours | xargs -r kill -KILL
	}
	# the command itself, where nobody else is there
	kill_tree $box
	wait $box 2>/dev/null || :
}

# by_hand WORD...: a plan in which the launcher has drained nothing
by_hand() {
	"$PRIV_BIN/plan_driver" "uid=$U" "gid=$G" "$@" >"$W/plan"
	refuse "$PRIV_BIN/hand" -x "$PRIV" -f "memfd:$W/plan" -- bwrap --plan 99
}

start() {
	refuse "$BWRAP" --ro-bind / / "$@" /bin/sleep 30
}

# a start that fails, with nobody who reads what it says
silent_failure() {
	refuse sh -c 'exec "$@" 2>&9' sh "$BWRAP" --ro-bind / / "$@" --ro-bind /nosuch /mnt true
}

stalls() {
	BAD=
	LEFT=
	WAITED=0
	pipes
	for form in "" "--unshare-pid"; do
		# shellcheck disable=SC2086
		{
			waits "--file $form" start $form --tmpfs /tmp --file 8 /tmp/f
			waits "--ro-bind-data $form" start $form --ro-bind-data 8 /mnt
			waits "--args $form" start $form --args 8
			waits "--seccomp $form" start $form --seccomp 8
			waits "--info-fd $form" start $form --info-fd 9
			waits "--json-status-fd $form" start $form --json-status-fd 9
			waits "--block-fd $form" start $form --block-fd 8
			waits "--block-fd after --info-fd $form" start $form --block-fd 8 --info-fd 1
			waits "a failure on stderr $form" silent_failure $form
			waits "a failure on --json-errors $form" start $form --json-errors 9 --ro-bind /nosuch /mnt
			waits "the command $form" start $form
		}
	done
	priv_config nosuch=1
	waits "a bad configuration, and JSON" start --json-errors 9
	priv_config
	waits "--info-fd, no reaper" start --unshare-pid --as-pid-1 --info-fd 9
	waits "--seccomp, no reaper" start --unshare-pid --as-pid-1 --seccomp 8
	waits "--lock-file of a pipe" start --unshare-pid --lock-file "$W/user/fifo"
	waits "a pipe as a source" start --tmpfs /tmp --ro-bind "$W/user/fifo" /tmp/f
	waits "--file on a pipe" start --bind "$W/user" "$W/user" --file 7 "$W/user/fifo" 7<"$W/user/data"
	waits "a plan: a filter" by_hand bind:r:/:/ filterfd:8 -- /bin/sleep 30
	waits "a plan: a filter, and a reaper" by_hand bind:r:/:/ ns=6 filterfd:8 -- /bin/sleep 30
	waits "a plan: a report" by_hand bind:r:/:/ info_fd=9 -- /bin/sleep 30
	waits "a plan: both reports" by_hand bind:r:/:/ ns=6 info_fd=9 status_fd=9 -- /bin/sleep 30
	waits "a plan: a failure is reported" by_hand bind:r:/:/ errors_fd=9 bind:r:/nosuch:/mnt -- /bin/sleep 30
	waits "a plan that is refused" by_hand bind:r:/:/ errors_fd=9 uid=4294967295 -- /bin/sleep 30
	waits "no plan, and JSON" refuse "$PRIV_BIN/hand" -x "$PRIV" -f memfd:/etc/passwd -- bwrap --plan 99 1 9
	waits "a plan: a block" by_hand bind:r:/:/ ns=0x7e block_fd=8 -- /bin/sleep 30
	exec 8<&- 9<&-
	if [ -z "$BAD" ] && [ $WAITED -ge 20 ]; then
		ok "exits: $mode: nobody who waits for the caller holds a capability ($WAITED waits; MUST 10)"
	else
		not_ok "exits: $mode: nobody who waits for the caller holds a capability (MUST 10)" "$WAITED waits" "$BAD"
	fi
	if [ -z "$LEFT" ]; then
		ok "exits: $mode: killed there, nothing stays (MUST 10)"
	else
		not_ok "exits: $mode: killed there, nothing stays (MUST 10)" "$LEFT"
	fi
}

# The launcher stands still first, so that nobody is told of anything; or its caller does.
stopped() {
	BAD=
	LEFT=
	WAITED=0
	pipes
	KILLS="STOP KILL"
	for options in "--block-fd 8" "--unshare-pid --block-fd 8" "--unshare-pid --info-fd 9" "--unshare-pid --as-pid-1 --seccomp 8" \
		"--unshare-all --proc /proc" "--unshare-pid --die-with-parent --json-status-fd 9"; do
		# shellcheck disable=SC2086
		waits "$options" start $options
	done
	KILLS=
	exec 8<&- 9<&-
	if [ -z "$BAD$LEFT" ]; then
		ok "exits: $mode: stopped and then killed, nothing stays (MUST 10)"
	else
		not_ok "exits: $mode: stopped and then killed, nothing stays (MUST 10)" "$BAD" "$LEFT"
	fi
}

# Who is killed before its child has done anything at all: the child's first act is to look.
early() {
	# shellcheck disable=SC2086
	verdict "exits: $mode: killed in small steps from its first instruction on, nothing stays (MUST 10)" \
		refuse timeout -k 5 60 "$PRIV_BIN/trace" -n 60 -d 60 $EXPECTED -p "$PRIV" -- "$BWRAP" --ro-bind / / --unshare-pid \
		--die-with-parent /bin/sleep 30
}

all() {
	EXPECTED=
	[ "$mode" != filecaps-userns ] || EXPECTED=-w
	stalls
	stopped
	early
}

main() {
	priv_enter "$0" "$@"
	priv_begin exits
	need pgrep || {
		tap_end
		exit
	}
	attack_c plan_driver
	U=$(id -u "$TEST_USER")
	G=$(id -g "$TEST_USER")
	DEVICE=$(stat -c %d "$PRIV_PREFIX")
	echo data >"$W/user/data"
	mkfifo "$W/user/fifo"
	chown "$TEST_USER:" "$W/user/fifo"
	KILLS=
	in_modes all
	no_process "exits: no process is left (MUST 10)"
	tap_end
}

main "$@"

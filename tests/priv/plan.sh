#!/bin/sh
# Plans that no launcher would write, given to postern-priv by hand: refused before anything is done, whoever wrote
# them and whenever they change. (MUST 3, 4, 6; sudo CVE-2019-14287, CVE-2020-5291, CVE-2019-11502 as classes: ids,
# namespaces and descriptors that are not the caller's)
#
#	PRIV_CHANGES	starts with a plan that changes meanwhile, in all modes together (2000)
set -eu
. tests/lib/tap.sh
. tests/priv/lib.sh
. tests/priv/attack_lib.sh

# plan FILE WORD...
plan() {
	plan_to=$1
	shift
	"$PRIV_BIN/plan_driver" "uid=$U" "gid=$G" "$@" >"$plan_to"
}

# by_hand [WORD...]: 7 and 8 are a file and a pipe of the caller's; no other descriptor from 3 on is open but the plan's
by_hand() {
	plan "$W/plan" "$@" -- "$PRIV_BIN/inside" caps
	refuse "$PRIV_BIN/with" clean -- sh -c 'exec timeout -k 1 5 "$@" 7</dev/null 8>/dev/null' sh "$PRIV_BIN/hand" \
		-x "$PRIV" -f "memfd:$W/plan" -- bwrap --plan 99 >"$W/out" 2>"$W/err" </dev/null
}

EMPTY="inh=0 prm=0 eff=0 bnd=0 amb=0 nnp=1 ids=same"

# refused NAME WORD...: adds to BAD unless the plan is refused in our words and without an effect
refused() {
	refused_name=$1
	shift
	refused_rc=0
	by_hand "$@" || refused_rc=$?
	if [ $refused_rc != 1 ] || [ -s "$W/out" ] || ! grep -q '^postern: .*\[[a-z-]*\] step ' "$W/err"; then
		BAD="$BAD$refused_name: $refused_rc $(head -n 2 "$W/out" "$W/err"); "
	fi
}

# works NAME WORD...: it starts, and the command has nothing
works() {
	works_name=$1
	shift
	works_rc=0
	by_hand "$@" || works_rc=$?
	[ $works_rc = 0 ] && [ "$(cat "$W/out")" = "$EMPTY" ] || BAD="$BAD$works_name: $works_rc $(head -n 2 "$W/out" "$W/err"); "
}

# judge NAME: there was nothing to complain of
judge() {
	if [ -z "$BAD" ]; then
		ok "plan: $mode: $1"
	else
		not_ok "plan: $mode: $1" "$BAD"
	fi
	BAD=
}

ids() {
	for id in 1 $((U + 1)) 2147483648 4294967294 4294967295; do
		case $mode,$id in
			*-userns,1 | *-userns,$((U + 1))) continue ;; # names inside, for the caller outside
		esac
		refused "uid $id" bind:r:/:/ uid=$id
		refused "gid $id" bind:r:/:/ gid=$id
		refused "uid $id with a user namespace" bind:r:/:/ ns=3 uid=$id
	done
	case $mode in
		*-userns) ;;
		*)
			refused "uid 0" bind:r:/:/ uid=0
			refused "gid 0" bind:r:/:/ gid=0
			refused "both, with a user namespace" bind:r:/:/ ns=3 uid=0 gid=0
			;;
	esac
	judge "ids are the caller's (MUST 3, CVE-2019-14287)"
}

namespaces() {
	refused "none" bind:r:/:/ ns=0
	refused "all but the mounts'" bind:r:/:/ ns=0x7d
	refused "an unknown one" bind:r:/:/ ns=0x82
	refused "the mounts' may be missing" bind:r:/:/ ns=2 ns_try=2
	refused "the pids' may be missing" bind:r:/:/ ns=6 ns_try=4
	refused "one may be missing that is not asked for" bind:r:/:/ ns=2 ns_try=0x40
	refused "the host's name" bind:r:/:/ hostname:attacked
	refused "pid 1 of the host's" bind:r:/:/ flags=4
	refused "the host's message queues" bind:r:/:/ kind:5:/mnt
	for fd in userns_fd userns2_fd pidns_fd netns_fd userns_block_fd; do
		refused "$fd" bind:r:/:/ $fd=7
		refused "$fd, with all namespaces" bind:r:/:/ ns=0x7f $fd=7 info_fd=8
	done
	[ "$(hostname)" != attacked ] || BAD="$BAD the host has another name"
	judge "the host's namespaces are not the plan's (MUST 3, 6, CVE-2020-5291)"
}

flags() {
	for bit in $(seq 11 31) 6; do
		refused "flag $bit" bind:r:/:/ "flags=$((1 << bit))"
		refused "flag $bit, with namespaces" bind:r:/:/ ns=0x7f "flags=$((1 << bit))"
	done
	refused "a label without a name" bind:r:/:/ flags=0x100
	case $mode in
		filecaps-userns) works "capabilities, in his own namespace" bind:r:/:/ ;;
		*)
			refused "capabilities" bind:r:/:/ caps=0x200000
			refused "all capabilities" bind:r:/:/ ns=3 caps=0xffffffffffffffff
			refused "submounts without flags" bind:r:/:/ flags=0x80
			for kind in 6 7 8 9; do
				refused "kind $kind" bind:r:/:/ kind:$kind:/mnt
			done
			;;
	esac
	for kind in 17 18 255 65535; do
		refused "kind $kind" bind:r:/:/ kind:$kind:/mnt
	done
	refused "permissions of a file type" bind:r:/:/ dir:100777:/tmp/x
	refused "a relative source" bind:r:/:/ bind:r:usr:/mnt
	refused "a source that begins with .." bind:r:/:/ bind:r:../usr:/mnt
	refused "an empty source" bind:r:/:/ bind:r::/mnt
	refused "an empty destination" bind:r:/:/ bind:r:/usr:
	refused "an empty lock file" bind:r:/:/ lock:
	judge "what is unknown or not for a caller is refused (MUST 3, 6)"
}

# Numbers that are not open now are of descriptors that postern-priv opens later.
descriptors() {
	for fd in 99 3 4 5 6 9 10 11 12 98 100 1000000 2147483647; do
		refused "bind of $fd" bind:r:/:/ bindfd:r:$fd:/mnt
		refused "info on $fd" bind:r:/:/ info_fd=$fd
		refused "status on $fd" bind:r:/:/ status_fd=$fd
		refused "errors on $fd" bind:r:/:/ errors_fd=$fd
		refused "a filter from $fd" bind:r:/:/ filterfd:$fd
	done
	refused "block on the plan" bind:r:/:/ block_fd=99
	refused "keep the plan" bind:r:/:/ syncfd:99
	for fd in -2 -2147483648; do
		refused "info on $fd" bind:r:/:/ info_fd=$fd
		refused "bind of $fd" bind:r:/:/ "bindfd:r:$fd:/mnt"
		refused "keep $fd" bind:r:/:/ syncfd:$fd
	done
	refused "one for two operations" bind:r:/:/ bindfd:r:7:/mnt bindfd:r:7:/media
	refused "one for an operation and a report" bind:r:/:/ bindfd:r:8:/mnt info_fd=8
	# what is closed need not be waited for, or kept: in no case is it another's later
	for fd in 3 4 5 6 9 10 11 12; do
		works "block on $fd" bind:r:/:/ block_fd=$fd
		works "keep $fd" bind:r:/:/ syncfd:$fd ns=6
	done
	judge "descriptors are the caller's own (MUST 3, CVE-2016-9962, CVE-2026-46333)"
}

extremes() {
	works "control: a good plan" bind:r:/:/
	works "variables without a name or a value" bind:r:/:/ env:=x env:= env:A env:A=1 env:A=2
	# shellcheck disable=SC2046 # words
	works "a thousand operations" bind:r:/:/ $(printf 'tmpfs:755:/mnt/%s ' $(seq 1000) | sed 's,/mnt/[0-9]*,/mnt,g')
	priv_config max-operations=100
	# shellcheck disable=SC2046 # words
	refused "more than max-operations" bind:r:/:/ $(printf 'dir:755:/dev/shm/x%s ' $(seq 100))
	priv_config
	long=$(printf '/%.0s' $(seq 5000))
	refused "a path of 5000 bytes" bind:r:/:/ "bind:r:$long:/mnt"
	judge "sizes (MUST 3)"
}

# What was judged is what is done, although the file goes on changing.
changes() {
	command=$PRIV_BIN/inside
	plan "$W/good" bind:r:/:/ bind:r:/usr:/mnt -- "$command" caps
	plan "$W/bad1" bind:r:/:/ bind:r:/usr:/mnt uid=0 gid=0 -- "$command" caps
	plan "$W/bad2" bind:r:/:/ bind:r:/usr:/mnt ns=0 -- "$command" caps
	plan "$W/bad3" bind:r:/:/ bind:r:/usr:/mnt flags=0xffffffff -- "$command" caps
	plan "$W/bad4" bind:r:/:/ bind:r:.usr:/mnt ns=0x7f -- "$command" caps
	plan "$W/bad5" bind:rdo:/:/ bind:rdo:/usr:/mnt status_fd=99 errors_fd=99 -- "$command" caps
	verdict "plan: $mode: a plan that changes meanwhile is the one that was judged (MUST 3)" \
		refuse timeout -k 5 100 "$PRIV_BIN/mutate" -n $((${PRIV_CHANGES:-2000} / 4)) -r "${TEST_SEED:-1}" "$PRIV" \
		"$W/good" "$W/bad1" "$W/bad2" "$W/bad3" "$W/bad4" "$W/bad5"
}

all() {
	BAD=
	ids
	namespaces
	flags
	descriptors
	extremes
	changes
}

main() {
	priv_enter "$0" "$@"
	priv_begin plan
	attack_c plan_driver
	U=$(id -u "$TEST_USER")
	G=$(id -g "$TEST_USER")
	in_modes all
	no_process "plan: no process is left (MUST 10)"
	tap_end
}

main "$@"

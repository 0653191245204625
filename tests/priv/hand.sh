#!/bin/sh
# postern-priv executed by hand, by a member of the group: with arguments, descriptors and a process that the
# launcher would never give it. (MUST 1, 3, 11)
set -eu
. tests/lib/tap.sh
. tests/priv/lib.sh

# by_hand OPTION... -- WORD...: the WORDs are argv; five seconds are enough for any refusal
by_hand() {
	refuse timeout -k 1 5 "$PRIV_BIN/hand" -x "$PRIV" "$@"
}

# refused NAME COMMAND...: a failure in our words, whichever, and nothing else happens
refused() {
	refused_name=$1
	shift
	refused_rc=0
	"$@" >"$W/out" 2>"$W/err" </dev/null || refused_rc=$?
	if [ $refused_rc = 1 ] && [ ! -s "$W/out" ] && grep -q '^postern: .*\[[a-z-]*\] step ' "$W/err"; then
		ok "$refused_name"
	else
		not_ok "$refused_name" "status $refused_rc" "out: $(head -n 5 "$W/out")" "err: $(head -n 5 "$W/err")"
	fi
}

arguments() {
	refused "$1: no argument" by_hand -- bwrap
	refused "$1: --plan without a number" by_hand -- bwrap --plan
	refused "$1: --plan of a closed descriptor" by_hand -- bwrap --plan 99
	for number in "" -1 -99 x 99x 0x63 4294967395 99999999999999999999 +99; do
		refused "$1: --plan '$number'" by_hand -f "memfd:$W/plan" -- bwrap --plan "$number"
	done
	refused "$1: a word too many" by_hand -f "memfd:$W/plan" -- bwrap --plan 99 true
	refused "$1: another option" by_hand -f "memfd:$W/plan" -- bwrap --bind / / true
	# shellcheck disable=SC2046 # words
	refused "$1: ten thousand arguments" by_hand -f "memfd:$W/plan" -- bwrap --plan $(seq 10000)
	for fd in 0 1 2; do
		refused "$1: --plan $fd" by_hand -- bwrap --plan $fd
	done
	for number in "" -1 x 9x 0x9 4294967305 99999999999999999999 98 99; do
		refused "$1: errors to '$number'" by_hand -f "memfd:$W/plan" -- bwrap --plan 99 1 "$number"
	done
	refused "$1: errors, and a word too many" by_hand -f "memfd:$W/plan" -- bwrap --plan 99 1 2 3
	says "$1: errors to a descriptor, and there are none" ran by_hand -f "memfd:$W/plan" -- bwrap --plan 99 1 2
}

# What it says before it knows the plan goes to any descriptor that the caller names: as the caller, who could write
# there by himself, and not where nothing can be written.
errors_to() {
	for target in "9</" "9<$W/plan" "9>/dev/full" "9<>/proc/self/mem"; do
		# shellcheck disable=SC2016
		refused "$1: errors to $target" refuse sh -c 'exec timeout -k 1 5 "$0" -x "$1" -f memfd:/etc/passwd -- \
			bwrap --plan 99 1 9 '"$target" "$PRIV_BIN/hand" "$PRIV"
	done
	# its pid and ids, as the kernel tells who reads
	refuse "$PRIV_BIN/credentials" 9 "$PRIV_BIN/hand" -x "$PRIV" -f memfd:/etc/passwd -- bwrap --plan 99 1 9 \
		>"$W/out" 2>"$W/err" </dev/null || :
	if [ "$(cat "$W/out")" = "$(id -u "$TEST_USER") $(id -g "$TEST_USER") { \"id\": \"plan-invalid\"" ]; then
		ok "$1: errors are written with the caller's ids"
	else
		not_ok "$1: errors are written with the caller's ids" "$(cat "$W/out" "$W/err")"
	fi
}

descriptors() {
	for kind in fifo dir zero sparse opath:"$W/plan" socket wronly:"$W/user/writable" "memfd:/dev/null"; do
		refused "$1: a plan from ${kind%%:*}${kind##"${kind%%:*}"}" by_hand -f "$kind" -- bwrap --plan 99
	done
	# the offset is the sender's, and says nothing
	says "$1: a plan is read from its beginning" ran by_hand -f "memfd:$W/plan" -- bwrap --plan 99
	# Where the launcher has memfds, nothing else is asked what it is: that could be somebody's FUSE.
	refused "$1: a plan from an ordinary file" by_hand -f "file:$W/plan" -- bwrap --plan 99
	says "$1: a plan from an ordinary file, on a kernel without memfds" ran \
		priv_host "$PRIV_HOST" "$PRIV_BIN/shim" --no-nnp memfd_create=ENOSYS -- runuser -u "$TEST_USER" -- \
		timeout -k 1 5 "$PRIV_BIN/hand" -x "$PRIV" -f "end:$W/plan" -- bwrap --plan 99
	head -c 100 "$W/plan" >"$W/cut"
	refused "$1: a plan that is cut off" by_hand -f "file:$W/cut" -- bwrap --plan 99
	cat "$W/plan" "$W/plan" >"$W/twice"
	refused "$1: a plan with another behind it" by_hand -f "file:$W/twice" -- bwrap --plan 99
	tr '\000' '\377' <"$W/plan" >"$W/garbage"
	refused "$1: a plan of garbage" by_hand -f "file:$W/garbage" -- bwrap --plan 99
}

# What surrounds a process at its start; the plan is good, so the command runs or the start is refused.
surroundings() {
	refused "$1: an empty argv" by_hand -0 -f "memfd:$W/plan" --
	says "$1: a NULL envp" ran by_hand -E -f "memfd:$W/plan" -- bwrap --plan 99
	says "$1: an environment for the dynamic linker" ran by_hand -e LD_PRELOAD=/nosuch.so -e LD_AUDIT=/nosuch.so \
		-e GCONV_PATH=. -e MALLOC_CHECK_=3 -f "memfd:$W/plan" -- bwrap --plan 99
	for set in 0 2 02; do
		says "$1: descriptors $set closed" ran by_hand -c $set -f "memfd:$W/plan" -- bwrap --plan 99
	done
	says "$1: descriptor 1 closed" "" by_hand -c 1 -f "memfd:$W/plan_true" -- bwrap --plan 99
	says "$1: an ignored SIGCHLD" ran by_hand -i 17 -f "memfd:$W/plan_pid" -- bwrap --plan 99
	says "$1: a pending SIGUSR1" ran by_hand -p 10 -f "memfd:$W/plan" -- bwrap --plan 99
	says "$1: a pending SIGALRM" ran by_hand -p 14 -f "memfd:$W/plan_pid" -- bwrap --plan 99
	says "$1: a umask of 0777" ran by_hand -m 0777 -f "memfd:$W/plan_dirs" -- bwrap --plan 99
	says "$1: a current directory that is gone" ran by_hand -d "$W/user/gone" -f "memfd:$W/plan" -- bwrap --plan 99
	refused "$1: real root" priv_host "$PRIV_HOST" "$PRIV_BIN/hand" -x "$PRIV" -f "memfd:$W/plan" -- bwrap --plan 99
}

# Under small limits there is a start, or one error; never a process that is left, never a command without its walls.
limits() {
	bad=
	for limit in nofile=0 nofile=3 nofile=4 nofile=8 nofile=16 nofile=101 fsize=0 nproc=1 stack=8192 stack=65536 cpu=1 \
		memlock=0 data=65536 data=1048576 as=1048576 as=8388608 core=0; do
		for plan in plan plan_pid plan_dirs; do
			# through a pipe: a file would have the limit, too
			rc=$({ {
				rc=0
				by_hand -l $limit -f "memfd:$W/$plan" -- bwrap --plan 99 2>&1 </dev/null || rc=$?
				echo $rc >&3
			} | cat >"$W/out"; } 3>&1)
			case $rc,$(cat "$W/out") in
				0,ran | 1,*'postern: '*'] step '*) ;;
				# the kernel, and musl where it cannot open /dev/null, kill before there is a main
				137,* | 139,* | 126,hand:*) ;;
				# a sanitizer is no libc for that
				1,*'AddressSanitizer: stack-overflow'*) [ "${PRIV_VARIANT:-}" = priv-asan ] || bad="$bad$limit, $plan: $rc; " ;;
				# the command's own libc
				127,*'error while loading'*) ;;
				*) bad="$bad$limit, $plan: $rc $(head -n 3 "$W/out"); " ;;
			esac
		done
	done
	left=$(left_behind)
	if [ -z "$bad$left" ]; then
		ok "$1: small limits are met or reported"
	else
		not_ok "$1: small limits are met or reported" "$bad" "left: $left"
	fi
}

# Under a tracer that is no root exec gives no privilege, so there is nothing to be had.
traced() {
	rc=0
	refuse strace -f -o /dev/null "$PRIV_BIN/hand" -x "$PRIV" -f "memfd:$W/plan" -- bwrap --plan 99 \
		>"$W/out" 2>"$W/err" </dev/null || rc=$?
	if [ $rc = 1 ] && [ ! -s "$W/out" ] && grep -q '^postern: .*\[' "$W/err"; then
		ok "$1: executed under a tracer it has no privilege"
	else
		not_ok "$1: executed under a tracer it has no privilege" "status $rc" "$(cat "$W/out" "$W/err")"
	fi
}

main() {
	priv_enter "$0" "$@"
	priv_begin hand
	: >"$W/user/writable"
	chown "$TEST_USER:" "$W/user/writable"
	for mode in ${PRIV_MODES:-filecaps filecaps-userns setuid setuid-userns}; do
		PRIV_HOST=$(priv_host_of "$mode")
		priv_mode "$mode"
		plan_of "$W/plan" --ro-bind / / echo ran &&
			plan_of "$W/plan_true" --ro-bind / / true &&
			plan_of "$W/plan_pid" --unshare-all --ro-bind / / --proc /proc --dev /dev echo ran &&
			plan_of "$W/plan_dirs" --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib \
				--symlink usr/lib64 /lib64 --dir /a/b --tmpfs /c/d echo ran >"$W/log" 2>&1 ||
			not_ok "$mode: plans were made" "$(cat "$W/log")"
		arguments "$mode"
		errors_to "$mode"
		descriptors "$mode"
		surroundings "$mode"
		limits "$mode"
		traced "$mode"
	done
	tap_end
}

main "$@"

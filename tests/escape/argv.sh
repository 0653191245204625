#!/bin/sh
# Odd circumstances (CVE-2021-4034, CVE-2021-3156, CVE-2019-14287): every start either works or ends
# with exit 1 and one message; never a signal, never half a sandbox, never a process left over.
# Reference: 0.8.0 fails the number tests (leading blanks and 2^32 pass) and "SIGCHLD ignored";
# 0.13.1 fails the number tests.
. tests/escape/lib.sh

# run START-OPTIONS... -- PROGRAM ARGS...
run() {
	: >"$W/out"
	: >"$W/err"
	"$BIN/start" -o "$W/out" -e "$W/err" "$@" >"$W/start" 2>&1
	result=$(cat "$W/start")
}

# clean NAME: it worked ("ran" is in the output) or was refused with a message of the launcher's.
clean() {
	case $result in
		"exit 0 left 0")
			if grep -q 'words\|^up\|^ran' "$W/out"; then
				ok "argv: $1 (works)"
			else
				not_ok "argv: $1" "exit 0, but the command never ran" "$(head -c 300 "$W/err")"
			fi
			;;
		"exit 1 left 0")
			if grep -q '^bwrap: \|^usage: ' "$W/err" && ! grep -q words "$W/out"; then
				ok "argv: $1 (refused: $(head -1 "$W/err" | cut -c1-90))"
			else
				not_ok "argv: $1" "exit 1 without a message" "$(head -c 300 "$W/err")"
			fi
			;;
		*) not_ok "argv: $1" "$result" "$(head -c 300 "$W/err")" ;;
	esac
}

works() {
	if [ "$result" = "exit 0 left 0" ] && grep -q "$2" "$W/out"; then
		ok "argv: $1"
	else
		not_ok "argv: $1" "$result" "$(head -c 300 "$W/out")" "$(head -c 300 "$W/err")"
	fi
}

refused() {
	case $result in
		"exit 1 left 0")
			if grep -q '^bwrap: ' "$W/err"; then
				ok "argv: $1 ($(head -1 "$W/err" | cut -c1-90))"
			else
				not_ok "argv: $1" "no message"
			fi
			;;
		*) not_ok "argv: $1" "$result" "$(head -c 300 "$W/out" "$W/err")" ;;
	esac
}

T="--ro-bind $BIN /t"
# shellcheck disable=SC2086
{
	run -0 -- "$BWRAP"
	case $result in
		"exit 1 left 0") ok "argv: argc 0" ;;
		*) not_ok "argv: argc 0" "$result" "$(head -c 300 "$W/err")" ;;
	esac
	run -0 -E -- "$BWRAP"
	case $result in
		"exit 1 left 0") ok "argv: argc 0 and no environment" ;;
		*) not_ok "argv: argc 0 and no environment" "$result" "$(head -c 300 "$W/err")" ;;
	esac
	# The kernel puts "" in place of the missing argv[0]; older ones leave argc 0 with envp behind it.
	run -E -- "$BWRAP" $T --unshare-all /t/inside len a
	works "no environment at all" "^1 words"

	run -a 1000 -- "$BWRAP" $T /t/inside len
	works "1000 words of 1 KiB after the command" "^1000 words 1024000 bytes"
	awk 'BEGIN { printf "--setenv%cBIG%c", 0, 0; for (i = 0; i < 1048576; i++) printf "x"; printf "%c", 0 }' >"$W/big"
	run -f "50:$W/big" -- "$BWRAP" $T --args 50 /t/inside len
	clean "a word of 1 MiB in --args" # the exec may refuse it: the kernel's limit is 128 KiB
	awk 'BEGIN { for (i = 0; i < 1048576; i++) printf "x"; printf "%c", 0 }' >"$W/big"
	run -f "50:$W/big" -- "$BWRAP" $T --args 50 /t/inside len
	clean "an unknown word of 1 MiB in --args"
	awk 'BEGIN { printf "--dir%c/", 0; for (i = 0; i < 1048576; i++) printf "x/"; printf "%c", 0 }' >"$W/big"
	run -f "50:$W/big" -- "$BWRAP" $T --args 50 /t/inside len
	refused "a path of 1 MiB"
	printf -- '--dir\000/x\000--\000--unknown\000' >"$W/big"
	run -f "50:$W/big" -- "$BWRAP" $T --args 50 /t/inside len
	clean "words after -- in --args"
	printf -- '--dir' >"$W/big"
	run -f "50:$W/big" -- "$BWRAP" $T --args 50 /t/inside len
	refused "--args ends in the middle of an option"
	: >"$W/big"
	run -f "50:$W/big" -- "$BWRAP" $T --args 50 /t/inside len
	works "empty --args" "^0 words"
	# CVE-2024-32462: what follows the command is never parsed.
	run -- "$BWRAP" $T /t/inside len --bind / / --ro-bind --unknown
	works "options after the command are its arguments" "^5 words"
	run -- "$BWRAP" $T -- /t/inside len -- --dev /dev
	works "options after -- and the command too" "^3 words"
}

# Path lengths around PATH_MAX, as one name and as many.
for len in 254 255 256 4094 4095 4096 4097 70000; do
	for kind in flat deep; do
		path=$(awk -v n=$len -v k=$kind 'BEGIN {
			s = "/"
			while (length(s) < n) s = s (k == "deep" && length(s) % 100 == 0 && length(s) < n - 1 ? "/" : "x")
			print substr(s, 1, n)
		}')
		for opt in "--dir P" "--tmpfs P" "--symlink a P" "--ro-bind / P" "--ro-bind P /x" "--chdir P" "--symlink P /l" \
			"--proc P" "--ro-bind-try P /x" "--lock-file P" "--remount-ro P"; do
			# shellcheck disable=SC2046,SC2086
			run -- "$BWRAP" $T $(echo $opt | sed "s:P:$path:") /t/inside len
			case $result in
				"exit 0 left 0" | "exit 1 left 0") ;;
				*) not_ok "argv: $opt, $kind path of $len bytes" "$result" ;;
			esac
			[ -s "$W/out" ] || [ -s "$W/err" ] || not_ok "argv: $opt, $kind path of $len bytes" "silent"
		done
	done
	ok "argv: paths of $len bytes end cleanly"
done

# Numbers.
for n in -1 4294967295 4294967296 18446744073709551616 " 5" "	5" "5 " 0x5 "" 5x 99999999999999999999; do
	for opt in --uid --gid; do
		run -- "$BWRAP" --ro-bind "$BIN" /t --unshare-user $opt "$n" /t/inside len
		refused "$opt '$n'"
	done
	for opt in --sync-fd --block-fd --seccomp --args --info-fd; do
		run -- "$BWRAP" --ro-bind "$BIN" /t $opt "$n" /t/inside len
		refused "$opt '$n'"
	done
done

# Signals and descriptors as a hostile caller leaves them.
# shellcheck disable=SC2086
for form in "" "--unshare-pid --proc /proc" "--unshare-all --dev /dev --proc /proc" "--unshare-pid --as-pid-1"; do
	run -i -- "$BWRAP" $T $form /t/inside len a b
	works "SIGCHLD ignored ($form)" "^2 words"
	run -b -- "$BWRAP" $T $form /t/inside len a b
	works "all signals blocked ($form)" "^2 words"
	run -i -- "$BWRAP" $T $form --ro-bind / /mnt /t/inside mounts /nowhere
	case $result in
		"exit 98 left 0" | "exit 4 left 0") ok "argv: SIGCHLD ignored, status arrives ($form)" ;;
		*) not_ok "argv: SIGCHLD ignored, status arrives ($form)" "$result" ;;
	esac
	# The sanitizer's own frames need more.
	stack=STACK=32768
	! grep -q __asan_init "$BWRAP" || stack=STACK=262144
	for limit in FSIZE=0 FSIZE=1 NOFILE=0 NOFILE=3 NOFILE=4 NOFILE=5 NOFILE=6 NOFILE=8 NOFILE=12 NPROC=0 \
		NPROC=1 "$stack" STACK=524288 CPU=1 CORE=0 DATA=0 DATA=65536 AS=1048576 MEMLOCK=0 SIGPENDING=0; do
		# The programs themselves must be able to start (a dynamic loader needs descriptors and stack).
		run -r $limit -- "$BIN/inside" len
		[ "$result" = "exit 0 left 0" ] || continue
		run -r $limit -- "$BWRAP" --version
		[ "$result" = "exit 0 left 0" ] || continue
		run -f "50:$W/big" -r $limit -- "$BWRAP" $T $form --dir /d /t/inside len
		clean "$limit ($form)"
	done
done
tap_end

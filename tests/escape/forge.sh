#!/bin/sh
# What the command says in the name of the sandbox's first process. It can reach that process's channel
# to the launcher (same user, same namespaces), so that nothing there may be believed beyond the exit
# status that it could have chosen anyhow: no second start, no crash, no endless wait. And an error's
# text, most of which is the caller's or the command's, is well-formed JSON.
# Reference: the launcher's own first version runs the command again for "retry", ends with a status of 11
# for errno -11, loses exits below 0 and cuts JSON in the middle; bubblewrap has no such channel. The
# control forges an exit, which arrives, so that the message's form is the right one.
. tests/escape/lib.sh
unwritable

# forge FORM WORDS...: one start; $st is the exit status, $got all output, $W/log who ran
forge() {
	form=$1
	shift
	: >"$W/log"
	# shellcheck disable=SC2086
	got=$(timeout -k 1 10 "$BWRAP" --ro-bind "$BIN" /t --bind "$W/log" /log --unshare-pid --proc /proc $form \
		/t/forge /log "$@" 3>"$W/status" 4>"$W/info" </dev/null 2>&1)
	st=$?
	runs=$(wc -l <"$W/log")
}

# harmless FORM WORDS...: the launcher ends with 1 or the command's own 0, having run it once
harmless() {
	forge "$@"
	form=$1
	shift
	case $st,$runs,$got in
		*Sanitizer* | *"runtime error"*) not_ok "forge: $* ($form)" "$got" ;;
		[01],1,*) ok "forge: $* ($form)" ;;
		*) not_ok "forge: $* ($form)" "status $st, $runs runs" "$got" ;;
	esac
}

# The init process can be reached only where its pid is reported (docs/compat.md launcher-writable).
for form in "" "--forward-signals"; do
	forge "$form" exit 77
	expect "forge: no exit is forged where no pid is reported ($form)" "0 1" "$st $runs"
done

for form in "--info-fd 4" "--json-status-fd 3" "--forward-signals --info-fd 4" \
	"--die-with-parent --json-errors 3 --info-fd 4"; do
	forge "$form" exit 77
	case $st,$runs in
		77,1) ok "forge: control, a forged exit arrives ($form)" ;;
		*) not_ok "forge: control, a forged exit arrives ($form)" "status $st, $runs runs" "$got" ;;
	esac
	harmless "$form" none
	harmless "$form" retry
	harmless "$form" command
	harmless "$form" ready
	harmless "$form" long
	harmless "$form" short
	harmless "$form" type 5
	harmless "$form" type -1
	harmless "$form" type 0x7fffffff
	# 1000 and 100000 are the launcher's own "go on", once and now
	for errnum in 0 1 2 11 -1 -11 1000 4095 4096 100000 -2147483648 2147483647; do
		harmless "$form" error $errnum
	done
	for id in -1 0 2 20 1000 -2147483648 2147483647; do
		harmless "$form" error 2 $id
	done
	# An exit is eight bits, whatever is written.
	for value in 256 -1 -100000 2147483647; do
		forge "$form" exit "$value"
		expect "forge: exit $value is cut to a status ($form)" "$((value & 255)) 1" "$st $runs"
	done
done

# A path of bytes that JSON must escape, as long as paths may be.
byte() {
	head -c "$2" /dev/zero | tr '\000' "$1"
}
parses() {
	if command -v python3 >/dev/null; then
		python3 -c 'import json, sys; [json.loads(l) for l in sys.stdin.buffer.read().splitlines()]'
	else
		node -e 'require("fs").readFileSync(0, "utf8").trim().split("\n").forEach(l => JSON.parse(l))'
	fi
}
if command -v python3 >/dev/null || need node; then
	for char in '\001' '\n' '"' '\\' '\377' '\200' x; do
		path=/$(byte "$char" 3900)/x
		for opts in "--ro-bind" "--tmpfs /x --ro-bind"; do
			# shellcheck disable=SC2086
			"$BWRAP" --json-errors 3 $opts "$path" /mnt true 3>"$W/json" >/dev/null 2>&1 </dev/null
			st=$?
			err=$(parses <"$W/json" 2>&1)
			if [ "$st" = 1 ] && [ -z "$err" ] && [ "$(wc -l <"$W/json")" -ge 1 ]; then
				ok "forge: --json-errors with many bytes $char ($opts) is JSON"
			else
				not_ok "forge: --json-errors with many bytes $char ($opts) is JSON" "status $st" "$err"
			fi
		done
	done
	expect "forge: control, half an object is noticed" 1 "$(head -c 500 "$W/json" | parses 2>/dev/null && echo 0 || echo 1)"
fi
tap_end

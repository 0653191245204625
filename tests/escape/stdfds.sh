#!/bin/sh
# Numbers that stop being the caller's: 0 to 2 used up by an option or closed by the caller, options
# that name a closed number, and one number for two options. Nothing that the launcher opens for itself
# may come to lie there, neither for the command nor in the first process, which keeps 0 to 2.
# Reference: the launcher's own first version leaves a directory of the host at 0 to 2 of the first process
# (0.13.1 does too), and takes numbers of its own for --bind-fd 3, --info-fd 6, --json-status-fd 3 and
# --sync-fd 3, fails without a word for --file 4, and takes one number twice. The control sees what stays.
# All with --info-fd, without which nobody can look into the first process.
. tests/escape/lib.sh
unwritable
: >"$W/pid"

printf '\006\000\000\000\000\000\377\177' >"$W/allow" # one BPF instruction: RET ALLOW
printf -- '--setenv\000A\000B\000' >"$W/args"
echo "some text" >"$W/text"
: >"$W/info"
: >"$W/rw"

# std NAME RULE NUMBERS START-OPTIONS -- OPTIONS...: none of NUMBERS is anything that matters.
std() {
	name=$1
	rule=$2
	numbers=$3
	shift 3
	: >"$W/report"
	set -- "$@" --ro-bind "$BIN" /t --unshare-pid --proc /proc /t/probe std 9
	first=
	while [ "$1" != -- ]; do
		first="$first $1"
		shift
	done
	shift
	# shellcheck disable=SC2086
	"$BIN/shim" "$rule" -- "$BIN/start" -F "9:$W/report" -F "20:$W/pid" $first -- "$BWRAP" --info-fd 20 "$@" >"$W/start" 2>"$W/err" \
		</dev/null
	bad=
	for fd in $numbers; do
		grep -q -x "command $fd closed" "$W/report" || bad="$bad command $fd;"
		grep -q -x -e "reaper $fd closed" -e "reaper $fd null" -e "reaper $fd anonymous" "$W/report" ||
			bad="$bad reaper $fd;"
	done
	if [ -n "$bad" ]; then
		not_ok "stdfds: $name ($rule)" "$bad" "$(cat "$W/report" "$W/err" "$W/start")"
	else
		ok "stdfds: $name ($rule)"
	fi
}

for rule in mlock2=ENOSYS 3.10; do
	std "--args 0" "$rule" 0 -f "0:$W/args" -- --args 0
	std "--seccomp 0" "$rule" 0 -f "0:$W/allow" -- --seccomp 0
	std "--add-seccomp-fd 0" "$rule" 0 -f "0:$W/allow" -- --add-seccomp-fd 0
	std "--file 0" "$rule" 0 -f "0:$W/text" -- --file 0 /f
	std "--bind-data 0" "$rule" 0 -f "0:$W/text" -- --bind-data 0 /f
	std "--ro-bind-data 1" "$rule" 1 -f "1:$W/text" -- --ro-bind-data 1 /f
	std "--bind-fd 0" "$rule" 0 -f 0:/usr -- --bind-fd 0 /f
	std "--ro-bind-fd 2" "$rule" 2 -f 2:/usr -- --ro-bind-fd 2 /f
	std "--block-fd 0" "$rule" 0 -f "0:$W/text" -- --block-fd 0
	std "--info-fd 1" "$rule" 1 -F "1:$W/info" -- --info-fd 1
	std "--json-status-fd 1" "$rule" 1 -F "1:$W/info" -- --json-status-fd 1
	std "--json-status-fd 2" "$rule" 2 -F "2:$W/info" -- --json-status-fd 2
	std "0 closed" "$rule" 0 -c 0 --
	std "0 to 2 closed" "$rule" "0 1 2" -c 0 -c 1 -c 2 --
	std "1 and 2 closed, --file 0" "$rule" "0 1 2" -f "0:$W/text" -c 1 -c 2 -- --file 0 /f
	std "1 closed, --args 0, --seccomp 2" "$rule" "0 1 2" -f "0:$W/args" -c 1 -f "2:$W/allow" -- --args 0 \
		--seccomp 2
done
# What is not used up stays, so that the above is seen to tell the difference.
std "control" mlock2=ENOSYS "" -f 0:/usr -f "1:$W/text" --
expect "stdfds: control, what the caller gave is seen" "reaper 0 dir reaper 1 file" \
	"$(grep -e 'reaper [01]' "$W/report" | tr '\n' ' ' | sed 's/ $//')"

closes=
for fd in 3 4 5 6 7 8 9 10 11 12; do
	closes="$closes -c $fd"
done

# started OPTIONS...: with 3 to 12 closed; $st is the exit status as text
started() {
	: >"$W/out"
	# shellcheck disable=SC2086
	timeout 20 "$BIN/start" $closes -F "20:$W/pid" -o "$W/out" -e "$W/err" -- "$BWRAP" --ro-bind "$BIN" /t \
		--unshare-pid --proc /proc --info-fd 20 "$@" /t/probe rest >"$W/start" 2>&1 </dev/null
	st=$(cat "$W/start")
}

# refused NAME: the last start failed, and said why
refused() {
	case $st,$(cat "$W/err") in
		"exit 1 left 0,bwrap: "*) ;;
		*) bad="$bad $1: $st $(cat "$W/out" "$W/err");" ;;
	esac
}

# closed NAME WORDS...: the start fails for each number in place of @
closed() {
	name=$1
	words=$2
	bad=
	for fd in 3 4 5 6 7 8 9 10 11 12; do
		# shellcheck disable=SC2046 # words
		started $(echo "$words" | sed "s/@/$fd/g")
		refused $fd
	done
	expect "stdfds: a closed number: $name is refused" "" "$bad"
}

# ignored NAME WORDS...: or it starts, with nothing but its channel in the first process
ignored() {
	name=$1
	words=$2
	bad=
	for fd in 3 4 5 6 7 8 9 10 11 12; do
		# shellcheck disable=SC2046 # words
		started $(echo "$words" | sed "s/@/$fd/g")
		[ "$st,$(cat "$W/out")" = "exit 0 left 0,pipe" ] || refused $fd
	done
	expect "stdfds: a closed number: $name holds nothing" "" "$bad"
}

for opt in --file --bind-data --ro-bind-data --bind-fd --ro-bind-fd; do
	closed $opt "$opt @ /f"
done
for opt in --args --seccomp --add-seccomp-fd --userns --userns2 --pidns --netns --info-fd --json-status-fd; do
	closed $opt "$opt @"
done
closed --userns-block-fd "--unshare-user --userns-block-fd @"
ignored --sync-fd "--sync-fd @"
ignored --block-fd "--block-fd @"
ignored --json-errors "--json-errors @"

# both NAME WORDS...: 5 is a file, 6 a directory, 7 a filter, each named twice
both() {
	name=$1
	shift
	: >"$W/out"
	timeout 20 "$BIN/start" -F "5:$W/rw" -f 6:/usr -f "7:$W/allow" -F "20:$W/pid" -o "$W/out" \
		-e "$W/err" -- "$BWRAP" --ro-bind "$BIN" /t --unshare-pid --proc /proc --info-fd 20 "$@" /t/probe rest >"$W/start" </dev/null
	st=$(cat "$W/start")
	bad=
	refused both
	expect "stdfds: one number twice: $name" "" "$bad"
}
both "two files" --file 5 /a --file 5 /b
both "--bind-data and --ro-bind-data" --bind-data 5 /a --ro-bind-data 5 /b
both "--bind-fd twice" --bind-fd 6 /a --bind-fd 6 /b
both "--ro-bind-fd and --file" --ro-bind-fd 6 /a --file 6 /b
both "--file and --seccomp" --file 7 /a --seccomp 7
both "--userns and --sync-fd" --userns 6 --sync-fd 6
both "--netns and --block-fd" --netns 6 --block-fd 6
both "--file and --info-fd" --file 5 /a --info-fd 5
both "--file and --json-status-fd" --file 5 /a --json-status-fd 5
both "--bind-data and --userns" --bind-data 5 /a --userns 5
both "--args and --file" --args 5 --file 5 /a
tap_end

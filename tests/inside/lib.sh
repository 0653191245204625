# shellcheck shell=sh
# shellcheck disable=SC2034 # rc is read by run
# What the tests of the last stage are built and run with; W, INSIDE and PYTHON are run's. It defines functions only.

# user COMMAND...: as who everything is run
user() {
	if [ "$(id -u)" = 0 ]; then
		runuser -u "$TEST_USER" -- env -u HTTP_PROXY -u HTTPS_PROXY -u http_proxy -u https_proxy -u ALL_PROXY \
			-u all_proxy TMPDIR="$W/user" "$@"
	else
		env -u HTTP_PROXY -u HTTPS_PROXY -u http_proxy -u https_proxy -u ALL_PROXY -u all_proxy TMPDIR="$W/user" "$@"
	fi
}

# drive [WORD]... -- COMMAND...: through launcher and postern-inside; the status in $rc, the rest in $W/out, $W/err, $W/user/result
drive() {
	rm -f "$W/user/result"
	rc=0
	user "$W/drive" "$BWRAP" "$INSIDE" result="$W/user/result" "$@" >"$W/out" 2>"$W/err" </dev/null || rc=$?
}

# inside [WORD]... -- COMMAND...: postern-inside alone
inside() {
	rc=0
	user "$INSIDE" "$@" >"$W/out" 2>"$W/err" </dev/null || rc=$?
}

# same NAME WANTED GOT
same() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "wanted: $2" "got: $3" "$(head -c 2000 "$W/err")"
	fi
}

# has NAME FILE WORDS: a line of the file has these words
has() {
	if grep -qF -- "$3" "$2"; then
		ok "$1"
	else
		not_ok "$1" "no \"$3\" in:" "$(head -c 3000 "$2")" "$(head -c 1000 "$W/err")"
	fi
}

# flat [FILE]: in one line
flat() {
	tr -s '[:space:]' ' ' <"${1:-/dev/stdin}" | sed 's/ $//'
}

# wait_for COMMAND...: until it succeeds, half a minute at most
wait_for() {
	tries=600
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.05
	done
}

# stop PID: it, and before it what it has started
stop() {
	for child in $(pgrep -P "$1"); do
		stop "$child"
	done
	kill "$1" 2>/dev/null || :
}

stop_all() {
	for started in $STARTED; do
		stop "$started"
	done
}

# build: drive, probe and the shim
build() {
	sources="tests/inside/drive.c src/base/*.c $BUILD/filters.c"
	for module in stage helper notify notify_look notify_calls bridge bridge_pipe proxyenv proxyurl landlock report problem plain \
		paths array policy presets choices lexical; do
		sources="$sources src/policy/$module.c"
	done
	# shellcheck disable=SC2086 # a list of files
	${CC:-cc} -std=gnu11 -D_GNU_SOURCE -O1 ${DRIVE_CFLAGS-} -Isrc -o "$W/drive" $sources -ljansson
	${CC:-cc} -std=gnu11 -D_GNU_SOURCE -O1 -o "$W/probe" tests/inside/probe.c
	${CC:-cc} -std=gnu11 -O1 -o "$W/no_syscall" tests/shim/no_syscall.c
}

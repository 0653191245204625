#!/bin/sh
# One record for each launch and each refusal, before the effect, that no caller can forge. (MUST 8)
set -eu
. tests/lib/tap.sh
. tests/priv/lib.sh

# Not by runuser, whose PAM modules write to the same log.
refuse() {
	priv_host "$PRIV_HOST" setpriv --reuid "$TEST_USER" --regid "$TEST_USER" --init-groups "$@"
}

# own_dev: this mount namespace has a /dev whose /dev/log is ours
own_dev() {
	mkdir "$W/dev"
	mount -t tmpfs -o mode=755 dev "$W/dev"
	for node in null zero full random urandom tty; do
		: >"$W/dev/$node"
		mount --bind "/dev/$node" "$W/dev/$node"
	done
	mkdir "$W/dev/pts" "$W/dev/shm"
	mount --rbind /dev/pts "$W/dev/pts"
	ln -s pts/ptmx "$W/dev/ptmx"
	ln -s /proc/self/fd "$W/dev/fd"
	mount --rbind "$W/dev" /dev
}

# syslog_starts [OUT]: OUT has what it gets, one line for each datagram; without it, it is full
syslog_starts() {
	rm -f /dev/log "$W/log"
	"$PRIV_BIN/logsink" /dev/log "$@" >/dev/null &
	sink=$!
	left=50
	while [ ! -S /dev/log ] && [ $left -gt 0 ]; do
		left=$((left - 1))
		sleep 0.1
	done
}

syslog_ends() {
	kill "$sink"
	wait "$sink" 2>/dev/null || :
	rm -f /dev/log
}

# recorded NAME COUNT REGEX...: the log has so many lines since the last look, and each REGEX matches the last one
recorded() {
	recorded_name=$1
	recorded_count=$2
	shift 2
	tries=20
	while sleep 0.1 && [ "$(wc -l <"$W/log")" -lt "$recorded_count" ] && [ $tries -gt 0 ]; do
		tries=$((tries - 1))
	done
	cp "$W/log" "$W/new"
	: >"$W/log"
	recorded_bad=
	[ "$(wc -l <"$W/new")" = "$recorded_count" ] || recorded_bad="not $recorded_count lines;"
	for regex; do
		tail -n 1 "$W/new" | grep -Eq "$regex" || recorded_bad="$recorded_bad no /$regex/;"
	done
	if [ -z "$recorded_bad" ]; then
		ok "$recorded_name"
	else
		not_ok "$recorded_name" "$recorded_bad" "$(cat "$W/new")"
	fi
}

start() {
	refuse "$BWRAP" --ro-bind / / "$@"
}

launches() {
	uid=$(id -u "$TEST_USER")
	priv_config audit=required
	says "$mode: audit = required: a start with a syslog" ran start echo ran
	# 80 + 6: LOG_AUTHPRIV, information
	recorded "$mode: one record for a launch" 1 '^<8[0-7]>' "uid=$uid( |\$)" 'decision=allow' "mode=$mode( |\$)" \
		'[0-9a-f]{64}' 'cwd='
	if [ "$mode" = filecaps ]; then
		start --unshare-user true
		recorded "$mode: a substituted user namespace is recorded" 1 'userns=substituted' 'decision=allow'
	fi
	priv_config audit=required deny=share-net
	denied "$mode: audit = required: a refusal" denied start true
	recorded "$mode: one record for a refusal" 1 'decision=refuse' 'reason=denied' "uid=$uid( |\$)"
	priv_config audit=required
	# plan.h's argv is the caller's: its bytes must not look like our own
	start sh -c 'exit 0' "$(printf 'a\nb decision=refuse uid=0\r\033[2J \377\376 "x" \\ mode=none')" || :
	recorded "$mode: arguments can neither end a record nor add to it" 1 'decision=allow' "uid=$uid( |\$)"
	tail -n 1 "$W/new" | grep -q 'uid=0\|decision=refuse\|mode=none\|{0a}\|{1b}\|{ff}' &&
		not_ok "$mode: arguments are not shown" "$(cat "$W/new")" || ok "$mode: arguments are not shown"
	folder=$W/user/$(printf 'a\nb "uid=0 decision=refuse \\\377\302\233')
	mkdir -p "$folder"
	chmod 755 "$folder"
	(cd "$folder" && start true) || not_ok "$mode: a start in a folder with a hostile name"
	recorded "$mode: the current directory can neither end a record nor add to it" 1 'decision=allow' "uid=$uid( |\$)" \
		'cwd="[^"]*\\x0[aA]b'
	tail -n 1 "$W/new" | tr -d '\n' | grep -q '{[0-7][0-9a-f]}\|{[89a-f][0-9a-f]}' &&
		not_ok "$mode: a record is printable ASCII" "$(cat "$W/new")" || ok "$mode: a record is printable ASCII"
	long=$(head -c 3000 /dev/zero | tr '\000' x)
	start sh -c 'exit 0' "$long" && start --chdir / "$long" >/dev/null 2>&1 || :
	sleep 0.1
	awk 'length > 2400 { bad = 1 } END { exit bad }' "$W/log" && ok "$mode: a record is bounded" ||
		not_ok "$mode: a record is bounded"
	: >"$W/log"
	priv_config audit=off
	says "$mode: audit = off: a start" ran start echo ran
	recorded "$mode: audit = off: no record" 0
}

unreachable() {
	priv_config audit=required
	denied "$mode: audit = required without a syslog" audit start true
	priv_config audit=best-effort
	says "$mode: audit = best-effort without a syslog" ran start echo ran
	priv_config audit=required
	: >/dev/log
	denied "$mode: audit = required with a file in its place" audit start true
	rm /dev/log
	runuser -u "$TEST_USER" -- sh -c ': >"$0/not-a-log"' "$W/user"
}

# A syslog that does not read: the record has a deadline
deaf() {
	syslog_starts
	sleep 0.3
	priv_config audit=required
	denied "$mode: audit = required with a syslog that does not read" audit refuse timeout -k 1 8 "$BWRAP" --ro-bind / / true
	priv_config audit=best-effort
	says "$mode: audit = best-effort with a syslog that does not read" ran \
		refuse timeout -k 1 8 "$BWRAP" --ro-bind / / echo ran
	syslog_ends
}

main() {
	priv_enter "$0" "$@"
	priv_begin record
	# what is mounted here must not reach the other parts
	if [ "${RECORD_ENTERED:-}" != yes ]; then
		RECORD_ENTERED=yes
		export RECORD_ENTERED
		exec unshare -m --propagation private sh "$0" "$@"
	fi
	own_dev
	for mode in ${PRIV_MODES:-filecaps filecaps-userns setuid setuid-userns}; do
		PRIV_HOST=$(priv_host_of "$mode")
		priv_mode "$mode"
		unreachable
		syslog_starts "$W/log"
		launches
		syslog_ends
		deaf
	done
	tap_end
}

main "$@"

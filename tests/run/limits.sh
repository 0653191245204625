#!/bin/sh
# --memory, --pids and --cpus by what is there: nothing, a systemd of the user's, a delegated control group. As root, because
# what stands in for these is mounted over the host's.
set -eu
. tests/lib/tap.sh
. tests/run/lib.sh

alone() {
	expect "without a group --memory is setrlimit's, which is said" 0 '^MemoryError$' 'limit on memory is held by setrlimit' \
		--memory 64M -- sh -c 'python3 -c "x=bytearray(500<<20)" 2>&1 | tail -n 1'
	expect "so is --pids" 0 'Cannot fork|can.t fork|Resource temporarily' 'limit on pids is held by setrlimit' \
		--pids 8 -- sh -c '(for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 2 & done; wait) 2>&1; true'
	expect "other processes of the user's do not count" 0 '^in$' '*' --pids 3 -- sh -c 'sleep 0; echo in'
	expect "nothing holds --cpus, which is said" 0 '^in$' 'nothing here holds the limit on cpus' --cpus 1 -- echo in
	prun --memory 64M --cpus 1 --report "$PROJ/report" -- true
	if [ "$(jq -c .limits "$PROJ/report")" = '["memory: rlimit","cpus: none"]' ]; then
		ok "the report says what holds"
	else
		not_ok "the report says what holds" "$(cat "$PROJ/report")"
	fi
	expect "a command that names pids= keeps its word" 0 '^pids=5$' '*' --pids 20 -- echo pids=5
}

# A busctl that moves the process as systemd would, as far as the kernel here lets it; what it was asked for is kept.
scope() {
	[ -x /usr/bin/busctl ] || {
		skip "a scope of the user's systemd is asked for" "needs /usr/bin/busctl to be mounted over"
		return 0
	}
	mkdir -p "$W/user/run/systemd" "$W/cgroup"
	mine "$W/user/run"
	cat >"$W/busctl" <<-EOM
		#!/bin/sh
		printf '%s ' "\$@" >"$W/user/asked"
		exit 1
	EOM
	chmod 755 "$W/busctl"
	# shellcheck disable=SC2016 # expanded inside
	unshare -m --propagation private sh -c 'mount --bind "$1/busctl" /usr/bin/busctl && shift && exec "$@"' sh "$W" \
		env TEST_INNER=1 sh -c '. tests/lib/tap.sh; . tests/run/lib.sh; . tests/lib/users.sh
			captured in_project env XDG_RUNTIME_DIR="$W/user/run" "$RUN_POSTERN" run --launcher "$RUN_LAUNCHER" \
				--memory 64M --pids 9 --cpus 1.5 -- true; exit $status' || :
	if grep -Eq 'StartTransientUnit .* fail 6 PIDs au 1 [0-9]+ CollectMode .* MemoryMax t 67108864 MemorySwapMax t 0 TasksMax t 9 CPUQuotaPerSecUSec t 1500000 0' "$W/user/asked"; then
		ok "a scope of the user's systemd is asked for, with all limits"
	else
		not_ok "a scope of the user's systemd is asked for, with all limits" "$(cat "$W/user/asked" 2>&1)" "$(cat "$W/err")"
	fi
	if grep -q 'systemd --user makes no scope' "$W/err"; then
		ok "one that is refused is said, and the next way is taken"
	else
		not_ok "one that is refused is said, and the next way is taken" "$(cat "$W/err")"
	fi
}

main() {
	run_begin run-limits
	TAP_NAME=run-limits need python3 jq || return 1
	alone
	scope
	tap_end
}

main "$@"

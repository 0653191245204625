#!/bin/sh
# Paths are the caller's: whatever he links, renames or passes, nothing is bound, made or written that he could not
# bind, make or write himself, and no error tells what stat would not. (MUST 4, 11; CVE-2024-42472, CVE-2026-34078,
# CVE-2026-87766, CVE-2021-30465, CVE-2024-45310, CVE-2015-1335, CVE-2022-47952)
#
#	PRIV_RACES	starts of each exchange race, in all modes together (1000)
set -eu
. tests/lib/tap.sh
. tests/priv/lib.sh
. tests/priv/attack_lib.sh

# What only root reaches, and what is root's but for all to see
ground() {
	H=$PRIV_WORK/host
	mkdir -p "$H/secret/dir" "$H/open" "$H/exec"
	echo secret >"$H/secret/dir/f"
	echo secret >"$H/secret/f"
	echo unreadable >"$H/exec/f"
	echo public >"$H/open/f"
	chmod 700 "$H/secret"
	chmod 711 "$H/exec"
	chmod 600 "$H/exec/f"
	mkdir -p "$W/user/one" "$W/user/two"
	chown -R "$TEST_USER:" "$W/user"
	U=$(id -u "$TEST_USER")
	G=$(id -g "$TEST_USER")
}

# by_hand FILE COMMAND...: postern-priv gets this plan; 5 is a descriptor of what only root reaches, 6 of its file
by_hand() {
	refuse timeout -k 1 5 "$PRIV_BIN/hand" -x "$PRIV" -f "memfd:$1" -- bwrap --plan 99 5<"$H/secret/dir" 6<"$H/secret/f"
}

# plan FILE WORD...
plan() {
	plan_to=$1
	shift
	"$PRIV_BIN/plan_driver" "uid=$U" "gid=$G" "$@" >"$plan_to"
}

# The descriptors 5 and 6 came from root: the caller has them, but no path leads there.
magic_links() {
	BAD=
	RAN=
	plan "$W/plan" bind:r:/:/ -- /bin/echo ran
	[ "$(by_hand "$W/plan" 2>&1)" = ran ] || BAD="a good plan does not work"
	ln -sfn /proc/self/root "$W/user/link"
	ln -sfn /proc/self/fd/5 "$W/user/link5"
	sleep 20 &
	sleeper=$!
	for path in /proc/self/exe /proc/self/root /proc/self/root/etc /proc/self/cwd /proc/self/fd/0 /proc/self/fd/5 \
		/proc/self/fd/6 /proc/self/fd/99 /proc/self/ns/user /proc/self/ns/mnt /proc/thread-self/root /proc/thread-self/fd/5 \
		/dev/fd/5 /dev/fd/6 /dev/stdin /proc/1/root /proc/$sleeper/root "$W/user/link" "$W/user/link5" "$W/user/link/etc"; do
		plan "$W/plan" bind:r:/usr:/usr bind:ro:/lib:/lib bind:ro:/lib64:/lib64 "bind:r:$path:/mnt" -- \
			/usr/bin/sh -c 'cat /mnt/f /mnt; echo ran'
		by_hand "$W/plan" >"$W/out" 2>&1 </dev/null || :
		! grep -q secret "$W/out" || BAD="$BAD$path: $(cat "$W/out"); "
		! grep -qx ran "$W/out" || RAN="$RAN $path"
	done
	kill $sleeper
	wait $sleeper 2>/dev/null || :
	verdict "sources: $mode: a magic link opens nothing (MUST 4, CVE-2024-21626, CVE-2026-87766)" nothing "$BAD"
	verdict "sources: $mode: magic links in a plan are refused (MUST 4)" nothing "$RAN"
}

nothing() {
	printf '%s\n' "$1"
	[ -z "$1" ]
}

# A descriptor is no more than its path is for the caller.
descriptors() {
	BAD=
	for fd in 5 6; do
		plan "$W/plan" bind:r:/usr:/usr bind:ro:/lib:/lib bind:ro:/lib64:/lib64 "bindfd:r:$fd:/mnt" -- \
			/usr/bin/sh -c 'cat /mnt/f /mnt; echo ran'
		by_hand "$W/plan" >"$W/out" 2>&1 </dev/null || :
		! grep -q -e secret -e ran "$W/out" || BAD="$BAD$fd: $(cat "$W/out"); "
	done
	verdict "sources: $mode: a descriptor leads no further than its path (MUST 4, CVE-2024-42472)" nothing "$BAD"
}

# said PATH OPTION: the words of a failed start, without the name
said() {
	refuse "$BWRAP" --ro-bind / / "$2" "$H/$1" /mnt true 2>&1 </dev/null | sed "s,$H/$1,PATH,g"
}

unreadable() {
	BAD=
	for option in --ro-bind --bind --dev-bind --ro-bind-try --bind-try; do
		for there in secret/f secret/dir secret/dir/f secret/./f secret/../secret/f; do
			said "$there" $option >"$W/there" || :
			said "secret/nosuch" $option >"$W/not" || :
			cmp -s "$W/there" "$W/not" && [ -s "$W/not" ] || BAD="$BAD$option $there: $(cat "$W/there" "$W/not"); "
		done
	done
	verdict "sources: $mode: what is behind a closed door cannot be told from nothing (MUST 11, CVE-2022-47952)" nothing "$BAD"
	rc=0
	refuse "$BWRAP" --ro-bind / / --ro-bind "$H/exec/f" /mnt/f --tmpfs /tmp cat /mnt/f >"$W/out" 2>"$W/err" </dev/null || rc=$?
	verdict "sources: $mode: what the caller cannot read he cannot read inside (MUST 4)" [ $rc != 0 -a ! -s "$W/out" ]
}

# snapshot: what there is of root's, and what the kernel is told
snapshot() {
	{
		(cd "$H" && find . -printf '%p %y %m %u %s %i\n' -type f -exec cat {} + | sort)
		cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/ip_default_ttl /proc/sys/kernel/core_pattern
		stat -c '%n %a %u' /proc/sys/net/ipv4/ip_forward /sys/kernel /dev /proc/self/attr
	} 2>/dev/null
}

# with_data COMMAND...: 8 is what is to be written
with_data() {
	refuse "$@" 8<"$W/data" >"$W/out" 2>&1 </dev/null
}

# Through a writable bind of everything: with what the program may do around each call, and with what it made of /proc
writing() {
	snapshot >"$W/before"
	echo 1 >"$W/data"
	chmod 644 "$W/data"
	mkdir -p "$W/user/writable"
	ln -sfn "$H/open" "$W/user/writable/abs"
	ln -sfn "../../../../../../../../../..$H/open" "$W/user/writable/up"
	ln -sfn "/oldroot$H/open" "$W/user/writable/old"
	ln -sfn "/proc/self/root$H/open" "$W/user/writable/magic"
	chown -h "$TEST_USER:" "$W/user/writable"/*
	BAD=
	for d in "$H/open" "$W/user/writable/abs" "$W/user/writable/up" "$W/user/writable/old" "$W/user/writable/magic" /oldroot$H/open; do
		for do in "--file 8 $d/f" "--file 8 $d/new" "--chmod 0777 $d" "--chmod 0666 $d/f" "--symlink x $d/link" "--dir $d/dir" \
			"--perms 0777 --dir $d/a/b" "--tmpfs $d/t" "--ro-bind /etc $d/e" "--bind-data 8 $d/data" "--dev $d/dev"; do
			# shellcheck disable=SC2086
			with_data "$BWRAP" --bind / / $do true || continue
			# where it could be made is the sandbox's own
			case $d in
				"$H"/*) BAD="$BAD$do: worked; " ;;
			esac
		done
	done
	for what in sys/net/ipv4/ip_forward sys/net/ipv4/ip_default_ttl sys/kernel/core_pattern sys/kernel/hostname self/oom_score_adj \
		self/attr/exec self/attr/current self/attr/fscreate self/comm self/clear_refs self/mem self/uid_map self/setgroups \
		self/coredump_filter self/task/1/comm thread-self/comm sysrq-trigger; do
		for form in "--bind / /" "--bind / / --unshare-all --proc /proc" "--dev-bind / / --unshare-net" \
			"--bind / / --unshare-pid --tmpfs /mnt --proc /mnt/p --symlink p /mnt/proc"; do
			p=/proc
			case $form in *mnt/proc) p=/mnt/proc ;; esac
			# shellcheck disable=SC2086
			with_data "$BWRAP" $form --file 8 $p/$what true || continue
			BAD="$BAD$form: $what was written; "
		done
	done
	for what in kernel/notes kernel/uevent_helper kernel/profiling power/state; do
		[ -e /sys/$what ] || continue
		with_data "$BWRAP" --bind / / --file 8 /sys/$what true || continue
		BAD="$BAD/sys/$what was written; "
	done
	verdict "sources: $mode: nothing of root's is written, made or changed (MUST 4, CVE-2019-16884, CVE-2025-52881)" nothing "$BAD"
	snapshot >"$W/after"
	verdict "sources: $mode: the host is as it was (MUST 4, CVE-2026-87766)" diff "$W/before" "$W/after"
}

# ---- races

# relay CVE COMMAND...: passes its results on, as ours
relay() {
	cve=$1
	shift
	"$@" >"$W/relayed" 2>"$W/err" </dev/null || :
	grep -E '^(not )?ok - ' "$W/relayed" >"$W/results" || not_ok "sources: $mode: $*" "$(head -n 5 "$W/err")"
	while read -r line; do
		case $line in
			"ok - "*) ok "sources: $mode: ${line#ok - } (MUST 4, $cve)" ;;
			*) not_ok "sources: $mode: ${line#not ok - } (MUST 4, $cve)" "$(head -n 20 "$W/err")" ;;
		esac
	done <"$W/results"
}

# The same as for the launcher alone, but that it is postern-priv who looks.
escapes() {
	relay "CVE-2021-30465, CVE-2024-42472, CVE-2024-45310, CVE-2026-34078" \
		priv_host "$PRIV_HOST" env ESC_PARTS=races "TEST_STARTS=$((${PRIV_RACES:-1000} / 4))" tests/escape/run
	# every option through every link: the paths are resolved alike in all forms
	[ "$mode" != filecaps ] || relay CVE-2026-87766 priv_host "$PRIV_HOST" env ESC_PARTS=symlinks tests/escape/run
}

# Between the look at what is denied and the mount nothing can be exchanged.
denied_race() {
	echo one >"$W/user/one/f"
	rm -rf "$W/user/x" "$W/user/y"
	ln -s "$W/user/one" "$W/user/x"
	ln -s "$H/open" "$W/user/y"
	chown -h "$TEST_USER:" "$W/user/x" "$W/user/y"
	priv_config "deny-path=$H/open"
	refuse timeout -k 5 60 "$PRIV_BIN/race" -n $((${PRIV_RACES:-1000} / 8)) -l 30 -x "$W/user/x:$W/user/y" -- "$BWRAP" \
		--ro-bind /usr /usr --ro-bind-try /lib /lib --ro-bind-try /lib64 /lib64 --ro-bind "$W/user/x" /mnt \
		/usr/bin/cat /mnt/f >"$W/out" 2>"$W/err" </dev/null || :
	# shellcheck disable=SC2016
	verdict "sources: $mode: a source exchanged for a denied one is never bound (MUST 4, 7, CVE-2026-34078)" \
		sh -c 'cat "$0"; grep -q "^out [0-9]* one" "$0" && ! grep -q public "$0" && grep -q "odd=0 signal=0" "$0"' "$W/out"
	priv_config
}

all() {
	magic_links
	descriptors
	unreadable
	writing
	escapes
	denied_race
}

main() {
	priv_enter "$0" "$@"
	priv_begin sources
	priv_static "$PRIV_BIN/race" tests/escape/c/race.c
	attack_c plan_driver
	ground
	in_modes all
	no_process "sources: no process is left (MUST 10)"
	tap_end
}

main "$@"

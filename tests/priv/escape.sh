#!/bin/sh
# What a command in a sandbox without a user namespace reaches of its user's other processes and keys: nothing. Each
# attempt is made for real (c/reach.c), with Landlock, without it and on a kernel that looks old, through every
# procfs that there is; the same attempts outside show that they work. And who may enter the user namespaces of
# the other modes. (MUST 2, 5, 9; DESIGN §2)
set -eu
. tests/lib/tap.sh
. tests/priv/lib.sh

REACH=
HIDDEN=
may_refuse=no
KERNEL= # what the shim takes away from the kernel, for `user`

# user COMMAND...: as TEST_USER, on such a host and kernel, in the session of the process to be reached
user() {
	if [ -n "$KERNEL" ]; then
		priv_host "$PRIV_HOST" "$PRIV_BIN/shim" --no-nnp "$KERNEL" -- \
			runuser -u "$TEST_USER" -- "$REACH" session "$@"
	else
		refuse "$REACH" session "$@"
	fi
}

# hold: starts what is to be reached; sets `holder`
hold() {
	runuser -u "$TEST_USER" -- "$REACH" session "$REACH" hold "$W/user/holder" 2>/dev/null &
	started=$!
	trap 'kill "$holder" 2>/dev/null || :' EXIT
	holder=
	tries=0
	while [ -z "$holder" ] && [ $tries -lt 100 ]; do
		tries=$((tries + 1))
		sleep 0.05
		holder=$(cut -d' ' -f1 "$W/user/holder" 2>/dev/null) || holder=
	done
	[ -n "$holder" ]
}

# let_go: ends it
let_go() {
	kill "$holder"
	wait "$started" || :
}

# unless ATTEMPT...: the lines of $W/out without these attempts
unless() {
	grep -vxE "($(echo "$*" | tr ' ' '|')) .*" "$W/out"
}

# The attempts do something: outside the sandbox nothing stops them.
attempts_work() {
	user "$REACH" all /proc "$W/user/holder" "$HIDDEN" >"$W/out" 2>"$W/err" || :
	user "$REACH" scan /proc "$HIDDEN" >>"$W/out" 2>>"$W/err" || :
	closed=$(unless x32-key i386-key i386-ptrace | grep -v ' OPEN$' || :)
	if [ -z "$closed" ] && [ "$(wc -l <"$W/out")" -gt 15 ]; then
		ok "outside each attempt works"
	else
		not_ok "outside each attempt works" "$closed" "$(cat "$W/err")"
	fi
	: >"$HIDDEN"
}

# closed NAME ATTEMPT... -- COMMAND...: nothing is open, whatever was tried, but for these attempts
closed() {
	closed_name=$1
	shift
	closed_but=nothing
	while [ "$1" != -- ]; do
		closed_but="$closed_but $1"
		shift
	done
	shift
	closed_rc=0
	user "$@" >"$W/out" 2>"$W/err" </dev/null || closed_rc=$?
	# shellcheck disable=SC2086 # words
	closed_open=$(unless $closed_but | grep -v ' closed ' || :)
	if [ "$may_refuse" = yes ] && [ "$closed_rc" = 1 ] && [ ! -s "$W/out" ] &&
		sed -n 2p "$W/err" | grep -qE '^postern: \[(wall|bind)\] '; then
		ok "$closed_name, refused"
	elif [ "$closed_rc" -gt 1 ] || [ -n "$closed_open" ] || [ ! -s "$W/out" ] || [ -s "$W/err" ]; then
		not_ok "$closed_name" "status $closed_rc" "$closed_open" "$(cat "$W/err")"
	elif [ -s "$HIDDEN" ]; then
		not_ok "$closed_name" "the hidden file was written"
	else
		ok "$closed_name"
	fi
	: >"$HIDDEN"
}

# Options, and behind the bar the procfs to attack through. H is the folder that the sandbox hides, U the user's,
# B has the helpers.
forms() {
	cat <<-'END'
		--bind / / --tmpfs H|/proc
		--unshare-user --unshare-net --ro-bind / / --tmpfs H|/proc
		--dev-bind / / --tmpfs H|/proc
		--bind / / --tmpfs H --unshare-pid --proc /proc|/proc
		--bind / / --tmpfs H --unshare-pid|/proc
		--bind / / --tmpfs H --unshare-pid --as-pid-1|/proc
		--bind / / --tmpfs H --bind /proc U/p|U/p
		--bind / / --tmpfs H --unshare-pid --proc /proc --bind /proc U/p|U/p
		--bind / / --tmpfs H --unshare-pid --proc U/p|/proc
		--tmpfs / --bind U U --ro-bind B B --tmpfs H --ro-bind /proc /other --unshare-all|/other
		--bind / / --tmpfs H|U/../mounted
		--bind / / --tmpfs H --unshare-all --proc /proc --dev /dev|U/../mounted
		--bind / / --tmpfs H --bind U/../mounted U/p|U/p
		--bind / / --tmpfs H --bind U/../tree U/p|U/p/deep/proc
	END
}

# filled TEXT: with the folders' names
filled() {
	printf '%s\n' "$1" | sed "s,\\<H\\>,${HIDDEN%/*},g; s,\\<U\\>,$W/user,g; s,\\<B\\>,$PRIV_BIN,g"
}

# without_landlock: yes or no
without_landlock() {
	case $KERNEL,${PRIV_KERNEL:-} in
		, | ,no-userns) echo no ;;
		*) echo yes ;;
	esac
}

# Folders of procfs, whose links lead out of it without its root. Another procfs may not be put there.
folders() {
	may_refuse=$(without_landlock)
	for form in "--bind /proc/$holder U/p|U" "--bind /proc/$holder/task U/p|U/p" \
		"--bind /proc/$holder U/p --unshare-pid --proc /proc|U" "--bind U/../mounted/$holder U/p|U"; do
		options=$(filled "${form%|*}")
		# shellcheck disable=SC2086
		closed "$1: through a folder of procfs, $(echo "${form%|*}" | sed "s,$holder,PID,")" -- "$BWRAP" --bind / / $options --tmpfs "${HIDDEN%/*}" \
			"$REACH" scan "$(filled "${form#*|}")" "$HIDDEN"
	done
	may_refuse=no
	closed "$1: from a working directory in procfs" -- sh -c 'cd "/proc/$0" && exec "$@"' "$holder" "$BWRAP" \
		--bind / / --tmpfs "${HIDDEN%/*}" "$REACH" scan . "$HIDDEN"
}

# The caller's descriptor of procfs would go with the command, as all of his do.
descriptor() {
	may_refuse=$(without_landlock)
	# shellcheck disable=SC2016
	closed "$1: through a descriptor of procfs" -- sh -c 'exec "$@" 5<"/proc/$0"' "$holder" "$BWRAP" \
		--bind / / --tmpfs "${HIDDEN%/*}" "$REACH" fd 5 "$HIDDEN"
	may_refuse=no
}

# A procfs that root mounts when the sandbox is there already
late() {
	mkdir -p "$W/late"
	rm -f "$W/user/ready" "$W/user/go"
	user "$BWRAP" --bind / / --tmpfs "${HIDDEN%/*}" sh -c \
		': >"$0/ready"; while [ ! -e "$0/go" ]; do sleep 0.05; done; exec "$@"' "$W/user" \
		"$REACH" scan "$W/late" "$HIDDEN" >"$W/out" 2>"$W/err" </dev/null &
	late_pid=$!
	tries=0
	while [ ! -e "$W/user/ready" ] && [ $tries -lt 100 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
	mount -t proc late "$W/late"
	: >"$W/user/go"
	wait $late_pid || :
	umount "$W/late"
	if grep -q '^scan closed' "$W/out"; then
		ok "$1: through a procfs that is mounted later"
	else
		not_ok "$1: through a procfs that is mounted later" "$(cat "$W/out" "$W/err")"
	fi
}

# A procfs in a folder that the user has closed: the command opens it again.
shut() {
	chmod 0 "$W/user/shut"
	may_refuse=$(without_landlock)
	# shellcheck disable=SC2016
	closed "$1: through a procfs in a folder that was shut at the start" -- "$BWRAP" --bind / / \
		--tmpfs "${HIDDEN%/*}" sh -c 'chmod 755 "$0" && exec "$@"' "$W/user/shut" \
		"$REACH" scan "$W/user/shut/proc" "$HIDDEN"
	may_refuse=no
	chmod 755 "$W/user/shut"
}

# attacks NAME ATTEMPT...: all of that; these attempts reach what is no longer the host's
attacks() {
	attacks_name=$1
	shift
	forms >"$W/forms"
	while IFS='|' read -r options proc; do
		closed_words=$(filled "$options")
		# shellcheck disable=SC2086
		closed "$attacks_name: $options, through $proc" "$@" -- "$BWRAP" $closed_words \
			"$REACH" all "$(filled "$proc")" "$W/user/holder" "$HIDDEN"
	done <"$W/forms"
	folders "$attacks_name"
	shut "$attacks_name"
	descriptor "$attacks_name"
	late "$attacks_name"
	closed "$attacks_name: --disable-userns" -- "$BWRAP" --bind / / --unshare-user --disable-userns "$REACH" userns
}

# Without Landlock and with the administrator's leave there is no wall: the attempts work inside too.
shared_pid() {
	priv_config allow-shared-pid=yes
	KERNEL=landlock_create_ruleset=ENOSYS
	user "$BWRAP" --bind / / --tmpfs "${HIDDEN%/*}" "$REACH" all /proc "$W/user/holder" "$HIDDEN" \
		>"$W/out" 2>"$W/err" </dev/null || :
	if [ "$(grep -cE '^(root|fd|mem|ptrace|vm-read) OPEN$' "$W/out")" = 5 ] && ! grep -q 'key.* OPEN' "$W/out"; then
		ok "$1: allow-shared-pid without Landlock gives up this wall, and no other"
	else
		not_ok "$1: allow-shared-pid without Landlock gives up this wall, and no other" "$(cat "$W/out" "$W/err")"
	fi
	: >"$HIDDEN"
	KERNEL=
	closed "$1: with Landlock allow-shared-pid gives up nothing" -- "$BWRAP" --bind / / --tmpfs "${HIDDEN%/*}" \
		"$REACH" all /proc "$W/user/holder" "$HIDDEN"
	priv_config
}

# joined: what a process of the user gains in the sandbox's user namespace, in $W/out
joined() {
	rm -f "$W/user/pid"
	user "$BWRAP" --bind / / --unshare-pid --info-fd 9 sleep 5 9>"$W/user/pid" >/dev/null 2>&1 &
	joined_pid=$!
	tries=0
	until grep -q '}' "$W/user/pid" 2>/dev/null || [ $tries -gt 100 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
	inside=$(sed -n 's/.*"child-pid": \([0-9]*\).*/\1/p' "$W/user/pid")
	runuser -u "$TEST_USER" -- "$REACH" join "$inside" >"$W/out" 2>&1 || :
	kill "$inside"
	wait $joined_pid || :
}

# On a kernel of our own (tests/lab/run-priv) the walls are those that it has. Nothing but a filter keeps the user's
# keyring away, as docs/security-model.md says.
walled_mode() {
	attempts_work
	case ${PRIV_KERNEL:-} in
		nas) attacks "$1, nas" user-key user-key-number request-key add-key i386-key ;;
		?*) attacks "$1, $PRIV_KERNEL" ;;
		*)
			attacks "$1, Landlock"
			for KERNEL in landlock_create_ruleset=ENOSYS 4.4; do
				attacks "$1, $KERNEL"
			done
			KERNEL=
			shared_pid "$1"
			;;
	esac
	joined
	if ! grep -q OPEN "$W/out" && grep -q '^user closed' "$W/out"; then
		ok "$1: nobody outside gains anything from the sandbox's namespaces"
	else
		not_ok "$1: nobody outside gains anything from the sandbox's namespaces" "$(cat "$W/out")"
	fi
}

# A user namespace has keyrings of its own, to which keys may be added, and it keeps the session's, as bubblewrap
# does. That the user's processes may enter his own with all capabilities is what filecaps-userns gives away, and
# docs/security-model.md says so; root's they may not enter.
userns_mode() {
	attempts_work
	attacks "$1" add-key i386-key session-key session-key-number
	descriptor "$1"
	joined
	joined_open=$(sed -n 's/ OPEN$//p' "$W/out" | tr '\n' ' ')
	case $1:$joined_open in
		filecaps-userns:user*mnt*mount*) ok "$1: the user's processes may enter the sandbox's namespaces" ;;
		setuid-userns:) ok "$1: the user's processes may not enter the sandbox's namespaces" ;;
		*) not_ok "$1: who may enter the sandbox's namespaces" "$(cat "$W/out")" ;;
	esac
}

main() {
	priv_enter "$0" "$@"
	priv_begin escape
	REACH=$PRIV_BIN/reach
	HIDDEN=$W/user/hidden/file
	mkdir -p "$W/user/hidden" "$W/user/p" "$W/user/shut/proc" "$W/mounted" "$W/tree/deep/proc"
	: >"$HIDDEN"
	chown "$TEST_USER:" "$W/user" "$W"/user/* "$HIDDEN"
	mount -t proc second "$W/mounted"
	mount -t proc third "$W/user/shut/proc"
	mount --bind /proc "$W/tree/deep/proc"
	hold || not_ok "escape: the process to be reached starts"
	for mode in ${PRIV_MODES:-filecaps filecaps-userns setuid setuid-userns}; do
		priv_mode "$mode"
		PRIV_HOST=$(priv_host_of "$mode")
		case $mode in
			*-userns) userns_mode "$mode" ;;
			*) walled_mode "$mode" ;;
		esac
	done
	let_go
	umount "$W/mounted" "$W/tree/deep/proc" "$W/user/shut/proc"
	tap_end
}

main "$@"

#!/bin/sh
# What a command does to become more than its caller: ids, capabilities, securebits, set-user-ID programs, files with
# capabilities, su, postern-priv and the launcher once more, a user namespace of its own, its ancestors' memory. Each
# works where nothing stands against it, which is shown first, and none inside. (MUST 2, 5, 9)
# shellcheck disable=SC2016 # other shells expand it
set -eu
. tests/lib/tap.sh
. tests/priv/lib.sh
. tests/priv/attack_lib.sh

NO_LANDLOCK=landlock_create_ruleset=ENOSYS
KERNEL= # what the shim takes away, for `user`

# user COMMAND...: as TEST_USER, on such a host and kernel
user() {
	if [ -n "$KERNEL" ]; then
		priv_host "$PRIV_HOST" "$PRIV_BIN/shim" --no-nnp "$KERNEL" -- runuser -u "$TEST_USER" -- "$@"
	else
		refuse "$@"
	fi
}

# run COMMAND...: its output in $W/out
run() {
	run_rc=0
	"$@" >"$W/out" 2>"$W/err" </dev/null || run_rc=$?
}

# every NAME WORD [BUT]: each line of $W/out has this word (OPEN or closed), but for the attempts BUT
every() {
	if [ -s "$W/out" ] && [ ! -s "$W/err" ] && ! grep -vE "^(${3:-nothing}) " "$W/out" | grep -qv " $2"; then
		ok "regain: $1"
	else
		not_ok "regain: $1" "status $run_rc" "$(cat "$W/out" "$W/err")"
	fi
}

forms() {
	cat <<-END
		--bind / /
		--dev-bind / / --unshare-pid --as-pid-1 --proc /proc
		--bind / / --unshare-all --proc /proc --dev /dev
		--tmpfs / --bind $W/files $W/files --ro-bind $PRIV_BIN $PRIV_BIN --unshare-pid --proc /proc --dir /tmp
		--bind / / --unshare-user --disable-userns
	END
}

# with_each COMMAND...: with $form, and $what to say of it; also on a kernel without Landlock
with_each() {
	forms >"$W/forms"
	for KERNEL in "" "$NO_LANDLOCK"; do
		while read -r form; do
			what="$mode${KERNEL:+, no Landlock}: $form"
			"$@"
		done <"$W/forms"
	done
	KERNEL=
}

# outside: what each attempt does where nothing stands against it
outside() {
	run "$PRIV_BIN/regain" all
	every "control: as root each attempt works" OPEN
	for file in setuid setgid filecaps; do
		run runuser -u "$TEST_USER" -- "$PRIV_BIN/regain" exec "$W/files/$file"
		every "control: outside $file gives its user something" OPEN
	done
	run runuser -u "$TEST_USER" -- sh -c 'exec "$@" 5<"$0"' "$W/files/setuid" "$PRIV_BIN/regain" exec-fd 5
	every "control: and so does a descriptor of it" OPEN
	says "regain: control: outside su makes its user root" 0 runuser -u "$TEST_USER" -- su -s /bin/sh root -c 'id -u'
	run unshare -m --propagation private sh -c 'mount -t tmpfs over "$1" && mount --bind "$2" "$2" &&
		mount -o remount,bind,ro,nosuid,nodev "$2" && exec "$0" mounts "$3" "$2"' \
		"$PRIV_BIN/regain" "${HIDDEN%/*}" "$W/files" "$HIDDEN"
	every "control: as root each change of the mounts works" OPEN
	# the process to be reached, and its pid
	# which stops; runuser would stop with a child of its own
	runuser -u "$TEST_USER" -- sh -c '"$0" secret 60 & wait' "$PRIV_BIN/inside" >"$W/user/secret" 2>/dev/null &
	victim=$!
	tries=0
	until [ -s "$W/user/secret" ] || [ $tries -gt 200 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
	read -r pid address <"$W/user/secret"
	runuser -u "$TEST_USER" -- "$PRIV_BIN/inside" attack "$pid" "$address" >"$W/out" 2>"$W/err" || :
	kill -KILL "$pid"
	wait $victim || :
	verdict "regain: control: outside the user's process can be read and traced" \
		sh -c 'cat "$0"; [ "$(grep -c " won" "$0")" -ge 8 ]' "$W/out"
}

# shellcheck disable=SC2086 # forms are words
calls() {
	run user "$BWRAP" $form "$PRIV_BIN/regain" all
	every "$what: no call gives anything back" closed
}

# shellcheck disable=SC2086
files() {
	for file in setuid setgid filecaps; do
		run user "$BWRAP" $form "$PRIV_BIN/regain" exec "$W/files/$file"
		every "$what: $file gives nothing" closed
		# the caller's own descriptor, of a mount that has no nosuid
		run user sh -c 'file=$0; exec "$@" 5<"$file"' "$W/files/$file" "$BWRAP" $form "$PRIV_BIN/regain" exec-fd 5
		every "$what: nor a descriptor of it" closed
	done
}

# shellcheck disable=SC2086
ancestors() {
	case $form in *--unshare-pid* | *--unshare-all*) ;; *) return 0 ;; esac
	case $form in *--as-pid-1*) return 0 ;; esac
	run user "$BWRAP" $form "$PRIV_BIN/inside" attack 1 400000
	verdict "regain: $what: pid 1 is out of reach (MUST 2)" sh -c 'cat "$0" "$1"
		[ "$(wc -l <"$0")" -ge 10 ] && ! grep -qE " won|Bad address|Input/output" "$0"' "$W/out" "$W/err"
}

su_inside() {
	for KERNEL in "" "$NO_LANDLOCK"; do
		run user "$BWRAP" --dev-bind / / su -s /bin/sh root -c 'id -u'
		verdict "regain: $mode${KERNEL:+, no Landlock}: su makes nobody root" \
			sh -c 'cat "$0" "$1"; [ '$run_rc' != 0 ] && ! grep -q 0 "$0"' "$W/out" "$W/err"
	done
	KERNEL=
}

# The launcher that waits outside, in the same pid namespace: it was postern-priv.
parent() {
	run user "$BWRAP" --bind / / --info-fd 9 sh -c '"$0" attack $PPID 400000' "$PRIV_BIN/inside" 9>/dev/null
	verdict "regain: $mode: the launcher outside is out of reach (MUST 2)" sh -c 'cat "$0" "$1"
		[ "$(wc -l <"$0")" -ge 10 ] && ! grep -qE " won|Bad address|Input/output" "$0"' "$W/out" "$W/err"
}

again() {
	plan_of "$W/plan" --bind / / echo ran || not_ok "regain: $mode: a plan was made"
	says "regain: $mode: control: outside postern-priv takes a plan by hand" ran refuse "$PRIV_BIN/hand" -x "$PRIV" \
		-f "memfd:$W/plan" -- bwrap --plan 99
	# in a user namespace nothing is root's, as root has no number there
	refusal=priv-capability
	case $mode in *-userns) refusal=config-file ;; esac
	for KERNEL in "" "$NO_LANDLOCK"; do
		denied "regain: $mode${KERNEL:+, no Landlock}: inside postern-priv has no privilege" $refusal \
			user "$BWRAP" --bind / / "$PRIV_BIN/hand" -x "$PRIV" -f "memfd:$W/plan" -- bwrap --plan 99
		denied "regain: $mode${KERNEL:+, no Landlock}: inside the launcher gets no other sandbox" 'ns-[a-z]*' \
			user "$BWRAP" --bind / / "$BWRAP" --bind / / echo ran
	done
	KERNEL=
}

# On a host that lets everybody make user namespaces, and postern-priv executed by hand all the same: the command has
# every capability over its own copy of the mounts, in which they are locked.
own_userns() {
	plan_of "$W/plan" --bind / / --tmpfs "${HIDDEN%/*}" --ro-bind "$W/files" "$W/files" "$PRIV_BIN/regain" userns \
		"$HIDDEN" "$W/files" || not_ok "regain: $mode: a plan was made"
	before=$PRIV_HOST
	PRIV_HOST=none
	for KERNEL in "" "$NO_LANDLOCK"; do
		run user "$PRIV_BIN/hand" -x "$PRIV" -f "memfd:$W/plan" -- bwrap --plan 99
		every "$mode${KERNEL:+, no Landlock}: a user namespace of its own changes no mount of the sandbox's (MUST 5)" \
			closed userns
		grep -q '^userns OPEN' "$W/out" || not_ok "regain: $mode: the user namespace is made" "$(cat "$W/out")"
	done
	KERNEL=
	PRIV_HOST=$before
}

all() {
	with_each calls
	with_each files
	with_each ancestors
	su_inside
	parent
	again
	own_userns
}

prepare() {
	HIDDEN=$W/user/hidden/file
	mkdir -p "$W/files" "$W/user/hidden"
	echo hidden >"$HIDDEN"
	chown -R "$TEST_USER:" "$W/user"
	for file in setuid setgid filecaps; do
		cp "$PRIV_BIN/regain" "$W/files/$file"
	done
	chmod 4755 "$W/files/setuid"
	chmod 2755 "$W/files/setgid"
	chmod 755 "$W/files/filecaps"
	setcap cap_setuid,cap_dac_override,cap_sys_admin=ep "$W/files/filecaps"
	# su asks nothing here
	cp -r /etc/pam.d "$W/pam.d"
	printf '%s required pam_permit.so\n' auth account password session >"$W/pam.d/su"
	mount --bind "$W/pam.d" /etc/pam.d
}

main() {
	priv_enter "$0" "$@"
	priv_begin regain
	prepare
	outside
	in_modes all
	no_process "regain: no process is left (MUST 10)"
	tap_end
}

main "$@"

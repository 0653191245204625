#!/bin/sh
# Produces every error of the privileged part, as tests/errors/run does the launcher's, and checks the same: both
# lines on stderr, the exit status, what --json-errors writes. (MUST 6, 7, 11)
# shellcheck disable=SC2034,SC2086,SC2154 # judge.sh's variables; commands that are words on purpose
set -eu
. tests/lib/tap.sh
. tests/priv/lib.sh
. tests/errors/judge.sh

refused="No permissions to create a new namespace"

# Why postern-priv was no help comes after the launcher's own error.
no_help() {
	ns_refused="$refused, likely because *"
	want_why=priv-not-member
	error ns-refused namespaces EPERM "$ns_refused" $AS refuse_as "$PRIV_OUTSIDER" $B true
	want_why=priv-no-new-privs
	error ns-refused namespaces EPERM "$ns_refused" $AS refuse setpriv --no-new-privs $B true
	want_why=priv-nosuid
	# shellcheck disable=SC2016
	error ns-refused namespaces EPERM "$ns_refused" unshare -m --propagation private \
		sh -c 'mount -o bind,remount,nosuid "$0" && exec "$@"' "$PRIV_PREFIX" $AS refuse $B true
	priv_mode none
	want_why=priv-not-privileged
	error ns-refused namespaces EPERM "$ns_refused" $START true
	priv_mode "$mode"
	# the plan cannot be stored; the limit's signal would end the launcher, and what it says has less bytes
	want_why=priv-exec
	error ns-refused namespaces EPERM "$ns_refused" $AS refuse "$WITH" ignored 25 -- "$WITH" rlimit fsize 4096 -- \
		$B --setenv LONG "$(printf '%04096d' 0)" true
	# the kernel cannot execute it
	cp "$PRIV" "$W/whole"
	printf '\177ELF' >"$PRIV"
	priv_mode "$mode"
	error ns-refused namespaces EPERM "$ns_refused" $START true
	cp "$W/whole" "$PRIV"
	priv_mode "$mode"
	# the user namespace has no power, which shows when the descriptors are passed on
	want_why=priv-too-late
	error loopback network EPERM 'loopback: Failed RTM_NEWADDR: *' \
		"$PRIV_BIN/shim" --no-nnp --user "$TEST_USER" socket=EPERM -- $B --unshare-user --unshare-net true
	want_why=-
}

# Nothing of the plan is known yet: the descriptor for JSON is known by a word of its own.
before_the_plan() {
	writes_json=no
	error priv-caller authorize - 'postern-priv: it takes --plan FD *' $HAND -- bwrap
	error priv-caller authorize - 'postern-priv: the descriptor for errors is not open' \
		$HAND -f "memfd:$W/plan" -- bwrap --plan 99 1 98
	error plan-read plan EBADF "postern-priv: can't read the plan: Bad file descriptor" $HAND -f fifo -- bwrap --plan 99 1
	error priv-caller authorize - 'postern-priv: the caller is root' \
		"$PRIV_BIN/hand" -x "$PRIV" -f "memfd:$W/plan" -- bwrap --plan 99
	writes_json=yes
	error plan-read plan EBADF "postern-priv: can't read the plan: Bad file descriptor" \
		$HAND -f fifo -- bwrap --plan 99 1 9
	error plan-invalid plan EPROTO 'postern-priv: invalid plan: ?*' $HAND -f memfd:/etc/passwd -- bwrap --plan 99 1 9
	# as in a container
	error priv-capability authorize - "$refused: postern-priv lacks CAP_?*" \
		$AS priv_host eperm setpriv --bounding-set=-sys_admin,-setpcap runuser -u "$TEST_USER" -- $B true
	chmod 666 "$PRIV_PREFIX/etc/postern/privileged.conf"
	error config-file authorize - 'postern-priv: *privileged.conf: is writable *' $START true
	priv_config "manifest=$W/nosuch"
	error priv-disarmed authorize - "$refused: postern-priv has disarmed itself: /?*: ?*" $START true
	priv_config nosuch=1
	error config-syntax authorize - 'postern-priv: *privileged.conf:*: unknown key nosuch' $START true
	priv_config pam=required
	error pam-file authorize ENOENT 'postern-priv: /etc/pam.d/postern: no service file: *' $START true
	service 'account required pam_permit.so'
	chmod 755 "$PRIV_PREFIX/libexec/postern/postern-pam"
	error pam-helper authorize - 'postern-priv: */postern-pam: has another mode than 0711' $START true
	chmod 711 "$PRIV_PREFIX/libexec/postern/postern-pam"
	# root's helper would not have the caller's limits
	[ "$mode" = setuid ] || error limits authorize - 'postern-priv: the limit of open files is below 64' \
		$AS refuse "$WITH" rlimit nofile 32 -- $B true
	service
	priv_config
}

with_the_plan() {
	error priv-needs-userns authorize - "$refused: another --uid or --gid needs a user namespace, *" \
		$START --unshare-user --uid 7 true
	priv_config deny=share-net
	error denied authorize - "$refused: privileged.conf refuses a shared network namespace" $START true
	priv_config audit=required
	error audit authorize ENOENT "$refused: can't write the audit record: *" $START true
	priv_config pam=required
	service 'account required pam_deny.so'
	error pam-denied authorize - "$refused: PAM denies this account" $START true
	service 'account required pam_permit.so'
	error pam-no-verdict authorize - "$refused: no verdict from PAM (the user has no account)" \
		$AS priv_host eperm setpriv --reuid 61999 --regid 61999 --groups "$PRIV_GROUP" $B true
	service
	priv_config
	# it would show that process's tree, and nothing can be mounted over a part of a procfs
	error wall walls EPERM "$refused: can't cover the host's /proc: *" \
		$AS priv_host eperm "$PRIV_BIN/shim" --no-nnp landlock_create_ruleset=ENOSYS -- \
		runuser -u "$TEST_USER" -- $B --unshare-pid --bind /proc/1 /mnt true
}

service() {
	rm -f /etc/pam.d/postern
	[ $# = 0 ] || printf '%s\n' "$@" >/etc/pam.d/postern
}

main() {
	priv_enter "$0" "$@"
	priv_begin errors
	work=$W
	cp src/base/errors.def "$work/"
	: >"$work/produced"
	# runuser asks PAM, too; and no syslog listens here
	cp -r /etc/pam.d "$W/pam.d"
	mount --bind "$W/pam.d" /etc/pam.d
	[ ! -e /dev/log ] || mount --bind /dev/null /dev/log
	PRIV_HOST=eperm
	export PRIV_HOST
	WITH=$PRIV_BIN/with
	AS="sh tests/priv/as"
	B="$BWRAP --json-errors 9 --ro-bind / /"
	START="$AS refuse $B"
	HAND="$AS refuse $PRIV_BIN/hand -x $PRIV"
	writes_json=yes
	want_why=-
	for mode in filecaps setuid; do
		priv_mode "$mode"
		plan_of "$W/plan" --ro-bind / / true || not_ok "$mode: a plan was made"
		no_help
		before_the_plan
		with_the_plan
	done
	coverage "every id of the privileged part is produced" "$(steps | grep -xE "$priv_steps")"
	tap_end
}

main "$@"

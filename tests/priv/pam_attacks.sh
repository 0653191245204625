#!/bin/sh
# What the user may do to any process of his own uid, he does to the helper that is to judge him, and to who
# asks it: nothing makes a denied account pass. (MUST 2, 7)
#
#	PAM_STARTS	of each loop (200)
set -eu
. tests/lib/tap.sh
. tests/priv/lib.sh
. tests/priv/pam_lib.sh

BOTH="caller root"

# attacked NAME WANTED HOW FORM: WANTED is a pattern
attacked() {
	got=$(as_user "$PRIV_WORK/attack" "$3" "${PAM_STARTS:-200}" "$DRIVERS/$4" pid 2>"$W/err" || :)
	# shellcheck disable=SC2254 # a pattern
	case $got in
		$2) ok "$1 ($4)" ;;
		*) not_ok "$1 ($4)" "wanted: $2" "got: $got" "$(head -n 5 "$W/err")" ;;
	esac
}

attacks() {
	n=${PAM_STARTS:-200}
	# On one processor the helper is hardly ever seen before its exec.
	fork="[1-9]*"
	[ "$(getconf _NPROCESSORS_ONLN)" -gt 1 ] || fork="*"
	for form in $BOTH; do
		service 'account required pam_deny.so'
		for how in trace stopped; do
			attacked "nobody enters the helper, before its exec or after ($how) (MUST 2)" \
				"allowed 0 refused $n tried-fork $fork tried-exec [1-9]* entered 0" $how "$form"
		done
	done
	: >/run/nologin
	service 'account required pam_localuser.so sleep=12' 'account required pam_nologin.so' \
		'account required pam_localuser.so sleep=12' 'account required pam_permit.so'
	for how in files memory 17 18 23 31; do
		attacked "no limit or signal of the caller's blinds pam_nologin ($how)" "allowed 0 refused $n *" $how caller
	done
	attacked "no limit of the caller's blinds pam_nologin (files)" "allowed 0 refused $n *" files root
	rm /run/nologin
	service 'account required pam_localuser.so sleep=12' \
		"account required pam_succeed_if.so quiet user notingroup $PRIV_GROUP" \
		'account required pam_localuser.so sleep=12'
	for how in files memory; do
		attacked "no limit of the caller's empties a group ($how)" "allowed 0 refused $n *" $how caller
	done
	module sleep=100
	attacked "SIGKILL by the caller allows nothing" "allowed 0 refused $n *" 9 caller
	PAM_STARTS=1 attacked "SIGSTOP by the caller allows nothing" "allowed 0 refused 1 *" 19 caller
	attacked "the caller cannot kill root's helper" "allowed $n refused 0 *" 9 root
}

main() {
	TAP_NAME=pam_attacks
	pam_enter "$0" "$@"
	attacks
	tap_end
}

main "$@"

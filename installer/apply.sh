# shellcheck shell=sh disable=SC2034 # the parts share their variables
# postern-setup apply: a transaction for each mode that is tried.

# claim: the place of the journal is this run's alone. Where it cannot be made, a mode that needs no journal still works.
claim() {
	if [ ! -d "$ROOT$STATE" ] && safe_directories "$STATE/journal"; then
		"$SETUP_MKDIR" -m 0711 "$ROOT$STATE" 2>/dev/null || :
	fi
	lock
}

# cleanup: also where a signal, or an error that nobody expected, ends a transaction
cleanup() {
	trap '' HUP INT TERM PIPE
	if [ "${OPEN:-no}" = yes ]; then
		warn "interrupted; taking back what was changed"
		roll_back || warn "could not be taken back: $UNDO_LEFT; run postern-setup undo"
	fi
	[ $LOCKED = no ] || [ -e "$JOURNAL" ] || state_end
	rm -rf "$WORK" ${RUN:+"$RUN"}
}

do_apply() {
	must_be_root
	[ "$COMMAND" = enable ] || ! is_apart || die "of this package, whose files are not root's, only a copy can get a privilege: $(enable_line)" 2
	journal_path
	trap cleanup EXIT
	claim
	look
	recover
	settle_group
	if ap_reason=$(unjudged); then
		case $MODE in
			auto | userns)
				unjudgeable "$ap_reason"
				return 0
				;;
		esac
		die "$ap_reason: the mode $MODE cannot be tried here, and what is not tried is not applied"
	fi
	choose_user || die "$WHY"
	ask_doctor
	RESULT=none STATUS=1 TEXT="" WAS_MODE=""
	! is_in_journal made-link "$BINDIR/bwrap" || AS_BWRAP=yes
	if is_applied_already; then
		apply_again
	else
		apply_first
	fi
	say "$TEXT"
	[ $RESULT = "done" ] || J_MODE=none
	object mode "${J_MODE:-none}" "exit!" "$STATUS" summary "$TEXT" "changes!" "$(json_plan)" "verified!" "$(json_verified)"
	return "$STATUS"
}

# finish RESULT STATUS TEXT: done; next: another mode may be tried; stop
finish() {
	RESULT=$1 STATUS=$2 TEXT=$3
}

is_applied_already() {
	[ "$J_STATE" = applied ] || return 1
	[ "$MODE" = auto ] || [ "$MODE" = "$J_MODE" ] || return 1
	case $J_MODE in
		userns) [ "$D_OUTCOME" = 0 ] || return 1 ;;
		apparmor) [ "$VARIANT" = "$J_VARIANT" ] || return 1 ;;
		filecaps | filecaps-userns | setuid) [ "$GROUP" = "$J_GROUP" ] || return 1 ;;
	esac
}

# apply_again: the applied mode is mended where something was lost (a package's update takes capabilities away)
apply_again() {
	say "Applied already: the mode $J_MODE. Looking whether it still holds:"
	VARIANT=$J_VARIANT
	MODE=$J_MODE
	ag_status=0
	make_plan "$J_MODE" || ag_status=$?
	if [ $ag_status = 0 ] && [ -s "$WORK/plan" ]; then
		: >"$WORK/plan"
		DRY=no
		journal_open "$J_MODE" && put "$J_MODE" && journal_done || ag_status=$?
	fi
	[ $ag_status != 0 ] || verify "$J_MODE" || ag_status=$?
	ag_why=$WHY
	verify_clean
	if [ $ag_status = 0 ]; then
		if [ -s "$WORK/plan" ]; then
			finish "done" 0 "The mode $J_MODE holds again."
		else
			finish "done" 0 "The mode $J_MODE is in force; nothing was to be done."
		fi
		return
	fi
	case $ag_why in
		*"PAM denies"*)
			# who may use it is the administrator's business; nobody has got more than intended
			finish stop 1 "The mode $J_MODE could not be tried, and stays as it is: $ag_why"
			return
			;;
	esac
	say "It does not hold: $ag_why" "Taking it back:"
	if undo_all; then
		finish stop 1 "The mode $J_MODE did not hold any more, and was taken back: $ag_why"
	else
		finish stop 4 "The mode $J_MODE does not hold ($ag_why), and could not be taken back: $UNDO_LEFT"
	fi
}

apply_first() {
	if works_by_another; then
		J_MODE=$D_MODE
		finish "done" 0 "Sandboxes work here already, in mode $D_MODE, by what postern-setup has not applied: nothing was to be done."
		return
	fi
	ap_modes=$(candidates)
	if [ -z "$ap_modes" ]; then
		why_none
		if in_container; then
			finish "done" 0 "$D_SUMMARY. In a container only its run arguments decide that: nothing was changed. Where it runs, run: postern doctor"
		else
			finish stop 1 "$D_SUMMARY. Nothing was changed."
		fi
		return
	fi
	[ "$J_STATE" != applied ] || SWITCHING=yes
	for ap_mode in $ap_modes; do
		attempt "$ap_mode"
		[ $RESULT = next ] || break
		warn "$TEXT"
	done
	[ $RESULT = "done" ] || [ -z "$WAS_MODE" ] || put_back
}

# works_by_another: does a profile that is not ours give the launcher what it needs and has not without, and was nothing else
# asked for? One of ours for the same path would take that away.
works_by_another() {
	rung userns
	[ "$MODE" = auto ] && [ "$AS_BWRAP" = no ] && [ "$J_STATE" = none ] && [ "$D_OUTCOME" = 0 ] && [ "$D_MODE" = apparmor ] &&
		[ "$R_POSSIBLE" = no ]
}

# attempt MODE
attempt() {
	rung "$1"
	if [ "$R_POSSIBLE" != yes ]; then
		finish stop 1 "The mode $1 is not possible here: $R_REASON. Nothing was changed."
		return
	fi
	at_status=0
	make_plan "$1" || at_status=$?
	at_why=$WHY
	rung "$1"
	print_plan "$1"
	case $at_status in
		0) ;;
		1)
			finish next 1 "The mode $1 does not hold here: $at_why. Nothing is changed."
			return
			;;
		*)
			finish stop 1 "The mode $1 cannot be applied: $at_why. Nothing is changed."
			return
			;;
	esac
	if ! consent "$1"; then
		finish stop 3 "The mode $1 awaits your consent."
		return
	fi
	if [ $SWITCHING = yes ] && ! take_former_back; then
		finish stop 4 "The mode $J_MODE could not be taken back: $UNDO_LEFT"
		return
	fi
	if [ "$1" = userns ] && [ "$AS_BWRAP" = no ]; then
		if doctor_agrees userns; then
			J_MODE=userns
			finish "done" 0 "Sandboxes work here without any change."
		else
			finish stop 1 "The mode userns changes nothing, and does not help: $WHY"
		fi
		return
	fi
	transaction "$1"
}

take_former_back() {
	say "Taking the mode $J_MODE back first:"
	ta_mode=$J_MODE ta_group=$J_GROUP ta_variant=$J_VARIANT
	undo_all || return
	WAS_MODE=$ta_mode WAS_GROUP=$ta_group WAS_VARIANT=$ta_variant
	SWITCHING=no
}

# transaction MODE: journal, do, verify; or take it back
transaction() {
	say "Applying:"
	: >"$WORK/plan"
	DRY=no WHY=""
	tr_status=0
	journal_open "$1" && put "$1" && say "Verifying:" && verify "$1" && journal_done || tr_status=$?
	tr_why=$WHY
	if [ $tr_status = 0 ]; then
		verify_clean
		J_MODE=$1
		finish "done" 0 "The mode $1 is in force."
		case $1 in
			filecaps | filecaps-userns | setuid) how_to_join ;;
		esac
		return
	fi
	say "It does not hold: $tr_why" "Taking it back:"
	if ! roll_back; then
		finish stop 4 "The mode $1 does not hold ($tr_why), and could not be taken back: $UNDO_LEFT. Mend that, then run postern-setup undo."
	elif [ $tr_status = 1 ]; then
		finish next 1 "The mode $1 does not hold here, and was taken back: $tr_why"
	else
		finish stop 1 "The mode $1 cannot be applied, and was taken back: $tr_why"
	fi
}

# put_back: another mode was to follow an applied one, and none did: the former one comes back
put_back() {
	say "The mode $WAS_MODE comes back:"
	GROUP=$WAS_GROUP VARIANT=$WAS_VARIANT AS_BWRAP=no DRY=no
	if journal_open "$WAS_MODE" && put "$WAS_MODE" && journal_done; then
		TEXT="$TEXT The mode $WAS_MODE is in force again."
	else
		TEXT="$TEXT The mode $WAS_MODE did not come back: $WHY"
		roll_back || STATUS=4
	fi
}

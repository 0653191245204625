# shellcheck shell=sh disable=SC2034 # the parts share their variables
# postern-setup: the commands.

# look: the state of things, for all of them; look_here: without any program of postern's own
look() {
	look_here
	facts
}

look_here() {
	look_paths
	journal_read || die "$WHY" 4
	settle_variant
}

look_paths() {
	PRIV=$PRIVDIR/postern-priv
	DRY=no OPEN=no SWITCHING=no WHY="" GID=""
	: >"$WORK/plan"
	: >"$WORK/verified"
	: >"$WORK/facts"
	[ -n "$RUN" ] || LAUNCHER=$ROOT$LIBEXEC/bwrap
}

# settle_variant: of the profile, the one that was asked for, else the one that is applied: what is called after each update of
# a package does not take from an administrator what he chose
settle_variant() {
	[ -z "$VARIANT" ] || return 0
	VARIANT=stacking
	[ "$J_MODE" != apparmor ] || VARIANT=$J_VARIANT
}

# settle_group: the one that was asked for, else the one that is applied, else postern
settle_group() {
	if [ -z "$GROUP" ]; then
		GROUP=postern
		# on a NAS that would be the package's own
		! is_apart || GROUP=administrators
		[ -z "$J_GROUP" ] || [ "$J_GROUP" = - ] || GROUP=$J_GROUP
	fi
}

# object KEY VALUE...: one of JSON, if that was asked for. A KEY that ends in ! has a value that is JSON already.
object() {
	[ "${JSON:-no}" = yes ] || return 0
	PRINTED=yes
	printf '{"schema":"postern-setup/1","version":'
	json "$VERSION"
	printf ',"command":'
	json "$COMMAND"
	while [ $# -gt 0 ]; do
		printf ',"%s":' "${1%!}"
		case $1 in
			*!) printf '%s' "$2" ;;
			*) json "$2" ;;
		esac
		shift 2
	done
	printf '}\n'
}

json_plan() {
	json_lines change path undo <"$WORK/plan"
}

json_verified() {
	json_lines check holds reason <"$WORK/verified"
}

# unjudgeable REASON: an image gets no privilege: it is not known where it will run
unjudgeable() {
	say "$1: nothing can be said here about where sandboxes will run." \
		"Nothing is changed: postern is installed without any privilege. Where it runs, run: postern doctor"
	object mode userns reason "$1" "changes!" "[]" exit "0"
}

do_check() {
	look
	settle_group
	if ck_reason=$(unjudged); then
		unjudgeable "$ck_reason"
		return 0
	fi
	ask_doctor
	say "$D_SUMMARY"
	say_applied
	if [ "$D_OUTCOME" != 0 ]; then
		ck_next=$(candidates | head -n 1)
		if [ -n "$ck_next" ]; then
			say "$(is_apart && echo enable || echo apply) would choose the mode $ck_next. For what that changes: postern-setup plan"
		else
			why_none
		fi
	fi
	object outcome "$D_OUTCOME" summary "$D_SUMMARY" chosen "$D_CHOSEN" applied "${J_MODE:-none}" state "$J_STATE"
	[ "$D_OUTCOME" = 0 ]
}

say_applied() {
	case $J_STATE in
		none) say "Nothing is applied by postern-setup." ;;
		applied) say "Applied: the mode $J_MODE, since $J_TIME." ;;
		*) say "A run of postern-setup was interrupted: postern-setup apply or undo takes back what it began." ;;
	esac
}

do_plan() {
	look
	settle_group
	if pn_reason=$(unjudged); then
		unjudgeable "$pn_reason"
		return 0
	fi
	ask_doctor
	choose_user || die "$WHY"
	[ "$J_STATE" != applied ] || [ "$MODE" = auto ] || [ "$MODE" = "$J_MODE" ] || SWITCHING=yes
	if works_by_another; then
		say "Sandboxes work here already, in mode $D_MODE, by what postern-setup has not applied. It changes nothing."
		object mode "$D_MODE" reason "$D_SUMMARY" consent none "changes!" "[]" gives_away nothing "possible!" true why_not ""
		return 0
	fi
	pn_mode=$(candidates | head -n 1)
	if [ -z "$pn_mode" ]; then
		say "$D_SUMMARY"
		why_none
		object mode none reason "$D_SUMMARY" "changes!" "[]"
		return 1
	fi
	rung "$pn_mode"
	pn_status=0
	[ "$R_POSSIBLE" = yes ] || { WHY=$R_REASON pn_status=1; }
	[ $pn_status = 1 ] || make_plan "$pn_mode" || pn_status=$?
	rung "$pn_mode"
	print_plan "$pn_mode"
	[ $pn_status = 0 ] || say "It cannot be applied: $WHY"
	pn_word=$(needs_word "$pn_mode")
	[ -z "$pn_word" ] || is_apart || say "It is not applied without $pn_word."
	object mode "$pn_mode" reason "$R_REASON" consent "$R_CONSENT" "changes!" "$(json_plan)" gives_away "$(gives_away "$pn_mode")" \
		"possible!" "$([ $pn_status = 0 ] && echo true || echo false)" why_not "$WHY"
	[ $pn_status = 0 ]
}

do_verify() {
	must_be_root
	lock
	look
	[ "$J_STATE" = applied ] || die "$(say_applied)"
	! ve_why=$(unjudged) || die "$ve_why: the mode $J_MODE is verified on the host itself"
	GROUP=$J_GROUP VARIANT=$J_VARIANT
	say "Verifying the mode $J_MODE:"
	ve_status=0
	verify "$J_MODE" || ve_status=1
	ve_why=$WHY
	verify_clean
	object mode "$J_MODE" "holds!" "$([ $ve_status = 0 ] && echo true || echo false)" "verified!" "$(json_verified)"
	[ $ve_status = 0 ] || die "the mode $J_MODE does not hold: $ve_why"
	say "All of it holds."
}

do_undo() {
	if is_apart; then
		do_disable
		return
	fi
	must_be_root
	lock
	look_here
	if [ "$J_STATE" = none ]; then
		state_end
		say "Nothing was changed by postern-setup: there is nothing to take back."
		object mode none left ""
		return 0
	fi
	settle_group
	say "Taking back what was changed:"
	undo_all || {
		object mode "${J_MODE:-none}" left "$UNDO_LEFT"
		die "could not be taken back: $UNDO_LEFT; mend that, then run postern-setup undo again" 4
	}
	state_end
	if [ $LEFT_ALONE = no ]; then
		say "Everything is as it was before."
	else
		say "Everything else is as it was before."
	fi
	object mode none left ""
}

# privileged_files: every set-id bit and capability below LIBEXEC, and PRIVDIR if that is elsewhere; docs/modes.md has the
# same as one command
privileged_files() {
	set -- "$ROOT$PRIVDIR"
	# of a package's own directory, beside the copy, its user decides what things are called and when they answer
	is_apart || [ "$PRIVDIR" = "$LIBEXEC" ] || set -- "$ROOT$LIBEXEC" "$@"
	for pf_dir; do
		[ -d "$pf_dir" ] || continue
		find "$pf_dir" -type f \( -perm -4000 -o -perm -2000 \) -exec ls -l {} +
		! has "$SETUP_GETCAP" || "$SETUP_GETCAP" -r "$pf_dir" 2>/dev/null || :
	done
}

do_status() {
	look_here
	if [ $BRIEF = yes ]; then
		do_brief
		return
	fi
	say_applied
	st_lines=""
	if [ "$J_STATE" != none ]; then
		complete_lines
		st_lines=$(sed 's/	/ /g; s/^/  /' "$WORK/lines")
		say "Journal ($STATE/journal):" "$st_lines"
	fi
	case $J_MODE in
		filecaps | filecaps-userns | setuid) say "Members of $J_GROUP: $(group_members "$J_GROUP")" ;;
	esac
	privileged_files >"$WORK/bits" 2>/dev/null || :
	if [ -s "$WORK/bits" ]; then
		say "Privileged below $PRIVDIR:" "$(sed 's/^/  /' "$WORK/bits")"
	else
		say "Privileged below $PRIVDIR: nothing."
	fi
	object state "$J_STATE" mode "${J_MODE:-none}" group "${J_GROUP:--}" since "$J_TIME" "privileged!" "$(json_lines file <"$WORK/bits")"
}

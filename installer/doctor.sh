# shellcheck shell=sh disable=SC2034 # the parts share their variables
# postern-setup: what postern doctor says. It decides which mode is possible and which one is chosen; here is no other
# opinion about that.

# ask_doctor [nobody]: sets D_OUTCOME, D_SUMMARY, D_MODE (in force) and D_CHOSEN, and writes its lines to $WORK/doctor.
# It judges for who called sudo, or for nobody in particular.
ask_doctor() {
	own_programs || die "$WHY"
	has "$JUDGE" || die "postern is missing: it is installed as $BINDIR/postern, and asked what this host needs"
	# it ends with 0 to 3, by what it found
	(
		[ "${1-}" != nobody ] || unset SUDO_UID
		exec "$JUDGE" doctor --plain --launcher "$LAUNCHER"
	) >"$WORK/doctor" 2>"$WORK/doctor.err" </dev/null 9<&- || :
	D_OUTCOME=$(doctor_line outcome)
	D_SUMMARY=$(doctor_line summary)
	D_MODE=$(doctor_line mode)
	D_CHOSEN=$(doctor_line chosen)
	case $D_OUTCOME in
		[0-3]) ;;
		*) die "postern doctor said nothing of use: $(head -n 1 "$WORK/doctor.err")" ;;
	esac
}

doctor_line() {
	KEY=$1 "$SETUP_AWK" -F '\t' '$1 == ENVIRON["KEY"] { print $2; exit }' "$WORK/doctor"
}

# rung MODE: sets R_POSSIBLE, R_AUTOMATIC (yes or no), R_CONSENT (none, privileged, sysctl) and R_REASON
rung() {
	R_POSSIBLE=no R_AUTOMATIC=no R_CONSENT=privileged R_REASON="postern doctor does not know it"
	while IFS='	' read -r ru_key ru_mode ru_possible ru_automatic ru_consent ru_reason; do
		if [ "$ru_key" = rung ] && [ "$ru_mode" = "$1" ]; then
			R_POSSIBLE=$ru_possible R_AUTOMATIC=$ru_automatic R_CONSENT=$ru_consent R_REASON=$ru_reason
		fi
	done <"$WORK/doctor"
}

# rungs: all modes, in the doctor's order
rungs() {
	"$SETUP_AWK" -F '\t' '$1 == "rung" { print $2 }' "$WORK/doctor"
}

# advice: what else the doctor would do, for a person
advice() {
	while IFS='	' read -r ad_key ad_who ad_command; do
		[ "$ad_key" != advice ] || say "  ($ad_who) $ad_command"
	done <"$WORK/doctor"
}

# why_none: why none of the modes is chosen, in the doctor's words
why_none() {
	say "No mode of postern-setup helps here:"
	for wn_mode in $(rungs); do
		rung "$wn_mode"
		if [ "$R_POSSIBLE" = no ]; then
			say "  $wn_mode: $R_REASON"
		elif [ "$R_AUTOMATIC" = no ]; then
			say "  $wn_mode: only by name: $R_REASON"
		fi
	done
	if grep -q '^advice	' "$WORK/doctor"; then
		say "What postern doctor advises:"
		advice
	fi
}

# facts: what is known of the host without trying; fact KEY: one of them
facts() {
	: >"$WORK/facts"
	! is_image || return 0
	own_programs || die "$WHY"
	has "$JUDGE" || return 0
	"$JUDGE" doctor --record - --launcher "$LAUNCHER" >"$WORK/facts" 2>/dev/null </dev/null || :
}

fact() {
	sed -n "s/^$1=//p" "$WORK/facts"
}

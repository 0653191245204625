# shellcheck shell=sh disable=SC2034 # the parts share their variables
# postern-setup: what would be changed, and whether it may be.

# gives_away MODE
gives_away() {
	case $1 in
		userns) echo "nothing" ;;
		apparmor)
			if [ "$VARIANT" = permissive ]; then
				echo "user namespaces, with all capabilities in them, to the launcher and to whatever anybody starts with it"
			else
				echo "user namespaces to one program, $LIBEXEC/bwrap, and to the processes of whoever runs it"
			fi
			;;
		filecaps) echo "a bug in postern-priv is worth CAP_SYS_ADMIN, which is nearly root, to the members of $GROUP" ;;
		filecaps-userns)
			echo "a bug in postern-priv is worth CAP_SYS_ADMIN, which is nearly root, to the members of $GROUP; and they have user namespaces, so that deny and require in privileged.conf are advice only"
			;;
		setuid) echo "a bug in postern-priv is worth CAP_SYS_ADMIN, and root in its first moments, to the members of $GROUP" ;;
		sysctl) echo "user namespaces, and by that the kernel's code behind them, to every program of every user" ;;
	esac
}

# put MODE: the steps
put() {
	case $1 in
		userns) : ;;
		*) put_"$(printf %s "$1" | tr - _)" || return ;;
	esac
	[ "$AS_BWRAP" = no ] || step_link "$LIBEXEC/bwrap" "$BINDIR/bwrap" || return
}

# make_plan MODE: the changes, in $WORK/plan; fails with WHY where they cannot be made
make_plan() {
	: >"$WORK/plan"
	DRY=yes WHY=""
	pl_status=0
	put "$1" || pl_status=$?
	DRY=no
	return $pl_status
}

print_plan() {
	say "Mode $1: $R_REASON"
	if [ -s "$WORK/plan" ]; then
		say "It changes:"
		while IFS='	' read -r pp_what pp_path pp_undo; do
			say "  $pp_what: $pp_path" "      undo: $pp_undo"
		done <"$WORK/plan"
	else
		say "It changes nothing."
	fi
	say "It gives away: $(gives_away "$1")"
	[ "$1" = userns ] || say "Before it is kept, it is tried as $U_NAME; if anything is not as it should be, all of it is taken back."
}

# needs_word MODE: the option without which this mode is not applied, if it was not given
needs_word() {
	rung "$1"
	case $R_CONSENT in
		none) [ "$1" = sysctl ] && [ $ALLOW_SYSCTL = no ] && echo --allow-sysctl ;;
		sysctl) [ $ALLOW_SYSCTL = yes ] || echo --allow-sysctl ;;
		*) [ $ALLOW_PRIVILEGED = yes ] || [ $ALLOW_PRIVILEGED = "$1" ] || echo --allow-privileged ;;
	esac
	return 0
}

# consent MODE: may this be done? 3 if not
consent() {
	nw_word=$(needs_word "$1")
	rung "$1"
	if [ -n "$nw_word" ]; then
		say "" "Nothing was changed: the mode $1 is not applied without $nw_word."
		return 3
	fi
	if [ "$R_CONSENT" = none ] && [ "$VARIANT" = stacking ]; then
		return 0
	fi
	[ $YES = no ] || return 0
	if ! [ -t 0 ] || ! [ -t 1 ]; then
		say "" "Nothing was changed: nobody can be asked here. --yes answers for you."
		return 3
	fi
	printf 'Apply the mode %s? [y/N] ' "$1" >&2
	read -r co_answer || co_answer=""
	case $co_answer in
		[yY] | [yY][eE][sS]) return 0 ;;
	esac
	say "Nothing was changed."
	return 3
}

# candidates: the modes that may be tried, in order. The doctor's choice leads; what it calls possible and automatic
# below it follows, in case that this one turns out not to hold here.
candidates() {
	if [ "$MODE" != auto ]; then
		echo "$MODE"
		return
	fi
	ca_now=no
	for ca_mode in $(rungs); do
		[ "$ca_mode" != "$D_CHOSEN" ] || ca_now=yes
		rung "$ca_mode"
		if [ $ca_now = yes ] && [ "$R_POSSIBLE" = yes ] && [ "$R_AUTOMATIC" = yes ]; then
			echo "$ca_mode"
		fi
	done
}

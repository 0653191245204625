# shellcheck shell=sh disable=SC2034 # the parts share their variables
# postern-setup: is the mode in force, does it work, and is it no more than it should be?

# holds WHAT COMMAND...: one thing that must hold
holds() {
	ho_what=$1
	shift
	WHY=""
	if "$@"; then
		printf '%s\tyes\t\n' "$ho_what" >>"$WORK/verified"
		say "  holds: $ho_what"
	else
		ho_status=$?
		printf '%s\tno\t%s\n' "$ho_what" "$WHY" >>"$WORK/verified"
		WHY="$ho_what: ${WHY:-no}"
		return $ho_status
	fi
}

# verify MODE: fails where another mode may hold, and refuses where what is wrong is not the mode
verify() {
	: >"$WORK/verified"
	choose_user || return
	verify_place || return
	case $1 in
		filecaps | filecaps-userns | setuid) verify_privileged "$1" || return ;;
		apparmor) verify_apparmor || return ;;
		sysctl) verify_sysctl || return ;;
	esac
	holds "postern doctor finds that sandboxes work" doctor_agrees "$1" || return
}

# The copy of the launcher that must not work, and other files of root's, for as long as this takes: where others than
# root come, and change nothing
verify_place() {
	rm -rf "$ROOT$STATE/verify"
	VERIFY=$STATE/verify
	[ -d "$ROOT$STATE" ] || return 0
	# a host may be made read-only once a mode is in force
	if [ -z "$ROOT" ] && is_read_only "$STATE/verify"; then
		VERIFY=$WORK/verify
		run "$SETUP_CHMOD" 0711 "$WORK" || return
	fi
	rm -rf "$ROOT$VERIFY"
	run "$SETUP_MKDIR" -m 0755 "$ROOT$VERIFY"
}

verify_clean() {
	rm -rf "$ROOT$STATE/verify"
}

doctor_agrees() {
	case $1 in
		# the group is new, and who called sudo not in it yet: only nobody in particular is lent it for this
		filecaps | filecaps-userns | setuid) ask_doctor nobody ;;
		*) ask_doctor ;;
	esac
	[ "$D_OUTCOME" = 0 ] || fail "$D_SUMMARY" || return
	case $1 in
		userns | sysctl) ;;
		*) [ "$D_MODE" = "$1" ] || fail "the mode in force is $D_MODE, and not $1" || return ;;
	esac
}

verify_privileged() {
	group_id "$GROUP" || fail "there is no group $GROUP" || return
	holds "only root can change postern-priv, and its privilege is what it should be" exact_privilege "$1" || return
	holds "its configuration is valid" configuration_is_valid || return
	if ! can_be_others; then
		say "  left to postern doctor: what members and others get (there is no setpriv, of util-linux, here, nor sudo)"
		return 0
	fi
	holds "a member of $GROUP gets a sandbox (tried as $U_NAME)" member_starts || return
	holds "it is this mode that makes it" is_the_mode "$1" || return
	holds "the command inside has no capability, gains none and cannot mount" harmless || return
	holds "who is not in $GROUP gets none" outsider_is_refused "$LAUNCHER" || return
	holds "for others the host's policy is what it was: a copy of the launcher is refused" copy_is_refused || return
	[ "$(conf_value pam "$ROOT$SYSCONF/postern/privileged.conf")" = off ] ||
		holds "whom PAM denies is refused" pam_is_heard || return
}

exact_privilege() {
	safe_file "$PRIV" || return
	keeps_privilege "$PRIV" || return
	has_attributes "$PRIV" "$GID" "$(mode_bits "$1")" "$(mode_caps "$1")" || return
	[ ! -f "$ROOT$LIBEXEC/postern-pam" ] || has_attributes "$LIBEXEC/postern-pam" 0 0711 -
}

configuration_is_valid() {
	only_roots "$SYSCONF/postern/privileged.conf" || return
	cv_said=$("$ROOT$PRIV" --check-config 2>&1 >/dev/null </dev/null) ||
		refuse "$(printf '%s' "${cv_said:-postern-priv --check-config failed}" | tr '\n\t' '  ')" || return
}

member_starts() {
	sandbox member "$LAUNCHER"
	[ $S_RAN = yes ] && return
	case $(refusal) in
		*pam-denied*) refuse "PAM denies $U_NAME; if that is meant, call postern-setup by sudo as somebody whom it allows: $(refusal)" ;;
		# in no mode it would
		*"[pam-"*) refuse "PAM does not say whether $U_NAME may: $(refusal)" ;;
		*) fail "$(refusal)" ;;
	esac
}

is_the_mode() {
	im_host=$(readlink "$ROOT/proc/self/ns/user" 2>/dev/null || :)
	im_inside=$(saw userns)
	case $1 in
		filecaps | setuid)
			[ "$im_inside" = "$im_host" ] || fail "the sandbox has a user namespace of its own: they work here, and need no privilege, or privileged.conf makes one" || return
			;;
		*) [ "$im_inside" != "$im_host" ] || fail "the sandbox has no user namespace of its own" || return ;;
	esac
}

harmless() {
	for hl_set in CapPrm CapEff CapBnd; do
		case $(saw $hl_set) in
			"" | *[!0]*) fail "inside, $hl_set is $(saw $hl_set)" || return ;;
		esac
	done
	[ "$(saw NoNewPrivs)" = 1 ] || fail "inside, NoNewPrivs is $(saw NoNewPrivs)" || return
	[ -z "$(saw mounted)" ] || fail "it mounted a tmpfs" || return
}

outsider_is_refused() {
	sandbox outsider "$1"
	[ $S_RAN = no ] || refuse "$U_NAME got one" || return
	[ -s "$WORK/err" ] || fail "the launcher said nothing" || return
}

copy_is_refused() {
	cp_to=$VERIFY/bwrap
	put_copy "$LAUNCHER" "$cp_to" 0755 || refuse "$WHY" || return
	(cd / && as_user outsider env -i "$ROOT$cp_to" --version 9<&-) >/dev/null 2>&1 || refuse "the copy could not be tried at all: $ROOT${VERIFY%/*} must allow programs to run" || return
	outsider_is_refused "$ROOT$cp_to"
}

# A service file that denies everybody lies over the real one in a mount namespace of its own.
pam_is_heard() {
	for ph_path in /etc/pam.d/postern /usr/lib/pam.d/postern; do
		[ ! -f "$ROOT$ph_path" ] || break
	done
	[ -f "$ROOT$ph_path" ] || fail "there is no PAM service file" || return
	if ! has "$SETUP_UNSHARE"; then
		say "  not tried: what PAM denies (there is no unshare here)"
		return 0
	fi
	printf 'account required pam_deny.so\n' >"$WORK/deny"
	put_copy "$WORK/deny" "$VERIFY/deny" 0644 || refuse "$WHY" || return
	DENYING=$ROOT$VERIFY/deny DENIED=$ROOT$ph_path
	sandbox member "$LAUNCHER"
	DENYING=""
	[ $S_RAN = no ] || refuse "$U_NAME got a sandbox" || return
	case $(refusal) in
		*pam-denied*) ;;
		*) fail "it was refused for another reason: $(refusal)" || return ;;
	esac
}

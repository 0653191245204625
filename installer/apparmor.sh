# shellcheck shell=sh disable=SC2034 # the parts share their variables
# postern-setup: the mode apparmor. A profile for the launcher's path, and nothing else.

AA_FILE=/etc/apparmor.d/postern
AA_POLICY=/sys/kernel/security/apparmor/policy/profiles

# aa_parser FILE OPTION...: the parser, on a file of this root
aa_parser() {
	aa_on=$1
	shift
	run "$SETUP_APPARMOR_PARSER" ${ROOT:+-b "$ROOT/etc/apparmor.d"} "$@" "$aa_on"
}

# aa_text: writes the profile that this parser can read to $WORK/postern. A text that it cannot parse would fail at
# every boot from then on.
aa_text() {
	case $LIBEXEC in
		*[\"\\\{\}\[\]\*\?@^\$]*) refuse "AppArmor cannot name the path $LIBEXEC/bwrap" || return ;;
	esac
	case $VARIANT in
		permissive) at_texts=postern.permissive ;;
		*) at_texts="postern postern.abi3" ;;
	esac
	at_why=""
	for at_text in $at_texts; do
		at_from=$ROOT$DATADIR/apparmor-profiles/$at_text
		[ -f "$at_from" ] || refuse "$DATADIR/apparmor-profiles/$at_text is missing: install postern whole" || return
		sed "s,@LAUNCHER@,$LIBEXEC/bwrap," "$at_from" >"$WORK/postern"
		# no kernel, no cache: a dry run
		aa_parser "$WORK/postern" -Q -K && return
		at_why="$at_why${at_why:+; }$at_text: $WHY"
	done
	refuse "the installed apparmor_parser understands no text of the profile: $at_why" || return
}

# aa_claims: other files and loaded profiles with our path or names. Two that name one path: neither attaches.
aa_claims() {
	for ac_switch in disable force-complain; do
		! exists "$ROOT/etc/apparmor.d/$ac_switch/postern" || refuse "an administrator has switched the profile: /etc/apparmor.d/$ac_switch/postern" || return
	done
	# an image may be anybody's work: a name must not become two, nor a text take all memory
	: >"$WORK/texts"
	for ac_file in "$ROOT"/etc/apparmor.d/*; do
		case $ac_file in
			*[[:cntrl:]]*) refuse "/etc/apparmor.d has a file whose name has control characters: look at it" || return ;;
		esac
		[ ! -f "$ac_file" ] || [ "$ac_file" = "$ROOT$AA_FILE" ] || printf '%s\n' "$ac_file" >>"$WORK/texts"
	done
	ac_large=$(find -L "$ROOT/etc/apparmor.d/." ! -name . -prune -type f -size +8192 2>/dev/null | head -n 1)
	[ -z "$ac_large" ] || refuse "/etc/apparmor.d/${ac_large##*/} is too large for a profile: look at it" || return
	# one process for all of them: an Ubuntu has more than a hundred
	ac_found=$(PATTERN=$LIBEXEC/bwrap "$SETUP_AWK" '
		BEGIN { pattern = ENVIRON["PATTERN"] }
		{
			file = $0
			while ((getline line <file) > 0) {
				if (line ~ /^[ \t]*#/)
					continue
				if (index(line, pattern))
					print "path\t" file
				else if (line ~ /^[ \t]*profile[ \t]+"?postern(_payload)?"?[ \t{]/)
					print "name\t" file
				else
					continue
				exit
			}
			close(file)
		}' <"$WORK/texts") || refuse "the texts in /etc/apparmor.d cannot be read" || return
	ac_file=${ac_found#*	}
	case $ac_found in
		path*) refuse "${ac_file#"$ROOT"} speaks of $LIBEXEC/bwrap: two profiles for one path cancel each other out" || return ;;
		name*) refuse "${ac_file#"$ROOT"} has a profile named postern: the names would be taken from each other" || return ;;
	esac
	aa_is_ours && return
	for ac_dir in "$ROOT$AA_POLICY"/*; do
		[ -f "$ac_dir/name" ] && read -r ac_name <"$ac_dir/name" || continue
		# what a profile attaches to most kernels do not tell: <unknown>
		[ -f "$ac_dir/attach" ] && read -r ac_attach <"$ac_dir/attach" || ac_attach=""
		case $ac_name in
			postern | postern_payload) refuse "a profile named $ac_name is loaded, and postern-setup has not loaded it" || return ;;
		esac
		[ "$ac_attach" != "$LIBEXEC/bwrap" ] && [ "$ac_name" != "$LIBEXEC/bwrap" ] ||
			refuse "the loaded profile $ac_name attaches to $LIBEXEC/bwrap already" || return
	done
}

aa_is_ours() {
	[ -f "$JOURNAL" ] && grep -q '^loaded	' "$JOURNAL"
}

aa_loaded() {
	for al_name in "$ROOT$AA_POLICY"/*/name; do
		[ -f "$al_name" ] && read -r al_is <"$al_name" && [ "$al_is" = "$1" ] && return
	done
	return 1
}

put_apparmor() {
	has "$SETUP_APPARMOR_PARSER" || refuse "apparmor_parser is missing: install the package apparmor" || return
	safe_file "$LIBEXEC/bwrap" || return
	aa_claims || return
	if is_in_journal made-file $AA_FILE && [ -f "$ROOT$AA_FILE" ] && [ "$SWITCHING" = no ]; then
		! aa_loaded postern || return 0
	else
		aa_text || return
		[ -d "$ROOT/etc/apparmor.d" ] || refuse "/etc/apparmor.d is missing: install the package apparmor" || return
		step_file "$WORK/postern" $AA_FILE "install the $VARIANT AppArmor profile" || return
	fi
	planned "load the profile" $AA_FILE "unload it" && return
	aa_is_ours || journal loaded postern $AA_FILE || return
	aa_parser "$ROOT$AA_FILE" -r -K
}

# The file is still there: what was made before is undone after.
undo_loaded() {
	if is_image; then
		: # nothing of it is loaded
	elif aa_loaded postern || aa_loaded postern_payload || [ ! -d "$ROOT$AA_POLICY" ]; then
		if [ -f "$ROOT$2" ] && has "$SETUP_APPARMOR_PARSER"; then
			aa_parser "$ROOT$2" -R || aa_remove || fail "the profile $1 could not be unloaded: $WHY" || return
		else
			aa_remove || fail "the profile $1 could not be unloaded" || return
		fi
	fi
	# what the boot has compiled of it
	for ul_cache in /etc/apparmor.d/cache /var/cache/apparmor; do
		for ul_file in "$ROOT$ul_cache/postern" "$ROOT$ul_cache"/*/postern; do
			[ ! -f "$ul_file" ] || safe_directories "${ul_file#"$ROOT"}" || return
			[ ! -f "$ul_file" ] || run "$SETUP_RM" -f "$ul_file" || return
		done
	done
}

# aa_remove: by the kernel's own interface, one name each
aa_remove() {
	for ar_name in postern_payload postern; do
		aa_loaded $ar_name || continue
		{ printf '%s' "$ar_name" >"$ROOT/sys/kernel/security/apparmor/.remove"; } 2>/dev/null || return
	done
}

aa_attaches() {
	sandbox outsider "$ROOT$LIBEXEC/bwrap"
	[ $S_RAN = yes ] || fail "no sandbox ran: $(refusal)" || return
	if [ "$VARIANT" = permissive ]; then
		aa_wanted=postern
	else
		aa_wanted="postern//&postern_payload"
	fi
	aa_label=$(saw label)
	[ "$aa_label" = "$aa_wanted" ] || fail "the command in the sandbox has the label ${aa_label:-(none)}, and not $aa_wanted: the profile does not attach" || return
}

verify_apparmor() {
	holds "nobody but root can change the launcher and its profile" aa_safe || return
	can_be_others || refuse "setpriv is missing: install util-linux" || return
	holds "the profile is in force" aa_attaches || return
	if [ "$VARIANT" = stacking ]; then
		holds "the command inside has no capability, gains none and cannot mount" harmless || return
	fi
	holds "the host's policy is what it was: a copy of the launcher is refused" copy_is_refused || return
}

aa_safe() {
	safe_file "$LIBEXEC/bwrap" && safe_file $AA_FILE
}

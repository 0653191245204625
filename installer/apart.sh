# shellcheck shell=sh disable=SC2034 # the parts share their variables
# postern-setup enable, disable: for packages whose files are not root's own, as on a Synology NAS, where an update or the
# package's user may exchange them at any time. Nothing in them ever gets a privilege. A copy of postern-priv does, in a
# directory that only root can write to, with a manifest of what it was made of; it refuses to work when that does not hold.

# is_apart: was this program built for such a package?
is_apart() {
	[ "$PACKAGE" != - ]
}

must_be_apart() {
	is_apart || die "$COMMAND is for packages whose files are not root's, as on a NAS; here: postern-setup $1" 2
}

# package_is_there: DSM has removed the package when its INFO is gone; that a volume is not mounted does not hide it
package_is_there() {
	exists "$ROOT$PACKAGE/INFO"
}

# is_own_copy PATH: one of the three files that enable makes, and nothing else
is_own_copy() {
	is_apart || return 1
	case $1 in
		"$PRIVDIR/postern-priv" | "$PRIVDIR/manifest" | "$PRIVDIR/postern-setup") ;;
		*) return 1 ;;
	esac
}

# write_manifest: what the copy is made of, and which sums were believed
write_manifest() {
	printf '%s\n' "package = $PACKAGE" "package-version = $P_VERSION" "version = $P_BUILT" "file = $PRIV" \
		"size = $(wc -c <"$WORK/own/postern-priv" | tr -d ' ')" "sha256 = $P_SUM" "sums = $P_SUMS" "group = $GROUP" >"$WORK/manifest"
}

# step_copy SOURCE PATH GID MODE WHAT: PATH is our own name in a directory of root's: what is there is replaced
step_copy() {
	safe_directories "$2" || return
	if exists "$ROOT$2"; then
		[ ! -L "$ROOT$2" ] && [ -f "$ROOT$2" ] || refuse "$2 is no regular file: look at it, and remove it" || return
		! has_attributes "$2" "$3" "$4" - || [ "$(sum "$ROOT$2")" != "$(sum "$1")" ] || [ "$A_LINKS" != 1 ] || {
			adopt_copy "$2"
			return
		}
	fi
	planned "$5" "$2" "remove it" && return
	journal made-copy "$2" || return
	put_copy_as "$1" "$2" "$3" "$4"
}

# adopt_copy PATH: one that is as it should be is taken back with the rest, also where an update of the system took the journal
adopt_copy() {
	[ "$DRY" = yes ] || grep -qxF "made-copy	$1" "$JOURNAL" || journal made-copy "$1"
}

# put_copy_as SOURCE PATH GID MODE: whole, and with its owner and mode, before it has its name; its privilege comes last
put_copy_as() {
	pa_new=$ROOT$(new_name "$2")
	drop "$pa_new" || return
	run "$SETUP_CP" "$1" "$pa_new" || return
	run "$SETUP_CHOWN" "0:$3" "$pa_new" || return
	[ "$(sum "$pa_new")" = "$(sum "$1")" ] || fail "$2 is not what was written to it" || return
	run "$SETUP_CHMOD" "$4" "$pa_new" || return
	run "$SETUP_SYNC" "$pa_new" || return
	[ "$4" != 4750 ] || ! exists "$ROOT$2" || run "$SETUP_CHMOD" 0 "$ROOT$2" || return
	run "$SETUP_MV" -f "$pa_new" "$ROOT$2" || return
	has_attributes "$2" "$3" "$4" - || fail "$WHY: the file system does not keep them" || return
}

# drop FILE: where others can make second names of it, these have no privilege either from then on
drop() {
	[ -L "$1" ] || [ ! -f "$1" ] || run "$SETUP_CHMOD" 0 "$1" || return
	run "$SETUP_RM" -f "$1"
}

# A copy is never kept, whatever is in it: it could be one with a privilege.
undo_copy() {
	is_own_copy "$1" || fail "the journal names a copy that this program does not make: $1" || return
	safe_directories "$1" || return
	drop "$ROOT$(new_name "$1")" || return
	exists "$ROOT$1" || return 0
	[ ! -L "$ROOT$1" ] && [ -f "$ROOT$1" ] || fail "$1 is no regular file any more: look at it, and remove it" || return
	drop "$ROOT$1"
}

# adopt_configuration MODE: one that this program wrote, in a journal that an update of the system took away, is ours again
adopt_configuration() {
	ad_path=$SYSCONF/postern/privileged.conf
	[ "$DRY" = no ] && ! is_in_journal made-file "$ad_path" || return 0
	write_configuration "$1"
	[ "$(sum "$WORK/privileged.conf")" != "$(sum "$ROOT$ad_path")" ] || journal made-file "$ad_path" "$(sum "$ROOT$ad_path")"
}

# put_apart MODE: what put_privileged is for an installation of root's own
put_apart() {
	[ "$1" = setuid ] || refuse "the package's files are not root's, and get no privilege: postern-setup enable is what makes a copy that does" || return
	# no file capabilities: the root file system of a NAS keeps none, and one way is enough
	keeps_privilege "$PRIV" || return
	fetch_trusted || return
	write_manifest
	step_group || refuse "$WHY" || return
	step_dir "$PRIVDIR" || refuse "$WHY" || return
	step_dir "$SYSCONF/postern" || refuse "$WHY" || return
	configuration "$1" || refuse "$WHY" || return
	adopt_configuration "$1" || refuse "$WHY" || return
	step_copy "$WORK/own/postern-setup" "$PRIVDIR/postern-setup" 0 0755 "copy postern-setup, for the boot task and for disable" || return
	step_copy "$WORK/manifest" "$PRIVDIR/manifest" 0 0644 "write down what the copy is made of" || return
	step_copy "$WORK/own/postern-priv" "$PRIV" "$GID" 4750 "copy postern-priv (SHA-256 $P_SUM), owner root:$GROUP, mode 4750" || return
}

# is_current: is the copy what the package has, and as it should be?
is_current() {
	[ "$J_STATE" = applied ] && [ "$J_MODE" = setuid ] && [ "$GROUP" = "$J_GROUP" ] && [ -f "$ROOT$SYSCONF/postern/privileged.conf" ] &&
		group_id "$GROUP" && write_manifest && has_attributes "$PRIV" "$GID" 4750 - && [ "$(sum "$ROOT$PRIV")" = "$P_SUM" ] &&
		has_attributes "$PRIVDIR/manifest" 0 0644 - && [ "$(sum "$ROOT$PRIVDIR/manifest")" = "$(sum "$WORK/manifest")" ] &&
		has_attributes "$PRIVDIR/postern-setup" 0 0755 - && [ "$(sum "$ROOT$PRIVDIR/postern-setup")" = "$(sum "$WORK/own/postern-setup")" ]
}

# enable_group: the one that was asked for, else the one that there is, else the administrators, who may become root anyway
enable_group() {
	[ -z "$GROUP" ] || return 0
	GROUP=$J_GROUP
	[ -n "$GROUP" ] && [ "$GROUP" != - ] || GROUP=$(manifest_value group)
	group_is_sane "$GROUP" || GROUP=administrators
}

# distrusted: no file of the package's may be used. A privilege does not outlive that; root's own copy of this program does, for
# the next run of enable. With --sha256 an administrator has named something else, and nothing is changed.
distrusted() {
	ds_why=$WHY
	if [ -z "$SHA256" ] && exists "$ROOT$PRIV"; then
		undo_copy "$PRIV" || die "$ds_why. The privileged copy could not be removed: $WHY" 4
		say "The privileged copy, $PRIV, was removed."
	fi
	die "$ds_why"
}

do_enable() {
	must_be_apart "apply --allow-privileged"
	must_be_root
	look_paths
	! is_image || die "$ROOT is an image, not a running host: the copy is made on the NAS itself"
	if ! package_is_there; then
		[ $BOOT = yes ] || die "the package is gone: $PACKAGE/INFO is missing"
		take_back "The package $PACKAGE is gone: taking back what was made for it."
		return
	fi
	if ! journal_read; then
		SHA256="" && distrusted
	fi
	settle_variant
	enable_group
	fetch_trusted || distrusted
	# what is right is found so without a program of the package's
	[ $BOOT = no ] || ! is_current || return 0
	MODE=setuid ALLOW_PRIVILEGED=yes YES=yes
	ask_doctor
	if [ "$D_OUTCOME" = 0 ] && [ "$D_MODE" != setuid ]; then
		en_text="User namespaces work here: sandboxes need no privilege, and none is given. $D_SUMMARY"
		if [ "$J_STATE" != none ] || exists "$ROOT$PRIV"; then
			take_back "$en_text" "Taking back the copy that has one:"
			return
		fi
		say "$en_text"
		object mode none "exit!" 0 summary "$en_text" "changes!" "[]" "verified!" "[]"
		return 0
	fi
	do_apply
}

# take_back LINE...: of an interrupted run, too; and what is there without a journal, after an update of the system took that away.
# The privilege goes first, whatever the journal says and whoever is at work; this program, with which it can be tried again, goes last.
take_back() {
	say "$@"
	undo_copy "$PRIV" || die "could not be taken back: $WHY" 4
	lock
	for tb_path in "$PRIV" "$PRIVDIR/manifest"; do
		undo_copy "$tb_path" || die "could not be taken back: $WHY" 4
	done
	journal_read || die "no copy of postern-priv is left, but what else was made could not be taken back: $WHY; mend that, then run postern-setup disable again" 4
	if [ "$J_STATE" != none ]; then
		undo_all || die "could not be taken back: $UNDO_LEFT; mend that, then run postern-setup disable again" 4
	fi
	undo_copy "$PRIVDIR/postern-setup" || die "could not be taken back: $WHY" 4
	[ ! -d "$ROOT$PRIVDIR" ] || "$SETUP_RMDIR" "$ROOT$PRIVDIR" 2>/dev/null || :
	state_end
	say "No copy of postern-priv is left, and nothing here has a privilege."
	object mode none left ""
}

do_disable() {
	must_be_apart undo
	must_be_root
	look_paths
	journal_path
	if ! exists "$JOURNAL" && ! exists "$ROOT$PRIVDIR"; then
		say "Nothing is enabled: there is nothing to take back."
		object mode none left ""
		return 0
	fi
	take_back "Taking back what was made:"
}

# do_brief: one line for scripts and people; 0 nothing to do, 5 the step is missing, 6 the copy is not this package's, 7 too old
do_brief() {
	must_be_apart status
	br_enable=$(enable_line)
	br_release=$(uname -r)
	br_major=${br_release%%.*}
	br_minor=${br_release#*.}
	br_minor=${br_minor%%[!0-9]*}
	if [ "$br_major" -lt 3 ] 2>/dev/null || { [ "$br_major" = 3 ] && [ "${br_minor:-0}" -lt 10 ]; } 2>/dev/null; then
		say "This kernel ($br_release) is older than 3.10: no sandbox is possible here."
		return 7
	fi
	if exists "$ROOT$PRIV"; then
		br_was=$(manifest_value package-version)
		br_is=$(package_version)
		if [ -n "$br_is" ] && [ "$br_was" = "$br_is" ] && attributes "$ROOT$PRIV" && [ "$A_UID:$A_MODE" = 0:4750 ]; then
			say "Enabled for members of the group $(manifest_value group): the privileged copy is of this version, $br_is."
			return 0
		fi
		say "The privileged copy is of version ${br_was:-unknown}, the package of ${br_is:-none}: it does nothing until you run: $br_enable"
		return 6
	fi
	if own_programs && ask_doctor && [ "$D_OUTCOME" = 0 ]; then
		say "Sandboxes work here without any privilege: nothing is to be done."
		return 0
	fi
	say "One step of an administrator's is missing: $br_enable (or as a task: see docs/synology.md; it says what it does)"
	return 5
}

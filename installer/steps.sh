# shellcheck shell=sh disable=SC2034 # the parts share their variables
# postern-setup: the steps that changes are made of, and how each is taken back. With DRY=yes a step only says what it
# would do. PATHs are without --root.

# planned CHANGE PATH UNDO: notes a step; succeeds if that was all
planned() {
	printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$WORK/plan"
	[ "$DRY" = yes ] || say "  $1: $2"
	[ "$DRY" = yes ]
}

# is_in_journal WORD PATH: an applied transaction has such a step
is_in_journal() {
	[ -f "$JOURNAL" ] && grep -qF "$1	$2	" "$JOURNAL"
}

# step_dir PATH: with those above it that are missing
step_dir() {
	safe_directories "$1/." || return
	[ ! -d "$ROOT$1" ] || return 0
	[ -d "$ROOT${1%/*}" ] || step_dir "${1%/*}" || return
	! exists "$ROOT$1" || refuse "$1 is no directory" || return
	planned "make the directory" "$1" "remove it, if it is empty" && return
	journal made-dir "$1" || return
	run "$SETUP_MKDIR" -m 0755 "$ROOT$1"
}

# left_alone TEXT: of what undo does not take back
left_alone() {
	LEFT_ALONE=yes
	say "  $1"
}

undo_dir() {
	[ -d "$ROOT$1" ] || return 0
	safe_directories "$1/." || return
	"$SETUP_RMDIR" "$ROOT$1" 2>/dev/null || left_alone "left alone, because it is not empty: $1"
}

# new_name PATH: what a file is called until it is whole. A dot, so that nothing that reads directories takes it.
new_name() {
	printf '%s/.%s.postern-new' "${1%/*}" "${1##*/}"
}

# put_copy SOURCE PATH MODE: PATH becomes a copy, at once or not at all
put_copy() {
	pc_new=$ROOT$(new_name "$2")
	run "$SETUP_RM" -f "$pc_new" || return
	run "$SETUP_CP" "$1" "$pc_new" || return
	run "$SETUP_CHOWN" 0:0 "$pc_new" || return
	run "$SETUP_CHMOD" "$3" "$pc_new" || return
	run "$SETUP_SYNC" "$pc_new" || return
	run "$SETUP_MV" -f "$pc_new" "$ROOT$2" || return
	roots "$ROOT$2" || return
	[ "$(sum "$ROOT$2")" = "$(sum "$1")" ] || fail "$2 is not what was written to it" || return
}

# is_taken PATH: something is there that will not be taken back before this mode's steps are done
is_taken() {
	exists "$ROOT$1" || return 1
	[ "$SWITCHING" = no ] || ! is_in_journal made-file "$1"
}

# step_file SOURCE PATH WHAT: a new file
step_file() {
	safe_directories "$2" || return
	! is_taken "$2" || refuse "$2 is there already, and not postern-setup's: it is left alone" || return
	planned "$3" "$2" "remove it" && return
	journal made-file "$2" "$(sum "$1")" || return
	put_copy "$1" "$2" 0644
}

# A file that an administrator has changed is not thrown away.
undo_file() {
	safe_directories "$1" || return
	run "$SETUP_RM" -f "$ROOT$(new_name "$1")" || return
	exists "$ROOT$1" || return 0
	[ ! -L "$ROOT$1" ] && [ -f "$ROOT$1" ] || fail "$1 is no regular file any more: look at it, and remove it" || return
	if [ "$(sum "$ROOT$1")" != "$2" ]; then
		uf_kept=$STATE/kept-${1##*/} uf_number=1
		while exists "$ROOT$uf_kept"; do
			uf_number=$((uf_number + 1))
			uf_kept=$STATE/kept-${1##*/}.$uf_number
		done
		run "$SETUP_MV" -f "$ROOT$1" "$ROOT$uf_kept" || return
		left_alone "changed since it was made, and kept as $uf_kept: $1"
		return 0
	fi
	run "$SETUP_RM" -f "$ROOT$1"
}

# step_link TARGET PATH
step_link() {
	safe_directories "$2" || return
	if [ -L "$ROOT$2" ] && [ "$(readlink "$ROOT$2")" = "$1" ]; then
		return 0
	fi
	! exists "$ROOT$2" || refuse "$2 is there already: it is left alone; PATH=$LIBEXEC:\$PATH finds postern's, too" || return
	[ -d "$ROOT${2%/*}" ] || refuse "${2%/*} is missing" || return
	planned "make a link to $1" "$2" "remove it" && return
	journal made-link "$2" "$1" || return
	run "$SETUP_LN" -s "$1" "$ROOT$2"
}

undo_link() {
	exists "$ROOT$1" || return 0
	safe_directories "$1" || return
	if [ -L "$ROOT$1" ] && [ "$(readlink "$ROOT$1")" = "$2" ]; then
		run "$SETUP_RM" -f "$ROOT$1"
	else
		left_alone "left alone, because it is another now: $1"
	fi
}

# has_attributes PATH GID MODE CAPS: root's, and exactly these. chown takes capabilities and set-id bits away, so
# what was set is read back.
has_attributes() {
	attributes "$ROOT$1" || return
	[ "$A_UID:$A_GID" = "0:$2" ] || fail "$1 belongs to $A_UID:$A_GID, and not to 0:$2" || return
	[ "$A_MODE" = "${3#0}" ] || fail "$1 has mode $A_MODE, and not ${3#0}" || return
	ha_caps=$(file_caps "$ROOT$1")
	same_caps "$ha_caps" "$4" || fail "$1 has the capabilities $ha_caps, and not $4" || return
}

# step_attributes PATH GROUP GID MODE CAPS: CAPS - for none
step_attributes() {
	safe_file "$1" || return
	sa_was="$A_UID	$A_GID	$A_MODE"
	sa_caps=$(file_caps "$ROOT$1")
	! has_attributes "$1" "$3" "$4" "$5" || return 0
	case $sa_caps in
		*rootid*) refuse "$1 has capabilities of a user namespace: $sa_caps; remove them: setcap -r $1" || return ;;
	esac
	! is_read_only "$1" || refuse "$1 lies on a file system that is mounted read-only: mount it writable for as long as this takes" || return
	sa_what="owner root:$2, mode $4"
	[ "$5" = - ] || sa_what="$sa_what, capabilities $5"
	planned "set $sa_what" "$1" "owner $(printf '%s' "$sa_was" | sed 's/	/:/; s/	/, mode /')$(
		[ "$sa_caps" = - ] || printf ', capabilities %s' "$sa_caps"
	)" && return
	if ! is_in_journal was "$1"; then
		# shellcheck disable=SC2086 # three words
		journal was "$1" $sa_was "$sa_caps" || return
	fi
	set_attributes "$1" 0 "$3" "$4" "$5"
}

# set_attributes PATH UID GID MODE CAPS
set_attributes() {
	run "$SETUP_CHOWN" "$2:$3" "$ROOT$1" || return
	run "$SETUP_CHMOD" "$4" "$ROOT$1" || return
	[ "$5" = - ] || run "$SETUP_SETCAP" "$5" "$ROOT$1" || return
	attributes "$ROOT$1" || return
	if [ "$A_UID:$A_GID:$A_MODE" != "$2:$3:${4#0}" ]; then
		fail "$1 was to have owner $2:$3 and mode ${4#0}, and has $A_UID:$A_GID and $A_MODE: the file system does not keep them" || return
	fi
	st_caps=$(file_caps "$ROOT$1")
	if [ "$5" = - ] && [ "$st_caps" != - ]; then
		run "$SETUP_SETCAP" -r "$ROOT$1" || return
		st_caps=$(file_caps "$ROOT$1")
	fi
	same_caps "$st_caps" "$5" || fail "$1 was to have the capabilities $5, and has $st_caps" || return
}

undo_was() {
	exists "$ROOT$1" || return 0
	safe_directories "$1" || return
	[ ! -L "$ROOT$1" ] && [ -f "$ROOT$1" ] || fail "$1 is no regular file any more: look at it" || return
	attributes "$ROOT$1" || return
	if [ "$A_UID:$A_GID:$A_MODE" = "$2:$3:$4" ] && [ "$(file_caps "$ROOT$1")" = "$5" ]; then
		return 0
	fi
	set_attributes "$1" "$2" "$3" "$4" "$5"
}

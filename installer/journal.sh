# shellcheck shell=sh disable=SC2034 # the parts share their variables
# postern-setup: the journal. One line for each step, written and synced before the step is done, fields separated
# by tabs, so that a run that was killed anywhere is taken back by the next one:
#
#	begin MODE GROUP VARIANT VERSION TIME	a transaction, for this mode; then its steps, as
#	was PATH UID GID MODE CAPS		a file got another owner, mode or capabilities than these
#	made-dir PATH				a directory was made; likewise
#	made-file PATH SHA256
#	made-copy PATH				one of the three files that enable makes, which is removed whatever is in it
#	made-link PATH TARGET
#	made-group NAME
#	sysctl KEY OLD NEW			a value was set
#	loaded NAME PATH			an AppArmor profile was loaded
#	done					the transaction holds
#	undoing					everything is being taken back
#
# A line without its end was never acted upon. Undoing a step that is undone already does nothing.

journal_path() {
	JOURNAL=$ROOT$STATE/journal
}

# journal_read: sets J_STATE (none, applied, interrupted, undoing) and, if something is applied, J_MODE, J_GROUP,
# J_VARIANT, J_VERSION, J_TIME. What is in the journal is done as root: refuses one that another could have written.
journal_read() {
	journal_path
	J_STATE=none J_MODE="" J_GROUP="" J_VARIANT="" J_VERSION="" J_TIME=""
	exists "$JOURNAL" || return 0
	J_STATE=interrupted
	safe_directories "$STATE/journal" || return
	[ -f "$JOURNAL" ] && [ ! -L "$JOURNAL" ] || refuse "$STATE/journal is no regular file" || return
	roots "$JOURNAL" || return
	# NULs are what a power failure leaves at the end
	! tr -d '\000\n\t' <"$JOURNAL" | grep -q '[[:cntrl:]]' || refuse "$STATE/journal has control characters, which postern-setup never writes: look at it" || return
	while IFS= read -r jr_line; do
		journal_line_is_sane "$jr_line" || refuse "$STATE/journal has a line that postern-setup never writes: $jr_line" || return
		case $jr_line in
			done) J_STATE=applied ;;
			undoing) J_STATE=undoing ;;
			*) J_STATE=interrupted ;;
		esac
		case $jr_line in
			"begin	"*) journal_begin_line "${jr_line#*	}" ;;
		esac
	done <"$JOURNAL"
	[ -n "$(journal_tail)" ] || return 0
	[ "$J_STATE" = undoing ] || J_STATE=interrupted
}

# journal_line_is_sane LINE: an image may be anybody's work, its journal, too. What is in it may lead nowhere else.
journal_line_is_sane() {
	js_words=${1#*	}
	js_first=${js_words%%	*}
	case $1 in
		"begin	"*)
			case $js_first in
				userns | apparmor | filecaps | filecaps-userns | setuid | sysctl) ;;
				*) return 1 ;;
			esac
			js_words=${js_words#*	}
			[ "${js_words%%	*}" = - ] || group_is_sane "${js_words%%	*}" || return
			js_words=${js_words#*	}
			case ${js_words%%	*} in
				stacking | permissive) ;;
				*) return 1 ;;
			esac
			;;
		"made-group	"*) group_is_sane "$js_words" ;;
		"loaded	"*) path_is_sane "${js_words#*	}" ;;
		"sysctl	"*)
			case $js_first in
				*[!a-z0-9_.]* | .* | *..*) return 1 ;;
			esac
			;;
		"made-copy	"*) is_own_copy "$js_first" ;;
		"was	"* | made-*) path_is_sane "$js_first" ;;
	esac
}

path_is_sane() {
	case $1/ in
		*/./* | */../* | *//*) return 1 ;;
		/*) ;;
		*) return 1 ;;
	esac
}

# journal_tail: what follows the last complete line
journal_tail() {
	"$SETUP_AWK" 'BEGIN { RS = "\001" } { n = split($0, line, "\n"); printf "%s", line[n] }' "$JOURNAL"
}

journal_begin_line() {
	jb_rest=$1
	for jb_name in J_MODE J_GROUP J_VARIANT J_VERSION; do
		eval "$jb_name=\${jb_rest%%	*}"
		jb_rest=${jb_rest#*	}
	done
	J_TIME=$jb_rest
}

# journal WORD...: one line, on the disk before this returns
journal() {
	jo_line=$1
	shift
	for jo_word; do
		case $jo_word in
			*[[:cntrl:]]*) refuse "a name with control characters: $(printf '%s' "$jo_word" | tr '\000-\037\177' '?')" || return ;;
		esac
		jo_line="$jo_line	$jo_word"
	done
	# no other mode would do better
	printf '%s\n' "$jo_line" >>"$JOURNAL" || refuse "cannot write $STATE/journal" || return
	run "$SETUP_SYNC" "$JOURNAL" || refuse "$WHY" || return
}

# journal_open MODE: a transaction begins
journal_open() {
	safe_directories "$STATE/journal" || return
	[ -d "$ROOT${STATE%/*}" ] || refuse "${STATE%/*} is missing: there is no place for what was changed to be written down" || return
	if [ ! -d "$ROOT$STATE" ]; then
		run "$SETUP_MKDIR" -m 0711 "$ROOT$STATE" || return
	fi
	if ! exists "$JOURNAL"; then
		: >"$JOURNAL" || fail "cannot write $STATE/journal" || return
		run "$SETUP_CHMOD" 0644 "$JOURNAL" || return
	fi
	OPEN=yes
	journal begin "$1" "${GROUP:--}" "$VARIANT" "$VERSION" "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
}

journal_done() {
	journal "done" || return
	OPEN=no
}

# lock: one postern-setup at a time. The directory itself is locked: no file is left. Others than root cannot read it, so
# that none of them can lock it.
lock() {
	[ "$LOCKED" = no ] && [ -d "$ROOT$STATE" ] && has "$SETUP_FLOCK" || return 0
	lo_is=$(ls -di "$ROOT$STATE/." 2>/dev/null) || :
	exec 9<"$ROOT$STATE"
	"$SETUP_FLOCK" -n 9 || die "another postern-setup is at work"
	# the one before may have removed it in between; where there is no /proc, what was there before has to do
	! lo_open=$(ls -di "/proc/self/fd/9/." 2>/dev/null) || lo_is=$lo_open
	lo_there=$(ls -di "$ROOT$STATE/." 2>/dev/null) || :
	[ "${lo_is%%/*}" = "${lo_there%%/*}" ] || die "another postern-setup was at work: try again"
	LOCKED=yes
}

# Anybody may fill the file system of $WORK, and then tools write less and may not say so. What would be forgotten
# stays done, a privilege for one: so what was written there is counted, and steps end with a word that shows it.

# open_steps: the lines since the last one that says done, newest first
open_steps() {
	"$SETUP_AWK" '$0 == "done" { n = 0; next } { line[n++] = $0 } END { while (n > 0) print line[--n]; print "whole" }' "$WORK/lines"
}

all_steps() {
	"$SETUP_AWK" '{ line[n++] = $0 } END { while (n > 0) print line[--n]; print "whole" }' "$WORK/lines"
}

# complete_lines: the journal without a line that has no end
complete_lines() {
	while IFS= read -r cl_line; do
		printf '%s\n' "$cl_line"
	done 2>/dev/null <"$JOURNAL" >"$WORK/lines" || :
	[ "$(wc -l <"$WORK/lines")" -eq "$(wc -l <"$JOURNAL")" ] || no_scratch
}

no_scratch() {
	fail "$WORK cannot be written: make space in ${WORK%/*}"
}

# first_privilege: of a copy beside a package the privilege goes first, and whatever the journal says
first_privilege() {
	! is_apart || undo_copy "$PRIV"
}

# roll_back: takes back what the last transaction did; what was applied before it stays. Sets UNDO_LEFT to what could
# not be taken back.
roll_back() {
	OPEN=no
	UNDO_LEFT=""
	# without a journal nothing was done, perhaps because its place is not root's
	[ -f "$JOURNAL" ] || return 0
	rm -rf "$ROOT$STATE/verify"
	first_privilege && complete_lines || left "$WHY" || return
	open_steps >"$WORK/steps" || :
	undo_steps
	[ -z "$UNDO_LEFT" ] || return 4
	if grep -qx 'done' "$WORK/lines"; then
		"$SETUP_AWK" '{ line[++n] = $0 } $0 == "done" { last = n } END { for (i = 1; i <= last; i++) print line[i] }' \
			"$WORK/lines" >"$WORK/kept" || :
		[ "$(grep -cx 'done' "$WORK/kept")" = "$(grep -cx 'done' "$WORK/lines")" ] || no_scratch || left "$WHY" || return
		put_copy "$WORK/kept" "$STATE/journal" 0644 || left "$WHY"
	else
		journal_end
	fi
}

# undo_all: takes everything back
undo_all() {
	OPEN=no
	UNDO_LEFT=""
	first_privilege && complete_lines || left "$WHY" || return
	if [ "$J_STATE" != undoing ]; then
		# what was never complete is not acted upon, and must not become the beginning of a line
		[ -z "$(journal_tail)" ] || put_copy "$WORK/lines" "$STATE/journal" 0644 || left "$WHY" || return
		journal undoing || left "$WHY" || return
	fi
	all_steps >"$WORK/steps" || :
	undo_steps
	[ -z "$UNDO_LEFT" ] || return 4
	journal_end
}

# left WHY: of what could not be taken back; for `|| return`
left() {
	UNDO_LEFT="$UNDO_LEFT${UNDO_LEFT:+; }$1"
	return 4
}

undo_steps() {
	us_whole=no
	while IFS='	' read -r us_word us_1 us_2 us_3 us_4 us_5; do
		WHY=""
		case $us_word in
			was) undo_was "$us_1" "$us_2" "$us_3" "$us_4" "$us_5" ;;
			made-dir) undo_dir "$us_1" ;;
			made-copy) undo_copy "$us_1" ;;
			made-file) undo_file "$us_1" "$us_2" ;;
			made-link) undo_link "$us_1" "$us_2" ;;
			made-group) undo_group "$us_1" ;;
			sysctl) undo_sysctl "$us_1" "$us_2" "$us_3" ;;
			loaded) undo_loaded "$us_1" "$us_2" ;;
			begin | done | undoing) ;;
			whole) us_whole=yes ;;
			*) fail "the journal has a line that this version does not know: $us_word" ;;
		esac || left "$WHY" || :
	done <"$WORK/steps"
	[ $us_whole = yes ] || no_scratch || left "$WHY"
}

# journal_end: nothing is changed any more
journal_end() {
	rm -rf "$ROOT$STATE/verify"
	run "$SETUP_RM" -f "$ROOT$STATE/.journal.postern-new" || return 4
	run "$SETUP_RM" -f "$JOURNAL" || return 4
	J_STATE=none
}

# state_end: the last thing to go, since the lock goes with it
state_end() {
	safe_directories "$STATE/journal" || return 0
	[ ! -d "$ROOT$STATE" ] || "$SETUP_RMDIR" "$ROOT$STATE" 2>/dev/null || :
}

# recover: what an earlier run left half done
recover() {
	case $J_STATE in
		interrupted)
			say "An earlier run was interrupted; taking back what it began."
			roll_back || die "cannot take back what an earlier run began: $UNDO_LEFT" 4
			;;
		undoing)
			say "An earlier undo was interrupted; finishing it."
			undo_all || die "cannot take back: $UNDO_LEFT" 4
			;;
		*) return 0 ;;
	esac
	journal_read || die "$WHY" 4
}

# shellcheck shell=sh disable=SC2034 # the parts share their variables
# postern-setup: the group whose members may execute postern-priv.

group_is_sane() {
	case $1 in
		"" | *[!a-z0-9_-]* | [!a-z_]*) return 1 ;;
	esac
	[ ${#1} -le 32 ]
}

# group_line NAME: its line of the group database
group_line() {
	if [ -z "$ROOT" ] && has "$SETUP_GETENT"; then
		"$SETUP_GETENT" group "$1" || :
	else
		# shellcheck disable=SC2016 # awk's
		[ ! -r "$ROOT/etc/group" ] || NAME=$1 "$SETUP_AWK" -F : '$1 == ENVIRON["NAME"] { print; exit }' "$ROOT/etc/group"
	fi
}

# group_id NAME: sets GID; fails if there is no such group
group_id() {
	gi_line=$(group_line "$1")
	[ -n "$gi_line" ] || return 1
	gi_line=${gi_line#*:} gi_line=${gi_line#*:}
	GID=${gi_line%%:*}
}

group_members() {
	gm_line=$(group_line "$1")
	printf '%s' "${gm_line##*:}"
}

# step_group: GROUP exists, and GID is its number. It is made empty; nobody is ever added here.
step_group() {
	if group_id "$GROUP"; then
		[ "$GID" != 0 ] || refuse "--group: $GROUP is root's own group: choose one of people" || return
		return 0
	fi
	GID="(new)"
	planned "make the group, with nobody in it" "$GROUP" "remove it, if nobody is in it" && return
	journal made-group "$GROUP" || return
	if has synogroup; then
		run synogroup --add "$GROUP" || return
	elif has "$SETUP_GROUPADD"; then
		run "$SETUP_GROUPADD" ${ROOT:+--prefix "$ROOT"} --system "$GROUP" || return
	elif has addgroup && [ -z "$ROOT" ]; then
		run addgroup -S "$GROUP" || return
	else
		refuse "no program that makes groups: make the group $GROUP, then run this again" || return
	fi
	group_id "$GROUP" || fail "the group $GROUP was made, and is not there" || return
	[ -z "$(group_members "$GROUP")" ] || fail "the group $GROUP was made, and is not empty" || return
}

# safe_databases: groupdel writes through links
safe_databases() {
	safe_directories /etc/group || return
	for sf_path in /etc/group /etc/gshadow /etc/passwd /etc/shadow; do
		[ ! -L "$ROOT$sf_path" ] || refuse "$sf_path is a symbolic link: nothing is changed behind one" || return
	done
}

# Whoever was put into it since has been put there by an administrator.
undo_group() {
	[ -z "$ROOT" ] || safe_databases || return
	[ -n "$(group_line "$1")" ] || return 0
	ug_members=$(group_members "$1")
	if [ -n "$ug_members" ]; then
		left_alone "left alone, because these are in it: group $1: $ug_members"
		return 0
	fi
	if has synogroup; then
		run synogroup --del "$1"
	elif has "$SETUP_GROUPDEL"; then
		run "$SETUP_GROUPDEL" ${ROOT:+--prefix "$ROOT"} "$1"
	elif has delgroup && [ -z "$ROOT" ]; then
		run delgroup "$1"
	else
		fail "no program that removes groups: remove the group $1"
	fi
}

# how_to_join: what the administrator types; a group that was joined counts from the next login on
how_to_join() {
	if has synogroup; then
		say "Nobody was added to the group $GROUP. Add people in Control Panel, User & Group; they log in anew."
	elif has usermod; then
		say "Nobody was added to the group $GROUP. To add somebody, who then has to log in anew:" \
			"  usermod --append --groups $GROUP NAME"
	else
		say "Nobody was added to the group $GROUP. To add somebody, who then has to log in anew:" \
			"  addgroup NAME $GROUP"
	fi
}

# shellcheck shell=sh disable=SC2034 # the parts share their variables
# postern-setup: a start of the launcher as an unprivileged user, and what its command saw.

# What the command inside says of itself. No quotes of the other kind: it is one word.
# shellcheck disable=SC2016 # the sandbox's shell
PROBE='
echo "token $1"
while read -r key value; do
	case $key in CapPrm: | CapEff: | CapBnd: | NoNewPrivs:) echo "${key%:} $value" ;; esac
done </proc/self/status
echo "userns $(readlink /proc/self/ns/user 2>/dev/null)"
for file in /proc/self/attr/apparmor/current /proc/self/attr/current; do
	{ read -r label <"$file"; } 2>/dev/null && [ -n "$label" ] && echo "label ${label%% (*}" && break
done
if mount -t tmpfs postern-setup /tmp >/dev/null 2>&1; then echo "mounted yes"; fi
'

# choose_user: sets U_NAME, U_UID, U_GID: who called sudo, else nobody
choose_user() {
	U_UID=${SUDO_UID:-0}
	case $U_UID in
		"" | *[!0-9]*) U_UID=0 ;;
	esac
	cu_line=""
	[ "$U_UID" = 0 ] || cu_line=$(passwd_line "$U_UID")
	[ -n "$cu_line" ] || cu_line=$(passwd_line nobody)
	[ -n "$cu_line" ] || cu_line=nobody:x:65534:65534
	U_NAME=${cu_line%%:*}
	cu_line=${cu_line#*:} cu_line=${cu_line#*:}
	U_UID=${cu_line%%:*} cu_line=${cu_line#*:}
	U_GID=${cu_line%%:*}
	[ "$U_UID" != 0 ] || refuse "nobody is root here: there is no ordinary user to try with" || return
}

# passwd_line WHO: by name or number
passwd_line() {
	if [ -z "$ROOT" ] && has "$SETUP_GETENT"; then
		"$SETUP_GETENT" passwd "$1" || :
	else
		[ ! -r "$ROOT/etc/passwd" ] || WHO=$1 "$SETUP_AWK" -F : '$1 == ENVIRON["WHO"] || $3 == ENVIRON["WHO"] { print; exit }' "$ROOT/etc/passwd"
	fi
}

# find_setpriv: one that changes users. Busybox's does not, and its shell takes that one first.
find_setpriv() {
	[ -z "${FOUND_SETPRIV:-}" ] || return 0
	for fs_one in "$SETUP_SETPRIV" /usr/bin/setpriv /bin/setpriv; do
		if "$fs_one" --reuid 0 --regid 0 --clear-groups true >/dev/null 2>&1; then
			SETUP_SETPRIV=$fs_one FOUND_SETPRIV=yes
			return 0
		fi
	done
	return 1
}

# can_be_others: is there a program to try as somebody else with? Without one it is left to postern doctor, which
# needs none, to try as a member and as an outsider.
can_be_others() {
	find_setpriv || { has sudo && sudo -n -u "$U_NAME" -g "#${GID:-$U_GID}" -- true </dev/null >/dev/null 2>&1; }
}

# as_user WHO COMMAND...: WHO is member (of GROUP, number GID) or outsider. It has no terminal of root's to type into, where
# there is setsid; and what is lent is the primary group, since any process of that user's can trace one with one more group.
as_user() {
	as_who=$1
	shift
	as_gid=$U_GID
	[ "$as_gid" != "${GID:-}" ] || [ "$as_who" = member ] || as_gid=65534
	if find_setpriv; then
		case $as_who in
			member) wrapped "$SETUP_SETPRIV" --reuid "$U_UID" --regid "$GID" --groups "$as_gid" "$@" ;;
			*) wrapped "$SETUP_SETPRIV" --reuid "$U_UID" --regid "$as_gid" --clear-groups "$@" ;;
		esac
	elif has sudo; then
		case $as_who in
			member) wrapped sudo -n -u "$U_NAME" -g "#$GID" -- "$@" ;;
			*) wrapped sudo -n -u "$U_NAME" -g "#$as_gid" -- "$@" ;;
		esac
	else
		return 125
	fi
}

# wrapped COMMAND...: if DENYING is set, where this file lies over the one that DENIED names, for the command alone
wrapped() {
	! has setsid || set -- setsid "$@"
	# shellcheck disable=SC2016 # the other shell's
	[ -z "${DENYING:-}" ] || set -- "$SETUP_UNSHARE" -m /bin/sh -c \
		'mount --make-rprivate / && mount --bind "$1" "$2" && shift 2 && exec "$@"' sh "$DENYING" "$DENIED" "$@"
	bounded "$@"
}

# sandbox WHO LAUNCHER: S_RAN says whether a sandbox ran; what its command said is in $WORK/out
sandbox() {
	sb_who=$1 sb_launcher=$2
	sb_token=$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')
	set -- env -i PATH="$PATH" LC_ALL=C
	S_RAN=no
	(
		cd /
		as_user "$sb_who" "$@" "$sb_launcher" --ro-bind / / --dev /dev --proc /proc --unshare-all --die-with-parent -- \
			/bin/sh -c "$PROBE" probe "$sb_token"
	) >"$WORK/out" 2>"$WORK/err" </dev/null 9<&- || :
	[ "$(saw token)" != "$sb_token" ] || S_RAN=yes
}

# saw KEY
saw() {
	sed -n "s/^$1 //p" "$WORK/out" | head -n 1
}

# refusal: what the launcher said
refusal() {
	sed -n '1,2p' "$WORK/err" | tr '\n\t' '  ' | sed 's/ *$//'
}

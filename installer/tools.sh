# shellcheck shell=sh disable=SC2034 # the parts share their variables
# postern-setup: words for the person, the programs that are called, and what can be asked of a path.

# say LINE...: what the person reads. With --json stdout belongs to the object.
say() {
	if [ "${JSON:-no}" = yes ]; then
		printf '%s\n' "$@" >&2
	else
		printf '%s\n' "$@"
	fi
}

warn() {
	printf 'postern-setup: %s\n' "$1" >&2
}

# die TEXT [STATUS]
die() {
	warn "$1"
	[ "${PRINTED:-no}" = yes ] || object error "$1" "exit!" "${2:-1}"
	exit "${2:-1}"
}

# fail REASON: sets WHY; this mode does not work here, the next one may.  refuse REASON: nothing may be done here.
# Both for `|| return`: errexit is off within conditions, so every step says itself what follows.
fail() {
	WHY=$1
	return 1
}

refuse() {
	WHY=$1
	return 2
}

# tools: the programs, each replaceable
tools() {
	for tool in CHOWN:chown CHMOD:chmod CP:cp MV:mv RM:rm MKDIR:mkdir RMDIR:rmdir LN:ln SYNC:sync SETCAP:setcap \
		GETCAP:getcap GROUPADD:groupadd GROUPDEL:groupdel STAT:stat SHA256SUM:sha256sum ID:id GETENT:getent AWK:awk \
		FLOCK:flock ISCHROOT:ischroot SETPRIV:setpriv TIMEOUT:timeout UNSHARE:unshare \
		APPARMOR_PARSER:apparmor_parser STATOVERRIDE:dpkg-statoverride; do
		eval "SETUP_${tool%:*}=\${SETUP_${tool%:*}:-${tool#*:}}"
	done
	JUDGE=${SETUP_POSTERN:-$BINDIR/postern}
}

has() {
	command -v "$1" >/dev/null 2>&1
}

# run COMMAND...: changes the host, by a program that says why it could not
run() {
	if ! run_said=$("$@" 2>&1 </dev/null 9<&-); then
		fail "$(printf '%s' "${1##*/} failed: ${run_said:-without a word}" | tr '\n\t' '  ')"
		return 1
	fi
}

# bounded COMMAND...: for a minute at most. The limit is root's: who owns what COMMAND reads, or is tried by it, can stop his own
# processes, and not that.
bounded() {
	if has "$SETUP_TIMEOUT"; then
		"$SETUP_TIMEOUT" -s KILL 60 "$@"
	else
		"$@"
	fi
}

# json TEXT: as a string of JSON. What is no UTF-8, or a control character, becomes a question mark.
json() {
	printf '"%s"' "$(printf '%s' "$1" | tr '\000-\037\177' '?' | sed 's/\\/\\\\/g; s/"/\\"/g' |
		"$SETUP_AWK" '{ gsub(/[\200-\377]/, "?"); printf "%s", $0 }')"
}

# json_lines KEY...: an array of objects of the lines of stdin, whose fields are separated by tabs; nothing where no JSON was
# asked for
json_lines() {
	[ "${JSON:-no}" = yes ] || return 0
	jl_between=""
	printf '['
	while IFS= read -r jl_line; do
		printf '%s{' "$jl_between"
		jl_first=""
		for jl_key; do
			printf '%s"%s":' "$jl_first" "$jl_key"
			json "${jl_line%%	*}"
			case $jl_line in
				*"	"*) jl_line=${jl_line#*	} ;;
				*) jl_line="" ;;
			esac
			jl_first=,
		done
		printf '}'
		jl_between=,
	done
	printf ']'
}

# sum FILE: its SHA-256
sum() {
	if has "$SETUP_SHA256SUM"; then
		"$SETUP_SHA256SUM" <"$1" | cut -d' ' -f1
	else
		openssl dgst -sha256 <"$1" | sed 's/.* //'
	fi
}

# attributes PATH: sets A_UID, A_GID, A_MODE and A_LINKS. Links are not followed.
attributes() {
	at_said=$("$SETUP_STAT" -c '%u %g %a %h' "$1" 2>/dev/null) || fail "cannot stat $1" || return
	A_UID=${at_said%% *} at_said=${at_said#* }
	A_GID=${at_said%% *} at_said=${at_said#* }
	A_MODE=${at_said%% *} A_LINKS=${at_said#* }
}

# writable MODE: may anybody but the owner write? A sticky bit is no excuse: who can make a new name is enough.
writable() {
	case $1 in
		*[2367]? | *[2367]) return 0 ;;
	esac
	return 1
}

# roots PATH: is it root's, and writable for nobody else?
roots() {
	attributes "$1" || refuse "$WHY" || return
	[ "$A_UID" = 0 ] || refuse "$1 belongs to user $A_UID, not to root: chown it, or install postern elsewhere" || return
	! writable "$A_MODE" || refuse "$1 can be written by others than root (mode $A_MODE): chmod go-w, or install postern elsewhere" || return
}

# safe_root: is --root a directory that nobody but root can exchange? Above it a sticky directory will do: DIR is root's.
safe_root() {
	sr_at=$ROOT
	while [ -n "$sr_at" ]; do
		sr_at=${sr_at%/*}
		attributes "${sr_at:-/}" || return
		[ "$A_UID" = 0 ] || refuse "${sr_at:-/} belongs to user $A_UID, who could exchange what is below: move $ROOT to where only root can write" || return
		case $A_MODE in
			1???) ;;
			*) ! writable "$A_MODE" || refuse "${sr_at:-/} can be written by others than root, who could exchange what is below: move $ROOT to where only root can write" || return ;;
		esac
	done
}

# safe_directories PATH: each directory above PATH, / included, is root's and no link. Those that are not there yet
# are not looked at.
safe_directories() {
	sd_rest=${1#/} sd_at=$ROOT
	while :; do
		[ ! -L "${sd_at:-/}" ] || refuse "$sd_at is a symbolic link: nothing is changed behind one" || return
		[ -d "$sd_at/" ] || break
		roots "${sd_at:-/}" || return
		case $sd_rest in
			*/*) ;;
			*) break ;;
		esac
		sd_at=$sd_at/${sd_rest%%/*}
		sd_rest=${sd_rest#*/}
	done
}

# safe_file PATH: a regular file of root's, with no second name, in safe directories
safe_file() {
	safe_directories "$1" || return
	[ ! -L "$ROOT$1" ] || refuse "$1 is a symbolic link: nothing is changed behind one" || return
	[ -f "$ROOT$1" ] || refuse "$1 is missing, or no regular file: install postern first" || return
	roots "$ROOT$1" || return
	[ "$A_LINKS" = 1 ] || refuse "$1 has $A_LINKS names (hard links): a privilege would be at all of them" || return
}

# exists PATH: also a link that leads nowhere
exists() {
	[ -e "$1" ] || [ -L "$1" ]
}

# file_caps PATH: its capabilities as setcap takes them, or - for none
file_caps() {
	fc_said=$("$SETUP_GETCAP" "$1" 2>/dev/null) || fc_said=""
	fc_said=${fc_said#"$1"}
	# libcap before 2.41: "PATH = cap_x+p"; today: "PATH cap_x=p", and "PATH =p" for all of them
	fc_said=${fc_said#" = "}
	fc_said=${fc_said#" "}
	printf '%s' "${fc_said:--}" | sed 's/+/=/g'
}

# same_caps TEXT TEXT: two sets of one clause, in any order
same_caps() {
	[ "${1##*=}" = "${2##*=}" ] && [ "$(sorted_caps "$1")" = "$(sorted_caps "$2")" ]
}

sorted_caps() {
	printf '%s' "${1%=*}" | tr ',' '\n' | sort
}

# mount_of PATH: sets M_OPTIONS and M_TYPE of the mount that PATH (below --root) lies on
mount_of() {
	[ -r "$ROOT/proc/self/mountinfo" ] || refuse "there is no /proc here: nothing can be said of file systems" || return
	# shellcheck disable=SC2016 # awk's
	mo_found=$(TARGET=$(printf '%s' "$1" | sed 's/\\/\\134/g; s/ /\\040/g') "$SETUP_AWK" '
		BEGIN { target = ENVIRON["TARGET"] }
		{
			point = $5
			below = point == "/" ? "/" : point "/"
			if (point != target && index(target, below) != 1)
				next
			if (length(point) < longest)
				next
			longest = length(point)
			for (i = 7; i < NF && $i != "-"; i++)
				;
			found = $6 " " $(i + 1)
		}
		END { print found }' "$ROOT/proc/self/mountinfo") || refuse "cannot read /proc/self/mountinfo" || return
	[ -n "$mo_found" ] || refuse "no mount holds $1" || return
	M_OPTIONS=,${mo_found% *}, M_TYPE=${mo_found##* }
}

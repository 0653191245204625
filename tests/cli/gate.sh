#!/bin/sh
# Privileged modes, installed for real on a host that refuses user namespaces (tests/priv/lib.sh): what doctor says to a
# member of postern-priv's group, to somebody else, to root; and what it says when the mode was broken. As root. The host
# is one with user.max_user_namespaces=0, but for filecaps-userns, where a filter refuses and is found, too.
set -eu
. tests/lib/tap.sh
. tests/cli/lib.sh

# says NAME STATUS USER PATTERN...: root's verdict for that user (-: nobody in particular), as lines for scripts
says() {
	name=$1
	want=$2
	user=$3
	shift 3
	if [ "$user" = - ]; then
		captured "$POSTERN" doctor --plain
	else
		captured "$POSTERN" doctor --plain --user "$user"
	fi
	case "|$want|" in
		*"|$status|"*) ;;
		*)
			not_ok "$MODE: $name" "wanted status $want" "$(cli_shown)"
			return 0
			;;
	esac
	has "$MODE: $name" "$@"
}

# fact NAME KEY VALUE: of the last --json
fact() {
	value=$(jq -r --arg k "$2" '.facts[$k] // "-"' "$W/out")
	if [ "$value" = "$3" ]; then
		ok "$MODE: $1"
	else
		not_ok "$MODE: $1" "wanted $2=$3, found $value" "$(jq -c '{exit, summary, facts}' "$W/out")"
	fi
}

works() {
	says "root is told that it works" 0 - "^mode	$MODE$" '^summary	works'
	captured "$POSTERN" doctor --json
	fact "a member of the group has a sandbox" launch.member ok
	fact "another user has none" launch.non-member $ERROR
	fact "the battery held" battery held
	case $MODE in
		*-userns) fact "there is a user namespace" launch.userns new ;;
		*) fact "there is no user namespace" launch.userns host ;;
	esac
	fact "the command has no capability" launch.CapEff 0000000000000000
	fact "root has read the configuration for the user" privileged.conf yes
	says "a member is told that it works" 0 "$TEST_USER" "^mode	$MODE$"
	says "another is told of the gate" "$FIXABLE" "$PRIV_OUTSIDER" '^finding	priv-not-member	blocks'
	if [ "$FIXABLE" = 1 ]; then
		has "$MODE: it is what leads" '^summary	.*\[priv-not-member\]$'
		has "$MODE: and what helps is to join" "^advice	root	usermod -aG $PRIV_GROUP "
	fi
	captured runuser -u "$TEST_USER" -- "$POSTERN" doctor
	ended "$MODE: a member may ask, too" 0
	captured runuser -u "$TEST_USER" -- setpriv --no-new-privs "$POSTERN" doctor --plain
	has "$MODE: no_new_privs is named" '^outcome	[12]$' '^finding	priv-no-new-privs	blocks'
}

broken() {
	mount --bind "$PRIV_PREFIX" "$PRIV_PREFIX"
	mount -o remount,bind,nosuid "$PRIV_PREFIX"
	says "a file system without set-user-ID is named" "1|2" "$TEST_USER" '^finding	priv-nosuid	blocks'
	umount "$PRIV_PREFIX"
	chmod o+x "$PRIV"
	case $MODE in
		filecaps*) setcap "$(getcap "$PRIV" | sed 's/^[^ ]* //')" "$PRIV" ;;
		*) chmod 4755 "$PRIV" ;;
	esac
	captured "$POSTERN" doctor --plain --user "$PRIV_OUTSIDER"
	if [ "$status" = 0 ] || grep -q '^finding	gate-open' "$W/out" || grep -q '^finding	priv-' "$W/out"; then
		ok "$MODE: a gate that stands open is no gate to doctor"
	else
		not_ok "$MODE: a gate that stands open is no gate to doctor" "$(cli_shown)"
	fi
	chmod 0750 "$PRIV"
	setcap -r "$PRIV" 2>/dev/null || :
	says "a lost privilege is named" "$FIXABLE" "$TEST_USER" '^finding	priv-caps-lost	blocks'
}

# Nothing is installed that could help.
refused() {
	says "without a mode nothing works, and what helps is said" 1 - '^mode	none$' '^chosen	filecaps$' \
		'^finding	max-user-namespaces	blocks	' '^advice	root	.*postern-setup apply .*--allow-privileged' \
		'^rung	userns	no	yes	none	' '^rung	filecaps	yes	yes	privileged	' '^rung	setuid	yes	yes	privileged	'
	captured "$POSTERN" doctor --quiet
	if [ "$status" = 1 ] && [ ! -s "$W/out" ] && [ ! -s "$W/err" ]; then
		ok "none: --quiet says it by the status alone"
	else
		not_ok "none: --quiet says it by the status alone" "$(cli_shown)"
	fi
	captured runuser -u "$TEST_USER" -- "$POSTERN" doctor
	has "none: the evidence is in the text" '^  user.max_user_namespaces=0$'
	has "none: the command to copy stands alone on its line" '^Fix, .*:$' '^    postern-setup apply [a-z -]*$'
	has "none: what it gives away follows" '^  It gives away: '
}

inside() {
	MODE=$1
	FIXABLE=1
	ERROR=ns-limit
	if [ "$MODE" = filecaps-userns ]; then
		FIXABLE="1|2"
		ERROR=ns-refused
	fi
	POSTERN=$PRIV_PREFIX/bin/postern
	W=$PRIV_WORK/cli
	mkdir -p "$W"
	LC_ALL=C
	export LC_ALL
	if [ "$MODE" = none ]; then
		rm -f "$PRIV_PREFIX/etc/postern/privileged.conf"
		refused
	else
		works
		broken
	fi
	tap_end
}

within() {
	case $1 in
		*-userns) tests/priv/within "$1" -- sh tests/cli/gate.sh inside "$1" ;;
		*) limited user tests/priv/within --host none "$1" -- sh tests/cli/gate.sh inside "$1" ;;
	esac
}

main() {
	if [ "${1:-}" = inside ]; then
		inside "$2"
		exit
	fi
	TAP_NAME=gate
	BUILD=${BUILD:-$PWD/build}
	TEST_USER=${TEST_USER:-postern-test}
	if need '[ "$(id -u)" = 0 ]' '[ -x "$BUILD/priv/postern" ]' "id $TEST_USER" jq setcap setpriv unshare runuser "${CC:-cc}"; then
		for mode in filecaps setuid filecaps-userns none; do
			if within $mode; then ok "doctor in mode $mode"; else not_ok "doctor in mode $mode"; fi
		done
	fi
	tap_end
}

main "$@"

#!/bin/sh
# What postern-setup starts as somebody else is that user's to trace: it has no terminal of root's, and postern's group only
# as the primary one, which whoever traces needs as well. As root.
set -eu
. tests/lib/tap.sh

# tried WHO: what a command that is started so is; on a terminal, as root is
tried() {
	# shellcheck disable=SC2016 # the other shell's
	script -qec '. installer/tools.sh; . installer/sandbox.sh
		SETUP_SETPRIV=setpriv U_UID=54321 U_GID=54322 U_NAME="" GID=54323
		as_user '"$1"' sh -c "id -u; id -g; id -G; if (: </dev/tty) 2>/dev/null; then echo terminal; fi; exit 7"
		echo $?' /dev/null </dev/null | tr -s '\r\n' ' '
}

# is NAME WHO TEXT
is() {
	got=$(tried "$2")
	if [ "$got" = "$3" ]; then ok "$1"; else not_ok "$1" "wanted $3" "found $got"; fi
}

main() {
	TAP_NAME=lends
	if need '[ "$(id -u)" = 0 ]' script setpriv setsid; then
		is "a member is one by its primary group, and has no terminal" member '54321 54323 54323 54322 7 '
		is "an outsider has neither" outsider '54321 54322 54322 7 '
	fi
	tap_end
}

main "$@"

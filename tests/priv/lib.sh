# shellcheck shell=sh
# The ground on which the privileged part is tested. Source it from the top of the tree, as root, after
# tests/lib/tap.sh; it defines functions only.
#
# Everything happens in a mount namespace of its own: below /opt/postern-test, where the tested programs
# are compiled to look for each other, lies a tmpfs that ends with the test, and so do the group and the
# second account, which stand in copies of /etc/passwd and /etc/group. Nothing privileged is ever reachable
# from outside, nothing is left, and two parts do not disturb one another. Mounts are shared as most hosts'
# are, so that what leaks out of a sandbox shows.
#
#	priv_enter "$0" "$@"	executes the script again in that namespace; first thing to call
#	priv_ground		makes $PRIV_WORK (scratch, readable for all), $PRIV_BIN (helpers), the accounts
#				$TEST_USER (in the group $PRIV_GROUP) and $PRIV_OUTSIDER (not in it)
#	priv_etc		after it: all of /etc is a copy, with these accounts, for what changes accounts
#	priv_install		installs $BUILD/$PRIV_VARIANT below $PRIV_PREFIX; sets BWRAP and PRIV
#	priv_mode MODE [KEY=VALUE...]	gives postern-priv the privilege of MODE: filecaps, filecaps-userns,
#				setuid, setuid-userns, none; and writes its configuration, in which the KEYs replace ours
#	priv_config [KEY=VALUE...]	only the latter
#	priv_begin NAME		all of the above but the mode, for a script of tests, and $W for its files,
#				with $W/user for the user's; skips and ends the script where that cannot be
#	refuse COMMAND...	runs COMMAND as TEST_USER on a host that refuses user namespaces, and with
#	refuse_as USER COMMAND...	$PRIV_HOST: eperm (default), enospc, einval for everybody; sysctl,
#				ubuntu for those without CAP_SYS_ADMIN (c/host.c); none
#	denied NAME ID COMMAND...	COMMAND fails as a launcher does, with this error id, and runs nothing
#	says NAME TEXT COMMAND...	COMMAND succeeds, with that on stdout and nothing on stderr
#	plan_of FILE WORD...	stores the plan that the launcher makes of the WORDs
#	equals NAME WANT GOT	the texts are the same
#	left_behind		processes of the tested programs that still run, one per line
#	no_process NAME		there are none

PRIV_PREFIX=/opt/postern-test
PRIV_GROUP=postern-test-priv
PRIV_OUTSIDER=postern-test-outside

priv_enter() {
	if [ "$(id -u)" != 0 ]; then
		skip "${TAP_NAME:-$1}" "needs root"
		tap_end
		exit
	fi
	[ "${PRIV_ENTERED:-}" != yes ] || return 0
	PRIV_ENTERED=yes
	PRIV_WORK=$(mktemp -d /var/tmp/postern-priv.XXXXXX)
	export PRIV_ENTERED PRIV_WORK
	chmod 755 "$PRIV_WORK"
	trap 'rm -rf "$PRIV_WORK"' EXIT
	trap 'exit 130' HUP INT TERM
	priv_status=0
	unshare -m --propagation private sh "$@" || priv_status=$?
	exit $priv_status
}

# priv_opt: /opt is ours, with what it held before; a directory need not be made on the host
priv_opt() {
	mkdir "$PRIV_WORK/opt"
	mount --rbind /opt "$PRIV_WORK/opt"
	mount -t tmpfs -o mode=755 opt /opt
	for entry in "$PRIV_WORK"/opt/*; do
		[ -d "$entry" ] || continue
		mkdir "/opt/${entry##*/}"
		mount --rbind "$entry" "/opt/${entry##*/}"
	done
	umount -l "$PRIV_WORK/opt"
	rmdir "$PRIV_WORK/opt"
	mkdir -p "$PRIV_PREFIX"
	mount -t tmpfs -o mode=755 postern-test "$PRIV_PREFIX"
}

# priv_accounts: a group with one member, and an account that is not the member
priv_accounts() {
	mkdir -p "$PRIV_WORK/etc"
	priv_id=61200
	while cut -d: -f3 /etc/passwd /etc/group | grep -qx $priv_id; do
		priv_id=$((priv_id + 1))
	done
	# the account itself may have come from tests/lib/users.sh alone
	cp /etc/passwd /etc/group "$PRIV_WORK/etc/"
	printf '%s:x:%s:%s\n' "$PRIV_GROUP" $priv_id "$TEST_USER" >>"$PRIV_WORK/etc/group"
	printf '%s:x:%s:\n' "$PRIV_OUTSIDER" $((priv_id + 1)) >>"$PRIV_WORK/etc/group"
	printf '%s:x:%s:%s::/:/bin/sh\n' "$PRIV_OUTSIDER" $((priv_id + 1)) $((priv_id + 1)) >>"$PRIV_WORK/etc/passwd"
	for file in passwd group; do
		mount --bind "$PRIV_WORK/etc/$file" /etc/$file
	done
}

# What an account tool of the host's had in hand, or left, is not part of it.
priv_etc() {
	cp -a /etc "$PRIV_WORK/etc-all"
	cp "$PRIV_WORK/etc/passwd" "$PRIV_WORK/etc/group" "$PRIV_WORK/etc-all/"
	for file in passwd shadow group gshadow; do
		rm -f "$PRIV_WORK/etc-all/$file+" "$PRIV_WORK/etc-all/$file.lock" "$PRIV_WORK/etc-all/$file".[0-9]*
	done
	mount --bind "$PRIV_WORK/etc-all" /etc
}

# priv_static OUT SOURCE...: no library is needed inside a sandbox, nor where another uid looks for one
priv_static() {
	out=$1
	shift
	for cc in "${CC:-cc}" musl-gcc; do
		$cc -std=gnu11 -O1 -w -static -o "$out" "$@" 2>"$PRIV_WORK/log" && return 0
	done
	cat "$PRIV_WORK/log" >&2
	return 1
}

# priv_helpers: the programs of the tests, in $PRIV_BIN
priv_helpers() {
	priv_static "$PRIV_BIN/shim" tests/shim/no_syscall.c
	for name in tests/priv/c/*.c; do
		case $name in *_driver.c) continue ;; esac
		priv_static "$PRIV_BIN/$(basename "$name" .c)" "$name"
	done
	for name in tests/launcher/helpers/*.c; do
		priv_static "$PRIV_BIN/$(basename "$name" .c)" "$name"
	done
	priv_static "$PRIV_BIN/inside" tests/escape/c/inside.c tests/escape/c/attacks.c
	chmod -R go+rX "$PRIV_BIN"
}

priv_ground() {
	TEST_USER=${TEST_USER:-postern-test}
	BUILD=${BUILD:-$PWD/build}
	PRIV_VARIANT=${PRIV_VARIANT:-priv}
	PRIV_BIN=$PRIV_WORK/bin
	export TEST_USER BUILD PRIV_BIN PRIV_WORK PRIV_PREFIX PRIV_GROUP PRIV_OUTSIDER
	[ ! -d "$PRIV_BIN" ] || return 0
	mkdir "$PRIV_BIN"
	priv_opt
	priv_accounts
	mount --make-rshared /
	priv_helpers
}

# priv_install: as a packager does it, by make, from the variant that was compiled for this prefix
priv_install() {
	priv_from=$BUILD/$PRIV_VARIANT
	BWRAP=$PRIV_PREFIX/libexec/postern/bwrap
	PRIV=$PRIV_PREFIX/libexec/postern/postern-priv
	export BWRAP PRIV
	[ ! -e "$BWRAP" ] || return 0
	# shellcheck disable=SC2046
	(umask 022 && "${MAKE:-make}" -s $(priv_words "$PRIV_VARIANT") O="$priv_from" install) \
		>"$PRIV_WORK/log" 2>&1 || {
		cat "$PRIV_WORK/log" >&2
		return 1
	}
}

# priv_words VARIANT: what make is told for it; tests/lib/build-variants says the same
priv_words() {
	printf '%s\n' WERROR=1 PREFIX="$PRIV_PREFIX" SYSCONFDIR="$PRIV_PREFIX/etc"
	case $1 in
		priv-dyn) echo STATIC=no ;;
		priv-asan) echo SAN=1 ;;
	esac
}

priv_config() {
	priv_etc=$PRIV_PREFIX/etc/postern
	mkdir -p "$priv_etc"
	chmod 755 "$PRIV_PREFIX/etc" "$priv_etc"
	{
		priv_keys="allow-no-userns=yes pam=off audit=off"
		case ${PRIV_MODE:-} in *-userns) priv_keys="$priv_keys user-namespace=yes" ;; esac
		for priv_line in $priv_keys; do
			case " $* " in
				*" ${priv_line%%=*}="*) ;;
				*) printf '%s = %s\n' "${priv_line%%=*}" "${priv_line#*=}" ;;
			esac
		done
		# an empty value leaves the key out
		for priv_line; do
			[ -z "${priv_line#*=}" ] || printf '%s = %s\n' "${priv_line%%=*}" "${priv_line#*=}"
		done
	} >"$priv_etc/privileged.conf"
	chown "root:$PRIV_GROUP" "$priv_etc/privileged.conf"
	chmod 640 "$priv_etc/privileged.conf"
}

priv_mode() {
	PRIV_MODE=$1
	shift
	# chown takes both kinds of privilege away
	chown "root:$PRIV_GROUP" "$PRIV"
	case $PRIV_MODE in
		filecaps)
			chmod 0750 "$PRIV"
			setcap cap_sys_admin,cap_net_admin,cap_setpcap,cap_sys_chroot=p "$PRIV"
			;;
		filecaps-userns)
			chmod 0750 "$PRIV"
			setcap cap_sys_admin=p "$PRIV"
			;;
		setuid | setuid-userns) chmod 4750 "$PRIV" ;;
		none) chmod 0750 "$PRIV" ;;
		*)
			echo "priv_mode: no such mode: $PRIV_MODE" >&2
			return 1
			;;
	esac
	priv_config "$@"
}

# priv_host_of MODE: the host that the tests of this mode run on; user namespaces may be made there only by
# whom the mode is about. With none, which is for trying the tests themselves, by everybody.
priv_host_of() {
	case $1 in
		none) echo none ;;
		*-userns) echo sysctl ;;
		*) echo eperm ;;
	esac
}

# priv_host KIND COMMAND...: runs COMMAND, as root, on such a host. In tests/lab/run-priv PRIV_KERNEL is one that
# has no user namespaces, and nothing is imitated.
priv_host() {
	priv_kind=$1
	shift
	[ -z "${PRIV_KERNEL:-}" ] || priv_kind=none
	case $priv_kind in
		none) "$@" ;;
		sysctl | ubuntu) "$PRIV_BIN/host" "$priv_kind" "$@" ;;
		eperm | enospc | einval)
			priv_errno=$(printf %s "$priv_kind" | tr '[:lower:]' '[:upper:]')
			"$PRIV_BIN/shim" --no-nnp "clone:NEWUSER=$priv_errno" "unshare:NEWUSER=$priv_errno" \
				clone3=ENOSYS -- "$@"
			;;
		*)
			echo "priv_host: no such host: $priv_kind" >&2
			return 1
			;;
	esac
}

# runuser enters an account as a login does: an exec of its own, with the groups of /etc/group
refuse_as() {
	priv_user=$1
	shift
	priv_host "${PRIV_HOST:-eperm}" runuser -u "$priv_user" -- "$@"
}

refuse() {
	refuse_as "$TEST_USER" "$@"
}

priv_begin() {
	TAP_NAME=$1
	TEST_USER=${TEST_USER:-postern-test}
	need setcap setpriv runuser unshare "${CC:-cc}" "id $TEST_USER" || {
		tap_end
		exit
	}
	priv_ground
	if ! priv_install || [ ! -x "$PRIV" ]; then
		not_ok "$1: the privileged part is installed" "PRIV=$PRIV"
		exit 1
	fi
	W=$PRIV_WORK/$1
	mkdir -p "$W/user"
	chown "$TEST_USER:" "$W/user"
	LC_ALL=C
	export LC_ALL
}

denied() {
	denied_name=$1
	denied_id=$2
	shift 2
	denied_rc=0
	"$@" >"$W/out" 2>"$W/err" </dev/null || denied_rc=$?
	if [ $denied_rc = 1 ] && [ ! -s "$W/out" ] && sed -n 1p "$W/err" | grep -q '^bwrap: ' &&
		sed -n 2p "$W/err" | grep -q "^postern: .*\[$denied_id\] " && [ "$(wc -l <"$W/err")" = 2 ]; then
		ok "$denied_name"
	else
		not_ok "$denied_name" "wanted a refusal with [$denied_id]" "status $denied_rc" \
			"out: $(head -n 5 "$W/out")" "err: $(head -n 5 "$W/err")"
	fi
}

says() {
	says_name=$1
	says_text=$2
	shift 2
	says_rc=0
	"$@" >"$W/out" 2>"$W/err" </dev/null || says_rc=$?
	if [ $says_rc = 0 ] && [ "$(cat "$W/out")" = "$says_text" ] && [ ! -s "$W/err" ]; then
		ok "$says_name"
	else
		not_ok "$says_name" "wanted: $says_text" "status $says_rc" "out: $(head -n 20 "$W/out")" \
			"err: $(head -n 5 "$W/err")"
	fi
}

equals() {
	if [ "$3" = "$2" ]; then
		ok "$1"
	else
		not_ok "$1" "wanted: $2" "got: $(printf '%s\n' "$3" | head -n 5)"
	fi
}

# The stand-in gets the same privilege, in case that the launcher looks first.
plan_of() {
	plan_file=$1
	shift
	mv "$PRIV" "$PRIV.real"
	cp "$PRIV_BIN/catch" "$PRIV"
	priv_mode "$PRIV_MODE"
	plan_rc=0
	(cd / && refuse "$BWRAP" "$@") >"$plan_file" </dev/null || plan_rc=$?
	mv "$PRIV.real" "$PRIV"
	chmod 644 "$plan_file"
	[ $plan_rc = 0 ] && [ -s "$plan_file" ]
}

# Others may test another installation at the same path: the file counts, not its name.
left_behind() {
	ours=$(stat -c %d "$PRIV_PREFIX")
	for left in /proc/[0-9]*; do
		[ "$(stat -L -c %d "$left/exe" 2>/dev/null)" != "$ours" ] ||
			printf '%s %s\n' "${left#/proc/}" "$(tr '\0' ' ' <"$left/cmdline")"
	done
}

no_process() {
	no_process_left=$(left_behind)
	if [ -z "$no_process_left" ]; then
		ok "$1"
	else
		not_ok "$1" "$no_process_left"
	fi
}

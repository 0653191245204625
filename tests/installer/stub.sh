#!/bin/sh
# stub.sh NAME WORD...: stands in for a program that postern-setup calls, where nobody is root. Owners and capabilities
# are kept in $CASE/attributes, by inode: "INODE UID GID CAPS"; everything starts as root's. Programs that change
# something are counted in $CASE/count; after the one whose number is in $CASE/kill everything dies, as by SIGKILL.
# $CASE/lies: names of tools that say that they did, and did not. $CASE/fails: names of tools that fail.
set -u

inode() {
	stat -c %i "$1"
}

# attribute_of PATH: UID GID CAPS
attribute_of() {
	awk -v i="$(inode "$1")" '$1 == i { print $2, $3, $4; found = 1 } END { if (!found) print 0, 0, "-" }' "$CASE/attributes"
}

# keep PATH UID GID CAPS
keep() {
	forget "$1"
	printf '%s %s %s %s\n' "$(inode "$1")" "$2" "$3" "$4" >>"$CASE/attributes"
}

forget() {
	[ -e "$1" ] && [ ! -L "$1" ] || return 0
	awk -v i="$(inode "$1")" '$1 != i' "$CASE/attributes" >"$CASE/attributes.new"
	command mv -f "$CASE/attributes.new" "$CASE/attributes"
}

last() {
	while [ $# -gt 1 ]; do
		shift
	done
	printf '%s' "$1"
}

do_chown() {
	set -- "${1%:*}" "${1#*:}" "$2"
	[ -e "$3" ] || exit 1
	keep "$3" "$1" "$2" -
	[ -d "$3" ] || chmod u-s,g-s "$3"
}

do_setcap() {
	if [ "$1" = -r ]; then
		set -- - "$2"
	fi
	# shellcheck disable=SC2046 # words
	set -- "$1" "$2" $(attribute_of "$2")
	keep "$2" "$3" "$4" "$1"
}

do_getcap() {
	[ "$1" != -r ] || exit 0
	caps=$(attribute_of "$1")
	caps=${caps##* }
	[ "$caps" = - ] || printf '%s %s\n' "$1" "$caps"
}

do_mv() {
	forget "$3"
	mv "$@"
}

do_rm() {
	forget "$2"
	rm "$@"
}

do_groupadd() {
	name=$(last "$@")
	printf '%s:x:990:\n' "$name" >>"$CASE_ROOT/etc/group"
}

do_groupdel() {
	name=$(last "$@")
	grep -v "^$name:" "$CASE_ROOT/etc/group" >"$CASE/group.new"
	cat "$CASE/group.new" >"$CASE_ROOT/etc/group"
}

# setpriv --reuid N --regid N --groups N|--clear-groups COMMAND...
do_setpriv() {
	shift 4
	case $1 in
		--groups)
			echo member >"$CASE/who"
			shift 2
			;;
		*)
			echo outsider >"$CASE/who"
			shift
			;;
	esac
	exec "$@"
}

# unshare -m /bin/sh -c SCRIPT sh DENYING DENIED COMMAND...
do_unshare() {
	shift 7
	: >"$CASE/denying"
	"$@"
	status=$?
	rm -f "$CASE/denying"
	exit $status
}

# apparmor_parser [-b DIR] OPTION... FILE
do_apparmor_parser() {
	case " $* " in
		*" -Q "*)
			[ ! -e "$CASE/parser-3" ] || ! grep -q 'abi/4.0' "$(last "$@")" || {
				echo "AppArmor parser error at line 14: Could not open 'abi/4.0'"
				exit 1
			}
			;;
		*" -R "*) rm -rf "$CASE_ROOT"/sys/kernel/security/apparmor/policy/profiles/postern* ;;
		*)
			for profile in postern postern_payload; do
				dir=$CASE_ROOT/sys/kernel/security/apparmor/policy/profiles/$profile.7
				mkdir -p "$dir"
				echo $profile >"$dir/name"
				echo /usr/local/libexec/postern/bwrap >"$dir/attach"
			done
			;;
	esac
}

do_statoverride() {
	[ -s "$CASE/statoverride" ] || exit 1
	cat "$CASE/statoverride"
}

main() {
	name=$1
	shift
	case $name in
		getcap | setpriv | unshare | statoverride)
			"do_$name" "$@"
			exit
			;;
	esac
	if grep -qx "$name" "$CASE/fails" 2>/dev/null; then
		echo "$name: Operation not supported" >&2
		exit 1
	fi
	count=$(($(cat "$CASE/count") + 1))
	echo $count >"$CASE/count"
	if ! grep -qx "$name" "$CASE/lies" 2>/dev/null; then
		case $name in
			chmod | cp | mkdir | rmdir | ln) "$name" "$@" || exit ;;
			sync) ;;
			*) "do_$name" "$@" || exit ;;
		esac
	fi
	[ "$count" != "$(cat "$CASE/kill" 2>/dev/null)" ] || kill -9 0
}

main "$@"

# A NAS with postern as its package, whose files are not root's: postern-setup enable, and an update, a move, the end of it.
# kernel: nas
# guest: --limit 900
# also: package
# tier: fast
# shellcheck shell=sh disable=SC2034,SC2154

PACKAGE=/var/packages/postern
TARGET=$PACKAGE/target
COPY=/usr/local/libexec/postern
# what the line begins with that looks whether the package's script is root's alone
FIRST="sudo sh -c 'p=$PACKAGE; s=\$p/scripts/postern-setup; [ \$(find "

# As DSM lays a package out; /usr/local is root's, and empty
host() {
	mount -t ramfs ramfs /usr/local
	chmod 755 /usr/local
	mkdir -p /usr/local/bin /usr/local/etc /volume1/@appstore "$PACKAGE"
	printf 'postern:x:2001:2001::/:/bin/sh\n' >>/etc/passwd
	printf 'postern:x:2001:\nadministrators:x:101:postern-test\n' >>/etc/group
	cp -R "/work/package$TARGET" /volume1/@appstore/postern
	cp -R "/work/package$PACKAGE/scripts" "$PACKAGE/"
	chown -R postern:postern /volume1/@appstore/postern
	ln -s /volume1/@appstore/postern "$TARGET"
	ln -s "$TARGET/bin/postern" "$TARGET/bin/postern-bwrap" /usr/local/bin/
	version 1
}

version() {
	printf 'package="postern"\nversion="0.1.0-%s"\n' "$1" >"$PACKAGE/INFO"
}

unhost() {
	umount /usr/local
	rm -rf /var/packages /volume1 /volume2
	sed -i '/^postern:/d' /etc/passwd
	sed -i '/^postern:/d; /^administrators:/d' /etc/group
}

step() {
	RC=0
	"$PACKAGE/scripts/postern-setup" "$@" >"$W/out" 2>&1 </dev/null || RC=$?
}

# typed: what doctor says, by root who needs no sudo
typed() {
	RC=0
	sh -c "$(as postern-test postern doctor 2>&1 | sed -n 's/^ *sudo //p' | head -n 1)" >"$W/out" 2>&1 </dev/null || RC=$?
}

# said USER PATTERN NAME COMMAND...: what it says has that
said() {
	said_user=$1 said_want=$2 said_name=$3
	shift 3
	said_got=$(as "$said_user" "$@" 2>&1)
	case $said_got in
		*"$said_want"*) pass "$said_name" ;;
		*) fail "$said_name" "wanted: $said_want" "got: $said_got" ;;
	esac
}

# The words that Codex passes, and what its command is
codex() {
	as "$1" postern-bwrap --new-session --die-with-parent --ro-bind / / --dev /dev --bind /tmp /tmp --unshare-user --unshare-pid \
		--unshare-net --proc /proc --argv0 sh -- /bin/sh -c 'echo started; sed -n "s/^Cap[PEB][a-z]*:[[:space:]]*//p" /proc/self/status | tr -d "0\n"' 2>&1
}

old_kernel() {
	printf '\006\0\0\0\0\0\377\177' >"$W/filter"
	chmod 644 "$W/filter"
	# shellcheck disable=SC2016 # the other shell's
	said postern-test '[seccomp]' "--seccomp is an error where the kernel has no filters" sh -c 'postern-bwrap --ro-bind / / --seccomp 3 true 3<"$0"' "$W/filter"
	said postern-test "a network namespace alone" "postern run --network none says what is missing without filters" \
		postern run --network none -- echo started
	said postern-test started "and runs the command" postern run --network none -- echo started
	said postern-test "no system call filters" "postern run does not go on without filters unasked" postern run -- echo started
	said postern-test "no system call filters" "nor with the host's network" postern run --network host -- echo started
}

flow() {
	before
	host
	CLASS=no-user-namespaces
	said postern-test "$FIRST" "before: doctor has the exact step" postern doctor
	said postern-test "$FIRST" "before: so has a refused start" postern-bwrap --ro-bind / / true
	typed
	expect "enable, by doctor's line" 0 "$RC"
	[ "$RC" = 0 ] || fail "what it said" "$(cat "$W/out")"
	expect "the copy" "4750 root:administrators" "$(stat -c '%a %U:%G' "$COPY/postern-priv")"
	MODE=setuid
	expect "Codex's words work for an administrator, without capabilities" started "$(codex postern-test)"
	said postern-other 'user namespaces' "another user is refused" postern-bwrap --ro-bind / / true
	as postern-test postern doctor --plain >"$W/out" 2>&1 && WORKS=yes CAPS=none || fail "doctor's status is 0" "$(cat "$W/out")"
	expect "doctor says that it works, and its attacks hold" "works in mode setuid" "$(sed -n 's/^summary	//p' "$W/out")"
	old_kernel
	version 2
	said postern-test '[priv-disarmed]' "after an update the copy has disarmed itself" postern-bwrap --ro-bind / / true
	said postern-test "sudo $COPY/postern-setup enable" "and doctor has the exact step" postern doctor
	"$COPY/postern-setup" enable --boot >"$W/out" 2>&1 </dev/null || fail "the boot task" "$(cat "$W/out")"
	expect "the boot task applies it again" started "$(codex postern-test)"
	mkdir -p /volume2/@appstore
	mv /volume1/@appstore/postern /volume2/@appstore/
	ln -sfn /volume2/@appstore/postern "$TARGET"
	expect "a move to another volume needs nothing" started "$(codex postern-test)"
	rm -rf /usr/local/libexec
	said postern-test "$FIRST" "an update of DSM that takes the copy: doctor has the exact step" postern doctor
	typed
	expect "which works again" started "$(codex postern-test)"
	step disable
	expect "disable" "0 " "$RC $(find /usr/local -type f)"
	unhost
	same
}

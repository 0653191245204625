#!/bin/sh
# See dsm.sh: root's part in a root like a NAS's. What an administrator is to type is taken from the windows that DSM shows.
set -eu
. /test/tap.sh
. /test/dsm_lib.sh

COPY=/usr/local/libexec/postern

# went NAME COMMAND...
went() {
	went_name=$1
	shift
	if "$@" >/tmp/out 2>&1; then
		ok "$went_name"
	else
		not_ok "$went_name" "$*: $(cat /tmp/out "$CALLS" "$WINDOW" "$LOG" 2>/dev/null)"
	fi
}

did_not() {
	went_name=$1
	shift
	if ! "$@" >/tmp/out 2>&1; then
		ok "$went_name"
	else
		not_ok "$went_name" "$*: $(cat /tmp/out)"
	fi
}

equals() {
	if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "wanted: $2" "got: $3"; fi
}

has() {
	if grep -qF -e "$2" "$3"; then ok "$1"; else not_ok "$1" "wanted: $2" "got: $(cat "$3")"; fi
}

# docs NAME: that block of docs/synology.md, as root who needs no sudo
docs() {
	awk -v want="<!-- pinned: $1 -->" '$0 == want { on = 1 } on && /^```$/ { exit } on && !/^(<|```)/' /test/synology.md | sed 's/^sudo //'
}

# by_the_docs NAME COMMAND: docs/synology.md has the same line in that block
by_the_docs() {
	equals "... as docs/synology.md has it" "$2" "$(docs "$1")"
}

calls() {
	equals "$1" "$2" "$(cut -f 1 "$CALLS" | tr '\n' ' ' | sed 's/ $//')"
	equals "... and none but those that should has failed" "${3:-}" "$(awk '$2 != 0 { print $1 }' "$CALLS")"
}

# the disk: what is where, whose, with which rights and content
snapshot() {
	find / -xdev \( -path /test -o -path /tmp -o -path /dev -o -path /proc -o -path /sys -o -path /usr/bin -o -path /usr/sbin \
		-o -path /usr/lib \) -prune -o -printf '%p\t%y %m %U %G %l\n' | sort
	find /volume1 /volume2 -printf '%p\t%y %m %U %G %l\n' | sort
	find /etc /etc.defaults /usr/local /var /volume1 /volume2 -type f -exec sha256sum {} + | sort
}

as_before() {
	snapshot >/tmp/now
	if diff "$2" /tmp/now >/tmp/diff; then ok "$1"; else not_ok "$1" "$(head -n 40 /tmp/diff)"; fi
}

privileged() {
	find / -xdev \( -path /test -o -path /usr/bin \) -prune -o -type f -perm /6000 -printf '%m %u:%g %p\n'
	find /volume1 /volume2 -type f -perm /6000 -printf '%m %u:%g %p\n'
}

ENABLED="4750 root:administrators $COPY/postern-priv"

# sandbox USER: as Codex asks for one. What it prints is what the command has there.
sandbox() {
	as "$1" "${LAUNCHER:-/usr/local/bin/postern-bwrap}" --new-session --die-with-parent --ro-bind / / --dev /dev --unshare-user --unshare-pid \
		--unshare-net --proc /proc -- sh -c 'echo "$(id -un) $(sed -n "s/^Cap[PEB][a-z]*:[[:space:]]*//p" /proc/self/status |
		sort -u) $(sed -n "s/^NoNewPrivs:[[:space:]]*//p" /proc/self/status)"' 2>&1
}

works() {
	equals "$1" "anna 0000000000000000 1" "$(sandbox anna || :)"
}

# refused NAME USER TEXT: with no sandbox, and the reason
refused() {
	rc=0
	sandbox "$2" >/tmp/out 2>&1 || rc=$?
	if [ $rc = 1 ] && grep -qF -e "$3" /tmp/out && ! grep -q 00000000 /tmp/out; then
		ok "$1"
	else
		not_ok "$1" "wanted status 1 and: $3" "status $rc" "$(cat /tmp/out)"
	fi
}

# typed PATTERN: the command that the window names, as root types it
typed() {
	grep -o "sudo [^ ]*postern-setup $1" "$WINDOW" | head -n 1 | sed 's/^sudo //'
}

# the line for the Task Scheduler, as DSM runs it
task() {
	rc=0
	env -i PATH=/sbin:/bin:/usr/sbin:/usr/bin sh -c "$TASK" >/tmp/task 2>&1 </dev/null || rc=$?
	return $rc
}

silent() {
	if task && [ ! -s /tmp/task ]; then ok "$1"; else not_ok "$1" "status $rc" "$(cat /tmp/task)"; fi
}

installs() {
	snapshot >/tmp/fresh
	went "DSM installs it" dsm_install /test/1.spk
	calls "... by these scripts" "preinst postinst prestart start"
	has "its window says that a step is missing" "one more step" "$WINDOW"
	ENABLE=$(docs enable)
	TASK=$(sed -n 's/.*is one line: //p' "$WINDOW")
	has "... and how, on a line to copy" "Task Scheduler" "$WINDOW"
	by_the_docs boot-task "$TASK"
	cp "$WINDOW" /tmp/first
	equals "nothing privileged is installed" "" "$(privileged)"
	snapshot | diff /tmp/fresh - | grep '^[<>]' | grep -vE "^> (/var/packages|/volume1|[0-9a-f]{64}  (/var/packages|/volume1))|(/etc/(passwd|group)|	d)|/usr/local/bin/postern(-bwrap)?	l" \
		>/tmp/more || :
	equals "nothing but the package and its two links has come" "" "$(cat /tmp/more)"
	went "DSM's poll hears 0" dsm_status
	went "the command works at once" as otto postern --version
	as anna postern doctor >/tmp/doctor 2>&1 || :
	has "postern doctor names the step" "$ENABLE" /tmp/doctor
	refused "the launcher refuses, and names it where the kernel says what it has not" anna "$MISSING"
	snapshot >/tmp/installed
	LANGUAGE=ger
	went "somebody presses Run, in German" dsm_start
	has "... and reads German" "Aufgabenplaner" "$WINDOW"
	LANGUAGE=enu
	went "DSM boots" dsm_boot
	equals "... without a window" "" "$(cat "$WINDOW")"
	as_before "starts leave nothing" /tmp/installed
}

enables() {
	did_not "the package's user cannot enable it" as postern sh -c "$ENABLE"
	did_not "nor can a member of administrators without sudo" as anna sh -c "$ENABLE"
	as_before "... and nothing comes of it" /tmp/installed
	went "root types what docs/synology.md says" sh -c "$ENABLE"
	equals "one file is privileged" "$ENABLED" "$(privileged)"
	works "a member of administrators has a sandbox, without any capability"
	refused "another user has none" otto "administrators"
	went "postern doctor is content for the member" as anna postern doctor
	snapshot >/tmp/enabled
	went "enable again" sh -c "$ENABLE"
	as_before "... changes nothing" /tmp/enabled
	silent "the boot-up task says nothing"
	as_before "... and changes nothing" /tmp/enabled
}

uninstall_blocked() {
	did_not "DSM does not uninstall it while the copy is there" dsm_uninstall
	calls "... and calls nothing after preuninst" "prestop stop preuninst" preuninst
	DISABLE=$(typed disable)
	equals "... its window has the line to type" "$COPY/postern-setup disable" "$DISABLE"
	by_the_docs disable "$DISABLE"
	LANGUAGE=ger
	did_not "the same in German" dsm_uninstall
	has "... reads German" "nicht deinstalliert" "$WINDOW"
	LANGUAGE=enu
	went "somebody presses Run" dsm_start
	works "it works as before"
	as_before "... and nothing else has changed" /tmp/enabled
}

upgrades() {
	sed -i '$a # of the administrator\nmax-operations = 5000' /usr/local/etc/postern/privileged.conf
	cp -p /usr/local/etc/postern/privileged.conf /tmp/conf
	went "DSM updates it" dsm_upgrade /test/2.spk
	calls "... by these scripts" "prestop stop preupgrade preuninst postuninst preinst postinst postupgrade prestart start"
	has "its window says that the copy is of another version" "another version" "$WINDOW"
	equals "... and what to type" "$COPY/postern-setup enable" "$(typed enable)"
	refused "the old copy refuses to work" anna "priv-disarmed"
	as anna postern doctor >/tmp/doctor 2>&1 || :
	has "postern doctor says so" "sudo $COPY/postern-setup enable" /tmp/doctor
	went "the boot-up task mends it" task
	works "it works again"
	equals "... with one privileged file" "$ENABLED" "$(privileged)"
	went "the administrator's configuration is as it was" cmp /tmp/conf /usr/local/etc/postern/privileged.conf
	snapshot >/tmp/enabled
	silent "the task again says nothing"
	as_before "... and changes nothing" /tmp/enabled
}

dsm_is_updated() {
	dsm_update
	went "DSM is updated, and the package repaired" dsm_repair /test/2.spk
	has "the window says what is missing" "one more step" "$WINDOW"
	refused "there is no sandbox then" anna "$MISSING"
	went "the boot-up task mends it" task
	works "it works again"
	equals "... with one privileged file" "$ENABLED" "$(privileged)"
}

moves() {
	went "the package moves to another volume" dsm_move /volume2
	went "... and is there" [ -x /volume2/@appstore/postern/bin/postern ]
	works "it works as before"
	snapshot >/tmp/enabled
	silent "the boot-up task has nothing to do"
	as_before "... and does nothing" /tmp/enabled
}

# The package's files are its user's, who may do with them what he likes.
tampered() {
	at=$PKG/target/libexec/postern
	as postern sh -c "cp $at/postern-priv $at/mine && echo >>$at/mine && mv $at/mine $at/postern-priv"
	did_not "a postern-priv of somebody's is not made privileged" sh -c "$ENABLE"
	has "... as its sum is wrong" "SHA-256" /tmp/out
	equals "... and the old copy does not stay either" "" "$(privileged)"
	went "the package is repaired" dsm_repair /test/2.spk
	went "and enabled" sh -c "$ENABLE"
	works "it works again"
	as postern sh -c "cd $at && cp bwrap mine && mv mine postern-priv"
	works "the launcher does not use the package's postern-priv"
	as postern sh -c "cd $at && chmod 6755 postern-priv"
	equals "a set-id bit that its user sets is his own" "6755 postern:postern /volume2/@appstore/postern/libexec/postern/postern-priv" \
		"$(privileged | grep -vF "$ENABLED")"
	went "the package is repaired" dsm_repair /test/2.spk
	printf '\n' >>$COPY/postern-priv
	chmod 4750 $COPY/postern-priv
	refused "a copy that was changed does not work" anna "priv-disarmed"
	went "the boot-up task mends it" task
	works "it works again"
	sed -i 's/^version=.*/version="9.9.9-9"/' $PKG/INFO
	refused "a copy of another version than INFO's does not work" anna "priv-disarmed"
	went "the package is repaired" dsm_repair /test/2.spk
	works "it works again"
	equals "... with one privileged file" "$ENABLED" "$(privileged)"
}

# The package's user wants to be root at the next boot: first where DSM keeps scripts and INFO as root's, then where it does not.
attacked() {
	evil="printf '#!/bin/sh\nid -u >>/tmp/ran\n' >"
	: >/tmp/ran
	chmod 666 /tmp/ran
	as postern sh -c "rm -rf $PKG/scripts/*; $evil $PKG/scripts/postern-setup" 2>/dev/null || :
	for name in bin/postern libexec/postern/bwrap libexec/postern/postern-battery; do
		as postern sh -c "cd $PKG/target; rm $name; $evil $name; chmod 755 $name"
	done
	did_not "the boot-up task does not take programs that are not the package's" task
	did_not "nor does it the next time" task
	equals "... and leaves no privilege" "" "$(privileged)"
	rm -rf $COPY
	chown -R postern:postern $PKG
	as postern sh -c "$evil $PKG/scripts/postern-setup; cd $PKG; sha256sum scripts/postern-setup target/bin/postern target/libexec/postern/* >scripts/SHA256SUMS" 2>/dev/null
	did_not "nor, without root's own copy, a script that its user could write" task
	did_not "nor does root who types the line of the docs" sh -c "$ENABLE"
	equals "nothing of its user's was executed" "" "$(cat /tmp/ran)"
	rm -rf $PKG/INFO $PKG/scripts
	chown root:root $PKG
	went "the package is repaired" dsm_repair /test/2.spk
	went "and enabled by the task" task
	works "it works again"
	equals "... with one privileged file" "$ENABLED" "$(privileged)"
}

goes() {
	dsm_begin UNINSTALL
	went "root types what the window said" sh -c "$DISABLE"
	equals "nothing is privileged" "" "$(privileged)"
	equals "nothing is left in /usr/local" "" "$(find /usr/local ! -type d ! -path '/usr/local/bin/postern*')"
	refused "nobody has a sandbox" anna "$MISSING"
	went "DSM uninstalls it" dsm_uninstall
	calls "... by these scripts" "prestop stop preuninst postuninst"
	silent "the boot-up task, if it was forgotten, does nothing"
	as_before "the NAS is as before the installation" /tmp/fresh
}

# The package vanishes while the copy is there: by force, or with a broken volume.
vanishes() {
	# dsm_lib.sh reads it
	# shellcheck disable=SC2034
	dsm_volume=/volume1
	went "it is installed again" dsm_install /test/2.spk
	equals "... with the same window" "$(cat /tmp/first)" "$(cat "$WINDOW")"
	went "the boot-up task alone enables it" task
	works "it works"
	cp $PKG/target/libexec/postern/bwrap /tmp/bwrap
	LAUNCHER=/tmp/bwrap
	rm -rf $PKG /volume1/@app*
	rm -f /usr/local/bin/postern*
	refused "the copy does not work without it" anna "priv-disarmed"
	went "the boot-up task runs" task
	equals "... and takes it away" "" "$(privileged)"
	sed -i /^postern:/d /etc/passwd /etc/group
	rmdir /volume1/@* 2>/dev/null || :
	as_before "the NAS is as before the installation" /tmp/fresh
}

main() {
	umask 022
	unset dsm_volume
	for volume in /volume1 /volume2; do
		grep -q " $volume " /proc/mounts || mount -t tmpfs -o nodev,relatime,mode=755 "${volume#/}" "$volume"
	done
	# a filter takes the call away, but not what shows in /proc
	MISSING='[ns-unsupported]'
	[ -e /proc/self/ns/user ] || MISSING="sudo $(docs enable)"
	installs
	enables
	uninstall_blocked
	upgrades
	dsm_is_updated
	moves
	tampered
	attacked
	goes
	vanishes
	tap_end
}

main "$@"

#!/bin/sh
# Each host: which mode it gets, that it is proven, and that undo leaves no trace.
. tests/installer/lib.sh

oneTimeSetUp() { installer_begin; }
oneTimeTearDown() { installer_end; }

# round_trip HOST MODE WORD...: apply, again, verify, status, undo
round_trip() {
	rt_host=$1 rt_mode=$2
	shift 2
	new_case "$rt_host"
	snapshot >"$CASE/before"
	setup apply "$@"
	assertEquals "$rt_host: apply: $(said)" 0 "$RC"
	assertEquals "$rt_host: the mode in force" "$rt_mode" "$(LC_ALL=C "$CASE_ROOT/$BWRAP_COPY" --mode)"
	snapshot >"$CASE/applied"
	assertFalse "$rt_host: something was changed" "cmp -s '$CASE/before' '$CASE/applied'"
	setup apply "$@"
	assertEquals "$rt_host: apply again: $(said)" 0 "$RC"
	says "$rt_host: a second apply has nothing to do" "nothing was to be done"
	snapshot >"$CASE/again"
	assertTrue "$rt_host: a second apply changes nothing" "cmp -s '$CASE/applied' '$CASE/again'"
	setup apply
	assertEquals "$rt_host: apply without words keeps the mode: $(said)" 0 "$RC"
	setup verify
	assertEquals "$rt_host: verify: $(said)" 0 "$RC"
	setup status
	says "$rt_host: status names the mode" "Applied: the mode ${RT_APPLIED:-$rt_mode}"
	setup undo
	assertEquals "$rt_host: undo: $(said)" 0 "$RC"
	snapshot >"$CASE/after"
	assertEquals "$rt_host: undo leaves no trace" "" "$(diff "$CASE/before" "$CASE/after")"
}

testUbuntuGetsAProfile() { round_trip ubuntu-24.04 apparmor; }
testDebianGetsCapabilities() { round_trip debian-12 filecaps --yes --allow-privileged; }
testCapabilitiesAloneAreAllowed() { round_trip debian-12 filecaps --yes --allow-privileged=filecaps; }
testStigGetsCapabilities() { round_trip rhel-9-stig filecaps --yes --allow-privileged; }
testArchHardenedGetsCapabilities() { round_trip arch-hardened filecaps --yes --allow-privileged; }
testAlpineGetsCapabilities() { round_trip alpine filecaps --yes --allow-privileged; }
testDsmGetsSetuid() { round_trip dsm-7.2 setuid --yes --allow-privileged; }
testFilecapsUsernsByName() { round_trip debian-12 filecaps-userns --mode filecaps-userns --yes --allow-privileged; }
testSetuidByName() { round_trip debian-12 setuid --mode setuid --yes --allow-privileged; }
testSysctlByName() { RT_APPLIED=sysctl round_trip arch-hardened userns --mode sysctl --yes --allow-sysctl; }

testUsernsNeedsNothing() {
	new_case debian-13
	snapshot >"$CASE/before"
	setup apply
	assertEquals "apply: $(said)" 0 "$RC"
	says "it says so" "Sandboxes work here without any change."
	snapshot >"$CASE/after"
	assertEquals "nothing was changed" "" "$(diff "$CASE/before" "$CASE/after")"
}

testAnothersProfileIsLeftAlone() {
	new_case ubuntu-24.04
	echo apparmor >"$CASE/by-another"
	printf 'profile theirs /usr/local/libexec/postern/bwrap {\n}\n' >"$CASE_ROOT/etc/apparmor.d/theirs"
	snapshot >"$CASE/before"
	for word in plan apply; do
		setup $word
		assertEquals "$word: $(said)" 0 "$RC"
		says "$word says so" "Sandboxes work here already, in mode apparmor"
	done
	setup apply --mode apparmor
	assertEquals "by name it is refused: $(said)" 1 "$RC"
	snapshot >"$CASE/after"
	assertEquals "nothing was changed" "" "$(diff "$CASE/before" "$CASE/after")"
}

testASmallLimitIsRaised() {
	new_case debian-12
	sysctl_is kernel/unprivileged_userns_clone 1
	sysctl_is kernel/threads-max 50000
	echo 1 >"$CASE/outcome"
	for value in 33 100; do
		sysctl_is user/max_user_namespaces $value
		setup apply --mode sysctl --yes --allow-sysctl
		says "$value forbids nothing" "no key that this mode knows forbids user namespaces here"
	done
	for value in 1 32; do
		sysctl_is user/max_user_namespaces $value
		setup plan --mode sysctl
		says "$value is too few" "set to 25000: user.max_user_namespaces"
	done
}

testWhereCapabilitiesAreNotKept() {
	new_case debian-12
	echo setcap >"$CASE/fails"
	setup apply --yes --allow-privileged
	assertEquals "apply: $(said)" 0 "$RC"
	assertEquals "the next mode" setuid "$("$CASE_ROOT/$BWRAP_COPY" --mode)"
	says "and says why not the first" "setcap failed: setcap: Operation not supported"
}

# untouched HOST WORD...: nothing may be changed; RC and what was said are the test's
untouched() {
	snapshot >"$CASE/before"
	setup "$@"
	snapshot >"$CASE/after"
	assertEquals "nothing was changed" "" "$(diff "$CASE/before" "$CASE/after")"
}

testNixosIsRefused() {
	new_case nixos
	untouched apply --yes --allow-privileged
	assertEquals "$(said)" 1 "$RC"
	says "NixOS's way is named" "security.wrappers"
}

testChrootIsNotJudged() {
	new_case chroot
	untouched apply --yes --allow-privileged
	assertEquals "mode 0 is right there: $(said)" 0 "$RC"
	says "where to look then" "postern doctor"
	untouched apply --mode filecaps --yes --allow-privileged
	assertEquals "nothing can be tried there: $(said)" 1 "$RC"
}

testImageIsNotJudged() {
	new_case debian-12
	unset SETUP_POSTERN
	untouched apply --yes --allow-privileged
	assertEquals "$(said)" 0 "$RC"
	says "an image is no host" "is an image"
}

testContainerIsLeftAlone() {
	new_case in-docker
	untouched apply --yes --allow-privileged
	assertEquals "$(said)" 0 "$RC"
	says "run arguments decide" "run arguments"
	setup apply --mode setuid --yes --allow-privileged
	assertEquals "setuid on request: $(said)" 0 "$RC"
}

testFilecapsNeverInAContainer() {
	new_case in-docker
	untouched apply --mode filecaps --yes --allow-privileged
	assertEquals "$(said)" 1 "$RC"
	says "why" "never in a container"
}

testSwitching() {
	new_case debian-12
	snapshot >"$CASE/before"
	setup apply --yes --allow-privileged
	setup apply --mode setuid --yes --allow-privileged
	assertEquals "$(said)" 0 "$RC"
	assertEquals "the new mode" setuid "$("$CASE_ROOT/$BWRAP_COPY" --mode)"
	setup apply --mode filecaps-userns --yes --allow-privileged
	assertEquals "$(said)" 0 "$RC"
	assertEquals "and another one, with another configuration" filecaps-userns "$("$CASE_ROOT/$BWRAP_COPY" --mode)"
	setup undo
	snapshot >"$CASE/after"
	assertEquals "undo leaves no trace" "" "$(diff "$CASE/before" "$CASE/after")"
}

testSwitchingBack() {
	new_case debian-12
	setup apply --yes --allow-privileged
	snapshot >"$CASE/before"
	echo cap_sys_admin >"$CASE/capeff"
	setup apply --mode setuid --yes --allow-privileged
	rm "$CASE/capeff"
	assertEquals "$(said)" 1 "$RC"
	says "it says so" "The mode filecaps is in force again."
	snapshot >"$CASE/after"
	assertEquals "the former mode is back" "$(grep -v journal "$CASE/before")" "$(grep -v journal "$CASE/after")"
}

testAsBwrap() {
	new_case debian-12
	snapshot >"$CASE/before"
	setup apply --as-bwrap --yes --allow-privileged
	assertEquals "$(said)" 0 "$RC"
	assertEquals "the link" /usr/local/libexec/postern/bwrap "$(readlink "$CASE_ROOT/usr/local/bin/bwrap")"
	setup undo
	snapshot >"$CASE/after"
	assertEquals "undo leaves no trace" "" "$(diff "$CASE/before" "$CASE/after")"
}

testAsBwrapLater() {
	new_case debian-12
	snapshot >"$CASE/before"
	setup apply --yes --allow-privileged
	setup apply --as-bwrap
	assertEquals "$(said)" 0 "$RC"
	assertTrue "the link" "[ -L '$CASE_ROOT/usr/local/bin/bwrap' ]"
	setup undo
	snapshot >"$CASE/after"
	assertEquals "undo leaves no trace" "" "$(diff "$CASE/before" "$CASE/after")"
}

testAsBwrapOnAHostThatNeedsNothing() {
	new_case debian-13
	snapshot >"$CASE/before"
	setup apply --as-bwrap
	assertEquals "$(said)" 0 "$RC"
	assertTrue "the link" "[ -L '$CASE_ROOT/usr/local/bin/bwrap' ]"
	setup undo
	snapshot >"$CASE/after"
	assertEquals "undo leaves no trace" "" "$(diff "$CASE/before" "$CASE/after")"
}

testAHostThatChanges() {
	new_case debian-12
	sysctl_is kernel/unprivileged_userns_clone 1
	setup apply --as-bwrap
	assertEquals "$(said)" 0 "$RC"
	sysctl_is kernel/unprivileged_userns_clone 0
	setup apply --yes --allow-privileged
	assertEquals "$(said)" 0 "$RC"
	assertEquals "the mode that is needed now" filecaps "$("$CASE_ROOT/$BWRAP_COPY" --mode)"
	assertTrue "the link stays" "[ -L '$CASE_ROOT/usr/local/bin/bwrap' ]"
	sysctl_is kernel/unprivileged_userns_clone 1
	setup apply
	says "what is not needed any more is taken back" "was taken back"
	assertEquals "the mode then" "" "$(getcap_of "$CASE_ROOT/$PRIV")"
}

getcap_of() {
	"$CASE/tools/getcap" "$1"
}

testAnotherBwrapIsLeftAlone() {
	new_case debian-12
	echo other >"$CASE_ROOT/usr/local/bin/bwrap"
	untouched apply --as-bwrap --yes --allow-privileged
	assertEquals "$(said)" 1 "$RC"
	says "why" "/usr/local/bin/bwrap is there already"
}

testLostCapabilityComesBack() {
	new_case debian-12
	setup apply --yes --allow-privileged
	snapshot >"$CASE/applied"
	# a package's update: a new file, root's, 0755
	cp "$TESTS/launcher.sh" "$CASE_ROOT/$PRIV.new"
	chmod 755 "$CASE_ROOT/$PRIV.new"
	mv "$CASE_ROOT/$PRIV.new" "$CASE_ROOT/$PRIV"
	setup verify
	assertEquals "verify sees it: $(said)" 1 "$RC"
	setup apply
	assertEquals "$(said)" 0 "$RC"
	says "it says so" "holds again"
	setup verify
	assertEquals "$(said)" 0 "$RC"
	setup undo
	assertEquals "the file is as it came" "755" "$(stat -c %a "$CASE_ROOT/$PRIV")"
}

testTextsForPeople() {
	new_case debian-12
	setup plan
	says "the group" "make the group, with nobody in it: postern"
	says "what it gives away" "CAP_SYS_ADMIN"
	says "how it is undone" "undo: remove it"
	says "consent" "It is not applied without --allow-privileged."
	setup check
	assertEquals "check: not yet" 1 "$RC"
	setup apply --yes --allow-privileged
	says "how to join" "--groups postern NAME"
	setup check
	assertEquals "check: works: $(said)" 0 "$RC"
}

# shellcheck source=/dev/null
. "${SHUNIT2:-/usr/share/shunit2/shunit2}"

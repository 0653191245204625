#!/bin/sh
# What is not done: without consent, in places that are not root's alone, against somebody's own files; and what is
# taken back because it does not hold.
. tests/installer/lib.sh

oneTimeSetUp() { installer_begin; }
oneTimeTearDown() { installer_end; }

# untouched WHAT STATUS TEXT WORD...: ends so, says so, and changes nothing
untouched() {
	un_what=$1 un_status=$2 un_text=$3
	shift 3
	snapshot >"$CASE/before"
	setup "$@"
	assertEquals "$un_what: exit status; $(said)" "$un_status" "$RC"
	says "$un_what" "$un_text"
	snapshot >"$CASE/after"
	assertEquals "$un_what: nothing is changed" "" "$(diff "$CASE/before" "$CASE/after")"
}

# refused WHAT TEXT: with all consent
refused() {
	untouched "$1" 1 "$2" apply --yes --allow-privileged --allow-sysctl
}

testConsent() {
	new_case debian-12
	untouched "no word" 3 "not applied without --allow-privileged" apply
	untouched "--yes alone" 3 "not applied without --allow-privileged" apply --yes
	untouched "nobody to ask" 3 "nobody can be asked" apply --allow-privileged
	untouched "the wrong word" 3 "not applied without --allow-privileged" apply --yes --allow-sysctl
	untouched "setuid" 3 "--allow-privileged" apply --mode setuid --yes
	untouched "setuid, where filecaps alone are allowed" 3 "--allow-privileged" apply --mode setuid --yes --allow-privileged=filecaps
	untouched "filecaps-userns, too" 3 "--allow-privileged" apply --mode filecaps-userns --yes --allow-privileged=filecaps
	untouched "a value that is none" 2 "filecaps, or no value" apply --yes --allow-privileged=setuid
	untouched "sysctl" 3 "--allow-sysctl" apply --mode sysctl --yes --allow-privileged
	new_case ubuntu-24.04
	untouched "the permissive profile" 3 "nobody can be asked" apply --apparmor=permissive
}

testNeverByItself() {
	new_case debian-12
	: >"$CASE/rungs"
	rung filecaps-userns yes no privileged "only by name"
	rung sysctl yes no sysctl "only by name"
	chosen none
	refused "auto" "No mode of postern-setup helps here"
}

testWords() {
	new_case debian-12
	for words in "--mode magic" "frobnicate" "--group" "--group -x" "--group Root,x" "apply undo" "--yes=no" "--apparmor=none"; do
		# shellcheck disable=SC2086 # words
		untouched "$words" 2 "" $words
	done
}

testNotRoot() {
	new_case debian-12
	printf '#!/bin/sh\necho 1000\n' >"$CASE/tools/id"
	refused "not root" "needs root"
}

testWritableParent() {
	new_case debian-12
	chmod 777 "$CASE_ROOT/usr/local/libexec"
	refused "a parent that everybody may write" "can be written by others"
	chmod 1777 "$CASE_ROOT/usr/local/libexec"
	refused "... with a sticky bit" "can be written by others"
	chmod 775 "$CASE_ROOT/usr/local/libexec"
	refused "... its group" "can be written by others"
}

testForeignParent() {
	new_case debian-12
	printf '%s 1000 1000 -\n' "$(stat -c %i "$CASE_ROOT/usr/local")" >>"$CASE/attributes"
	refused "a parent that is not root's" "belongs to user 1000"
}

testLinks() {
	new_case debian-12
	mv "$CASE_ROOT/usr/local/libexec" "$CASE_ROOT/usr/local/elsewhere"
	ln -s elsewhere "$CASE_ROOT/usr/local/libexec"
	refused "a parent that is a link" "is a symbolic link"
	new_case debian-12
	mv "$CASE_ROOT/$PRIV" "$CASE_ROOT/$PRIV.real"
	ln -s postern-priv.real "$CASE_ROOT/$PRIV"
	refused "postern-priv that is a link" "is a symbolic link"
	new_case debian-12
	ln "$CASE_ROOT/$PRIV" "$CASE_ROOT/usr/local/second"
	refused "postern-priv with a second name" "hard links"
	new_case debian-12
	ln -s /tmp "$CASE_ROOT/etc/postern"
	refused "a link where the configuration goes" "is a symbolic link"
	new_case debian-12
	mkdir "$CASE_ROOT/elsewhere"
	rmdir "$CASE_ROOT/var/lib"
	ln -s ../elsewhere "$CASE_ROOT/var/lib"
	refused "a link where the journal goes" "is a symbolic link"
	assertEquals "nothing behind it" "" "$(ls "$CASE_ROOT/elsewhere")"
}

testForeignJournal() {
	new_case debian-12
	mkdir "$CASE_ROOT/var/lib/postern"
	printf 'begin\tfilecaps\tpostern\tstacking\t0\t0\nmade-file\t/etc/group\t0\ndone\n' >"$CASE_ROOT/var/lib/postern/journal"
	printf '%s 1000 1000 -\n' "$(stat -c %i "$CASE_ROOT/var/lib/postern/journal")" >>"$CASE/attributes"
	untouched "another's journal" 4 "belongs to user 1000" undo
}

testHostileRoots() {
	for name in "a b" "-x" "--root" "q'uo\"te" "dollar\$(id)" "back\\slash" "star*"; do
		new_case debian-12 "$name"
		snapshot >"$CASE/before"
		setup apply --yes --allow-privileged
		assertEquals "$name: $(said)" 0 "$RC"
		setup undo
		assertEquals "$name: $(said)" 0 "$RC"
		snapshot >"$CASE/after"
		assertEquals "$name: undo leaves no trace" "" "$(diff "$CASE/before" "$CASE/after")"
	done
	new_case debian-12 "new
line"
	untouched "a newline" 2 "control characters" apply --yes --allow-privileged
	new_case debian-12 "$(printf 'end\n.')"
	untouched "a newline" 2 "control characters" apply --yes --allow-privileged
}

testRelativeRootWithADash() {
	new_case debian-12 "-x"
	echo 0 >"$CASE/count"
	RC=0
	(cd "$CASE" && SETUP_PARTS=$SETUP_PARTS ${TESTED_SHELL:-sh} "$SETUP" plan --root -x >"$CASE/out" 2>"$CASE/err" </dev/null) || RC=$?
	assertEquals "$(said)" 0 "$RC"
}

testMounts() {
	for mount in "rw,nosuid - ext4=nosuid" "rw - nfs4=nfs4" "rw - fuse.sshfs=fuse.sshfs" "ro - squashfs=read-only" \
		"rw,noexec - ext4=noexec"; do
		new_case debian-12
		printf '21 20 8:2 / /usr/local %s /dev/x rw\n' "${mount%=*}" >>"$CASE_ROOT/proc/self/mountinfo"
		refused "${mount%=*}" "${mount#*=}"
	done
	new_case debian-12
	printf '21 20 8:2 / /usr/lo rw,nosuid - ext4 /dev/x rw\n' >>"$CASE_ROOT/proc/self/mountinfo"
	setup plan
	assertEquals "another mount with a like name: $(said)" 0 "$RC"
}

testStatoverride() {
	new_case debian-12
	echo "root root 0755 /$PRIV" >"$CASE/statoverride"
	refused "an administrator's dpkg-statoverride" "dpkg-statoverride has an entry of its own: root root 0755"
	echo "root postern 0750 /$PRIV" >"$CASE/statoverride"
	setup apply --yes --allow-privileged
	assertEquals "one that says the same: $(said)" 0 "$RC"
}

testOwnConfiguration() {
	new_case debian-12
	mkdir "$CASE_ROOT/etc/postern"
	printf 'allow-no-userns = yes\n# group = other\ngroup=postern\ndeny = share-net\n' >"$CASE_ROOT/etc/postern/privileged.conf"
	cp "$CASE_ROOT/etc/postern/privileged.conf" "$CASE/own"
	setup apply --yes --allow-privileged
	assertEquals "one that fits is kept: $(said)" 0 "$RC"
	assertTrue "to the byte" "cmp -s '$CASE/own' '$CASE_ROOT/etc/postern/privileged.conf'"
	setup undo
	assertTrue "undo keeps it, too" "cmp -s '$CASE/own' '$CASE_ROOT/etc/postern/privileged.conf'"
	echo 'group = postern' >"$CASE_ROOT/etc/postern/privileged.conf"
	refused "one that does not fit" "needs allow-no-userns = yes"
	printf 'allow-no-userns = yes\ngroup = wheel\n' >"$CASE_ROOT/etc/postern/privileged.conf"
	refused "one for another group" "needs group = postern"
	chmod 666 "$CASE_ROOT/etc/postern/privileged.conf"
	refused "one that everybody may write" "can be written by others"
}

testOwnPamService() {
	new_case debian-12
	echo 'account required pam_time.so' >"$CASE_ROOT/etc/pam.d/postern"
	setup apply --yes --allow-privileged
	assertEquals "$(said)" 0 "$RC"
	setup undo
	assertEquals "it is never touched" 'account required pam_time.so' "$(cat "$CASE_ROOT/etc/pam.d/postern")"
}

testChangedSince() {
	new_case debian-12
	setup apply --yes --allow-privileged
	echo 'deny = share-net' >>"$CASE_ROOT/etc/postern/privileged.conf"
	setup apply
	assertEquals "an administrator's line is kept: $(said)" 0 "$RC"
	setup undo
	assertEquals "$(said)" 0 "$RC"
	assertTrue "what was changed is not thrown away" "grep -q share-net '$CASE_ROOT/var/lib/postern/kept-privileged.conf'"
	assertFalse "but taken away" "[ -e '$CASE_ROOT/etc/postern/privileged.conf' ]"
}

testMembersStay() {
	new_case debian-12
	setup apply --yes --allow-privileged
	sed -i 's/^postern:.*/&alice/' "$CASE_ROOT/etc/group"
	setup undo
	assertEquals "$(said)" 0 "$RC"
	says "they are named" "group postern: alice"
	assertTrue "a group with members is not removed" "grep -q '^postern:' '$CASE_ROOT/etc/group'"
}

testRootsGroup() {
	new_case debian-12
	untouched "root's own group" 1 "root's own group" apply --yes --allow-privileged --group root
}

testAppArmorConflicts() {
	new_case ubuntu-24.04
	ln -s ../postern "$CASE_ROOT/etc/apparmor.d/disable/postern"
	refused "switched off" "/etc/apparmor.d/disable/postern"
	new_case ubuntu-24.04
	mkdir "$CASE_ROOT/etc/apparmor.d/force-complain"
	ln -s ../postern "$CASE_ROOT/etc/apparmor.d/force-complain/postern"
	refused "in complain mode" "/etc/apparmor.d/force-complain/postern"
	new_case ubuntu-24.04
	echo "profile x /usr/local/libexec/postern/bwrap flags=(unconfined) { userns, }" >"$CASE_ROOT/etc/apparmor.d/their profile"
	refused "a file that claims the path" "/etc/apparmor.d/their profile speaks of /usr/local/libexec/postern/bwrap"
	new_case ubuntu-24.04
	echo "profile postern /opt/x { }" >"$CASE_ROOT/etc/apparmor.d/x"
	refused "a file that has the name" "/etc/apparmor.d/x has a profile named postern"
	new_case ubuntu-24.04
	mkdir "$CASE_ROOT/sys/kernel/security/apparmor/policy/profiles/x.1"
	echo x >"$CASE_ROOT/sys/kernel/security/apparmor/policy/profiles/x.1/name"
	echo /usr/local/libexec/postern/bwrap >"$CASE_ROOT/sys/kernel/security/apparmor/policy/profiles/x.1/attach"
	refused "a loaded profile that claims the path" "the loaded profile x attaches to"
	new_case ubuntu-24.04
	echo "# /usr/local/libexec/postern/bwrap" >"$CASE_ROOT/etc/apparmor.d/remark"
	setup apply
	assertEquals "a remark is no conflict: $(said)" 0 "$RC"
}

testOldParser() {
	new_case ubuntu-24.04
	: >"$CASE/parser-3"
	setup apply
	assertEquals "$(said)" 0 "$RC"
	assertTrue "it gets the text that it can parse" "grep -q 'abi <abi/3.0>' '$CASE_ROOT/etc/apparmor.d/postern'"
	setup undo
	echo apparmor_parser >"$CASE/fails"
	untouched "a parser that understands nothing" 1 "understands no text of the profile" apply
}

# rolled_back WHAT TEXT HOST WORD...: what does not hold is taken back, with the reason
rolled_back() {
	rb_what=$1 rb_text=$2
	shift 2
	untouched "$rb_what" 1 "$rb_text" apply "$@"
	says "$rb_what" "taken back"
}

testProfileThatDoesNotAttach() {
	new_case ubuntu-24.04
	: >"$CASE/rungs"
	rung apparmor yes yes none "a profile lifts it"
	: >"$CASE/detached"
	rolled_back "a profile that does not attach" "the profile is in force: no sandbox ran"
}

testCapabilityThatIsNotThere() {
	new_case debian-12
	: >"$CASE/rungs"
	rung filecaps yes yes privileged "user namespaces are refused"
	echo setcap >"$CASE/lies"
	rolled_back "a capability that was not set" "was to have the capabilities" --yes --allow-privileged
}

testModeThatIsNotKept() {
	new_case dsm-7.2
	printf 'chmod\nsetcap\n' >"$CASE/lies"
	rolled_back "a file system that keeps no modes" "the file system does not keep them" --yes --allow-privileged
}

testOwnerThatIsNotKept() {
	new_case dsm-7.2
	printf 'chown\nsetcap\n' >"$CASE/fails"
	untouched "a file system that keeps no owners" 1 "chown failed" apply --yes --allow-privileged
}

testWeakMode() {
	new_case debian-12
	: >"$CASE/rungs"
	rung filecaps yes yes privileged "user namespaces are refused"
	echo 0000000000200000 >"$CASE/capeff"
	rolled_back "a command with a capability" "CapEff is 0000000000200000" --yes --allow-privileged
	rm "$CASE/capeff"
	: >"$CASE/deaf"
	rolled_back "PAM is not asked" "whom PAM denies is refused: nobody got a sandbox" --yes --allow-privileged
	rm "$CASE/deaf"
	: >"$CASE/bad-config"
	rolled_back "a configuration that is not valid" "its configuration is valid" --yes --allow-privileged
	rm "$CASE/bad-config"
	echo 1 >"$CASE/outcome"
	rolled_back "the doctor's battery" "postern doctor finds that sandboxes work" --yes --allow-privileged
}

testUnneededMode() {
	new_case debian-12
	sysctl_is kernel/unprivileged_userns_clone 1
	rolled_back "a mode that nobody needs" "user namespace" --mode filecaps --yes --allow-privileged
}

testVerifyLater() {
	new_case debian-12
	setup apply --yes --allow-privileged
	chmod 777 "$CASE_ROOT/usr/local/libexec"
	setup verify
	assertEquals "a writable parent: $(said)" 1 "$RC"
	says "which one" "usr/local/libexec can be written by others"
	setup apply
	assertEquals "apply takes it back: $(said)" 4 "$RC"
	chmod 755 "$CASE_ROOT/usr/local/libexec"
	setup undo
	assertEquals "and undo ends it: $(said)" 0 "$RC"
}

testSysctlOverridden() {
	new_case arch-hardened
	echo 'kernel.unprivileged_userns_clone=0' >"$CASE_ROOT/etc/sysctl.d/99-zz hardening.conf"
	untouched "a later file" 1 "/etc/sysctl.d/99-zz hardening.conf sets kernel.unprivileged_userns_clone to 0" \
		apply --mode sysctl --yes --allow-sysctl
	rm "$CASE_ROOT/etc/sysctl.d/99-zz hardening.conf"
	mkdir -p "$CASE_ROOT/usr/lib/sysctl.d"
	echo ' -kernel/unprivileged_userns_clone = 0 ' >"$CASE_ROOT/usr/lib/sysctl.d/99-zz.conf"
	untouched "a vendor's later file, written otherwise" 1 "/usr/lib/sysctl.d/99-zz.conf sets" \
		apply --mode sysctl --yes --allow-sysctl
	ln -s /dev/null "$CASE_ROOT/etc/sysctl.d/99-zz.conf"
	setup apply --mode sysctl --yes --allow-sysctl
	assertEquals "... that is masked: $(said)" 0 "$RC"
	setup undo
	echo 'kernel.unprivileged_userns_clone = 0' >"$CASE_ROOT/etc/sysctl.conf"
	untouched "sysctl.conf, which procps reads last" 1 "(procps's order) /etc/sysctl.conf sets" \
		apply --mode sysctl --yes --allow-sysctl
}

testSysctlUntilReboot() {
	new_case rhel-9-stig
	snapshot >"$CASE/before"
	setup apply --mode sysctl --until-reboot --yes --allow-sysctl
	assertEquals "$(said)" 0 "$RC"
	assertEquals "the kernel's own number" 25000 "$(cat "$CASE_ROOT/proc/sys/user/max_user_namespaces")"
	assertFalse "no file" "[ -e '$CASE_ROOT/etc/sysctl.d/99-userns.conf' ]"
	setup undo
	snapshot >"$CASE/after"
	assertEquals "undo leaves no trace" "" "$(diff "$CASE/before" "$CASE/after")"
}

testSysctlSeveralKeys() {
	new_case debian-12
	sysctl_is user/max_user_namespaces 0
	untouched "two keys" 1 "several keys forbid user namespaces" apply --mode sysctl --yes --allow-sysctl
}

testSysctlSetByAnotherSince() {
	new_case rhel-9-stig
	setup apply --mode sysctl --yes --allow-sysctl
	echo 77 >"$CASE_ROOT/proc/sys/user/max_user_namespaces"
	setup undo
	assertEquals "it is left alone" 77 "$(cat "$CASE_ROOT/proc/sys/user/max_user_namespaces")"
}

testPermissive() {
	new_case ubuntu-24.04
	setup plan --apparmor=permissive
	says "it is told what that gives away" "whatever anybody starts with it"
}

testJson() {
	command -v jq >/dev/null 2>&1 || startSkipping
	new_case debian-12
	for words in check plan "apply" "apply --yes --allow-privileged" verify status undo "undo"; do
		# shellcheck disable=SC2086 # words
		setup $words --json
		assertEquals "$words: one object: $(said)" '"postern-setup/1"' "$(jq -c .schema <"$CASE/out")"
	done
	setup plan --json
	assertEquals "the plan's last change" "/$PRIV" "$(jq -r '.changes[-1].path' <"$CASE/out")"
	assertEquals "its consent" privileged "$(jq -r .consent <"$CASE/out")"
}

# shellcheck source=/dev/null
. "${SHUNIT2:-/usr/share/shunit2/shunit2}"

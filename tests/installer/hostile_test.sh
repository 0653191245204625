#!/bin/sh
# What somebody else made: an image with its journal, the caller's environment and descriptors, another run at the same time.
. tests/installer/lib.sh

oneTimeSetUp() { installer_begin; }
oneTimeTearDown() { installer_end; }

# image LINE...: an image with a journal of these lines, and next to it a directory that is not its own
image() {
	new_case debian-12
	unset SETUP_POSTERN
	mkdir -p "$CASE_ROOT/var/lib/postern" "$CASE/host"
	echo host >"$CASE/host/file"
	{
		printf 'begin\tfilecaps\tpostern\tstacking\t0\tnow\n'
		[ $# = 0 ] || printf '%b\n' "$@"
		echo "done"
	} >"$CASE_ROOT/var/lib/postern/journal"
	host_is >"$CASE/host-before"
}

host_is() {
	find "$CASE/host" -printf '%P %y %m %l\n' | sort
	cat "$CASE"/host/*
}

# spared WHAT STATUS
spared() {
	assertEquals "$1: $(said)" "$2" "$RC"
	host_is >"$CASE/host-after"
	assertEquals "$1: the host is as it was" "" "$(diff "$CASE/host-before" "$CASE/host-after")"
}

testJournalOfAnImageLeadsNowhereElse() {
	for line in 'was\t/../host/file\t0\t0\t666\t-' 'made-dir\t/../host' 'made-link\t/etc/../../host/file\tx' \
		"made-file\t/../host/file\t$(echo host | sha256sum | cut -d' ' -f1)" 'was\tetc/group\t0\t0\t666\t-' \
		'made-group\t/e touch host/file2 #' 'made-group\t--prefix=/' 'sysctl\t../../x\t0\t1' 'sysctl\ta/b\t0\t1' \
		'loaded\tpostern\t/../host/file' 'begin\tfilecaps\t/e touch x #\tstacking\t0\tnow' 'begin\tx y\t-\tstacking\t0\tnow' \
		'begin\tapparmor\t-\tother\t0\tnow' 'made-copy\t/etc/group' 'made-copy\t/usr/libexec/postern/postern-priv'; do
		image "$line"
		setup undo
		spared "$line" 4
		says "$line" "postern-setup never writes"
		setup status
		spared "status, $line" 4
	done
	image 'made-dir\t/etc/\033[31m'
	setup status
	spared "control characters" 4
	assertFalse "... are not printed" "said | grep -q '$(printf '\033')'"
}

testLinksOfAnImageLeadNowhereElse() {
	image 'sysctl\tkernel.key\tafter\thost'
	mkdir -p "$CASE_ROOT/proc/sys/kernel"
	ln -s "$CASE/host/file" "$CASE_ROOT/proc/sys/kernel/key"
	setup undo
	spared "a key that is a link" 0
	image 'loaded\tpostern\t/etc/apparmor.d/postern'
	mkdir -p "$CASE_ROOT/etc/apparmor.d" "$CASE_ROOT/sys/kernel/security/apparmor/policy/profiles/p"
	echo postern >"$CASE_ROOT/sys/kernel/security/apparmor/policy/profiles/p/name"
	ln -s "$CASE/host/file" "$CASE_ROOT/sys/kernel/security/apparmor/.remove"
	setup undo
	spared "what is loaded is not the image's" 0
	image 'loaded\tpostern\t/etc/apparmor.d/postern'
	mkdir -p "$CASE_ROOT/etc/apparmor.d"
	mv "$CASE/host/file" "$CASE/host/postern"
	host_is >"$CASE/host-before"
	ln -s "$CASE/host" "$CASE_ROOT/etc/apparmor.d/cache"
	setup undo
	spared "a cache that is a link" 4
	image 'made-group\tusers'
	mv "$CASE_ROOT/etc/group" "$CASE/host/group"
	echo users:x:100: >"$CASE/host/group"
	ln -s "$CASE/host/group" "$CASE_ROOT/etc/group"
	host_is >"$CASE/host-before"
	setup undo
	spared "groups that are a link" 4
}

# held_up WHAT TEXT: nothing in the tree holds apply up, and it is refused
held_up() {
	RC=0
	# shellcheck disable=SC2086 # the shell may be two words
	SETUP_TMP=$CASE timeout 120 ${TESTED_SHELL:-sh} "$SETUP" apply --yes --root "$CASE_ROOT" >"$CASE/out" 2>"$CASE/err" </dev/null || RC=$?
	assertEquals "$1: $(said)" 1 "$RC"
	says "$1" "$2"
	assertFalse "$1: nothing was installed" "[ -e '$CASE_ROOT/etc/apparmor.d/postern' ]"
}

testNamesAndTextsOfProfiles() {
	new_case ubuntu-24.04
	echo "profile x /usr/local/libexec/postern/bwrap { }" >"$CASE_ROOT/etc/apparmor.d/z"
	: >"$CASE_ROOT/etc/apparmor.d/a
-"
	held_up "a name of two lines hides no other file" "name has control characters"
	new_case ubuntu-24.04
	mkdir "$CASE_ROOT/sys/kernel/security/apparmor/policy/profiles/x.1"
	echo postern_payload >"$CASE_ROOT/sys/kernel/security/apparmor/policy/profiles/x.1/name"
	mkfifo "$CASE_ROOT/sys/kernel/security/apparmor/policy/profiles/x.1/attach"
	held_up "nobody writes into a pipe" "a profile named postern_payload is loaded"
	new_case ubuntu-24.04
	truncate -s 1T "$CASE_ROOT/etc/apparmor.d/large"
	held_up "a file without end" "/etc/apparmor.d/large is too large"
}

testAnImageThatCanBeExchanged() {
	image
	chmod 777 "$CASE"
	setup undo
	assertEquals "$(said)" 1 "$RC"
	says "why" "can be written by others than root, who could exchange what is below"
	chmod 1777 "$CASE"
	setup undo
	assertEquals "below a sticky directory: $(said)" 0 "$RC"
}

testWordsWithoutValue() {
	new_case debian-12
	for words in --root --group --mode --apparmor "check --root=" "check --group=" "--until-reboot --root $CASE_ROOT"; do
		RC=0
		# shellcheck disable=SC2086 # words
		${TESTED_SHELL:-sh} "$SETUP" $words >"$CASE/out" 2>"$CASE/err" </dev/null || RC=$?
		assertEquals "$words: $(said)" 2 "$RC"
		assertEquals "$words: one error" 1 "$(wc -l <"$CASE/err")"
	done
}

testVariablesUnderSudo() {
	new_case debian-12
	mkdir "$CASE/parts"
	echo ": >'$CASE/ran'; exit 1" >"$CASE/parts/tools.sh"
	SETUP_PARTS=$CASE/parts
	setup check
	assertTrue "without sudo they replace the parts" "[ -e '$CASE/ran' ]"
	for variable in SUDO_UID DOAS_USER PKEXEC_UID; do
		rm -f "$CASE/ran"
		export "$variable=1000"
		setup check
		unset "$variable"
		assertFalse "$variable" "[ -e '$CASE/ran' ]"
		says "$variable: it is told" "SETUP_PARTS is not heeded"
	done
	SETUP_PARTS=$PWD/installer
}

testDescriptorsOfTheCaller() {
	new_case debian-12
	# shellcheck disable=SC2016 # the tool's shell
	printf '#!/bin/sh\n{ : <&7; } 2>/dev/null && : >"$CASE/lent"\necho 0\n' >"$CASE/tools/id"
	exec 7<"$CASE/rungs"
	setup undo
	exec 7<&-
	assertFalse "what is called has none" "[ -e '$CASE/lent' ]"
}

testOneAtATime() {
	new_case debian-12
	mkdir -p "$CASE_ROOT/var/lib/postern"
	exec 8<"$CASE_ROOT/var/lib/postern"
	flock -n 8
	for command in apply verify undo; do
		setup $command --yes --allow-privileged
		assertEquals "$command: $(said)" 1 "$RC"
		says "$command" "another postern-setup is at work"
		assertTrue "$command: what the other one locked is still there" "[ -d '$CASE_ROOT/var/lib/postern' ]"
	done
	exec 8<&-
	rmdir "$CASE_ROOT/var/lib/postern"
	setup apply --yes --allow-privileged
	assertEquals "$(said)" 0 "$RC"
	assertEquals "nobody else can lock it" 711 "$(stat -c %a "$CASE_ROOT/var/lib/postern")"
	setup apply --mode setuid --yes --allow-privileged
	assertEquals "$(said)" 0 "$RC"
}

# The directory whose lock a run holds stays while it runs, also where another mode is taken back first.
testTheLockIsKept() {
	new_case debian-12
	setup apply --yes --allow-privileged
	inode=$(stat -c %i "$CASE_ROOT/var/lib/postern")
	setup apply --mode setuid --yes --allow-privileged
	assertEquals "from one mode to another: $(said)" "$inode" "$(stat -c %i "$CASE_ROOT/var/lib/postern")"
}

testAReaderThatEnds() {
	new_case debian-12
	snapshot >"$CASE/before"
	SETUP_TMP=$CASE ${TESTED_SHELL:-sh} "$SETUP" apply --yes --allow-privileged --root "$CASE_ROOT" 2>"$CASE/err" </dev/null |
		sed '/^Applying:/q' >"$CASE/out"
	says "it was cut off while it changed things" "Applying:"
	# apply may outlive the reader
	while ps -e -o args | grep -F -e "--root $CASE_ROOT" | grep -qv grep; do
		:
	done
	snapshot >"$CASE/after"
	assertEquals "nothing stays" "" "$(diff "$CASE/before" "$CASE/after")"
}

testEditedFilesAreAllKept() {
	new_case debian-12
	for edit in one two three; do
		setup apply --yes --allow-privileged
		echo "# $edit" >>"$CASE_ROOT/etc/postern/privileged.conf"
		setup undo
		assertEquals "$(said)" 0 "$RC"
	done
	assertEquals "each of them" "# one # two # three " "$(cd "$CASE_ROOT/var/lib/postern" &&
		tail -qn 1 kept-privileged.conf kept-privileged.conf.2 kept-privileged.conf.3 | tr '\n' ' ')"
}

testUntilReboot() {
	new_case rhel-9-stig
	setup apply --mode sysctl --until-reboot --yes --allow-sysctl
	sysctl_is user/max_user_namespaces 0
	setup apply --yes
	says "what apply says after the reboot" "until the next reboot only"
	assertEquals "no package's update sets it again" 0 "$(cat "$CASE_ROOT/proc/sys/user/max_user_namespaces")"
}

# Where the mode is not what is wrong, one that gives away more is no way out.
testNoOtherModeForOtherReasons() {
	new_case debian-12
	: >"$CASE/bad-config"
	setup apply --yes --allow-privileged
	assertEquals "$(said)" 1 "$RC"
	says "it ends there" "The mode filecaps cannot be applied, and was taken back"
	assertFalse "setuid is not tried" "said | grep -q 'Mode setuid'"
	new_case debian-12
	echo sync >"$CASE/fails"
	setup apply --yes --allow-privileged
	assertEquals "$(said)" 1 "$RC"
	assertFalse "nor where the disk is full" "said | grep -q 'Mode setuid'"
}

testAJournalInAPlaceThatIsNotRoots() {
	new_case debian-12
	mkdir -p "$CASE/elsewhere/verify"
	ln -s "$CASE/elsewhere" "$CASE_ROOT/var/lib/postern"
	setup apply --yes --allow-privileged
	assertEquals "$(said)" 1 "$RC"
	says "why" "/var/lib/postern is a symbolic link"
	assertEquals "nothing else is said" "" "$(grep -v '^postern-setup: ' "$CASE/err")"
	assertTrue "nothing is removed there" "[ -d '$CASE/elsewhere/verify' ]"
}

testWhatUndoLeavesIsSaid() {
	new_case rhel-9-stig
	setup apply --mode sysctl --yes --allow-sysctl
	sysctl_is user/max_user_namespaces 77
	setup undo
	says "a value" "left alone, because it has another value now: user.max_user_namespaces"
	says "not everything" "Everything else is as it was before."
}

testErrorsAreObjects() {
	command -v jq >/dev/null 2>&1 || startSkipping
	new_case debian-12
	for words in "verify --json" "--json apply --mode magic" "--json --frobnicate"; do
		# shellcheck disable=SC2086 # words
		setup $words
		assertEquals "$words: $(said)" "$RC" "$(jq -r .exit <"$CASE/out")"
	done
	mkdir -p "$CASE_ROOT/var/lib/postern"
	printf 'frobnicate\t/etc\ndone\n' >"$CASE_ROOT/var/lib/postern/journal"
	setup undo --json
	assertEquals "$(said)" "4 postern-setup/1" "$RC $(jq -r .schema <"$CASE/out")"
}

# shellcheck source=/dev/null
. "${SHUNIT2:-/usr/share/shunit2/shunit2}"

# Debian 13 with unprivileged_userns_clone=0: what a command reaches of its user's processes and keys, with Landlock and
# without, and who may enter a sandbox's namespaces (tests/priv/escape.sh).
# also: priv
# tier: all
# shellcheck shell=sh disable=SC2034

# tests/priv's ground is made of what is installed here.
ground() {
	sed -i 's,^PRIV_PREFIX=.*,PRIV_PREFIX=/usr/local,' /work/tests/priv/lib.sh
	mkdir -p /usr/local/etc /etc/postern
	ln -s /etc/postern /usr/local/etc/postern
	chmod 1777 /var/tmp
	PRIV_ENTERED=yes
	PRIV_WORK=/var/tmp/priv
	PRIV_BIN=$PRIV_WORK/bin
	CC=true
	TEST_USER=postern-test
	BWRAP=/usr/local/libexec/postern/bwrap
	PRIV=/usr/local/libexec/postern/postern-priv
	PRIV_GROUP=postern-test-priv
	PRIV_OUTSIDER=postern-test-outside
	export PRIV_ENTERED PRIV_WORK PRIV_BIN CC TEST_USER BWRAP PRIV PRIV_MODES PRIV_GROUP PRIV_OUTSIDER
	mkdir -p "$PRIV_WORK"
	ln -s /work/bin "$PRIV_BIN"
}

flow() {
	before
	host
	verdict
	PRIV_MODES="filecaps filecaps-userns setuid"
	ground
	(
		PRIV_PREFIX=/usr/local
		. tests/priv/lib.sh
		priv_accounts
		sh tests/priv/escape.sh
		umount /etc/passwd /etc/group
	) >"$W/escape" 2>&1 </dev/null
	sed -n 's/^ok - /&'"$SCENARIO: "'/p' "$W/escape"
	# a second user namespace is the kernel's to refuse here, and then the start is
	awk '/^not ok - filecaps-userns: --disable-userns$/ { held = 1; print; next } /^[a-z]+ / { held = 0 } held' \
		"$W/escape" >"$W/nested"
	expect "filecaps-userns: --disable-userns is refused, by its id" 1 "$(grep -c '\[userns-nested\]' "$W/nested")"
	grep -vxFf "$W/nested" "$W/escape" >"$W/others"
	mv "$W/others" "$W/escape"
	if grep -q '^not ok\|^skip' "$W/escape" || [ "$(grep -c '^ok' "$W/escape")" -lt 100 ]; then
		fail "every attack of tests/priv/escape.sh" "$(grep -v '^ok' "$W/escape")"
		WORKS=no
	else
		pass "every attack of tests/priv/escape.sh"
		WORKS=yes
		CAPS=none
		MODE="filecaps, filecaps-userns, setuid"
	fi
	setcap -r "$PRIV" 2>/dev/null
	chown 0:0 "$PRIV"
	chmod 755 "$PRIV"
	rm -rf /usr/local/etc /etc/postern "$PRIV_WORK"
	unhost
	same
}

host() {
	echo 0 >/proc/sys/kernel/unprivileged_userns_clone
}

unhost() {
	echo 1 >/proc/sys/kernel/unprivileged_userns_clone
}

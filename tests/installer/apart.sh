#!/bin/sh
# postern-setup enable and disable, as on a NAS: from package files that are not root's, with everything real but the kernel,
# which a filter makes refuse user namespaces. (MUST 7)
set -eu
. tests/lib/tap.sh
. tests/priv/lib.sh
. tests/installer/outcome.sh
. tests/installer/nas_lib.sh
. tests/installer/nas_attacks.sh

snapshot() {
	find /usr/local "$NAS" "$NAS_VOLUME" -printf '%p\t%y %m %U %G %l\n' | sort
	find /usr/local "$NAS" "$NAS_VOLUME" -type f -exec sha256sum {} + | sort
	getcap -r /usr/local "$NAS_VOLUME"
}

# works USER: a sandbox, asked for as Codex does
works() {
	nas_start "$1" --new-session --die-with-parent --ro-bind / / --dev /dev --unshare-user --unshare-pid --unshare-net \
		--proc /proc -- sh -c 'echo started; sed -n "s/^Cap[PEB][a-z]*:[[:space:]]*//p" /proc/self/status | tr -d "0\n"'
}

form() {
	stat -c '%a %U:%G' "$NAS_COPY/postern-priv" 2>/dev/null || echo none
}

brief() {
	RC=0
	nas_refuse runuser -u "${2:-postern}" -- "$NAS/scripts/postern-setup" status --brief >"$W/out" 2>&1 </dev/null || RC=$?
	equals "$1" "$3" "$RC"
}

first() {
	snapshot >"$W/before"
	brief "before: the package's user is told that a step is missing" postern 5
	equals "before: and by which command" 1 "$(grep -cF "$(told enable)" "$W/out")"
	NAS_HOST="env"
	nas_setup enable
	ends "where user namespaces work nothing gets a privilege" 0 "User namespaces work here"
	same "and nothing is changed there"
	NAS_HOST=nas_refuse
	RC=0
	nas_refuse runuser -u "$TEST_USER" -- "$NAS/scripts/postern-setup" enable >"$W/out" 2>&1 || RC=$?
	ends "enable needs root" 1 "needs root"
	nas_setup apply --allow-privileged --yes
	ends "apply is not for such a package, and names what is" 2 "$(told enable)"
	nas_setup plan
	ends "plan says what enable would do" 0 "$NAS_COPY/postern-priv"
	nas_setup check
	ends "check says which mode enable would choose" 1 "enable would choose the mode setuid"
	nas_setup enable --sha256 "$(printf '%064d' 0)"
	ends "another sum than the administrator's is refused" 1 "this is not the release that you mean"
	same "and nothing is left of that"
	nas_setup enable --sha256 "$(sha256sum <"$NAS/scripts/SHA256SUMS" | cut -d' ' -f1)"
	ends "enable" 0 "The mode setuid is in force."
	equals "the copy is root's, for administrators only" "4750 root:administrators" "$(form)"
	equals "nothing below target has a privilege" "" "$(
		find "$NAS_VOLUME" -perm /7000
		getcap -r "$NAS_VOLUME"
	)"
	equals "an administrator gets a sandbox without capabilities" started "$(works "$TEST_USER")"
	equals "another user does not" 0 "$(works "$PRIV_OUTSIDER" | grep -c started)"
	equals "nor the package's own user" 0 "$(works postern | grep -c started)"
	brief "the package's user is told that all is well" postern 0
	snapshot >"$W/enabled"
	nas_setup enable
	ends "enable again" 0 "nothing was to be done"
	snapshot | diff "$W/enabled" - >"$W/diff" && ok "and changes nothing" || not_ok "and changes nothing" "$(cat "$W/diff")"
	NAS_PROGRAM=$NAS_COPY/postern-setup
	nas_setup enable --boot
	unset NAS_PROGRAM
	equals "at boot it is silent" "0 0" "$RC $(wc -c <"$W/out")"
}

tampered() {
	target=$NAS_TARGET/libexec/postern
	printf x >>"$target/postern-priv"
	nas_setup enable --boot
	ends "a postern-priv that is not the package's is refused" 1 "is not what the package was built with"
	equals "and the copy that there was is taken back" none "$(form)"
	equals "but not root's own program" 0 "$(
		cmp -s "$NAS_COPY/postern-setup" "$NAS/scripts/postern-setup"
		echo $?
	)"
	rm "$target/postern-priv"
	ln -s /etc/shadow "$target/postern-priv"
	nas_setup enable --boot
	ends "a link in its place is refused" 1 "is missing, or no regular file"
	nas_package 0.1.0-1
	nas_setup enable
	chmod 755 "$NAS_COPY/postern-priv"
	nas_setup enable --boot
	equals "a privilege that was lost comes back at boot" "0 4750 root:administrators" "$RC $(form)"
	printf x >>"$NAS_COPY/postern-setup"
	nas_setup enable --boot
	equals "and so does its own program" "0" "$(
		cmp -s "$NAS_COPY/postern-setup" "$NAS/scripts/postern-setup"
		echo $?
	)"
	rm -rf "$NAS_COPY"
	nas_setup enable --boot
	equals "and all of it, where an update of the system took it away" "0 4750 root:administrators" "$RC $(form)"
	rm -rf /usr/local/etc/postern-setup
	nas_setup enable --boot
	equals "and the journal" "0 4750 root:administrators" "$RC $(form)"
	nas_setup disable
	equals "what was made before that is taken back, too" "0 " "$RC $(find /usr/local -type f)"
	rm -rf /usr/local/etc/postern /usr/local/libexec
	nas_setup enable
}

updated() {
	nas_package 0.1.0-2
	brief "after an update the package's user is told to enable again" postern 6
	equals "and the copy has disarmed itself" 1 "$(works "$TEST_USER" | grep -c priv-disarmed)"
	NAS_PROGRAM=$NAS_COPY/postern-setup
	nas_setup enable --boot
	unset NAS_PROGRAM
	equals "root's own copy of the program applies it at boot" "0 4750 root:administrators" "$RC $(form)"
	equals "and an administrator gets a sandbox again" started "$(works "$TEST_USER")"
	mkdir -p /var/volume2/@appstore
	mv "$NAS_VOLUME/@appstore/postern" /var/volume2/@appstore/
	ln -sfn /var/volume2/@appstore/postern "$NAS_TARGET"
	equals "so does one after a move to another volume" started "$(works "$TEST_USER")"
	mv /var/volume2/@appstore/postern "$NAS_VOLUME/@appstore/"
	ln -sfn "$NAS_VOLUME/@appstore/postern" "$NAS_TARGET"
	nas_setup enable --group users-of-nobody
	equals "another group takes the first one's place" "0 4750 root:users-of-nobody" "$RC $(form)"
	equals "whose members are refused then" 0 "$(works "$TEST_USER" | grep -c started)"
	nas_setup enable --boot
	equals "and boot keeps it" "0 4750 root:users-of-nobody" "$RC $(form)"
	nas_setup enable --group administrators
}

gone() {
	nas_package 0.1.0-1
	nas_setup enable
	nas_setup disable
	ends "disable" 0 "nothing here has a privilege"
	same "disable leaves nothing"
	nas_setup disable
	ends "disable again" 0 "nothing to take back"
	nas_setup enable
	rm -rf "$NAS" "$NAS_VOLUME/@appstore/postern"
	NAS_PROGRAM=$NAS_COPY/postern-setup
	nas_setup enable --boot
	ends "where the package is gone, boot takes everything back" 0 "is gone"
	equals "and nothing is left" "" "$(find /usr/local -mindepth 2)"
	nas_package 0.1.0-1
	unset NAS_PROGRAM
	nas_setup enable
	rm -rf "$NAS" "$NAS_VOLUME/@appstore/postern"
	NAS_PROGRAM=$NAS_COPY/postern-setup
	nas_setup disable
	unset NAS_PROGRAM
	equals "disable works without the package, too" "0 " "$RC $(find /usr/local -mindepth 2)"
	nas_package 0.1.0-1
}

# deadly: programs that kill the whole run of postern-setup after the NAS_KILL-th change
deadly() {
	mkdir -p "$W/tools"
	for tool in chown chmod cp mv rm mkdir rmdir sync; do
		cat >"$W/tools/$tool" <<-TOOL
			#!/bin/sh
			$tool "\$@" || exit
			[ -n "\${NAS_KILL:-}" ] || exit 0
			count=\$((\$(cat "$W/count") + 1))
			echo \$count >"$W/count"
			[ \$count -lt \$NAS_KILL ] || kill -9 0
		TOOL
		chmod 755 "$W/tools/$tool"
		eval "SETUP_$(echo $tool | tr '[:lower:]' '[:upper:]')=\$W/tools/$tool"
		eval "export SETUP_$(echo $tool | tr '[:lower:]' '[:upper:]')"
	done
}

# killed: at every seventh step, from another one each time; then once on, and once back
killed() {
	deadly
	# what is killed leaves its scratch directories
	SETUP_TMP=$W
	export SETUP_TMP
	every=${CRASH_EVERY:-7}
	step=$(($$ % every + 1)) on=0
	while :; do
		echo 0 >"$W/count"
		NAS_KILL=$step
		export NAS_KILL
		NAS_HOST="setsid -w sh tests/installer/nas_refuse" nas_setup enable
		unset NAS_KILL
		[ "$RC" != 0 ] || break
		equals "killed after change $step: nothing has a privilege but for administrators" "" \
			"$(find /usr/local "$NAS_VOLUME" -perm /7000 ! \( -perm 4750 -uid 0 -group administrators \))"
		if [ $on = 0 ]; then
			nas_setup enable
			equals "and enable goes on" "0 4750 root:administrators" "$RC $(form)"
		fi
		on=$((1 - on))
		nas_setup disable
		equals "and disable takes all of it back" "0 " "$RC $(find /usr/local -type f)"
		step=$((step + every))
	done
	[ "$step" -gt 20 ] && ok "all of $(cat "$W/count") changes were reached" || not_ok "enable makes changes" "$(cat "$W/out")"
	nas_setup disable
	unset SETUP_TMP
}

# told NAME: that block of docs/synology.md; pinned NAME: for root who needs no sudo
told() {
	awk -v want="<!-- pinned: $1 -->" '$0 == want { on = 1; next } on && /^```/ { if (++fence == 2) exit; next } on' docs/synology.md
}

pinned() {
	told "$1" | sed 's/^sudo //'
}

# docs NAME: does what that block says
docs() {
	RC=0
	pinned "$1" >"$W/line"
	[ -s "$W/line" ] || echo "docs/synology.md has no block $1" >&2
	nas_refuse sh "$W/line" >"$W/out" 2>&1 </dev/null || RC=$?
}

# by_the_docs: as somebody who has nothing but docs/synology.md
by_the_docs() {
	docs boot-task
	ends "docs/synology.md: the task's line, run once by hand, is the whole step" 0 "The mode setuid is in force."
	equals "docs/synology.md: and an administrator gets a sandbox" started "$(works "$TEST_USER")"
	docs boot-task
	equals "docs/synology.md: the task's line is silent from then on" "0 0" "$RC $(wc -c <"$W/out")"
	docs disable
	equals "docs/synology.md: disable's line leaves nothing" "0 " "$RC $(find /usr/local -type f)"
	docs enable
	equals "docs/synology.md: enable's line does the same" "0 4750 root:administrators" "$RC $(form)"
	find "$NAS_COPY" /usr/local/etc -type f -exec stat -c '%n %U:%G %a' {} + | sed 's/:root//' | sort >"$W/made"
	sed -n 's,^| \(/usr/local/[^ ]*\) | \(root[^ ]*\) 0*\([0-9]*\) |.*,\1 \2 \3,p' docs/synology.md | sort >"$W/told"
	equals "docs/synology.md: its table is what was made" "$(cat "$W/told")" "$(cat "$W/made")"
	rm -rf "$NAS" "$NAS_VOLUME/@appstore/postern"
	docs boot-task
	equals "docs/synology.md: without the package the task's line takes it back" "0 " "$RC $(find /usr/local -type f)"
	docs boot-task
	equals "docs/synology.md: and does nothing from then on" "0 0" "$RC $(wc -c <"$W/out")"
	nas_package 0.1.0-1
}

main() {
	TAP_NAME=installer-apart
	priv_enter "$0" "$@"
	TEST_USER=${TEST_USER:-postern-test}
	BUILD=${BUILD:-$PWD/build}
	need getcap setpriv runuser unshare "${CC:-cc}" "id $TEST_USER" || {
		tap_end
		exit
	}
	nas_ground
	nas_build || {
		not_ok "a package is built"
		exit 1
	}
	nas_package 0.1.0-1
	first
	tampered
	updated
	gone
	killed
	by_the_docs
	nas_attacks
	tap_end
}

main "$@"

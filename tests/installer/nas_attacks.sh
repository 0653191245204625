# shellcheck shell=sh disable=SC2034 # nas_lib.sh uses what is set here
# What the package's user, or somebody else on the NAS, may try against postern-setup enable, disable and the task at boot. For
# apart.sh, which has sourced nas_lib.sh; it defines functions only. Each begins with an enabled package of version 1.
#
#	nas_attacks	all of them

# pu COMMAND: the package's user does it
pu() {
	(cd / && runuser -u postern -- sh -c "$1") >/dev/null 2>&1 || :
}

# boot: the task's line, as docs/synology.md has it
boot() {
	docs boot-task
}

fresh() {
	unset NAS_PROGRAM
	nas_package 0.1.0-1
	nas_setup disable
	rm -rf "$NAS_COPY" /usr/local/etc/* "$NAS_VOLUME/pub" /usr/local/bin/*
	mkdir -m 1777 "$NAS_VOLUME/pub"
	nas_setup enable
	[ "$RC" = 0 ] || not_ok "enabled, for what comes" "$(cat "$W/out")"
}

# trap_in FILE...: the package's user puts a script there that writes down as whom it runs, and then does what was there before
trap_in() {
	for trapped; do
		pu "mv '$trapped' '$trapped.real'; { echo '#!/bin/sh'; echo 'echo \"\$(id -u):\$(id -g) \$0\" >>$NAS_VOLUME/pub/ran';
			echo 'exec \"\$0.real\" \"\$@\"'; } >'$trapped'; chmod 755 '$trapped'"
	done
	ran_begin
}

ran_begin() {
	: >"$NAS_VOLUME/pub/ran"
	chmod 666 "$NAS_VOLUME/pub/ran"
}

ran_none() {
	equals "$1" "" "$(cat "$NAS_VOLUME/pub/ran")"
}

# setup_in_time WORD...: nas_setup, which must come to an end
setup_in_time() {
	NAS_HOST="timeout ${NAS_PATIENCE:-120} sh tests/installer/nas_refuse" nas_setup "$@"
}

# left_in_journal: is anything that is still to be taken back known?
left_in_journal() {
	[ ! -s /usr/local/etc/postern-setup/journal ] || echo yes
}

# 1, 2, 4: the task at boot, and what root runs by hand
attack_boot() {
	fresh
	pu "echo '#!/bin/sh' >$NAS/scripts/postern-setup"
	equals "the package's user cannot exchange the script that DSM keeps" 1 "$(cmp -s "$NAS/scripts/postern-setup" "$NAS_COPY/postern-setup" && echo 1)"
	# where DSM leaves it to him
	chown -R postern:postern "$NAS"
	trap_in "$NAS/scripts/postern-setup" "$NAS_TARGET/bin/postern" "$NAS_TARGET/libexec/postern/bwrap" \
		"$NAS_TARGET/libexec/postern/postern-battery" "$NAS_TARGET/libexec/postern/postern-inside"
	for way in "boot" "boot again"; do
		boot
		equals "$way: what nobody vouches for leaves no privilege" "1 none" "$RC $(form)"
		equals "$way: and root's own program is what it was" 0 "$(
			cmp -s "$NAS_COPY/postern-setup" "$NAS/scripts/postern-setup.real"
			echo $?
		)"
	done
	NAS_PROGRAM=$NAS_COPY/postern-setup
	for way in "enable" "enable --boot" "status" "status --brief" "check" "plan" "verify" "disable"; do
		# shellcheck disable=SC2086 # words
		nas_setup $way
	done
	unset NAS_PROGRAM
	boot
	docs enable
	ends "enable by the docs refuses a script of the package's user" 127 "not-only-roots"
	ran_none "no program of his was run by root, or by somebody of root's"
}

# 3, 4: a postern-priv with a sum that its owner made
attack_sums() {
	fresh
	chown -R postern:postern "$NAS"
	pu "cp /bin/true $NAS_TARGET/libexec/postern/postern-priv; cd $NAS; sha256sum scripts/postern-setup target/bin/postern target/libexec/postern/* >s; mv s scripts/SHA256SUMS"
	boot
	equals "sums that the package's user made are not believed" "1 none" "$RC $(form)"
	NAS_PROGRAM=$NAS_COPY/postern-setup
	nas_setup enable
	ends "nor by enable, which says what to run" 1 "sudo $NAS_COPY/postern-setup enable --sha256 SUM"
	nas_package 0.1.0-1
	chown -R postern:postern "$NAS"
	boot
	equals "the same version with root's own record of its sums comes back" "0 4750 root:administrators" "$RC $(form)"
	nas_package 0.1.0-2
	chown -R postern:postern "$NAS"
	boot
	equals "another version without anybody's word does not" "1 none" "$RC $(form)"
	nas_setup enable --sha256 "$(sha256sum <"$NAS/scripts/SHA256SUMS" | cut -d' ' -f1)"
	equals "an administrator's word is enough" "0 4750 root:administrators" "$RC $(form)"
	nas_setup enable --boot
	equals "and is kept for the task" "0 0" "$RC $(wc -c <"$W/out")"
	pu "echo x >>$NAS_TARGET/bin/postern"
	nas_setup enable --sha256 "$(sha256sum <"$NAS/scripts/SHA256SUMS" | cut -d' ' -f1)"
	ends "which covers every program" 1 "bin/postern is not what the package was built with"
	unset NAS_PROGRAM
	rm -rf "$NAS_COPY"
	docs enable-sum
	equals "the docs' line by a sum stops at another one" "1 none" "$RC $(form)"
	nas_package 0.1.0-2
	chown -R postern:postern "$NAS"
	pinned enable-sum | sed "s/x=SUM/x=$(sha256sum <"$NAS/scripts/SHA256SUMS" | cut -d' ' -f1)/" >"$W/line"
	RC=0
	nas_refuse sh "$W/line" >"$W/out" 2>&1 </dev/null || RC=$?
	equals "and enables by the right one" "0 4750 root:administrators" "$RC $(form)"
	chown -R root:root "$NAS"
}

# 5, 9: what is read
attack_reads() {
	fresh
	chown -R postern:postern "$NAS"
	at=$NAS_TARGET/libexec/postern
	for what in "truncate -s 400G $at/postern-priv" "rm $at/bwrap; mkfifo $at/bwrap" "ln -sf /etc/shadow $at/bwrap" \
		"ln -sf /dev/zero $NAS/scripts/SHA256SUMS" "rm $NAS/scripts/SHA256SUMS; mkfifo $NAS/scripts/SHA256SUMS" \
		"rm $NAS/INFO; mkfifo $NAS/INFO" "rm $NAS/INFO; truncate -s 400G $NAS/INFO"; do
		nas_package 0.1.0-1
		chown -R postern:postern "$NAS"
		setup_in_time enable --boot
		pu "$what"
		NAS_PROGRAM=$NAS_COPY/postern-setup
		setup_in_time enable --boot
		unset NAS_PROGRAM
		equals "$what: refused, without end nowhere" "1 none" "$RC $(form)"
	done
}

# 5, 6: somebody's file in the place of the launcher's, while enable tries it
attack_verify() {
	fresh
	nas_setup disable
	SUDO_UID=$(id -u "$TEST_USER")
	export SUDO_UID
	pu "cd $NAS_TARGET/libexec/postern; (while :; do ln -sf /etc/shadow bwrap; cp /bin/true new; mv -f new bwrap; done) & echo \$! >$NAS_VOLUME/pub/pid"
	nas_setup enable
	kill "$(cat "$NAS_VOLUME/pub/pid")"
	unset SUDO_UID
	equals "a launcher that changes all the time is not used" "1 none" "$RC $(form)"
	nas_package 0.1.0-1
	# its directory says when the trials begin
	pu "(while [ ! -d /usr/local/etc/postern-setup/verify ]; do :; done; echo '#!/bin/sh' >$NAS_TARGET/libexec/postern/bwrap; ln -sf /etc/shadow $NAS_TARGET/bin/postern; : >$NAS_VOLUME/pub/now) &"
	nas_setup enable
	ends "nor is what comes after it was fetched" 0 "The mode setuid is in force."
	[ -e "$NAS_VOLUME/pub/now" ] && ok "which happened while it was tried" || not_ok "which happened while it was tried"
}

# 7: /usr/local/bin, where DSM links other packages' programs
attack_path() {
	fresh
	nas_setup disable
	for tool in synogroup getcap setpriv flock unshare timeout stat sha256sum openssl; do
		printf '#!/bin/sh\necho "%s $(id -u)" >>%s\nexit 1\n' "$tool" "$NAS_VOLUME/pub/ran" >"$NAS_VOLUME/pub/$tool"
		chmod 755 "$NAS_VOLUME/pub/$tool"
		ln -s "$NAS_VOLUME/pub/$tool" "/usr/local/bin/$tool"
	done
	ran_begin
	: >"$W/nothing"
	for hidden in getcap flock; do
		for dir in /usr/sbin /usr/bin; do
			[ ! -e "$dir/$hidden" ] || mount --bind "$W/nothing" "$dir/$hidden"
		done
	done
	nas_setup enable --group fresh
	nas_setup disable
	for hidden in getcap flock; do
		for dir in /usr/sbin /usr/bin; do
			[ ! -e "$dir/$hidden" ] || umount "$dir/$hidden"
		done
	done
	ran_none "no program of other packages' is run by root"
}

# 8, 12: a journal that is not as it should be
attack_journal() {
	journal=/usr/local/etc/postern-setup/journal
	for garbage in 'made-copy	rubbish' 'made-copy	/usr/local/lib/precious' 'made-file	../x	y'; do
		fresh
		: >/usr/local/lib/precious
		printf '%s\n' "$garbage" >>$journal
		nas_setup disable
		equals "disable with a journal that says '$garbage': no privilege is left" "4 none" "$RC $(form)"
		[ -e /usr/local/lib/precious ] && ok "nor is anything else removed" || not_ok "nor is anything else removed"
	done
	fresh
	echo rubbish >>$journal
	printf 'made-copy\trubbish\n' >>$journal
	NAS_PROGRAM=$NAS_COPY/postern-setup
	nas_setup enable --boot
	equals "boot with such a one" "1 none" "$RC $(form)"
	fresh
	printf 'made-copy\trubbish\n' >>$journal
	NAS_PROGRAM=$NAS_COPY/postern-setup
	rm -rf "$NAS"
	nas_setup enable --boot
	equals "boot with such a one, where the package is gone" "4 none" "$RC $(form)"
	sed -i /rubbish/d $journal
	nas_setup disable
	equals "when that is mended, disable takes back the rest" "0 " "$RC $(find /usr/local -type f ! -name precious)"
	fresh
	chmod 775 /usr/local/etc
	nas_setup disable
	equals "disable with a journal where others may write" "4 none" "$RC $(form)"
	chmod 755 /usr/local/etc
}

# 10, 11: second names, which anybody can make on kernels of the age of a NAS's
attack_names() {
	fresh
	mkdir -p /usr/local/pub
	ln "$NAS_COPY/postern-priv" /usr/local/pub/first
	nas_package 0.1.0-2
	sed -i '/^sha256/d' "$NAS_COPY/manifest"
	printf x >>"$NAS_COPY/postern-priv"
	nas_setup enable --boot
	equals "what takes a copy's place takes its privilege" "0 4750 root:administrators 0 root:root" "$RC $(form) $(stat -c '%a %U:%G' /usr/local/pub/first | sed 's/administrators/root/')"
	ln "$NAS_COPY/postern-priv" /usr/local/pub/second
	nas_setup disable
	equals "a second name keeps no privilege after disable" "0 0" "$RC $(stat -c %a /usr/local/pub/second)"
	fresh
	ln /usr/local/etc/postern/privileged.conf /usr/local/pub/third
	nas_package 0.1.0-2
	nas_setup enable --boot
	equals "one of the configuration stops no update" "0 4750 root:administrators" "$RC $(form)"
	rm -rf /usr/local/pub
}

# The next six: found by a second reader, after the others were mended.

# Anybody fills /tmp while enable tries the copy, or before disable.
attack_full() {
	fresh
	nas_setup disable
	mkdir -p "$W/small"
	mount -t tmpfs -o size=24m,mode=1777 small "$W/small"
	SETUP_TMP=$W/small
	export SETUP_TMP
	cat >"$W/fill" <<-END
		n=0
		while [ ! -e $NAS_COPY/postern-priv ] && [ ! -e $NAS_VOLUME/pub/stop ]; do :; done
		while [ \$n -lt 3000 ] && [ ! -e $NAS_VOLUME/pub/stop ]; do n=\$((n + 1)); cat /dev/zero >>$W/small/fill; sleep 0.01; done
	END
	runuser -u "$PRIV_OUTSIDER" -- sh "$W/fill" >/dev/null 2>&1 &
	nas_setup enable
	: >"$NAS_VOLUME/pub/stop"
	wait
	equals "no room for the trial: no privilege, and it is known what is left" "4 none yes" "$RC $(form) $(left_in_journal)"
	rm -f "$W/small/fill"
	nas_setup disable
	equals "with room again the rest goes, too" "0 " "$RC $(find /usr/local -type f ! -name precious)"
	nas_setup enable
	cat /dev/zero >"$W/small/fill" 2>/dev/null || :
	nas_setup disable
	equals "no room for disable: the same" "4 none yes" "$RC $(form) $(left_in_journal)"
	rm -f "$W/small/fill"
	nas_setup disable
	equals "and the same again" "0 " "$RC $(find /usr/local -type f ! -name precious)"
	nas_setup enable
	umount "$W/small"
	rmdir "$W/small"
	nas_setup disable
	equals "no /tmp at all for disable: all is taken back" "0 " "$RC $(find /usr/local -type f ! -name precious)"
	unset SETUP_TMP
}

# Root's own copy of this program is of the version before.
attack_older() {
	fresh
	sed -i "s/^VERSION=.*/VERSION='0.0.9'/" "$NAS_COPY/postern-setup"
	nas_package 0.1.0-2
	NAS_PROGRAM=$NAS_COPY/postern-setup
	nas_setup enable --boot
	equals "a new version is enabled by the old one's program" "0 4750 root:administrators" "$RC $(form)"
	equals "and works" started "$(works "$TEST_USER")"
}

# An update of the system took the journal, and now no trial can be made; or somebody holds the lock.
attack_lost() {
	fresh
	echo 'max-operations = 5000' >>/usr/local/etc/postern/privileged.conf
	cp -a /usr/local/etc/postern "$W/conf"
	mount -t tmpfs -o mode=755,noexec etc /usr/local/etc
	cp -a "$W/conf" /usr/local/etc/postern
	nas_setup enable --boot
	equals "without a journal a copy that cannot be tried is taken back" "1 none" "$RC $(form)"
	umount /usr/local/etc
	fresh
	pu "echo x >>$NAS_TARGET/bin/postern"
	# in its own place: else some shells fork for it, and some do not
	(flock -n 9 && exec sleep 600) 9</usr/local/etc/postern-setup &
	held=$!
	sleep 0.5
	NAS_PROGRAM=$NAS_COPY/postern-setup
	nas_setup enable --boot
	equals "whoever holds the lock: what is not believed has no privilege" "1 none" "$RC $(form)"
	nas_package 0.1.0-1
	cp -a "$NAS_TARGET/libexec/postern/postern-priv" "$NAS_COPY/postern-priv"
	nas_setup disable
	equals "nor has anything after disable" "1 none" "$RC $(form)"
	kill $held
	wait
}

# Who called sudo stops his processes, among them those that are tried as him.
attack_stop() {
	fresh
	nas_setup disable
	printf '#!/bin/sh\nshift 3\nexec timeout -s KILL 3 "$@"\n' >"$W/timeout"
	chmod 755 "$W/timeout"
	SETUP_TIMEOUT=$W/timeout SUDO_UID=$(id -u "$PRIV_OUTSIDER")
	export SETUP_TIMEOUT SUDO_UID
	(while [ ! -e "$NAS_VOLUME/pub/stop" ]; do pkill -STOP -u "$SUDO_UID" || :; done) &
	setup_in_time enable
	: >"$NAS_VOLUME/pub/stop"
	wait
	equals "a trial that its user stops ends" "1 none" "$RC $(form)"
	unset SETUP_TIMEOUT SUDO_UID
	pkill -KILL -u "$(id -u "$PRIV_OUTSIDER")" || :
}

# A directory above root's own programs is somebody else's.
attack_above() {
	fresh
	ran_begin
	chown postern:postern /usr/local/libexec
	pu "mv $NAS_COPY $NAS_COPY.old; mkdir $NAS_COPY; { echo '#!/bin/sh'; echo 'id >>$NAS_VOLUME/pub/ran'; } >$NAS_COPY/postern-setup; chmod 755 $NAS_COPY/postern-setup"
	boot
	ends "the task does not start what is in a directory of somebody else's" 127 "not-only-roots"
	rm -rf "$NAS_COPY"
	mount -t tmpfs -o mode=1777,noexec,nosuid tmp /tmp
	nas_setup enable
	umount /tmp
	ends "nor does enable put programs of its own there" 4 "could not be taken back: /usr/local/libexec belongs to user"
	ran_none "and root ran nothing of his"
	rm -rf /usr/local/libexec
}

# What is below --root is not root's to run.
attack_image() {
	fresh
	mkdir -p "$W/image/var/packages" "$W/image/usr"
	cp -a "$NAS" "$W/image/var/packages/"
	cp -a /usr/local "$W/image/usr/"
	nas_setup enable --root "$W/image"
	ends "enable --root runs nothing of an image's" 1 "is an image"
	nas_setup verify --root "$W/image"
	ends "nor does verify" 1 "is an image"
	rm -rf "$W/image"
}

# no attack: where programs are tried if they cannot be in /tmp; and what enable prints is what the docs have
elsewhere() {
	fresh
	nas_setup disable
	mount -t tmpfs -o mode=1777,noexec,nosuid tmp /tmp
	nas_setup enable
	umount /tmp
	ends "enable with a /tmp that is noexec" 0 "The mode setuid is in force."
	equals "and it leaves nothing more than otherwise" "" "$(find /usr/local -name '.postern*')"
	nas_setup disable
	chown postern:postern "$NAS"
	nas_setup enable
	ends "enable where nothing vouches for the package names the docs' line" 1 "$(told enable-sum)"
	nas_setup check
	ends "so does check, which root runs" 1 "$(told enable-sum)"
	chown root:root "$NAS"
}

nas_attacks() {
	elsewhere
	attack_boot
	attack_sums
	attack_reads
	attack_verify
	attack_path
	attack_journal
	attack_names
	attack_full
	attack_older
	attack_lost
	attack_stop
	attack_above
	attack_image
	fresh
	nas_setup disable
	rm -rf /usr/local/bin/* /usr/local/lib/* /usr/local/etc/postern* /usr/local/libexec "$NAS_VOLUME/pub"
}

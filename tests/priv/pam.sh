#!/bin/sh
# Who asks PAM gets PAM's verdict or none: postern-pam, and what of postern-priv starts it and waits for it,
# in a program of their own that is privileged as postern-priv is. "caller" is the form with file
# capabilities, where the helper has the caller's uid, "root" the setuid form. (MUST 1, 2, 7, 10)
set -eu
. tests/lib/tap.sh
. tests/priv/lib.sh
. tests/priv/pam_lib.sh

BOTH="caller root"

verdicts() {
	for form in $BOTH; do
		service 'account required pam_permit.so'
		allowed "an account that PAM permits is allowed" "$form"
		service 'account required pam_deny.so'
		denied "pam_deny denies" "$form"
		printf '%s\n' "-:$TEST_USER:ALL" >/etc/security/access.conf
		service 'account required pam_access.so'
		denied "pam_access denies" "$form"
		printf '%s\n' "+:$TEST_USER:pts/7" '-:ALL:ALL' >/etc/security/access.conf
		denied "pam_access denies without the terminal that it wants" "$form"
		denied "pam_access denies on another terminal" "$form" tty=pts/8
		allowed "pam_access allows on the terminal that it wants" "$form" tty=pts/7
		: >/etc/security/access.conf
		service "account required pam_succeed_if.so quiet user != $TEST_USER"
		denied "pam_succeed_if denies" "$form"
		service "account required pam_succeed_if.so quiet user ingroup $PRIV_GROUP"
		allowed "pam_succeed_if allows a member of a group" "$form"
		WHO=$PRIV_OUTSIDER denied "pam_succeed_if denies who is no member" "$form"
		service 'account required pam_nologin.so' 'account required pam_permit.so'
		allowed "pam_nologin allows without a nologin file" "$form"
		: >/run/nologin
		denied "pam_nologin denies with one" "$form"
		rm /run/nologin
		module ask
		no_verdict "a module that asks something gets no answer" "a module failed" "$form"
		module change
		denied "an account whose password is to be changed is denied" "$form"
	done
}

# Every shape that is shipped lets an account pass against which nothing speaks, as it is and as root asks.
shapes() {
	for shape in pam.d/*; do
		cp "$shape" /etc/pam.d/postern
		for form in $BOTH; do
			allowed "pam.d/${shape##*/} allows an account in force" "$form"
		done
	done
	sed 's/^#account/account/' pam.d/debian >/etc/pam.d/postern
	allowed "pam.d/debian with the host's accounts allows one in force" root
	: >/run/nologin
	denied "pam.d/debian denies when nobody may log in" root
	rm /run/nologin
}

# The account that has expired is only in this namespace's copies.
expired() {
	gone=postern-test-gone
	printf '%s:x:61300:61300::/:/bin/sh\n' $gone >>/etc/passwd
	printf '%s:x:61300:\n' $gone >>/etc/group
	printf '%s:*:19000:0:99999:7:::\n' $gone >>/etc/shadow
	service 'account required pam_unix.so'
	WHO=$gone allowed "pam_unix allows an account in force" root
	sed "s/^$gone:.*/$gone:*:19000:0:99999:7::1:/" /etc/shadow >"$PRIV_WORK/shadow.new"
	cat "$PRIV_WORK/shadow.new" >/etc/shadow
	WHO=$gone denied "pam_unix denies an expired account" root
	expect "pam_unix is refused where it cannot see the shadow file" \
		"pam-file: postern-priv: /etc/pam.d/postern:1: may decide wrongly without being root: pam_unix.so" \
		"$(WHO=$gone asked caller)"
	service 'account required pam_permit.so'
	expect "a uid without an account is denied" \
		"pam-no-verdict: No permissions to create a new namespace: no verdict from PAM (the user has no account)" \
		"$(setpriv --reuid 61399 --regid 61399 --clear-groups "$DRIVERS/caller" 2>&1 || :)"
}

# "other" would permit everything.
services() {
	printf 'account required pam_permit.so\n' >/etc/pam.d/other
	for form in $BOTH; do
		service
		expect "without a service file the service other is not asked ($form)" \
			"pam-file: postern-priv: /etc/pam.d/postern: no service file: No such file or directory" "$(asked "$form")"
		service '-account required pam_nowhere.so'
		case $form in
			root) no_verdict "a stack that vanishes with its module is none" \
				"the service file has no account line" root ;;
			*) expect "a stack that vanishes with its module is none ($form)" refused \
				"$(asked "$form" | grep -q '^pam-' && echo refused)" ;;
		esac
		service 'account required pam_localuser.so sleep=1' 'account required pam_nowhere.so'
		expect "a missing module denies ($form)" refused "$(asked "$form" | grep -q '^pam-' && echo refused)"
	done
	service 'account include postern-test-empty'
	: >/etc/pam.d/postern-test-empty
	no_verdict "a stack that includes nothing is none" "the service file has no account line" root
	printf 'auth required pam_permit.so \\\n account required pam_permit.so\n' >/etc/pam.d/postern-test-empty
	no_verdict "the rest of a line is no line" "the service file has no account line" root
	printf 'account required pam_deny.so\n' >/etc/pam.d/postern-test-empty
	denied "a stack that includes a refusal denies" root
	service '@include postern-test-empty'
	denied "a file that includes a refusal denies" root
	rm /etc/pam.d/postern-test-empty
}

# bad_helper NAME WHY COMMAND...: after COMMAND
bad_helper() {
	name=$1
	why=$2
	shift 2
	for form in $BOTH; do
		made
		"$@"
		expect "$name is refused ($form)" "pam-helper: postern-priv: $why" \
			"$(asked "$form")"
	done
	made
}

replaced_by_link() {
	mkdir "$LIBEXEC/real"
	mv "$HELPER" "$LIBEXEC/real/"
	ln -s real/postern-pam "$HELPER"
}

fake_sysctl() {
	printf '%s\n' "$1" >"$PRIV_WORK/sysctl"
	mount --bind "$PRIV_WORK/sysctl" /proc/sys/fs/suid_dumpable
}

helper_file() {
	service 'account required pam_permit.so'
	bad_helper "a missing helper" "$HELPER: can't open: No such file or directory" rm "$HELPER"
	for mode in 0755 0715 0751 0731 0713 0511 0710 4711 2711 1711; do
		bad_helper "a helper of mode $mode" "$HELPER: has another mode than 0711" chmod $mode "$HELPER"
	done
	bad_helper "the user's helper" "$HELPER: is not root's" chown "$TEST_USER" "$HELPER"
	bad_helper "another account's helper" "$HELPER: is not root's" chown "$PRIV_OUTSIDER" "$HELPER"
	bad_helper "a helper with file capabilities" "$HELPER: has file capabilities" setcap cap_net_raw=ep "$HELPER"
	bad_helper "a link to the helper" "$HELPER: is no regular file" replaced_by_link
	for dir in "$LIBEXEC" "$PRIV_PREFIX/libexec"; do
		bad_helper "a helper below the user's ${dir##*/}" "$dir: is not root's" chown "$TEST_USER" "$dir"
		bad_helper "a helper below ${dir##*/} that its group can write" \
			"$dir: is writable for others than root" chmod 775 "$dir"
		bad_helper "a helper below ${dir##*/} that all can write" \
			"$dir: is writable for others than root" chmod 1777 "$dir"
	done
	for value in 1 "" 10; do
		fake_sysctl "$value"
		expect "fs.suid_dumpable=$value, by which the caller could trace the helper, is refused" \
			"pam-helper: postern-priv: $HELPER: can be traced, because of the sysctl fs.suid_dumpable" "$(asked caller)"
		allowed "fs.suid_dumpable=$value gives nobody root's processes" root
		umount /proc/sys/fs/suid_dumpable
	done
	fake_sysctl 2
	allowed "fs.suid_dumpable=2 lets only root trace the helper" caller
	umount /proc/sys/fs/suid_dumpable
	expect "built with PAM=no there is no verdict, and never a pass" \
		"pam-helper: postern-priv: $HELPER: postern was built without PAM" "$(asked pam0)"
	expect "a person who starts the helper gets no verdict about another" 105 \
		"$(as_user "$HELPER" 0 - >/dev/null 2>&1 || echo $?)"
	expect "the helper starts for nobody with root's uid and another's group" 105 \
		"$(setpriv --regid "$(id -g "$TEST_USER")" --clear-groups "$HELPER" "$(id -u "$TEST_USER")" - 2>&1 || echo $?)"
	expect "the helper takes no path for a terminal" 105 \
		"$("$HELPER" "$(id -u "$TEST_USER")" ../etc/passwd 2>&1 || echo $?)"
}

# wanted FORM: what the module must see
wanted() {
	uid=$(id -u "$TEST_USER") gid=$(id -g "$TEST_USER") groups="" nnp=1 caps=0000000000000000
	for g in $(as_user id -G); do
		groups="$groups $g"
	done
	[ "$1" = caller ] || {
		uid=0 gid=0 groups=" 0" nnp=0
		caps=$(sed -n 's/^CapBnd:.//p' /proc/self/status)
	}
	cat <<-END
		environment: 0
		cwd: /
		fds: 0:null 1:null 2:null 3:pipe
		umask: 022
		uids: $uid $uid $uid
		gids: $gid $gid $gid
		groups:$groups
		leader: yes
		death: 9
		timer: own
		nofile: hard
		service: postern
		user: $TEST_USER
		ruser: $TEST_USER
		rhost: none
		tty: /dev/pts/7
		SigPnd: 0000000000000000
		SigBlk: 0000000000000000
		SigIgn: 0000000000000000
		CapInh: 0000000000000000
		CapPrm: $caps
		CapEff: $caps
		CapAmb: 0000000000000000
		NoNewPrivs: $nnp
	END
}

# With all that a caller can leave behind: variables, descriptors, signals, a mask, a directory, a timer.
surroundings() {
	for form in $BOTH; do
		: >"$W/report"
		chmod 666 "$W/report"
		module "$W/report"
		expect "a caller's leavings stop no start ($form)" allowed "$(
			cd "$W"
			exec 5<"$W" 7>"$W/report" 9>&1
			umask 0
			trap '' HUP INT USR1 TERM
			as_user env --block-signal=USR2,ALRM "LD_PRELOAD=$W/evil.so" "LD_LIBRARY_PATH=$W" PAM_TEST=x "$DRIVERS/$form" tty=pts/7 2>&1 || :
		)"
		wanted "$form" >"$W/wanted"
		if cmp -s "$W/wanted" "$W/report"; then
			ok "modules see nothing of the caller's process ($form) (MUST 1)"
		else
			not_ok "modules see nothing of the caller's process ($form) (MUST 1)" \
				"$(diff "$W/wanted" "$W/report" || :)"
		fi
	done
}

limits() {
	for form in $BOTH; do
		service 'account required pam_nologin.so' 'account required pam_permit.so'
		expect "tiny soft limits do not matter ($form)" allowed \
			"$(as_user prlimit --nofile=5:4096 --data=4000000:unlimited "$DRIVERS/$form" 2>&1 || :)"
		: >/run/nologin
		expect "tiny soft limits do not blind pam_nologin ($form)" "$DENIED" \
			"$(as_user prlimit --nofile=5:4096 --data=4000000:unlimited "$DRIVERS/$form" 2>&1 || :)"
		rm /run/nologin
	done
	: >/run/nologin
	# Root in a container may be without CAP_SYS_RESOURCE, and then cannot raise what the caller has lowered.
	expect "a tiny hard limit of open files does not blind pam_nologin (root)" refused \
		"$(as_user prlimit --nofile=7:7 "$DRIVERS/root" 2>&1 |
			sed "s/^$DENIED\$/refused/; s/^limits: postern-priv: the limits .* cannot be raised\$/refused/")"
	rm /run/nologin
	while read -r option why; do
		expect "$option is refused before pam_nologin goes blind (caller)" "limits: postern-priv: $why" \
			"$(as_user prlimit "$option" "$DRIVERS/caller" 2>&1 || :)"
	done <<-END
		--nofile=63:63 the limit of open files is below 64
		--as=67108863:67108863 the limit of address space is below 64 MiB
		--data=67108863:67108863 the limit of data is below 64 MiB
		--stack=262143:262143 the limit of the stack is below 256 KiB
	END
	expect "the smallest limits are enough (caller)" allowed \
		"$(as_user prlimit --nofile=64:64 --as=67108864:67108864 --data=67108864:67108864 \
			--stack=262144:262144 "$DRIVERS/caller" 2>&1 || :)"
}

bad_modules() {
	for form in $BOTH; do
		module crash
		no_verdict "a module that crashes allows nothing" "it was ended by signal 11" "$form"
		for how in exit _exit; do
			module $how
			no_verdict "a module that ends the process by $how(0) allows nothing" "it ended with status 0" "$form"
		done
		module linger
		allowed "a module may start a process" "$form"
		gone "what a module starts ends with its verdict ($form) (MUST 10)"
	done
	# These take the whole time: all at once.
	module hang
	for form in $BOTH; do
		timed "$form" >"$W/hang.$form" &
		timed "$form" cancel >"$W/cancel.$form" &
	done
	sleep 1
	module stop
	for form in $BOTH; do
		timed "$form" >"$W/stop.$form" &
	done
	wait
	for form in $BOTH; do
		for how in hang stop; do
			expect "a module that does $how is ended after ten seconds ($form)" \
				"in time: pam-no-verdict: No permissions to create a new namespace: no verdict from PAM (it took too long)" \
				"$(cat "$W/$how.$form")"
		done
		expect "a refusal for another reason ends a helper that hangs ($form)" "at once: cancelled" \
			"$(cat "$W/cancel.$form")"
	done
	gone "no hanging helper is left (MUST 10)"
}

# timed FORM WORD...: how long it took, in words, and what came out
timed() {
	before=$(date +%s)
	said=$(asked "$@")
	took=$(($(date +%s) - before))
	case $took in
		0 | 1 | 2) echo "at once: $said" ;;
		9 | 10 | 11 | 12 | 13) echo "in time: $said" ;;
		*) echo "$took s: $said" ;;
	esac
}

# The end of who asked is the end of the helper, whatever ids both have.
deaths() {
	module hang
	for form in $BOTH; do
		expect "a caller of the helper may end first ($form)" "" "$(asked "$form" die)"
		gone "the helper ends with who asked for it ($form) (MUST 10)"
		as_user "$DRIVERS/$form" pid >"$W/pid" 2>&1 &
		waiter=$!
		tries=50
		while [ ! -s "$W/pid" ] && [ $tries -gt 0 ]; do
			tries=$((tries - 1))
			sleep 0.1
		done
		sleep 0.2
		helper=$(cat "$W/pid")
		parent=$(sed -n 's/^PPid:[[:blank:]]*//p' "/proc/$helper/status")
		kill -9 "$parent"
		wait $waiter 2>/dev/null || :
		gone "kill -9 of who asked ends the helper ($form) (MUST 10)"
	done
}

inherited() {
	for form in $BOTH; do
		module sleep=100
		expect "other children that end say nothing ($form) (MUST 10)" allowed "$(asked "$form" child)"
		expect "a pending timer of the caller's ends no helper ($form)" allowed "$(asked "$form" timer)"
		service 'account required pam_deny.so'
		denied "another child's exit status is no verdict" "$form" child
		service 'account required pam_permit.so'
		expect "SIGCHLD ignored by the caller is harmless ($form) (MUST 1)" allowed \
			"$(as_user env --ignore-signal=CHLD "$DRIVERS/$form" 2>&1 || :)"
		expect "with SIGCHLD still ignored there is no verdict ($form)" \
			"pam-no-verdict: No permissions to create a new namespace: no verdict from PAM (its end was not to be seen)" \
			"$(as_user env --ignore-signal=CHLD "$DRIVERS/$form" ignore 2>&1 || :)"
	done
}

main() {
	TAP_NAME=pam
	pam_enter "$0" "$@"
	[ $# -gt 0 ] || set -- verdicts shapes expired services helper_file surroundings limits bad_modules deaths inherited
	for group; do
		$group
	done
	tap_end
}

main "$@"

#!/bin/sh
# Root's verdict is for another user: who that is, and that it is this user in every respect who tries. As root.
set -eu
. tests/lib/tap.sh
. tests/cli/lib.sh

# is NAME FILTER: the JSON form has it
is() {
	if jq -e "$2" "$W/out" >/dev/null; then
		ok "$1"
	else
		not_ok "$1" "not: $2" "$(cli_shown)"
	fi
}

# The launcher that is judged tells what it was started as.
spy() {
	cat >"$W/bin/spy" <<-END
		#!/bin/sh
		exec >"$W/shared/spied" 2>&1
		echo "uid \$(id -u) \$(id -ru)"
		echo "groups \$(id -G)"
		echo "cwd \$(pwd)"
		echo "fds \$(ls /proc/self/fd | tr '\n' ' ')"
		grep -E '^(CapEff|CapPrm|CapInh|CapAmb|NoNewPrivs|SigIgn|SigBlk|Umask)' /proc/self/status
		echo "owner \$(stat -c %u /proc/\$\$/mem)"
		# the user's process that asks for the launcher, which the user can trace
		echo "above \$(readlink /proc/\$PPID/fd/0 /proc/\$PPID/fd/2 | tr '\n' ' ')"
		if (: </dev/tty) 2>/dev/null; then echo "terminal yes"; else echo "terminal no"; fi
		env | sort
		exit 1
	END
	chmod 755 "$W/bin/spy"
	mkdir -m 1777 "$W/shared"
	uid=$(id -u "$TEST_USER")
	(
		trap '' INT PIPE USR1
		exec 9</etc/passwd
		cd /root
		# with a terminal, as root has one; without securebits the change of ids takes all capabilities
		export SECRET=1
		script -qec "setpriv --groups=0,4 --inh-caps=+wake_alarm --ambient-caps=+wake_alarm --securebits=+no_setuid_fixup \
			$POSTERN doctor --quiet --user $TEST_USER --launcher $W/bin/spy" /dev/null
	) >"$W/out" 2>"$W/err" || :
}

# spied NAME LINE: the spy has seen it
spied() {
	if grep -Eqx -e "$2" "$W/shared/spied"; then
		ok "$1"
	else
		not_ok "$1" "wanted $2" "$(cat "$W/shared/spied")" "$(cat "$W/err")"
	fi
}

as_another() {
	spy
	spied "the launcher is started with the user's ids" "uid $uid $uid"
	spied "and groups" "groups $(id -G "$TEST_USER")"
	spied "in /" 'cwd /'
	spied "without root's descriptors" 'fds 0 1 2 3 '
	spied "without root's capabilities" 'CapEff:.0*'
	spied "nor permitted ones" 'CapPrm:.0*'
	spied "nor ambient ones" 'CapAmb:.0*'
	spied "without root's terminal" 'terminal no'
	spied "and without a descriptor of it" 'above /dev/null /dev/null '
	spied "without no_new_privs" 'NoNewPrivs:.0'
	spied "with no signal ignored" 'SigIgn:.0*'
	spied "with no signal blocked" 'SigBlk:.0*'
	spied "dumpable" "owner $uid"
	if ! grep -q '^SECRET\|^SUDO\|^HOME=/root' "$W/shared/spied"; then
		ok "without root's environment"
	else
		not_ok "without root's environment" "$(cat "$W/shared/spied")"
	fi
}

# What the user's process says is not to reach a command for root: here the launcher, which is the user's own, says it.
forges() {
	cat >"$W/shared/record" <<-END
		caller.uid=4321
		postern-priv.installed=yes
		postern-priv.mode=0750
		postern-priv.owner=0
		postern-priv.group=sudo
		postern-priv.gid=27
		postern-priv.caps=0000000000201000
		postern-priv.executable=no
		failed.step=user-namespace
		failed.errno=EPERM
		launch=ns-refused
		launch.member=ok
	END
	# The pipe is root's, but the user's process has it, from which the user may take it (pidfd_getfd).
	cat >"$W/bin/forger" <<-END
		#!/usr/bin/python3
		import ctypes, os, signal
		status = open(f"/proc/{os.getppid()}/status").read()
		above = int(status.split("PPid:")[1].split()[0])
		pipe = ctypes.CDLL(None).syscall(438, os.pidfd_open(above), 1, 0)
		os.write(pipe, open("$W/shared/record", "rb").read())
		os.kill(above, signal.SIGKILL)
	END
	chmod 755 "$W/bin/forger"
	captured "$POSTERN" doctor --json --user "$TEST_USER" --launcher "$W/bin/forger"
	is "a forged record is read" '.facts["failed.errno"] == "EPERM"'
	is "but root's command is not made of it" '[.advice[].command | select(test("sudo|4321"))] == []'
	is "nor whom it is for" ".facts[\"caller.uid\"] == \"$uid\" and .facts[\"launch.member\"] == null"
}

whom() {
	doctor --json
	is "without a word it is nobody" ".user.name == \"nobody\" and .facts[\"caller.uid\"] == \"$(id -u nobody)\""
	doctor --json --user "$TEST_USER"
	is "--user says who" ".user.uid == $uid and .user.name == \"$TEST_USER\" and .facts[\"caller.uid\"] == \"$uid\""
	doctor --json --user "$uid"
	is "--user takes a number" ".user.name == \"$TEST_USER\""
	doctor --json --user 54321
	is "also one without an account" '.user.name == "54321" and .facts["caller.uid"] == "54321"'
	SUDO_UID=$uid SUDO_GID=$uid doctor --json
	is "who called sudo is who it is for" ".user.name == \"$TEST_USER\""
	SUDO_UID=0 doctor --json
	is "root in sudo is nobody" '.user.name == "nobody"'
	SUDO_UID=x doctor --json
	is "nonsense in SUDO_UID is nobody" '.user.name == "nobody"'
	doctor --user root
	has "root's own verdict says what it is worth" '^  judged for root, which says nothing about other users'
	as_user --json --user "$uid"
	is "a user may name himself, by number, too" '.exit == 0'
	as_user --json
	is "a user's own verdict is the user's" ".user.uid == $uid and .facts.NoNewPrivs == \"0\""
	doctor
	has "the text says whom it was for" "^  judged for nobody \(uid $(id -u nobody)\)"
	doctor --record -
	has "--record alone is root's own" '^caller.uid=0$'
	doctor --record - --user "$TEST_USER"
	has "--record --user is that user's" "^caller.uid=$uid$"
	# Its program's folder need not be open to that user.
	mkdir -m 700 "$W/closed"
	cp "$POSTERN" "$W/closed/postern"
	captured "$W/closed/postern" doctor --json --launcher "$W/bin/bwrap"
	is "postern itself may lie where the user cannot go" '.facts["caller.uid"] != "0"'
}

# In a user namespace with one user there is nobody else to judge for.
alone() {
	on_host unshare -U --map-root-user -- --json
	is "root who is alone is judged for" '.user.uid == 0'
	on_host unshare -U --map-root-user --
	has "and it is said" 'judged for root: nobody else'
}

# A launcher that hangs, with a child
hangs() {
	printf '#!/bin/sh\nsleep 1000 &\necho $$ $! >%s\nwait\n' "$W/shared/pid" >"$W/bin/hang"
	chmod 755 "$W/bin/hang"
	from=$(date +%s)
	captured test_user_run "$POSTERN" doctor --launcher "$W/bin/hang" --json
	took=$(($(date +%s) - from))
	if [ "$status" != 0 ] && [ "$status" -le 3 ] && [ "$(jq -r .facts.launch "$W/out")" = timeout ]; then
		ok "a launcher that hangs is told from one that fails"
	else
		not_ok "a launcher that hangs is told from one that fails" "$(cli_shown)"
	fi
	if [ "$took" -lt 60 ]; then ok "within the deadline"; else not_ok "within the deadline" "$took s"; fi
	read -r parent child <"$W/shared/pid" || :
	# a zombie is init's
	if [ -n "${child:-}" ] && ! ps -o stat= -p "$parent,$child" | grep -qv '^Z'; then
		ok "and is gone afterwards, with its child"
	else
		not_ok "and is gone afterwards, with its child" "$(ps -o pid,stat,args -p "${parent:-0},${child:-0}")"
	fi
	# The process that tries is killed on its way: what it knew is judged, and it is said
	printf '#!/bin/sh\nkill -9 $PPID\n' >"$W/bin/killer"
	chmod 755 "$W/bin/killer"
	for word in --user --launcher; do
		if [ $word = --user ]; then
			captured "$POSTERN" doctor --user "$TEST_USER" --launcher "$W/bin/killer" --json
		else
			captured test_user_run "$POSTERN" doctor --launcher "$W/bin/killer" --json
		fi
		is "what fails on the way is part of the verdict ($word)" \
			'.exit == 3 and (.summary | test("ended by signal 9")) and .facts["kernel.release"] != null'
	done
	# One that claims success and runs nothing
	printf '#!/bin/sh\nexit 0\n' >"$W/bin/liar"
	chmod 755 "$W/bin/liar"
	captured test_user_run "$POSTERN" doctor --launcher "$W/bin/liar" --json
	is "a launcher that runs nothing is not believed" '.exit != 0 and .facts.launch == "no-answer"'
	# One that runs the command without any sandbox
	printf '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n' >"$W/bin/open"
	chmod 755 "$W/bin/open"
	captured test_user_run "$POSTERN" doctor --launcher "$W/bin/open" --json
	is "a launcher that makes no sandbox is found out" '.exit != 0 and (.facts.battery | startswith("broken: "))'
}

main() {
	cli_begin user
	TEST_USER=${TEST_USER:-postern-test}
	if need '[ "$(id -u)" = 0 ]' "id $TEST_USER" jq /usr/bin/python3 script setpriv unshare runuser; then
		as_another
		forges
		whom
		alone
		hangs
	fi
	tap_end
}

main "$@"

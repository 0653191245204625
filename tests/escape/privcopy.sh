#!/bin/sh
# A launcher that somebody made setuid root, setgid or gave file capabilities, and a caller with
# inheritable or ambient ones: all of it is dropped before anything else, then the start goes on as
# the user. A real setuid copy in a private directory is run by a real user.
# Reference: 0.8.0 fails: setuid it keeps euid 0 while it parses, with file or ambient capabilities it
# dies ("Unexpected capabilities but not setuid"); 0.13.1 refuses all of them.
. tests/escape/lib.sh

zero="inh=0 prm=0 eff=0 bnd=0 amb=0 nnp=1 ids=same"
uid=$(id -u "$TEST_USER")
gid=$(id -g "$TEST_USER")
mkdir "$W/secret" "$W/rootdir" "$W/shared"
echo secret >"$W/secret/file"
chmod 700 "$W/secret"
chmod 777 "$W/shared"
echo data >"$W/data"
cp "$BWRAP" "$W/plain"
chmod 755 "$W/plain"

# Control: a privilege bit takes effect here at all.
cp "$BIN/inside" "$W/probe"
chmod 4755 "$W/probe"
got=$(as_user "$W/probe" caps)
case $got in
	*"prm=0 "* | *"ids=same"*)
		skip "privcopy" "privilege bits have no effect in $W (nosuid?): $got"
		tap_end
		exit
		;;
	*) ok "privcopy: control, a setuid program gains root here" ;;
esac
case $(head -c 4 "$BWRAP" | tr -d '\177') in
	ELF) ;;
	*)
		skip "privcopy" "the launcher is a script: privilege bits have no effect on it"
		tap_end
		exit
		;;
esac

# stalled COPY: where does it stand, privileged or not, when it reads --args? All ids and sets there.
stalled() {
	mkfifo "$W/fifo" 2>/dev/null
	chmod 666 "$W/fifo"
	cat >"$W/reader" <<-'END'
		#!/bin/sh
		# No writer of the fifo exists on this side, so it never ends; the other end is held outside.
		exec "$1" --args 9 --ro-bind / / true 9<"$2"
	END
	chmod 755 "$W/reader"
	sleep 5 >"$W/fifo" &
	writer=$!
	as_user "$W/reader" "$1" "$W/fifo" 2>/dev/null &
	box=$!
	sleep 0.4
	"$BIN/tree" $$ | grep '^proc ' | grep -e "Name:[=,]*$(basename "$1") " -e "Name=$(basename "$1") " >"$W/procs"
	kill $writer
	wait $box $writer 2>/dev/null
}

# tried NAME COPY: everything that a copy with privilege must not be able to do.
tried() {
	name=$1
	copy=$2
	for form in "" "--unshare-pid --proc /proc" "--unshare-all --dev /dev" "--unshare-pid --as-pid-1" \
		"--unshare-user --uid 0 --gid 0" "--sync-fd 2" "--unshare-user --disable-userns"; do
		# shellcheck disable=SC2086
		got=$(as_user "$copy" --ro-bind "$BIN" /t $form /t/inside caps 2>&1)
		expect "privcopy: $name: nothing is left inside ($form)" "$zero" "$got"
	done
	got=$(as_user "$copy" --ro-bind / / id -u 2>&1)
	expect "privcopy: $name: the command is the user" "$uid" "$got"
	got=$(as_user "$copy" --ro-bind / / id -g 2>&1)
	expect "privcopy: $name: the group is the user's" "$gid" "$got"
	got=$(as_user "$copy" --ro-bind / / --ro-bind "$W/secret/file" /mnt cat /mnt 2>&1)
	case $?,$got in
		0,* | *,secret) not_ok "privcopy: $name: a source is found as the user" "$got" ;;
		*) ok "privcopy: $name: a source is found as the user" ;;
	esac
	as_user "$copy" --bind "$W" /w --file 8 /w/rootdir/planted --dir /w/rootdir/dir --ro-bind "$BIN" /t \
		/t/inside len 8<"$W/data" >/dev/null 2>&1
	as_user "$copy" --bind "$W" /w --file 8 /w/shared/mine --ro-bind "$BIN" /t /t/inside len \
		8<"$W/data" >/dev/null 2>"$W/err"
	expect "privcopy: $name: nothing is created in root's directory" "" "$(ls -A "$W/rootdir")"
	expect "privcopy: $name: a new file belongs to the user" "$uid:$gid" \
		"$(stat -c %u:%g "$W/shared/mine" 2>&1)"
	rm -rf "$W/rootdir" "$W/shared/mine"
	mkdir "$W/rootdir"
	stalled "$copy"
	if [ ! -s "$W/procs" ]; then
		not_ok "privcopy: $name: dropped before parsing" "no process was seen waiting for --args"
	elif grep -q -e "CapPrm:,0000000000000000 CapEff:,0000000000000000" \
		-e "CapPrm:=0000000000000000 CapEff:=0000000000000000" "$W/procs" &&
		grep -q -e "Uid:=$uid,$uid,$uid,$uid Gid:=$gid,$gid,$gid,$gid " "$W/procs"; then
		ok "privcopy: $name: dropped before parsing"
	else
		not_ok "privcopy: $name: dropped before parsing" "$(cat "$W/procs")"
	fi
}

cp "$W/plain" "$W/suid"
chmod 4755 "$W/suid"
tried "setuid root" "$W/suid"
cp "$W/plain" "$W/sgid"
chmod 2755 "$W/sgid"
tried "setgid root" "$W/sgid"
cp "$W/plain" "$W/both"
chmod 6755 "$W/both"
tried "setuid and setgid root" "$W/both"
rm -f "$W/suid" "$W/sgid" "$W/both"

if command -v setcap >/dev/null; then
	cp "$W/plain" "$W/fcap"
	if setcap cap_sys_admin,cap_net_admin,cap_setuid,cap_dac_override,cap_sys_ptrace+ep "$W/fcap" 2>"$W/err"; then
		tried "file capabilities" "$W/fcap"
		setcap cap_sys_admin,cap_dac_override+p "$W/fcap"
		tried "file capabilities, permitted only" "$W/fcap"
		setcap cap_sys_admin,cap_dac_override+i "$W/fcap"
		tried "file capabilities, inheritable only" "$W/fcap"
	else
		skip "privcopy: file capabilities" "$(cat "$W/err")"
	fi
	rm -f "$W/fcap"
else
	skip "privcopy: file capabilities" "needs setcap"
fi

# The caller itself holds ambient or inheritable capabilities (a desktop session with CAP_SYS_NICE).
for sets in "--inh-caps +sys_nice --ambient-caps +sys_nice" \
	"--inh-caps +sys_admin,+net_admin --ambient-caps +sys_admin,+net_admin" "--inh-caps +chown,+setuid,+sys_admin"; do
	for form in "" "--unshare-all --proc /proc --dev /dev" "--unshare-user --uid 0"; do
		# shellcheck disable=SC2086
		got=$(setpriv --reuid "$uid" --regid "$gid" --clear-groups $sets \
			"$W/plain" --ro-bind "$BIN" /t $form /t/inside caps 2>&1)
		expect "privcopy: the caller's $sets ($form)" "$zero" "$got"
	done
done
got=$(setpriv --reuid "$uid" --regid "$gid" --clear-groups --inh-caps +sys_nice --ambient-caps +sys_nice \
	"$BIN/inside" caps)
case $got in
	*" amb=0 "*) not_ok "privcopy: control, ambient capabilities arrive without a launcher" "$got" ;;
	*) ok "privcopy: control, ambient capabilities arrive without a launcher" ;;
esac
tap_end

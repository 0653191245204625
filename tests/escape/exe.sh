#!/bin/sh
# CVE-2019-5736, CVE-2019-8308: the launcher's file must not be reachable for writing through
# /proc/N/exe of a reaper or monitor. The link leads to the host's mount, so read-only binds do not
# help; the launcher here belongs to the caller, as in a client that carries its own copy.
# Reference: 0.8.0 and 0.13.1 fail: their reaper is dumpable (ETXTBSY is all that stops the first
# open, and nothing stops the later one).
. tests/escape/lib.sh

case $(head -c 4 "$BWRAP" | tr -d '\177') in
	ELF) cp "$BWRAP" "$W/bwrap" ;;
	*)
		skip "exe" "the launcher is a script: /proc/N/exe is its interpreter"
		tap_end
		exit
		;;
esac
chmod 755 "$W/bwrap"
cp "$BIN/inside" "$W/victim"

# Control: the probe does recognise a writable executable.
"$W/victim" wait 10 >/dev/null &
pid=$!
at_end "kill $pid 2>/dev/null"
if (exec 2>/dev/null && : >>"/proc/$pid/exe"); then
	not_ok "exe: control, a running file is busy"
else
	ok "exe: control, a running file is busy"
fi
kill $pid

for form in "--unshare-pid --proc /proc" "--unshare-all --proc /proc --dev /dev" \
	"--unshare-pid --unshare-user --uid 0 --gid 0 --proc /proc" \
	"--unshare-user --uid 0 --cap-add ALL --unshare-pid --proc /proc" \
	"--sync-fd 9 --proc /proc" "--proc /proc --json-status-fd 9" "--ro-bind / / --unshare-pid"; do
	# shellcheck disable=SC2086
	got=$("$W/bwrap" $form --ro-bind "$BIN" /mnt /mnt/inside exe 2>&1 9>/dev/null)
	st=$?
	case $st,$got in
		0,*lost) ok "exe: no writable launcher inside ($form): ${got##*exe }" ;;
		*) not_ok "exe: no writable launcher inside ($form)" "$got" ;;
	esac
done

for form in "" "--uid 0 --gid 0" "--uid 0 --cap-add ALL"; do
	# shellcheck disable=SC2086
	got=$("$BIN/start" -S 30 -x -o "$W/out" -- "$W/bwrap" --unshare-user $form --unshare-pid --proc /proc \
		--ro-bind "$BIN" /t /t/inside exekeep 30 2>&1)
	case $got in
		*"late lost") ok "exe: no descriptor of the launcher survives for later ($form)" ;;
		*) not_ok "exe: no descriptor of the launcher survives for later ($form)" "$got" "$(cat "$W/out")" ;;
	esac
done
tap_end

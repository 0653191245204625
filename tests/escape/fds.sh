#!/bin/sh
# Descriptors (runc CVE-2016-9962, CVE-2024-21626): the command gets exactly the caller's, unchanged;
# what an option consumed is closed; nothing of the launcher's own is left; the current directory lies
# in the new tree. Who holds what outside the command is in holders.sh.
# Reference: 0.8.0 and 0.13.1 pass; the controls are launchers made leaky.
. tests/escape/lib.sh

mkdir "$W/dir"
echo "some text" >"$W/file"
echo "more" >"$W/rw"
printf '\006\000\000\000\000\000\377\177' >"$W/allow" # one BPF instruction: RET ALLOW
printf -- '--setenv\000A\000B\000' >"$W/args"

# start OPTIONS... -- LAUNCHER...: descriptors 5 to 31 in all kinds; the report goes to 40.
given="-f 5:$W/file -f 7:$W/dir -F 9:$W/rw -p 20 -S 30 -F 200:$W/rw -F 40:$W/report"

report() {
	: >"$W/report"
	: >"$W/rw"
	# shellcheck disable=SC2086
	"$BIN/start" $given -o "$W/out" -e "$W/err" "$@" >"$W/start"
	# Pipes and sockets are made anew for each start: kind and flags are compared, not their numbers.
	sed -e '/^fd \(20\|21\|30\) /s/ino=[0-9]*/ino=any/' -e '/^fd [012] /d' "$W/report"
}

# unchanged NAME LAUNCHER-OPTIONS...: the same descriptors with and without the launcher.
unchanged() {
	name=$1
	shift
	report -- "$BIN/inside" fds 40 >"$W/want"
	# shellcheck disable=SC2086
	report -- $leak "$BWRAP" "$@" --ro-bind "$BIN" /mnt /mnt/inside fds 40 >"$W/got"
	if ! grep -q '^exit 0 left 0' "$W/start"; then
		not_ok "fds: $name" "$(cat "$W/start" "$W/err")"
		return
	fi
	[ -z "$leak" ] || return 0
	same "fds: $name" "$W/want" "$W/got"
}

# Control: a launcher that leaks one descriptor is found out.
leak=$W/leak
printf '#!/bin/sh\nexec "$@" 8</dev/zero\n' >"$leak"
chmod +x "$leak"
unchanged "control"
if cmp -s "$W/want" "$W/got"; then
	not_ok "fds: control, a leaked descriptor is noticed"
else
	ok "fds: control, a leaked descriptor is noticed"
fi
leak=

unchanged "plain"
unchanged "everything unshared" --unshare-all --proc /proc --dev /dev
unchanged "pid namespace" --unshare-pid --proc /proc
unchanged "--as-pid-1" --unshare-pid --as-pid-1
unchanged "--die-with-parent" --unshare-pid --die-with-parent
unchanged "--die-with-parent in place" --die-with-parent --new-session
unchanged "root bound on root" --ro-bind / /
unchanged "many operations" --tmpfs /x --dir /y --symlink a /z --bind "$W" /w --remount-ro /w --chmod 0700 /y
unchanged "disabled user namespaces" --unshare-user --disable-userns
unchanged "uid 0" --unshare-user --uid 0 --gid 0 --hostname h --unshare-uts

# Consumed descriptors are closed: the caller's 50-57 exist before, never inside.
consumed() {
	name=$1
	shift
	report -- "$BIN/inside" fds 40 >"$W/want"
	report -f "50:$W/allow" -f "51:$W/file" -F "52:$W/rw" -f "53:$W/args" -f "54:$W/dir" \
		-- "$BWRAP" --ro-bind "$BIN" /t "$@" /t/inside fds 40 >"$W/got"
	for fd in $used; do
		! grep -q "^fd $fd " "$W/got" || {
			not_ok "fds: $name closes its descriptor" "$fd is open inside" "$(cat "$W/start" "$W/err")"
			return
		}
	done
	if grep -q '^exit 0 left 0' "$W/start"; then
		ok "fds: $name closes its descriptor"
	else
		not_ok "fds: $name closes its descriptor" "$(cat "$W/start" "$W/err")"
	fi
}
used=50
consumed "--seccomp" --seccomp 50
consumed "--seccomp with pid namespace" --unshare-pid --seccomp 50
consumed "--add-seccomp-fd" --add-seccomp-fd 50
used=51
consumed "--file" --file 51 /f
consumed "--bind-data" --bind-data 51 /f
consumed "--ro-bind-data" --ro-bind-data 51 /f
consumed "--block-fd" --block-fd 51
used=52
consumed "--info-fd" --info-fd 52
consumed "--json-status-fd" --json-status-fd 52
consumed "--json-status-fd with pid namespace" --unshare-pid --json-status-fd 52
consumed "--sync-fd" --sync-fd 52
used=53
consumed "--args" --args 53
used=54
consumed "--ro-bind-fd" --ro-bind-fd 54 /d
consumed "--bind-fd" --bind-fd 54 /d

# Closed stdio: what the launcher opens must not end up there for the command. The null device may
# (a launcher may keep 0-2 occupied); nothing else.
for closed in "0" "1" "2" "0 1" "1 2" "0 2" "0 1 2"; do
	opts=
	for fd in $closed; do
		opts="$opts -c $fd"
	done
	for form in "" "--unshare-all --proc /proc --dev /dev" "--unshare-pid --sync-fd 5 --json-status-fd 9"; do
		: >"$W/report"
		# shellcheck disable=SC2086
		"$BIN/start" -F "40:$W/report" -f "5:$W/file" -F "9:$W/rw" $opts -- "$BWRAP" --ro-bind "$BIN" /t \
			$form /t/inside fds 40 >"$W/start" 2>"$W/err" </dev/null
		bad=
		for fd in $closed; do
			line=$(grep "^fd $fd " "$W/report") || continue
			case $line in
				*" rdev=103 "*) ;;
				*) bad="$bad $line" ;;
			esac
		done
		if [ -n "$bad" ] || ! grep -q '^exit 0 left 0' "$W/start" || ! grep -q '^end' "$W/report"; then
			not_ok "fds: closed $closed ($form)" "$bad" "$(cat "$W/start" "$W/err")"
		else
			ok "fds: closed $closed ($form)"
		fi
	done
done

# The current directory is inside, wherever the caller stood: also in a directory that is not bound,
# that was deleted, or that only a descriptor names.
for form in "" "--ro-bind / /" "--unshare-all --proc /proc" "--unshare-pid --as-pid-1"; do
	mkdir -p "$W/gone/deep"
	# shellcheck disable=SC2086
	got=$(cd "$W/gone/deep" && "$BWRAP" $form --ro-bind "$BIN" /mnt /mnt/inside tree 2>"$W/err")
	expect "fds: current directory is below the root ($form)" "tree ok" "$got$(cat "$W/err")"
	# shellcheck disable=SC2086
	got=$(cd "$W/gone/deep" && rmdir "$W/gone/deep" &&
		"$BWRAP" $form --ro-bind "$BIN" /mnt /mnt/inside tree 2>"$W/err")
	expect "fds: deleted current directory ($form)" "tree ok" "$got"
done
got=$(cd / && "$BIN/inside" tree)
expect "fds: control, tree is ok outside" "tree ok" "$got"
tap_end

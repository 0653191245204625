#!/bin/sh
# What the launcher's own processes hold while a sandbox runs, seen by root: no capability in any set,
# none of the caller's descriptors but stdio and --sync-fd, no_new_privs. And two things that need root:
# a virtual console (TIOCLINUX) and a start by root.
# Reference: 0.8.0 and 0.13.1 pass most; the control is the command, which does hold the descriptors.
. tests/escape/lib.sh

for n in 5 7 sync lock; do
	echo "$n" >"$W/marker-$n"
done
chmod 666 "$W"/marker-*

# running USER OPTIONS...: a sandbox whose command waits; $W/tree describes its processes.
running() {
	who=$1
	shift
	case $who in
		user) run=as_user ;;
		*) run="env" ;;
	esac
	rm -f "$W/up"
	: >"$W/up"
	chmod 666 "$W/up"
	$run "$BIN/start" -o "$W/up" -e "$W/up" -f "5:$W/marker-5" -F "7:$W/marker-7" -f "9:$W/marker-sync" \
		-p 20 -S 30 -- "$BWRAP" --ro-bind "$BIN" /t --ro-bind "$W" /w "$@" /t/inside wait 10 \
		>"$W/start" 2>&1 &
	box=$!
	await grep -q '^up' "$W/up"
	"$BIN/tree" $box >"$W/tree"
	# The launcher's processes are all that is neither a helper of the test nor the command.
	grep '^proc ' "$W/tree" | grep -v -e 'Name:=inside ' -e 'Name:=start ' -e 'Name:=runuser ' -e 'Name:=sh ' \
		>"$W/ours"
	sed -n 's/^proc \([0-9]*\) Name:=inside .*/\1/p' "$W/tree" | xargs kill -KILL
	wait $box
}

# held NAME USER OPTIONS...
held() {
	name=$1
	shift
	running "$@"
	if ! grep -q '^up' "$W/up"; then
		not_ok "holders: $name" "the command never ran" "$(cat "$W/up" "$W/start")"
		return
	fi
	bad=
	while read -r _ pid line; do
		case $line in
			*"CapInh:=0000000000000000 CapPrm:=0000000000000000 CapEff:=0000000000000000 CapAmb:=0000000000000000"*) ;;
			*) bad="$bad; capabilities: $line" ;;
		esac
		case $line in
			*NoNewPrivs:=1*) ;;
			*) bad="$bad; no no_new_privs: $line" ;;
		esac
		more=$(sed -n "s/^fd $pid //p" "$W/tree" | grep -e marker-5 -e marker-7 -e socket: -e "$W/marker-sync")
		[ -z "$more" ] || [ "$allowed" = "$(echo "$more" | sed 's/.* //' | sort -u)" ] ||
			bad="$bad; descriptors: $more"
	done <"$W/ours"
	if [ -n "$bad" ]; then
		not_ok "holders: $name" "$bad"
	else
		ok "holders: $name ($(wc -l <"$W/ours") processes)"
	fi
}

for who in user root; do
	allowed=
	held "$who, in place" "$who" --unshare-user
	held "$who, pid namespace" "$who" --unshare-user --unshare-pid
	held "$who, --as-pid-1" "$who" --unshare-user --unshare-pid --as-pid-1
	held "$who, everything" "$who" --unshare-user --unshare-all --dev /dev --proc /proc --hostname h
	held "$who, --uid 0 and all capabilities" "$who" --unshare-user --unshare-pid --uid 0 --cap-add ALL
	held "$who, --disable-userns" "$who" --unshare-user --disable-userns --unshare-pid
	held "$who, --lock-file" "$who" --unshare-user --lock-file /w/marker-lock
	held "$who, --die-with-parent" "$who" --unshare-user --unshare-pid --die-with-parent
	allowed="$W/marker-sync"
	held "$who, --sync-fd" "$who" --unshare-user --unshare-pid --sync-fd 9
	held "$who, --sync-fd without pid namespace" "$who" --unshare-user --sync-fd 9
done
allowed=
held "root without a user namespace" root --unshare-pid
if grep -q ' 5 .*marker-5' "$W/tree"; then
	ok "holders: control, the command's own descriptors are seen"
else
	not_ok "holders: control, the command's own descriptors are seen" "$(cat "$W/tree")"
fi

# Root's command keeps its capabilities there, as with bubblewrap.
if grep '^proc .*Name:=inside ' "$W/tree" | grep -q 'CapPrm:=0*[1-9a-f]'; then
	ok "holders: control, capabilities are seen"
else
	not_ok "holders: control, capabilities are seen" "$(grep '^proc' "$W/tree")"
fi

# TIOCLINUX (CVE-2023-28100) exists on virtual consoles only; pasting there is typing.
vt=/dev/tty63
if (exec 3<>$vt) 2>/dev/null; then
	"$BIN/pty" push -v $vt -- "$BWRAP" --unshare-user --dev-bind / / "$BIN/inside" tty >"$W/out" 2>&1
	if grep -q '^TIOCLINUX won' "$W/out"; then
		ok "holders: control, TIOCLINUX works without --new-session"
	else
		not_ok "holders: control, TIOCLINUX works without --new-session" "$(cat "$W/out")"
	fi
	"$BIN/pty" push -v $vt -- "$BWRAP" --unshare-user --new-session --dev-bind / / "$BIN/inside" tty \
		>"$W/out" 2>&1
	if grep -q '^TIOCLINUX lost' "$W/out" && ! grep -q ' won' "$W/out"; then
		ok "holders: --new-session keeps TIOCLINUX out"
	else
		not_ok "holders: --new-session keeps TIOCLINUX out" "$(cat "$W/out")"
	fi
else
	skip "holders: TIOCLINUX" "no virtual console"
fi

# Root's own capabilities: none after --cap-drop ALL, exactly the named ones after --cap-add.
# bubblewrap leaves root's bounding set alone; no_new_privs keeps an exec from using it.
got=$(box --cap-drop ALL /t/inside caps | sed 's/bnd=[^ ]* //')
expect "holders: root, --cap-drop ALL" "inh=0 prm=0 eff=0 amb=0 nnp=1 ids=same" "$got"
got=$(box --cap-drop ALL --cap-add CAP_NET_ADMIN /t/inside caps | sed 's/bnd=[^ ]* //')
expect "holders: root, one capability" "inh=1000 prm=1000 eff=1000 amb=1000 nnp=1 ids=same" "$got"
tap_end

#!/bin/sh
# --memory, --pids and --cpus by control groups of version 2, on Debian 12's own kernel in QEMU: groups that a user may divide,
# beside the one that postern is in and below it, and a real systemd --user. tests/run/inside_guest.sh is what the guest does.
set -eu
. tests/lib/tap.sh

# user_manager ROOT: what of systemd and D-Bus is no program on PATH
user_manager() {
	manager=$(readlink -f /usr/lib/systemd/systemd)
	{
		printf '%s\n' "$manager" /usr/share/dbus-1/session.conf
		find /usr/lib/systemd/user -maxdepth 1 ! -type d
		find "$(readlink -f /usr/lib)"/*/systemd -name 'libsystemd-*.so'
		ldd "$manager" /usr/bin/busctl /usr/bin/dbus-daemon | sed -n 's,^.*\(\s\|> \)\(/[^ ]*\) (0x.*,\2,p' |
			while read -r library; do
				printf '%s\n%s\n' "$library" "$(readlink -f "$library")"
			done
	} | sort -u | sed 's,^/,,' | tar -C / --no-recursion -cf - -T - 2>/dev/null | tar -C "$1" -xf -
	# Debian has these two in dbus-user-session, which one may not want
	units=$1/usr/lib/systemd/user
	[ -e "$units/dbus.socket" ] || printf '%s\n' '[Socket]' 'ListenStream=%t/bus' >"$units/dbus.socket"
	[ -e "$units/dbus.service" ] || printf '%s\n' '[Unit]' Requires=dbus.socket '[Service]' Type=notify \
		'ExecStart=/usr/bin/dbus-daemon --session --address=systemd: --nofork --nopidfile --systemd-activation' \
		>"$units/dbus.service"
	mkdir -p "$units/sockets.target.wants"
	ln -sf ../dbus.socket "$units/sockets.target.wants/dbus.socket"
}

main() {
	: "${BUILD:=$PWD/build}"
	: "${POSTERN_CACHE:=/var/cache/postern-tests}"
	work=$(mktemp -d "${TMPDIR:-/tmp}/postern-run-guest.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	TAP_NAME=run-guest need qemu-system-x86_64 busybox jq dbus-daemon "[ -x /usr/lib/systemd/systemd ]" || {
		tap_end
		return
	}
	# shellcheck disable=SC2088 # patterns of apt
	if ! tests/lib/aptroot "$POSTERN_CACHE/kernel-bookworm" bookworm '~R~n^linux-image-cloud-amd64$' >"$work/fetch" 2>&1; then
		skip run-guest "no kernel is to be had: $(tail -n 1 "$work/fetch")"
		tap_end
		return
	fi
	mkdir -p "$work/more/usr/bin" "$work/more/work"
	for program in postern bwrap postern-inside postern-battery; do cp "$BUILD/$program" "$work/more/usr/bin/"; done
	ldd "$BUILD/postern" | sed -n 's,^.*\(\s\|> \)\(/[^ ]*\) (0x.*,\2,p' | while read -r library; do
		mkdir -p "$work/more$(dirname "$(readlink -f "$library")")"
		cp "$(readlink -f "$library")" "$work/more$(readlink -f "$library")"
		mkdir -p "$work/libs"
		cp -L "$library" "$work/libs/"
	done
	mkdir -p "$work/more/usr/lib/x86_64-linux-gnu"
	cp "$work"/libs/* "$work/more/usr/lib/x86_64-linux-gnu/"
	cp tests/run/inside_guest.sh "$work/more/work/"
	tests/lib/guestroot "$work/root" dash coreutils util-linux grep sed systemd dbus-daemon
	user_manager "$work/root"
	status=0
	tests/lib/guest --limit "${GUEST_LIMIT:-540}" --memory 768 --boot apparmor=0 "$POSTERN_CACHE/kernel-bookworm" "$work/root" \
		"$work/more" -- sh /work/inside_guest.sh >"$work/out" 2>"$work/err" || status=$?
	grep -E '^(ok|not ok) - ' "$work/out" >"$work/results" || :
	while read -r line; do
		case $line in
			ok*) ok "${line#ok - }" ;;
			*) not_ok "${line#not ok - }" "$(cat "$work/out")" ;;
		esac
	done <"$work/results"
	if [ $status != 0 ] || [ "$(wc -l <"$work/results")" -lt 20 ]; then
		not_ok "the guest does all of it" "status $status" "$(tail -n 40 "$work/out" "$work/err")"
	fi
	tap_end
}

main "$@"

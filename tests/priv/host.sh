#!/bin/sh
# Whatever way a host refuses user namespaces, the launcher hands over, and only then.
set -eu
. tests/lib/tap.sh
. tests/priv/lib.sh

no='unshare user ns: Operation not permitted'

# codex's probe, its run in small, its form without procfs, its form without pid namespace, a mere bind
forms() {
	cat <<-'END'
		--unshare-user --unshare-net --ro-bind / /
		--as-pid-1 --new-session --die-with-parent --ro-bind / / --dev /dev --perms 000 --tmpfs /mnt --remount-ro /mnt --unshare-user --unshare-pid --unshare-ipc --unshare-net --proc /proc --cap-drop ALL
		--as-pid-1 --new-session --die-with-parent --ro-bind / / --dev /dev --unshare-user --unshare-pid --unshare-ipc --unshare-net --cap-drop ALL
		--new-session --die-with-parent --ro-bind / / --dev /dev --unshare-user --unshare-ipc --unshare-net --cap-drop ALL
		--ro-bind / /
		--unshare-all --unshare-user --ro-bind / / --dev /dev --proc /proc --disable-userns
	END
}

on_host() {
	PRIV_HOST=$2
	forms >"$W/forms"
	while read -r options; do
		# shellcheck disable=SC2086
		says "$1 on $2: $options" ran refuse "$BWRAP" $options /bin/echo ran
	done <"$W/forms"
}

# The host's /proc is masked in part, as in a container: no user namespace would get one of its own.
masked_proc() {
	PRIV_HOST=$(priv_host_of "$1")
	rc=0
	# shellcheck disable=SC2016
	unshare -m --propagation private sh -c 'mount -t tmpfs none /proc/tty && exec "$@"' sh \
		sh tests/priv/as refuse "$BWRAP" --ro-bind / / --unshare-user --unshare-pid --proc /proc echo ran \
		>"$W/out" 2>"$W/err" </dev/null || rc=$?
	case $1 in
		*userns)
			# The kernel asks for a whole /proc there, whoever made the namespace: callers go on without.
			if [ $rc = 1 ] && grep -q "^bwrap: Can't mount proc on /newroot/proc: Operation not permitted" "$W/err"; then
				ok "$1: no procfs over a masked one, and said as callers know it"
			else
				not_ok "$1: no procfs over a masked one, and said as callers know it" "status $rc" \
					"$(cat "$W/out" "$W/err")"
			fi
			return
			;;
	esac
	if [ $rc = 0 ] && [ "$(cat "$W/out")" = ran ] && [ ! -s "$W/err" ]; then
		ok "$1: a procfs of its own over a masked one"
	else
		not_ok "$1: a procfs of its own over a masked one" "status $rc" "$(cat "$W/out" "$W/err")"
	fi
}

# What a sandbox that needs no help does not get: postern-priv is not even looked at.
unasked() {
	mv "$PRIV" "$PRIV.real"
	cp "$PRIV_BIN/catch" "$PRIV"
	chmod 755 "$PRIV"
	PRIV_HOST=none
	says "a host that grants user namespaces: nothing is handed over" ran refuse "$BWRAP" --ro-bind / / echo ran
	denied "a command line that is wrong: nothing is handed over" '[a-z-]*' refuse "$BWRAP" --bind /nosuch /x true
	PRIV_HOST=eperm
	for options in "--bogus" "--uid -1" "--uid 4294967295" "--gid -1" "--uid 4294967296" "--args 77" \
		"--perms 99999 --dir /x"; do
		# shellcheck disable=SC2086
		denied "$options: nothing is handed over" '[a-z-]*' refuse "$BWRAP" --unshare-user $options true
	done
	mv "$PRIV.real" "$PRIV"
}

# The host lets its users make user namespaces without power. With --disable-userns there are not even these.
banned() {
	PRIV_HOST=ubuntu
	says "$1: control: the host's policy on user namespaces stays in force" 'unshare user ns: ok' \
		refuse "$BWRAP" --ro-bind / / "$PRIV_BIN/peek" userns
	for options in "" "--unshare-pid --dev /dev --proc /proc"; do
		# shellcheck disable=SC2086
		says "$1: --disable-userns $options" "$no" refuse "$BWRAP" --ro-bind / / --unshare-user --disable-userns \
			--assert-userns-disabled $options sh -c '"$0" userns | sed "s/No space left on device/Operation not permitted/"' \
			"$PRIV_BIN/peek"
	done
}

# files are read once: what the launcher took from a descriptor reaches the sandbox all the same
contents() {
	PRIV_HOST=$(priv_host_of "$1")
	says "$1: contents of a pipe" "piped" refuse sh -c 'echo piped | "$@"' sh "$BWRAP" --ro-bind / / --tmpfs /mnt \
		--file 0 /mnt/f cat /mnt/f
	says "$1: contents of two megabytes" "2000000" refuse sh -c 'head -c 2000000 /dev/zero | "$@"' sh "$BWRAP" --ro-bind / / \
		--tmpfs /mnt --ro-bind-data 0 /mnt/f stat -c %s /mnt/f
	says "$1: arguments of a pipe" "given" refuse sh -c 'printf "%s\0" --setenv A given | "$@"' sh "$BWRAP" --ro-bind / / \
		--args 0 sh -c 'echo $A'
	says "$1: an environment" "A=1 B= C=x y" refuse env -i A=1 B= 'C=x y' "$BWRAP" --ro-bind / / env -u PWD \
		sh -c 'echo "A=$A B=$B C=$C"'
	# the maps of root's namespace are written by another process than the one that is in it
	[ "$1" != setuid-userns ] || return 0
	# without Landlock nor is a pid namespace the caller's own
	[ "${PRIV_KERNEL:-}" != nas ] || return 0
	says "$1: the pid stays" "same" refuse sh -c '"$@" >"$0" & wait $!; [ "$(cat "$0")" = $! ] && echo same' \
		"$W/user/pid" "$BWRAP" --ro-bind / / sh -c 'echo $$'
}

main() {
	priv_enter "$0" "$@"
	priv_begin host
	export PRIV_HOST
	for mode in ${PRIV_MODES:-filecaps filecaps-userns setuid setuid-userns}; do
		priv_mode "$mode"
		case $mode in
			*-userns)
				on_host "$mode" sysctl
				on_host "$mode" ubuntu
				;;
			none) on_host "$mode" none ;;
			*)
				for host in ${PRIV_KERNEL:-eperm enospc einval sysctl ubuntu}; do
					on_host "$mode" $host
				done
				;;
		esac
		[ "$mode" = none ] || masked_proc "$mode"
		contents "$mode"
		# a kernel without user namespaces lets nobody have them
		[ "$mode" = none ] || [ -n "${PRIV_KERNEL:-}" ] || banned "$mode"
	done
	[ -n "${PRIV_KERNEL:-}" ] || unasked
	tap_end
}

main "$@"

# shellcheck shell=sh
# The ways to run the cases; sourced by run, whose variables it uses:
# shellcheck disable=SC2154,SC2034

run_variant() {
	case $1 in
		'')
			compare_default
			check_differences
			;;
		as) compare_default ;;
		live-bookworm) live_bookworm ;;
		newest-report) newest_report ;;
		shim:single) shim_single ;;
		shim:*)
			label="launcher on $1"
			set -- "${1#shim:}"
			# before 3.12 no fstatfs(2) of an O_PATH descriptor, and all of ours are such
			[ "$1" != 3.10 ] || set -- "$1" fstatfs=EBADF
			shimmed "$@"
			compare_default
			;;
		priv:*)
			mode=${1#priv:}
			walls=
			case $mode in *:*) walls=${mode#*:} ;; esac
			mode=${mode%%:*}
			label="launcher with $mode${walls:+, $walls}"
			compare_default
			check_mode
			;;
		closed-fds | tiny-rlimits)
			label="launcher with $1"
			compare_default "variant=$1"
			;;
		*) usage ;;
	esac
}

# everyone: the users that the caller can run cases as
everyone() {
	if [ "$(id -u)" = 0 ]; then
		echo user root
	else
		echo user
	fi
}

# Recordings go stale when a kernel or a helper changes: the real program must still do the same.
live_bookworm() {
	label="recording of bubblewrap 0.8.0:"
	program=/usr/bin/bwrap
	if [ "$("$program" --version 2>/dev/null)" != "bubblewrap 0.8.0" ]; then
		program=$work/bin/bookworm
		debian bookworm || {
			skip "$label all" "Debian's bookworm cannot be fetched here"
			return
		}
	fi
	for who in $(everyone); do
		compare_real "$program" 0.8.0 "$who" not_ok
	done
}

# report NAME DETAIL...: a difference that is interesting but no failure
report() {
	ok "$1 # differs"
	shift
	printf '%s\n' "$@" | sed 's/^/  /' >&2
}

newest_report() {
	debian sid || {
		skip "launcher newest-report" "Debian's sid cannot be fetched here"
		return
	}
	label="recording of bubblewrap 0.13.1 against $("$work/bin/sid" --version):"
	for who in $(everyone); do
		compare_real "$work/bin/sid" 0.13.1 "$who" report
	done
}

# shimmed RULE...: from now on the launcher runs under the shim
shimmed() {
	[ "$(id -u)" != 0 ] || [ "$who" != root ] || set -- --no-nnp "$@"
	launcher_path=$work/bin/shimmed
	cat >"$launcher_path" <<-END
		#!/bin/sh
		exec $work/bin/no_syscall $* -- $(reachable "$BWRAP" "$who") "\$@"
	END
	chmod 755 "$launcher_path"
}

# Containers answer EPERM and some kernels EINVAL where an old kernel says ENOSYS.
shim_single() {
	for call in open_tree_attr open_tree move_mount fsopen fsconfig fsmount mount_setattr openat2 \
		clone3 close_range pidfd_open pidfd_send_signal memfd_create getrandom statx renameat2 \
		execveat faccessat2 seccomp; do
		for errno in ENOSYS EPERM EINVAL; do
			label="launcher without $call ($errno)"
			shimmed "$call=$errno"
			compare_default smoke
		done
	done
}

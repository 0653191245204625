# shellcheck shell=sh
# What the parts below tests/clients share. Source it from the top of the tree, after
# tests/lib/tap.sh.
#
# A client is installed by whoever runs the part (root, as a rule) into the cache, and then used by
# a real unprivileged account: the part copies itself into a scratch directory in that account's
# home and runs its second half, the "suite", there as that user. The home must not lie below the
# directory for temporary files, where Codex refuses to work.
#
#	client_begin NAME	sets client_user, client_uid, S (scratch directory) and BWRAP; 1 after a skip
#	client_npm NAME		installs NAME's package-lock.json into the cache; prints its node_modules
#	client_suite FILE VAR=X...	runs tests/clients/FILE as the user, with these variables
#	client_installed	sets client_root_dir, a directory of root's with the shim and the launcher
#	client_end		nothing may be left behind; removes the scratch directory; exit status

client_status=0

client_as() {
	if [ "$(id -u)" = 0 ]; then
		runuser -u "$client_user" -- "$@"
	else
		"$@"
	fi
}

client_cache() {
	if [ -n "${POSTERN_CACHE:-}" ]; then
		echo "$POSTERN_CACHE"
	elif [ "$(id -u)" = 0 ]; then
		echo /var/cache/postern-tests
	else
		echo "${XDG_CACHE_HOME:-$HOME/.cache}/postern-tests"
	fi
}

client_begin() {
	client_name=$1
	TAP_NAME=clients/$1
	BWRAP=${BWRAP:-$PWD/build/bwrap}
	if [ "$(id -u)" = 0 ]; then
		client_user=${TEST_USER:-postern-test}
		need runuser "id $client_user" || return 1
		client_home=$(awk -F: -v u="$client_user" '$1 == u { print $6 }' /etc/passwd)
	else
		client_user=$(id -un)
		client_home=$HOME
	fi
	need tar timeout || return 1
	if ! [ -x "$BWRAP" ]; then
		not_ok "clients/$1: the launcher to test is there" "BWRAP=$BWRAP"
		return 1
	fi
	# shellcheck disable=SC2034 # for the parts
	client_uid=$(id -u "$client_user")
	case $client_home/ in
		//* | /tmp/* | /var/tmp/*)
			skip "$TAP_NAME" "$client_user has no home outside the directories for temporary files"
			return 1
			;;
	esac
	S=$(client_as mktemp -d "$client_home/postern-$1.XXXXXX") || {
		skip "$TAP_NAME" "$client_user cannot write to its home $client_home"
		return 1
	}
	client_root_dir=
	trap client_tidy EXIT
	trap 'exit 1' HUP INT PIPE TERM
	# The tree under test may lie where the user has no access.
	client_as mkdir "$S/tree" "$S/bin" &&
		tar -cf - tests/lib tests/clients tests/shim | client_as tar -xf - -C "$S/tree" --no-same-owner &&
		client_place "$BWRAP" "$S/bin/bwrap"
}

# client_place FILE LINK: the user finds the program FILE at LINK; by a link if it may execute FILE.
client_place() {
	if client_as test -x "$1"; then
		client_as ln -s "$1" "$2"
	else
		client_as sh -c 'cat >"$1" && chmod 755 "$1"' place "$2" <"$1"
	fi
}

# Some clients trust a launcher only where its user could not replace it. Sets client_root_dir, in
# which "bwrap" is the shim and "launcher" what it executes.
client_installed() {
	(umask 022 && mkdir -p "$(client_cache)") &&
		client_root_dir=$(mktemp -d "$(client_cache)/installed.XXXXXX") || return 1
	cp "$BWRAP" "$client_root_dir/launcher"
	cp tests/clients/shim "$client_root_dir/bwrap"
	printf 'LOG="%s"\nREAL="%s"\n' "$S/log" "$client_root_dir/launcher" >"$client_root_dir/shim.conf"
	chmod 755 "$client_root_dir" "$client_root_dir/launcher" "$client_root_dir/bwrap"
	chmod 644 "$client_root_dir/shim.conf"
}

# The lock file has every package's digest and no address: npm asks the registry it is set up for.
client_npm_install() (
	umask 022
	mkdir -p "$2" &&
		cp "tests/clients/$1/package.json" "tests/clients/$1/package-lock.json" "$2" &&
		cd "$2" &&
		timeout -k 5 300 npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier \
			--loglevel=error >/dev/null
)

client_npm() {
	client_sum=$(cat "tests/clients/$1/package.json" "tests/clients/$1/package-lock.json" |
		sha256sum | cut -c1-16)
	client_tree=$(client_cache)/npm/$1-$client_sum
	if [ ! -d "$client_tree/node_modules" ]; then
		client_new=$client_tree.$$
		rm -rf "$client_new"
		if ! client_npm_install "$1" "$client_new" || ! mv "$client_new" "$client_tree"; then
			rm -rf "$client_new"
			return 1
		fi
	fi
	echo "$client_tree/node_modules"
}

# A suite that hangs, or that is killed, must not pass for one that had nothing to say.
# It stays in our process group, so that whoever stops us stops it too.
# client_host is a command that prepares the host for the suite and executes its arguments.
client_host=
client_suite() {
	client_script=$1
	shift
	set -- env -i HOME="$client_home" USER="$client_user" LOGNAME="$client_user" LANG=C.UTF-8 \
		PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin MUST_WORK="${MUST_WORK:-0}" S="$S" "$@" \
		timeout --foreground -k 5 240 \
		sh -c 'cd "$1" && exec sh "$2"' suite "$S/tree" "tests/clients/$client_script"
	[ "$(id -u)" != 0 ] || set -- runuser -u "$client_user" -- "$@"
	# shellcheck disable=SC2086
	$client_host "$@" </dev/null
	client_rc=$?
	case $client_rc in
		0) ;;
		124 | 137) not_ok "$client_script ends in time" "stopped after 240 s" ;;
		*) client_status=1 ;;
	esac
}

# Whatever was started on behalf of the suite carries the scratch directory's name in its
# environment or in its arguments (the pattern comes by stdin so that grep does not find itself).
client_processes() {
	# shellcheck disable=SC2062 # these are files
	printf '%s\n' "$S" |
		grep -lsF -f - /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null |
		sed 's,^/proc/\([0-9]*\)/.*,\1,' | sort -u
}

# However the part ends: nothing of it stays.
client_tidy() {
	for client_pid in $(client_processes); do
		kill -9 "$client_pid" 2>/dev/null || :
	done
	client_as rm -rf "$S"
	[ -z "$client_root_dir" ] || rm -rf "$client_root_dir"
}

client_end() {
	client_tries=30
	while client_left=$(client_processes) && [ -n "$client_left" ] && [ "$client_tries" -gt 0 ]; do
		sleep 0.1
		client_tries=$((client_tries - 1))
	done
	if [ -z "$client_left" ]; then
		ok "$client_name: no process is left behind"
	else
		not_ok "$client_name: no process is left behind" \
			"$(for p in $client_left; do echo "$p: $(tr '\0' ' ' <"/proc/$p/cmdline")"; done 2>&1)"
	fi
	tap_end && [ "$client_status" -eq 0 ]
}

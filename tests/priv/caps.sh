#!/bin/sh
# What a command has when postern-priv made its sandbox: nothing that its caller had not, and no capability. What was
# made outside is the caller's. (MUST 4, 9)
set -eu
. tests/lib/tap.sh
. tests/priv/lib.sh

# The command: its ids, groups, capabilities, no_new_privs, and its descriptors
# shellcheck disable=SC2016
LOOK='awk "/^(Uid|Gid|Groups|Cap...|NoNewPrivs):/" /proc/self/status; exec "$0" fds'

# expected GROUPS: what it must say
expected() {
	uid=$(id -u "$TEST_USER")
	gid=$(id -g "$TEST_USER")
	tab=$(printf '\t')
	printf 'Uid:%s\nGid:%s\nGroups:%s%s \n' "$tab$uid$tab$uid$tab$uid$tab$uid" "$tab$gid$tab$gid$tab$gid$tab$gid" \
		"$tab" "$1"
	for set in Inh Prm Eff Bnd Amb; do
		printf 'Cap%s:%s0000000000000000\n' $set "$tab"
	done
	printf 'NoNewPrivs:%s1\nfds 0 1 2\n' "$tab"
}

combinations() {
	cat <<-'END'
		--ro-bind / /
		--bind / / --unshare-user
		--ro-bind / / --unshare-pid --proc /proc
		--ro-bind / / --unshare-all --proc /proc --dev /dev --tmpfs /run
		--ro-bind / / --unshare-pid --as-pid-1 --proc /proc
		--ro-bind / / --unshare-pid --as-pid-1 --new-session --die-with-parent --proc /proc
		--ro-bind / / --unshare-user --disable-userns
		--ro-bind / / --unshare-user --unshare-net --cap-drop ALL
		--dev-bind / / --new-session
		--ro-bind / / --unshare-uts --hostname inside --unshare-ipc --unshare-cgroup-try
		--tmpfs / --ro-bind /usr /usr --ro-bind /etc /etc --symlink usr/bin /bin --symlink usr/lib /lib --symlink usr/lib64 /lib64 --ro-bind HELPERS HELPERS --dev /dev --unshare-pid --proc /proc
		--ro-bind / / --tmpfs /tmp --perms 000 --tmpfs /tmp/x --remount-ro /tmp/x --unshare-pid --proc /proc --chdir /
	END
}

# Supplementary groups stay; in a user namespace of one's own the others cannot be named. The kernel sorts them.
groups_seen() {
	for g in $(id -G "$TEST_USER"); do
		case $1,$g in
			filecaps,* | setuid,* | *,"$(id -g "$TEST_USER")") echo "$g" ;;
			*) echo 65534 ;;
		esac
	done | sort -n | tr '\n' ' ' | sed 's/ $//'
}

# A shell, and whoever started us, may have left descriptors open.
clean() {
	refuse "$PRIV_BIN/with" clean -- "$@"
}

inside() {
	combinations | sed "s,HELPERS,$PRIV_BIN,g" >"$W/combinations"
	while read -r options; do
		# shellcheck disable=SC2086
		says "$1: $options" "$(expected "$(groups_seen "$1")")" clean "$BWRAP" $options sh -c "$LOOK" "$PRIV_BIN/peek"
	done <"$W/combinations"
}

# Which of the caller's descriptors arrive: those that no option consumed, and no other.
descriptors() {
	for options in "" "--unshare-pid" "--unshare-all --proc /proc --dev /dev" "--unshare-pid --as-pid-1"; do
		# shellcheck disable=SC2086
		says "$1: only the caller's descriptors, ${options:-in place}" "fds 0 1 2 5 9" clean sh -c \
			'exec "$@" 5</dev/null 9</dev/null' sh "$BWRAP" --ro-bind / / $options "$PRIV_BIN/peek" fds
		says "$1: of those that options take none, ${options:-in place}" "fds 0 1 2" clean sh -c \
			'echo x >"$0"; exec "$@" 5<"$0" 6<"$0" 7<"$0" 8>/dev/null' "$W/user/data" "$BWRAP" --ro-bind / / \
			--tmpfs /tmp --file 5 /tmp/f --ro-bind-data 6 /tmp/d --block-fd 7 --info-fd 8 $options \
			"$PRIV_BIN/peek" fds
	done
}

# listing: type, mode and owner of what there is in the user's folder
listing() {
	(cd "$W/user" && find . -mindepth 1 -printf '%P %y %m %u %g\n' | sort)
}

outside() {
	rm -rf "$W/user"
	mkdir "$W/user" "$W/roots"
	chown "$TEST_USER:" "$W/user"
	says "$1: mount points and files are made" ran refuse sh -c 'umask 077; cd "$0" && exec "$@" 3</dev/null' \
		"$W/user" "$BWRAP" --ro-bind / / --bind "$W/user" "$W/user" --dir "$W/user/dir" --tmpfs "$W/user/a/tmpfs" \
		--ro-bind /etc "$W/user/bound" --ro-bind /etc/passwd "$W/user/file" --file 3 "$W/user/data" \
		--symlink target "$W/user/link" echo ran
	# what bubblewrap would have made as this user
	{
		printf 'a d 755 %s %s\n' "$TEST_USER" "$(id -gn "$TEST_USER")"
		printf 'a/tmpfs d 755 %s %s\n' "$TEST_USER" "$(id -gn "$TEST_USER")"
		printf 'bound d 755 %s %s\n' "$TEST_USER" "$(id -gn "$TEST_USER")"
		printf 'data f 666 %s %s\n' "$TEST_USER" "$(id -gn "$TEST_USER")"
		printf 'dir d 755 %s %s\n' "$TEST_USER" "$(id -gn "$TEST_USER")"
		printf 'file f 444 %s %s\n' "$TEST_USER" "$(id -gn "$TEST_USER")"
		printf 'link l 777 %s %s\n' "$TEST_USER" "$(id -gn "$TEST_USER")"
	} >"$W/wanted"
	listing >"$W/got"
	if cmp -s "$W/wanted" "$W/got"; then
		ok "$1: what is made on the host is the caller's"
	else
		not_ok "$1: what is made on the host is the caller's" "$(diff "$W/wanted" "$W/got")"
	fi
	for options in "--dir $W/roots/x" "--tmpfs $W/roots/x" "--symlink a $W/roots/x" "--ro-bind /etc $W/roots/x" \
		"--ro-bind /etc/passwd $W/roots/x" "--chmod 0777 $W/roots" "--dir /nosuch-postern"; do
		# shellcheck disable=SC2086
		denied "$1: $options, where the caller may not write" '[a-z-]*' refuse "$BWRAP" --bind / / $options true
	done
	if [ -z "$(ls -A "$W/roots")" ] && [ "$(stat -c %a:%U "$W/roots")" = 755:root ]; then
		ok "$1: nothing was made where the caller may not write"
	else
		not_ok "$1: nothing was made where the caller may not write" "$(ls -la "$W/roots")"
	fi
	rmdir "$W/roots"
	mkdir "$W/secret"
	echo secret >"$W/secret/f"
	chmod 700 "$W/secret"
	for source in "$W/secret/f" "$W/secret/nosuch" "$W/secret/../secret/f"; do
		denied "$1: a source that the caller cannot reach" '[a-z-]*' refuse "$BWRAP" --ro-bind / / \
			--ro-bind "$source" /mnt true
	done
	# the same words, whether it is there or not (MUST 11)
	refuse "$BWRAP" --ro-bind / / --ro-bind "$W/secret/f" /mnt true 2>&1 | sed 's,/secret/[a-z]*,/X,' >"$W/there" || :
	refuse "$BWRAP" --ro-bind / / --ro-bind "$W/secret/nosuch" /mnt true 2>&1 | sed 's,/secret/[a-z]*,/X,' >"$W/not" || :
	if cmp -s "$W/there" "$W/not" && [ -s "$W/not" ]; then
		ok "$1: errors do not tell what the caller could not know"
	else
		not_ok "$1: errors do not tell what the caller could not know" "$(diff "$W/there" "$W/not")"
	fi
	rm -rf "$W/secret"
}

main() {
	priv_enter "$0" "$@"
	priv_begin caps
	for mode in ${PRIV_MODES:-filecaps filecaps-userns setuid setuid-userns}; do
		PRIV_HOST=$(priv_host_of "$mode")
		priv_mode "$mode"
		inside "$mode"
		descriptors "$mode"
		outside "$mode"
	done
	tap_end
}

main "$@"

# shellcheck shell=sh
# Programs in single quotes expand their variables in the sandbox:
# shellcheck disable=SC2016
# What is made inside the sandbox: directories, files, links, data, permissions, overlays.

dir_makes_a_directory() {
	bare --dir /x --dir /y/z /peek stat /x /y /y/z
	bare --perms 0700 --dir /x --perms 1777 --dir /y /peek stat /x /y
}

dir_leaves_an_existing_directory_alone() {
	mkdir -m 0711 d
	: >d/f
	bare --bind "$PWD/d" /d --perms 0700 --dir /d /peek stat /d /d/f
}

file_copies_a_descriptor() {
	echo hello >f
	tell "$BWRAP" --ro-bind / / --tmpfs /run --file 3 /run/x cat /run/x 3<f
	tell "$BWRAP" --ro-bind "$PEEK" /peek --file 3 /x --perms 0600 --file 4 /y/z /peek stat /x /y /y/z 3<f 4<f
	tell "$BWRAP" --ro-bind "$PEEK" /peek --file 3 /x /peek fds 3<f
	tell_in "$BWRAP" --ro-bind / / --tmpfs /run --file 0 /run/x cat /run/x <f
}

file_copies_from_the_current_offset() {
	printf 'one\ntwo\n' >f
	{
		read -r _
		tell "$BWRAP" --ro-bind / / --tmpfs /run --file 3 /run/x cat /run/x 3<&0
	} <f
}

#: smoke
bind_data_is_writable_and_ro_bind_data_not() {
	echo hello >f
	tell "$BWRAP" --ro-bind "$PEEK" /peek --bind-data 3 /x /peek open /x 3<f
	tell "$BWRAP" --ro-bind "$PEEK" /peek --ro-bind-data 3 /x /peek open /x 3<f
	tell "$BWRAP" --ro-bind "$PEEK" /peek --bind-data 3 /x --perms 0444 --ro-bind-data 4 /y \
		/peek stat /x /y 3<f 4<f
	tell "$BWRAP" --ro-bind "$PEEK" /peek --bind-data 3 /x --ro-bind-data 4 /y /peek mount /x /y 3<f 4<f
	tell "$BWRAP" --ro-bind / / --tmpfs /run --bind-data 3 /run/x cat /run/x 3<f
	tell "$BWRAP" --ro-bind "$PEEK" /peek --ro-bind-data 3 /x /peek fds 3<f
}

bind_data_covers_an_existing_file() {
	echo outside >f
	echo data >g
	tell "$BWRAP" --ro-bind / / --bind-data 3 "$PWD/f" cat f 3<g
	cat f
}

closed_data_descriptors_are_refused() {
	bare --file 9 /x true
	bare --bind-data 9 /x true
	bare --ro-bind-data 9 /x true
}

#: reference=0.13.1
symlink_makes_a_link() {
	bare --symlink target /x --symlink /abs/target /y/z /peek stat /x /y /y/z
}

#: reference=0.13.1
symlink_accepts_an_identical_link() {
	bare --symlink a /x --symlink a /x /peek stat /x
	bare --symlink a /x --symlink b /x true
	bare --dir /x --symlink a /x true
	bare --symlink a /peek true
}

chmod_changes_permissions() {
	bare --dir /x --chmod 0700 /x --ro-bind "$PEEK" /y --tmpfs /z --chmod 1777 /z /peek stat /x /z
	bare --chmod 0700 / /peek stat /
}

#: reference=either
chmod_of_a_missing_path_is_refused() {
	bare --chmod 0700 /nosuch true
	bare --chmod 0700 /nosuch/x true
}

perms_bind_to_the_next_option() {
	box --perms 0755 --bind / / true
	box --perms 0755 --symlink a /x true
	box --perms 0755 --proc /proc true
	box --perms 0755 --perms 0700 --tmpfs /run true
	box --perms 0755 "$PEEK" umask
	bare --perms 0700 --tmpfs /x --tmpfs /y /peek stat /x /y
}

lock_file_is_held_while_the_sandbox_runs() {
	: >lock
	tell "$BWRAP" --ro-bind / / --bind "$PWD" "$PWD" --lock-file "$PWD/lock" "$PEEK" lock "$PWD/lock"
	"$PEEK" lock lock
	box --unshare-pid --bind "$PWD" "$PWD" --lock-file "$PWD/lock" "$PEEK" process
}

a_missing_lock_file_is_fatal() {
	box --lock-file /nosuch-postern true
}

#: since=0.13.1
overlay_src_must_be_followed_by_an_overlay() {
	bare --overlay-src / true
	bare --overlay-src / --tmpfs /x true
	bare --overlay-src / --overlay-src / --bind / /x true
	bare --overlay-src / --ro-overlay /x true
	bare --ro-overlay /x true
	bare --tmp-overlay /x true
	bare --overlay /a /b /x true
}

#: since=0.13.1
tmp_overlay_keeps_writes_to_itself() {
	mkdir lower
	echo lower >lower/f
	box --overlay-src "$PWD/lower" --tmp-overlay "$PWD/lower" sh -c \
		'echo upper >lower/f; echo new >lower/g; cat lower/f lower/g'
	cat lower/*
	bare --overlay-src "$PWD/lower" --tmp-overlay /x /peek mount /x
}

#: since=0.13.1
ro_overlay_joins_layers() {
	mkdir a b
	echo a >a/in-both
	echo a >a/in-a
	echo b >b/in-both
	mkdir m
	box --overlay-src "$PWD/a" --overlay-src "$PWD/b" --ro-overlay "$PWD/m" sh -c \
		'cat m/in-a m/in-both; test -w m || echo read-only'
}

#: since=0.13.1
overlay_keeps_writes_in_the_upper_directory() {
	mkdir lower upper work m
	echo lower >lower/f
	box --overlay-src "$PWD/lower" --overlay "$PWD/upper" "$PWD/work" "$PWD/m" sh -c \
		'cat m/f; echo upper >m/f; rm -f m/none; echo new >m/g'
	cat lower/f upper/f upper/g 2>/dev/null
}

#: since=0.13.1
overlay_paths_may_hold_special_characters() {
	mkdir 'lo,we:r\x' 'up,p:er' 'wo:rk' m
	echo lower >'lo,we:r\x/f'
	box --overlay-src "$PWD/lo,we:r\\x" --overlay "$PWD/up,p:er" "$PWD/wo:rk" "$PWD/m" cat m/f
}

#: since=0.13.1
overlay_sources_must_exist() {
	mkdir d
	bare --overlay-src /nosuch --tmp-overlay /x true
	bare --overlay-src "$PWD/d" --overlay /nosuch "$PWD/d" /x true
}

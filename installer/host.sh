# shellcheck shell=sh disable=SC2034 # the parts share their variables
# postern-setup: what kind of host this is, where that is not for postern doctor to say.

must_be_root() {
	[ "$("$SETUP_ID" -u)" = 0 ] || die "$COMMAND needs root: run it as root on the host itself" 1
	safe_root || die "--root: $WHY"
}

# is_image: what is below --root is not what this kernel runs
is_image() {
	[ -n "$ROOT" ] && [ -z "${SETUP_POSTERN:-}" ]
}

# os_release KEY
os_release() {
	for or_file in "$ROOT/etc/os-release" "$ROOT/usr/lib/os-release"; do
		[ -r "$or_file" ] || continue
		sed -n "s/^$1=//p" "$or_file" | sed 's/^"\(.*\)"$/\1/; s/^'\''\(.*\)'\''$/\1/; q'
		return 0
	done
}

# family: the name of the PAM service in DATADIR that fits this distribution
family() {
	for fa_id in $(os_release ID) $(os_release ID_LIKE); do
		case $fa_id in
			debian | ubuntu) echo debian && return ;;
			fedora | rhel | centos) echo fedora && return ;;
			suse | opensuse | opensuse-* | sles) echo suse && return ;;
			arch) echo arch && return ;;
			alpine) echo alpine && return ;;
		esac
	done
	echo debian # names no other file, as the modes with file capabilities need it
}

# unjudged: why nothing that is found here says anything about where sandboxes will run; fails where it does
unjudged() {
	if is_image; then
		echo "$ROOT is an image, not a running host"
	elif ! [ -r "$ROOT/proc/self/mountinfo" ]; then
		echo "there is no /proc here"
	elif in_chroot; then
		echo "this is a chroot"
	else
		return 1
	fi
}

# Debian's ischroot takes other mount namespaces for chroots, so it is asked only where the doctor does not know.
in_chroot() {
	case $(fact root.mount) in
		no) return 0 ;;
		yes) return 1 ;;
	esac
	[ -z "$ROOT" ] && has "$SETUP_ISCHROOT" && "$SETUP_ISCHROOT"
}

# in_container: a container has nothing that apply could change but run arguments, unless setuid is asked for
in_container() {
	case $(fact container) in
		"" | no | wsl) return 1 ;;
	esac
}

# keeps_privilege PATH: a file system on which a privilege counts, and which is not somebody else's
keeps_privilege() {
	mount_of "$1" || return
	case $M_TYPE in
		nfs | nfs4 | cifs | smb3 | smbfs | afs | ceph | glusterfs | lustre | 9p | virtiofs | fuse | fuse.* | fuseblk)
			refuse "$1 lies on $M_TYPE, where another than this kernel decides what is in the file: install postern on a local file system" || return
			;;
	esac
	case $M_OPTIONS in
		*,nosuid,*) refuse "$1 lies on a file system that is mounted nosuid: privileges do not count there; install postern elsewhere" || return ;;
		*,noexec,*) refuse "$1 lies on a file system that is mounted noexec" || return ;;
	esac
}

# is_read_only PATH: a privilege that was given before counts there
is_read_only() {
	mount_of "$1" || return
	case $M_OPTIONS in
		*,ro,*) return 0 ;;
	esac
	return 1
}

#!/bin/sh
# The files that decide over privilege, privileged.conf and the PAM service: whoever could have written
# them, or put another in their place, has no say. Read by a program of its own, with postern-priv's code
# and the caller's uid; config.sh and pam.sh have whole starts. (MUST 7, 11)
set -eu
. tests/lib/tap.sh
. tests/priv/lib.sh

DIR=$PRIV_PREFIX/rootfile
ETC=$DIR/etc
CONF=$ETC/privileged.conf

# Not by runuser, which would ask the PAM service files that are being tested.
reader() {
	timeout 10 setpriv --reuid "$TEST_USER" --regid "$(id -g "$TEST_USER")" --init-groups \
		"$PRIV_WORK/reader" "$@" 2>&1 || [ $? = 1 ]
}

# made: everything as it should be
made() {
	rm -rf "$DIR"
	mkdir -p "$ETC"
	printf 'audit = off\n' >"$CONF"
	chmod 755 "$DIR" "$ETC"
	chmod 644 "$CONF"
}

# expect NAME TEXT GOT
expect() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "wanted: $2" "got: $3"
	fi
}

# refused NAME PATH WHY COMMAND...: after COMMAND
refused() {
	refused_name=$1
	refused_text="config-file: $2: $3"
	shift 3
	made
	"$@"
	expect "$refused_name is refused" "$refused_text" "$(reader config "$CONF")"
}

read_by() {
	expect "$1" "audit = off" "$(reader config "$CONF" | grep ^audit)"
}

replaced_by() {
	rm "$CONF"
	"$@" "$CONF"
}

link_to() {
	mv "$1" "$1.real"
	ln -s "${1##*/}.real" "$1"
}

the_users_name() {
	mkdir "$DIR/user"
	chown "$TEST_USER:" "$DIR/user"
	ln "$CONF" "$DIR/user/mine"
}

large() {
	head -c "$1" /dev/zero | tr '\000' '\n' >>"$CONF"
}

privileged_conf() {
	made
	read_by "control: a file of root's is read"
	chgrp "$PRIV_GROUP" "$CONF"
	chmod 640 "$CONF"
	read_by "a member of its group reads a 0640 file"
	chgrp root "$CONF"
	chmod 4555 "$CONF"
	read_by "other bits of its mode do not matter"
	the_users_name
	read_by "a name that a user gave it elsewhere is no reason to refuse everybody"
	made
	large 65524
	read_by "a file of 65536 bytes is read"
	refused "a file of 65537 bytes" "$CONF" "is too large" large 65525
	refused "a missing file" "$CONF" "can't open: No such file or directory" rm "$CONF"
	refused "a missing directory" "$ETC" "can't open the directory: No such file or directory" rm -r "$ETC"
	refused "an empty file" "$CONF" "is empty" truncate -s 0 "$CONF"
	refused "the user's file" "$CONF" "is not root's" chown "$TEST_USER" "$CONF"
	refused "another account's file" "$CONF" "is not root's" chown "$PRIV_OUTSIDER" "$CONF"
	refused "a file that its group can write" "$CONF" "is writable for others than root" chmod 664 "$CONF"
	refused "a file that all can write" "$CONF" "is writable for others than root" chmod 646 "$CONF"
	refused "a file that the caller cannot read" "$CONF" "can't open: Permission denied" chmod 600 "$CONF"
	refused "a link" "$CONF" "can't open: Too many levels of symbolic links" link_to "$CONF"
	refused "a fifo, without waiting for it," "$CONF" "is no regular file" replaced_by mkfifo -m 644
	refused "a directory" "$CONF" "is no regular file" replaced_by mkdir -m 755
	refused "a device" "$CONF" "is no regular file" replaced_by device
	refused "a file that an ACL lets the user write" "$CONF" "is writable for others than root" acl 6 "$CONF"
}

# acl PERMISSIONS FILE: to TEST_USER alone
acl() {
	"$PRIV_WORK/reader" acl "$(id -u "$TEST_USER"):$1:$2"
}

device() {
	mknod -m 644 "$1" c 1 3
}

directories() {
	for dir in "$ETC" "$DIR"; do
		name=${dir#"$PRIV_PREFIX/"}
		refused "the user's directory $name" "$dir" "is not root's" chown "$TEST_USER" "$dir"
		refused "a directory $name that its group can write" "$dir" "is writable for others than root" chmod 775 "$dir"
		refused "a directory $name that all can write" "$dir" "is writable for others than root" chmod 757 "$dir"
		refused "a sticky directory $name that all can write" "$dir" "is writable for others than root" \
			chmod 1777 "$dir"
		refused "a link to the directory $name" "$dir" "can't open the directory: Not a directory" link_to "$dir"
	done
	refused "a directory that the caller cannot search" "$ETC" "can't open the directory: Permission denied" \
		chmod 700 "$DIR"
	refused "a file in place of a directory" "$ETC" "can't open the directory: Not a directory" \
		sh -c 'rm -r "$0" && : >"$0"' "$ETC"
	made
	# what --check-config is given is the caller's word
	for path in "" x ./x "etc/${CONF##*/}"; do
		expect "a path that is not absolute is refused: '$path'" "config-file: $path: is no absolute path" \
			"$(reader config "$path")"
	done
	for path in / "$ETC/" "/$CONF/" "$ETC//x"; do
		case $(reader config "$path") in
			config-file:*"No such file"* | config-file:*"Not a directory"*) ok "nothing is read from $path" ;;
			*) not_ok "nothing is read from $path" "$(reader config "$path")" ;;
		esac
	done
	ln -s / "$DIR/link"
	expect "no link is followed on a way up and down" \
		"config-file: $DIR/link: can't open the directory: Not a directory" \
		"$(reader config "$DIR/link/..$CONF")"
	expect "a file below /tmp is refused" "config-file: /tmp: is writable for others than root" \
		"$(reader config "/tmp/${CONF##*/}")"
	expect "the root directory is judged, too" "config-file: /: is writable for others than root" "$(open_root)"
}

# A root directory that all can write: of a mount namespace of its own.
open_root() {
	# shellcheck disable=SC2016
	unshare -m --propagation private sh -c '
		mkdir "$0/root" && mount -t tmpfs -o mode=1777 root "$0/root" && mkdir "$0/root/etc" &&
			cp "$1" "$0/root/reader" && printf "audit = off\n" >"$0/root/etc/x" &&
			chroot --userspec="$2" "$0/root" /reader config /etc/x
	' "$DIR" "$PRIV_WORK/reader" "$(id -u "$TEST_USER"):$(id -g "$TEST_USER")" || [ $? = 1 ]
}

# The file is exchanged all the time, by root's and by the user's: what is read is never the user's, nor half
# of root's. Whoever rewrites it in place instead must live with the kernel's short times of half a file, of
# which only those are noticed that end while it is read.
exchanged() {
	made
	printf 'pam = off\n' >"$DIR/users"
	chown "$TEST_USER" "$DIR/users"
	{
		printf 'audit = off\n'
		head -c 60000 /dev/zero | tr '\000' '\n'
		printf 'deny = share-net\n'
	} >"$DIR/whole"
	cp "$DIR/whole" "$CONF"
	(
		while [ -e "$DIR/whole" ]; do
			cp -p "$DIR/users" "$ETC/new" && mv "$ETC/new" "$CONF"
			cp "$DIR/whole" "$ETC/new" && mv "$ETC/new" "$CONF"
		done 2>/dev/null
	) &
	changer=$!
	n=0
	: >"$PRIV_WORK/seen"
	while [ $n -lt 300 ]; do
		n=$((n + 1))
		reader config "$CONF" >"$PRIV_WORK/one"
		case $(cat "$PRIV_WORK/one") in
			config-file:*) sed 's/.*: //' "$PRIV_WORK/one" ;;
			*"pam = off"*) echo "the user's" ;;
			*"deny = share-net"*) echo whole ;;
			*) echo half ;;
		esac >>"$PRIV_WORK/seen"
	done
	rm "$DIR/whole"
	wait $changer || :
	if grep -qx whole "$PRIV_WORK/seen" && ! grep -q "half\|the user's" "$PRIV_WORK/seen"; then
		ok "while it is exchanged, all of root's file is read or nothing"
	else
		not_ok "while it is exchanged, all of root's file is read or nothing" "$(sort "$PRIV_WORK/seen" | uniq -c)"
	fi
}

# ---- the PAM service file

# service TEXT...: its lines; none: there is no file
service() {
	rm -f /etc/pam.d/postern /usr/lib/pam.d/postern
	[ $# = 0 ] || printf '%s\n' "$@" >/etc/pam.d/postern
}

pam_ground() {
	ground=$PRIV_WORK/rootfile
	mkdir -p "$ground"
	mount -t tmpfs -o mode=755 rootfile "$ground"
	mkdir -p "$ground/pam.d" "$ground/security" "$ground/lib/pam.d" "$ground/work"
	mount --bind "$ground/pam.d" /etc/pam.d
	mount --bind "$ground/security" /etc/security
	# not every host has a /usr/lib/pam.d, and none is made there
	mount -t overlay -o "lowerdir=/usr/lib,upperdir=$ground/lib,workdir=$ground/work" lib /usr/lib
}

asked() {
	expect "$1" "$2" "$(reader pam "${3:-caller}")"
}

pam_service() {
	service 'account required pam_access.so'
	asked "control: a service file of root's is read" fine
	service
	asked "a missing service file is refused" "pam-file: /etc/pam.d/postern: no service file: No such file or directory"
	asked "a missing service file is refused where root asks" \
		"pam-file: /etc/pam.d/postern: no service file: No such file or directory" root
	printf 'account required pam_permit.so\n' >/usr/lib/pam.d/postern
	asked "the vendor's service file is read" fine
	printf 'account required pam_unix.so\n' >/usr/lib/pam.d/postern
	asked "the vendor's service file is judged" \
		"pam-file: /usr/lib/pam.d/postern:1: may decide wrongly without being root: pam_unix.so"
	asked "where root asks, modules may need root" fine root
	printf 'account required pam_permit.so\n' >/etc/pam.d/postern
	asked "the administrator's comes before the vendor's" fine
	# Linux-PAM in the helper would go on to the vendor's, or to "other"
	chmod 600 /etc/pam.d/postern
	asked "a service file that the caller cannot read is refused" \
		"pam-file: /etc/pam.d/postern: can't open: Permission denied"
	for who in caller root; do
		service 'account required pam_permit.so'
		chown "$TEST_USER" /etc/pam.d/postern
		asked "a service file of the user's is refused ($who)" "pam-file: /etc/pam.d/postern: is not root's" $who
		service 'account required pam_permit.so'
		chmod 666 /etc/pam.d/postern
		asked "a service file that all can write is refused ($who)" \
			"pam-file: /etc/pam.d/postern: is writable for others than root" $who
		service 'auth required pam_permit.so'
		asked "a service without account lines, which other would answer, is refused ($who)" \
			"pam-file: /etc/pam.d/postern: no account line" $who
		printf 'account required pam_permit.so\n\000\n' >/etc/pam.d/postern
		asked "a service file with a NUL is refused ($who)" "pam-file: /etc/pam.d/postern: a NUL byte" $who
	done
}

# What pam_time, pam_nologin and pam_access cannot open forbids nothing; they say so in Linux-PAM 1.5.2
pam_modules_files() {
	for pair in pam_time.so:/etc/security/time.conf pam_access.so:/etc/security/access.conf \
		pam_access.so:/etc/security/access.d; do
		module=${pair%%:*}
		file=${pair#*:}
		service "account required $module"
		rm -rf /etc/security/*
		asked "$module without ${file##*/} is as root sees it" fine
		case $file in
			*.d) mkdir "$file" ;;
			*) : >"$file" ;;
		esac
		chmod 755 "$file"
		asked "$module with its ${file##*/}" fine
		chmod 700 "$file"
		asked "$module with a ${file##*/} that the caller cannot read is refused" \
			"pam-file: $file: must be readable for all: Permission denied"
		expect "root, who checks the configuration, is told so, too" \
			"pam-file: $file: must be readable for all: Permission denied" "$("$PRIV_WORK/reader" pam caller)"
		service 'account required pam_permit.so'
		asked "other modules are not concerned by ${file##*/}" fine
	done
	rm -rf /etc/security/*
	service 'account required pam_time.so'
	: >/etc/security/time.conf
	acl 0 /etc/security/time.conf
	asked "a file of a module that an ACL keeps from the caller is refused" \
		"pam-file: /etc/security/time.conf: must be readable for all: Permission denied"
	chmod 700 /etc/security
	asked "a directory of modules' files that the caller cannot search is refused" \
		"pam-file: /etc/security/time.conf: must be readable for all: Permission denied"
	chmod 755 /etc/security
}

main() {
	TAP_NAME=rootfile
	priv_enter "$0" "$@"
	# what is mounted on /etc/pam.d is for no other part
	if [ "${ROOTFILE_ENTERED:-}" != yes ]; then
		export ROOTFILE_ENTERED=yes
		exec unshare -m --propagation private sh "$0" "$@"
	fi
	need unshare chroot setpriv mkfifo "${CC:-cc}" "id ${TEST_USER:-postern-test}" || {
		tap_end
		exit
	}
	priv_ground
	if ! priv_static "$PRIV_WORK/reader" -D_GNU_SOURCE -Isrc -DPOSTERN_PACKAGE='""' -DPOSTERN_PRIVDIR='""' \
		tests/priv/c/rootfile/reader.c src/priv/config.c \
		src/priv/config_values.c src/priv/config_print.c src/priv/rootfile.c src/priv/pamfile.c \
		src/base/buf.c src/base/err.c src/base/num.c src/base/fdio.c; then
		not_ok "rootfile: the reader compiles"
		exit 1
	fi
	privileged_conf
	directories
	exchanged
	pam_ground
	pam_service
	pam_modules_files
	tap_end
}

main "$@"

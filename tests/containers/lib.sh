# shellcheck shell=sh
# Images and containers for tests. Source it from the top of the tree after tap.sh and engines.sh, inside of engines_enter;
# it defines functions only.
#
#	image_trees [FILE...]	$E/plain and $E/setuid: roots with busybox, postern as `make install` lays it out, and the user
#				"user" (1000), and the FILEs in /; in the second postern-priv is set-user-ID for its group. $E/NAME.tar of each
#	image_program TREE FILE	adds a program of this machine to a tree
#	image_into ENGINE	imports both, as postern-plain and postern-setuid
#	image_of ENGINE NAME	what that engine calls it

image_trees() {
	BUILD=${BUILD:-$PWD/build}
	image_plain=$E/plain
	rm -rf "$image_plain"
	mkdir -p "$image_plain/bin" "$image_plain/etc" "$image_plain/proc" "$image_plain/dev" "$image_plain/sys" \
		"$image_plain/home/user" "$image_plain/root"
	mkdir -m 1777 "$image_plain/tmp"
	(umask 022 && "${MAKE:-make}" -s O="$BUILD" PREFIX=/usr/local SYSCONFDIR=/etc DESTDIR="$image_plain" install) \
		>"$E/log" 2>&1 || {
		not_ok "postern is installed into an image" "$(tail -n 5 "$E/log")"
		return 1
	}
	rm -rf "$image_plain/usr/local/share/man"
	cp "$(command -v busybox)" "$image_plain/bin/busybox"
	for image_applet in $(busybox --list | grep -vx -e busybox -e '.*/.*'); do
		ln -sf busybox "$image_plain/bin/$image_applet"
	done
	# the CLI is a dynamic program
	image_libraries "$BUILD/postern"
	printf '%s\n' root:x:0:0::/root:/bin/sh user:x:1000:1000::/home/user:/bin/sh >"$image_plain/etc/passwd"
	printf '%s\n' root:x:0: user:x:1000: postern:x:990:user >"$image_plain/etc/group"
	chown 1000:1000 "$image_plain/home/user"
	find "$image_plain" -type d ! -path '*/tmp' -exec chmod 755 {} +
	[ $# = 0 ] || cp "$@" "$image_plain/"
	image_setuid=$E/setuid
	rm -rf "$image_setuid"
	cp -a "$image_plain" "$image_setuid"
	mkdir -p "$image_setuid/etc/postern"
	printf '%s\n' 'allow-no-userns = yes' 'pam = off' 'audit = off' >"$image_setuid/etc/postern/privileged.conf"
	chown 0:990 "$image_setuid/usr/local/libexec/postern/postern-priv" "$image_setuid/etc/postern/privileged.conf"
	chmod 640 "$image_setuid/etc/postern/privileged.conf"
	chmod 4750 "$image_setuid/usr/local/libexec/postern/postern-priv"
	image_tar plain && image_tar setuid
}

image_tar() {
	tar --numeric-owner -C "$E/$1" -cf "$E/$1.tar" .
}

image_libraries() {
	ldd "$1" | grep -o '/[^ ]*' | while IFS= read -r image_library; do
		mkdir -p "$image_plain${image_library%/*}"
		cp -L "$image_library" "$image_plain$image_library"
	done
}

# image_program NAME PROGRAM: adds a program of this machine, with its libraries; before image_into
image_program() {
	image_plain=$E/$1
	cp "$2" "$image_plain/bin/"
	image_libraries "$2"
	image_tar "$1"
}

image_into() {
	for image_name in plain setuid; do
		engine_import "$1" "$E/$image_name.tar" "postern-$image_name" || return 1
	done
}

image_of() {
	case $1 in
		podman*) echo "localhost/postern-$2" ;;
		*) echo "postern-$2" ;;
	esac
}

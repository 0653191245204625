#!/bin/sh
# A privileged copy beside a package whose files are not root's: it works as long as it is what the manifest says, and
# the package what the copy was made of; and who owns the package, or may write somewhere, gets nothing by that.
# (MUST 4, 7, 10, 11)
set -eu
. tests/lib/tap.sh
. tests/priv/lib.sh

PACKAGE=$PRIV_PREFIX/package
DIR=$PRIV_PREFIX/etc/postern
MANIFEST=$DIR/manifest

# made [KEY=VALUE...]: all of it fits, but for these
made() {
	rm -rf "$PACKAGE" "$MANIFEST"
	mkdir -p "$PACKAGE"
	chown "$TEST_USER:" "$PACKAGE"
	printf 'package="postern"\nversion="0.1.0-7"\nos_min_ver="7.0"\n' >"$PACKAGE/INFO"
	chmod 644 "$PACKAGE/INFO"
	for pair in "package=$PACKAGE" package-version=0.1.0-7 "version=$VERSION" "file=$PRIV" "size=$(stat -c %s "$PRIV")"; do
		for other; do
			[ "${other%%=*}" != "${pair%%=*}" ] || pair=$other
		done
		[ -z "${pair#*=}" ] || printf '%s = %s\n' "${pair%%=*}" "${pair#*=}"
	done >"$MANIFEST"
	chmod 644 "$MANIFEST"
}

start() {
	timeout 60 sh tests/priv/as refuse "$BWRAP" --ro-bind / / echo started
}

# disarmed NAME WHY COMMAND...: after COMMAND it refuses for this reason, and the next start works again where all fits
disarmed() {
	name=$1 why=$2
	shift 2
	made
	"$@"
	denied "$name" priv-disarmed start
	if sed -n 1p "$W/err" | grep -qF "$why"; then ok "$name: and says why"; else not_ok "$name: and says why" "wanted: $why" "$(cat "$W/err")"; fi
}

info() {
	printf '%s\n' "$@" >"$PACKAGE/INFO"
}

# exchange: what the package's user may do with his own directory
exchange() {
	rm -f "$PACKAGE/INFO"
	"$@" "$PACKAGE/INFO"
}

fits() {
	made
	says "all fits: it works" started start
	made "package-version=0.1.0-7" "sha256=x"
	says "what is for people does not count" started start
	made
	printf 'package_icon="%8192s"\n' x >>"$PACKAGE/INFO"
	says "an INFO with an icon after the version" started start
	made
	chmod 600 "$PACKAGE/INFO"
	denied "an INFO that the caller cannot read" priv-disarmed start
}

packages() {
	disarmed "a package that is gone" "the package is gone" rm -r "$PACKAGE"
	disarmed "an INFO that is gone" "the package is gone" rm "$PACKAGE/INFO"
	disarmed "a newer package" "of another version" info 'version="0.1.0-8"'
	disarmed "a version that begins alike" "of another version" info 'version="0.1.0-70"'
	disarmed "a version that ends early" "of another version" info 'version="0.1.0-"'
	disarmed "no version" "of another version" info 'package="postern"'
	disarmed "an older line before it" "of another version" info 'version="0.1.0-6"' 'version="0.1.0-7"'
	disarmed "a version in another key" "of another version" info 'os_version="0.1.0-7"'
	disarmed "an empty INFO" "of another version" cp /dev/null "$PACKAGE/INFO"
	disarmed "a version behind 4096 bytes" "of another version" info "$(printf '%4096s' x)" 'version="0.1.0-7"'
}

# whose user may put anything there: nothing is followed, waited for, or shown
hostile() {
	printf 'version="0.1.0-7"\n' >"$W/other"
	chmod 644 "$W/other"
	disarmed "a link as INFO" "the package is gone" exchange ln -s "$W/other"
	disarmed "a FIFO as INFO" "is no regular file" exchange mkfifo
	disarmed "a directory as INFO" "is no regular file" exchange mkdir
	disarmed "a device as INFO" "is no regular file" exchange nas_node
}

nas_node() {
	mknod "$1" c 1 5
}

manifests() {
	disarmed "no manifest" "$MANIFEST" rm "$MANIFEST"
	disarmed "a manifest of another's" "is not root's" chown "$TEST_USER" "$MANIFEST"
	disarmed "a manifest that others may write" "is writable for others than root" chmod 666 "$MANIFEST"
	disarmed "an empty manifest" "is empty" cp /dev/null "$MANIFEST"
	disarmed "a manifest of more than 4096 bytes" "is too large" sh -c 'printf "%5000s\n" x >>"$0"' "$MANIFEST"
	disarmed "another version of the program" "is of another version than this copy" made version=0.0.9
	disarmed "a manifest without a version" "is of another version than this copy" made version=
	disarmed "another file" "is for another file" made "file=$BWRAP"
	disarmed "no file" "is for another file" made file=
	disarmed "another size" "is for another file" made size=1
	disarmed "no package" "names no package" made package=
	disarmed "a relative package" "names no package" made package=package
	disarmed "no version of the package" "names no package" made package-version=
	disarmed "a key twice" "is of another version than this copy" sh -c 'echo "version = x" >>"$0"' "$MANIFEST"
	made
	mv "$MANIFEST" "$MANIFEST.real"
	ln -s manifest.real "$MANIFEST"
	denied "a link as the manifest" priv-disarmed start
	rm "$MANIFEST" "$MANIFEST.real"
	made
	chmod 777 "$DIR"
	denied "a directory that others may write" config-file start
	chmod 755 "$DIR"
}

# a copy with all its bits, as a backup or a snapshot keeps one
copies() {
	made
	cp -a "$PRIV" "$PRIV.backup"
	mv "$PRIV" "$PRIV.first"
	mv "$PRIV.backup" "$PRIV"
	priv_mode setuid "manifest=$MANIFEST"
	says "what has the manifest's name works" started start
	mv "$PRIV" "$PRIV.second"
	mv "$PRIV.first" "$PRIV"
	priv_mode setuid "manifest=$MANIFEST"
	made "file=$PRIV.second"
	denied "what has not refuses, with the same bytes" priv-disarmed start
	made
	ln "$PRIV" "$PRIV.link"
	says "a second name, which anybody may be able to make, disarms nothing" started start
	rm -f "$PRIV.link" "$PRIV.second"
}

main() {
	priv_enter "$0" "$@"
	priv_begin manifest
	PRIV_HOST=eperm
	export PRIV_HOST
	VERSION=$(sed -n 's/^VERSION := //p' Makefile)
	mkdir -p "$DIR"
	for mode in filecaps setuid; do
		priv_mode "$mode" "manifest=$MANIFEST"
		fits
	done
	packages
	hostile
	manifests
	copies
	made
	equals "--check-config looks, too" 1 "$(
		rm "$PACKAGE/INFO"
		"$PRIV" --check-config 2>&1 >/dev/null | grep -c priv-disarmed
	)"
	tap_end
}

main "$@"

# shellcheck shell=sh
# What DSM 7 does with packages, as far as Synology's guide and packagers say (which scripts are called as whom and in which order,
# where files come to lie), inside the root that dsm.sh makes. Source it as root; it defines functions only.
#
#	dsm_install SPK		each is 0 if DSM would say that it went well. What its window would show is in $WINDOW, the
#	dsm_upgrade SPK		scripts that were called, with their status, in $CALLS, what they say into the log in $LOG
#	dsm_uninstall
#	dsm_repair SPK		what the Package Center offers when an update of DSM has broken a package
#	dsm_start		somebody presses Run
#	dsm_boot
#	dsm_status		what DSM polls
#	dsm_move VOLUME		support_move
#	dsm_update		an update of DSM itself, that is as rude as one could be: nothing of /usr/local but links stays
#	as USER COMMAND...	a user's shell

PKG=/var/packages/postern
WINDOW=/tmp/window
CALLS=/tmp/calls
LOG=/tmp/log
# of the window's words
LANGUAGE=enu

as() {
	as_user=$1
	shift
	as_uid=$(id -u "$as_user")
	as_gid=$(id -g "$as_user")
	env -i PATH=/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin HOME=/ USER="$as_user" LC_ALL=C \
		setpriv --reuid "$as_uid" --regid "$as_gid" --init-groups -- "$@"
}

# dsm_call FOLDER SCRIPT WORD: as the package's user, whichever it is, with DSM's environment and no more
dsm_call() {
	dc_code=0
	dc_version=$(sed -n 's/^version="\(.*\)"/\1/p' "${dsm_from:-$PKG}/INFO")
	as postern env SYNOPKG_PKGNAME=postern SYNOPKG_PKGVER="$dc_version" SYNOPKG_OLD_PKGVER="$dsm_old" \
		SYNOPKG_PKGDEST="$dsm_volume/@appstore/postern" SYNOPKG_PKGDEST_VOL="$dsm_volume" SYNOPKG_PKGVAR="$PKG/var" \
		SYNOPKG_PKGTMP="$PKG/tmp" SYNOPKG_PKGHOME="$PKG/home" SYNOPKG_TEMP_LOGFILE="$WINDOW" \
		SYNOPKG_DSM_LANGUAGE="$LANGUAGE" SYNOPKG_DSM_VERSION_MAJOR=7 SYNOPKG_DSM_VERSION_MINOR=2 SYNOPKG_DSM_VERSION_BUILD=72806 \
		SYNOPKG_DSM_ARCH=apollolake SYNOPKG_PKG_STATUS="$dsm_status" SYNOPKG_USERNAME=admin "$@" >>"$LOG" 2>&1 </dev/null || dc_code=$?
	dc_script=${1##*/}
	[ "$dc_script" != start-stop-status ] || dc_script=$2
	printf '%s\t%s\n' "$dc_script" "$dc_code" >>"$CALLS"
	return $dc_code
}

# dsm_begin STATUS
dsm_begin() {
	dsm_status=$1
	dsm_old=
	dsm_from=
	dsm_volume=${dsm_volume:-/volume1}
	: >"$WINDOW"
	: >"$CALLS"
	: >"$LOG"
	chown postern "$WINDOW" 2>/dev/null || chmod 666 "$WINDOW"
}

# dsm_accept SPK: unpacks it to $dsm_from, if DSM would take it
dsm_accept() {
	dsm_from=$dsm_volume/@tmp/install
	rm -rf "$dsm_from"
	mkdir -p "$dsm_from"
	tar -xf "$1" -C "$dsm_from"
	! grep -q root "$dsm_from/conf/privilege" || return 1
	dsm_sum=$(md5sum "$dsm_from/package.tgz")
	grep -qx "checksum=\"${dsm_sum%% *}\"" "$dsm_from/INFO"
}

dsm_user() {
	id postern >/dev/null 2>&1 || {
		echo postern:x:250123:250123::/var/packages/postern/home:/sbin/nologin >>/etc/passwd
		echo postern:x:250123: >>/etc/group
	}
	chown postern "$WINDOW"
}

# dsm_put: the package's files, which are the package user's
dsm_put() {
	mkdir -p "$PKG"
	for pair in target:@appstore var:@appdata etc:@appconf home:@apphome tmp:@apptemp; do
		dir=$dsm_volume/${pair#*:}/postern
		[ "${pair%%:*}" != target ] || rm -rf "$dir"
		mkdir -p "$dir"
		ln -sfn "$dir" "$PKG/${pair%%:*}"
	done
	tar -xzf "$dsm_from/package.tgz" -C "$dsm_volume/@appstore/postern"
	chown -R postern:postern "$dsm_volume"/@app*/postern
	rm -rf "$PKG/scripts" "$PKG/conf"
	cp -R "$dsm_from/INFO" "$dsm_from/scripts" "$dsm_from/conf" "$PKG/"
	rm -rf "$dsm_from"
	rmdir "$dsm_volume/@tmp"
	dsm_from=
}

# usr-local-linker: a file of that name goes first
dsm_enable() {
	dsm_call "$PKG/scripts/start-stop-status" prestart
	dsm_call "$PKG/scripts/start-stop-status" start || return 1
	: >"$PKG/enabled"
	for name in $(sed -n 's/.*"bin": \[\(.*\)\].*/\1/p' "$PKG/conf/resource" | tr -d '",'); do
		rm -f "/usr/local/bin/${name##*/}"
		ln -s "$PKG/target/$name" "/usr/local/bin/${name##*/}"
	done
}

dsm_disable() {
	dsm_call "$PKG/scripts/start-stop-status" prestop
	dsm_call "$PKG/scripts/start-stop-status" stop
	rm -f "$PKG/enabled" /usr/local/bin/postern /usr/local/bin/postern-bwrap
}

dsm_install() {
	dsm_begin INSTALL
	dsm_accept "$1" || return 1
	dsm_user
	dsm_call "$dsm_from/scripts/preinst" || return 1
	dsm_put
	dsm_call "$PKG/scripts/postinst" || return 1
	dsm_enable
}

dsm_repair() {
	dsm_install "$@"
}

dsm_upgrade() {
	dsm_begin UPGRADE
	dsm_old=$(sed -n 's/^version="\(.*\)"/\1/p' "$PKG/INFO")
	dsm_disable
	dsm_accept "$1" || return 1
	dsm_call "$dsm_from/scripts/preupgrade" || return 1
	dsm_call "$PKG/scripts/preuninst" || return 1
	dsm_call "$PKG/scripts/postuninst" || return 1
	rm -rf "$dsm_volume/@appstore/postern"
	dsm_call "$dsm_from/scripts/preinst" || return 1
	dsm_put
	dsm_call "$PKG/scripts/postinst" || return 1
	dsm_call "$PKG/scripts/postupgrade" || return 1
	dsm_enable
}

# What scripts wrote into the directories that stay would show: they are removed here only if they are empty.
dsm_uninstall() {
	dsm_begin UNINSTALL
	dsm_disable
	dsm_call "$PKG/scripts/preuninst" || return 1
	dsm_call "$PKG/scripts/postuninst" || return 1
	rm -rf "$PKG" "$dsm_volume/@appstore/postern" "$dsm_volume/@apptemp/postern"
	rmdir "$dsm_volume"/@app*/postern 2>/dev/null || :
	rmdir "$dsm_volume"/@app* 2>/dev/null || :
	sed -i /^postern:/d /etc/passwd /etc/group
}

dsm_start() {
	dsm_begin START
	dsm_enable
}

dsm_boot() {
	dsm_begin ''
	[ ! -e "$PKG/enabled" ] || dsm_enable
}

dsm_status() {
	dsm_begin ''
	dsm_call "$PKG/scripts/start-stop-status" status
}

dsm_move() {
	dsm_begin STOP
	dsm_disable
	for dir in "$dsm_volume"/@app*/postern; do
		to=$1/${dir#"$dsm_volume"/}
		mkdir -p "${to%/*}"
		mv "$dir" "$to"
		for link in target var etc home tmp; do
			[ "$(readlink "$PKG/$link")" != "$dir" ] || ln -sfn "$to" "$PKG/$link"
		done
	done
	rmdir "$dsm_volume"/@* 2>/dev/null || :
	dsm_volume=$1
	dsm_status=START
	: >"$WINDOW"
	dsm_enable
}

dsm_update() {
	rm -rf /usr/local/libexec /usr/local/etc
	mkdir /usr/local/etc
}

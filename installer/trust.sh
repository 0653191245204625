# shellcheck shell=sh disable=SC2034 # the parts share their variables
# postern-setup: which files of a package may be used, where these are not root's own. Root executes none of them, keeps none and
# gives none a privilege unless its SHA-256 stands in the package's SHA256SUMS; and these are believed
#
#	by --sha256, which is their sum, read where the release is published; else
#	if the manifest has their sum: root wrote that down when it believed them, for the same version; else
#	where they and INFO, and every directory above, can be written by root alone, as DSM installs them.
#
# What is used is a copy, fetched once, within bounds, and compared.

# package_programs: what root may come to execute or keep
package_programs() {
	printf '%s\n' "$SBINDIR/postern-setup" "$LIBEXEC/postern-priv" "$BINDIR/postern" "$LIBEXEC/bwrap" \
		"$LIBEXEC/postern-battery" "$LIBEXEC/postern-inside"
}

# fetch NAME FROM BLOCKS: as $WORK/NAME, if it is smaller than so many times 64 KiB. Whoever owns it may put anything in its
# place at any time: a link, a pipe, a device, a file without end.
fetch() {
	fe_flags=nofollow,nonblock,noctty,fullblock
	# shellcheck disable=SC2016 # the other shell's
	bounded sh -c '[ ! -L "$1" ] && [ -f "$1" ]' sh "$ROOT$2" || refuse "$2 is missing, or no regular file: install the package again" || return
	rm -f "$WORK/$1"
	if dd if="$WORK/plan" of="$WORK/$1" count=0 iflag=$fe_flags 2>/dev/null; then
		run bounded dd if="$ROOT$2" of="$WORK/$1" bs=65536 count="$3" iflag=$fe_flags
	elif has "$SETUP_TIMEOUT"; then
		# shellcheck disable=SC2016 # the other shell's
		run bounded sh -c 'exec head -c "$1" "$2" >"$3"' sh $((65536 * $3)) "$ROOT$2" "$WORK/$1"
	else
		refuse "neither a dd with iflag=nonblock nor timeout is here: what others could exchange is not read without one"
	fi || refuse "$2 cannot be read: $WHY" || return
	[ "$(wc -c <"$WORK/$1")" -lt $((65536 * $3)) ] || refuse "$2 is too large: install the package again" || return
}

# package_version: the one in INFO. Its bytes may be the package's, so only sane ones are taken.
package_version() {
	fetch info "$PACKAGE/INFO" 16 2>/dev/null || return 0
	head -c 4096 "$WORK/info" | sed -n 's/^version="\([0-9A-Za-z._-]\{1,64\}\)"$/\1/p' | head -n 1
}

# only_roots PATH: a regular file that nobody but root can have written or put there
only_roots() {
	safe_directories "$1" || return
	[ ! -L "$ROOT$1" ] && [ -f "$ROOT$1" ] || refuse "$1 is no regular file" || return
	roots "$ROOT$1"
}

# manifest_value KEY
manifest_value() {
	[ ! -f "$ROOT$PRIVDIR/manifest" ] || sed -n "s/^$1 = //p" "$ROOT$PRIVDIR/manifest" | head -n 1
}

# recorded_sums: what root believed for the version that the package says it is of
recorded_sums() {
	! only_roots "$PRIVDIR/manifest" || [ "$(manifest_value package-version)" != "$P_VERSION" ] || manifest_value sums
}

# enable_line: what an administrator types. Root's own copy of this program needs no proof. Of the package the program is
# started only where nobody but root can have written it. docs/synology.md has the same.
enable_line() {
	if [ -x "$ROOT$PRIVDIR/postern-setup" ]; then
		printf 'sudo %s enable' "$PRIVDIR/postern-setup"
		return
	fi
	# shellcheck disable=SC2016 # for another shell
	printf 'sudo sh -c '\''p=%s; s=$p/scripts/postern-setup; [ $(%s | grep -c .) = 6 ] || s=/not-only-roots; $s enable'\' "$PACKAGE" \
		'find / /var /var/packages $p $p/scripts $s -prune -user 0 ! -perm -2 ! -perm -20'
}

# sum_line: the same by the sum that stands on the release's page
sum_line() {
	if [ -x "$ROOT$PRIVDIR/postern-setup" ]; then
		printf 'sudo %s enable --sha256 SUM' "$PRIVDIR/postern-setup"
		return
	fi
	# shellcheck disable=SC2016 # for another shell
	printf 'sudo sh -c '\''set -e; PATH=/usr/sbin:/usr/bin:/sbin:/bin; x=SUM; d=$(mktemp -d); cd $d; for f in SHA256SUMS postern-setup; do %s; done; %s; %s; %s'\' \
		"timeout 9 dd if=$SBINDIR/\$f of=\$f bs=999999 count=1" 'sha256sum SHA256SUMS | grep "^$x "' \
		'grep "^$(sha256sum postern-setup | cut -c-64)  scripts/postern-setup" SHA256SUMS' \
		'sh ./postern-setup enable --sha256 $x'
}

# is_believed SUM ROOTS: may SHA256SUMS with this sum be believed? ROOTS: was it root's alone before it was fetched?
is_believed() {
	if [ -n "$SHA256" ]; then
		[ "$1" = "$SHA256" ] || refuse "$SBINDIR/SHA256SUMS has the SHA-256 $1, and not $SHA256: this is not the release that you mean"
	elif [ "$(recorded_sums)" != "$1" ] && [ "$2" = no ]; then
		refuse "nothing vouches for the package of version $P_VERSION, whose files are not root's (${tr_why%%: *}). Read the sum of SHA256SUMS where you got the package, and run: $(sum_line)"
	fi
}

# fetch_trusted: the package's programs, in $WORK/own; sets P_VERSION, the package's; P_BUILT, the programs', which is another
# than this one's where root's own copy of this finds a new package; P_SUMS, and P_SUM (postern-priv's)
fetch_trusted() {
	[ -z "$P_SUMS" ] || return 0
	tr_roots=yes tr_why=""
	only_roots "$SBINDIR/SHA256SUMS" && only_roots "$PACKAGE/INFO" || tr_roots=no tr_why=$WHY
	fetch sums "$SBINDIR/SHA256SUMS" 1 || return
	P_VERSION=$(package_version)
	[ -n "$P_VERSION" ] || refuse "$PACKAGE/INFO has no version: install the package again" || return
	tr_sums=$(sum "$WORK/sums")
	case $tr_sums in
		"" | *[!0-9a-f]*) refuse "no program that makes SHA-256 sums: neither sha256sum nor openssl" || return ;;
	esac
	is_believed "$tr_sums" $tr_roots || return
	mkdir -p "$WORK/own"
	for tr_path in $(package_programs); do
		tr_name=${tr_path##*/}
		fetch "own/$tr_name" "$tr_path" 256 || return
		tr_wanted=$(sed -n "s,^\([0-9a-f]\{64\}\)  ${tr_path#"$PACKAGE"/}\$,\1,p" "$WORK/sums")
		[ "$(sum "$WORK/own/$tr_name")" = "$tr_wanted" ] || refuse "$tr_path is not what the package was built with: its SHA-256 is not the one in SHA256SUMS: install the package again, from where you trust it" || return
	done
	P_BUILT=$(sed -n "s/^VERSION='\([0-9A-Za-z._-]\{1,64\}\)'\$/\1/p" "$WORK/own/postern-setup" | head -n 1)
	[ -n "$P_BUILT" ] || refuse "$SBINDIR/postern-setup has no version: install the package again" || return
	P_SUM=$(sum "$WORK/own/postern-priv")
	P_SUMS=$tr_sums
}

# run_place: sets RUN, where programs can be executed, by others, too. On a NAS /tmp may be noexec.
run_place() {
	for rp_in in "${SETUP_TMP:-/tmp}" "${PRIVDIR%/*}" "${PRIVDIR%/*/*}"; do
		# nobody else can exchange what is in a sticky directory of root's, nor in one that only root can write to
		[ "$rp_in" = "${SETUP_TMP:-/tmp}" ] || safe_directories "$rp_in/." || continue
		RUN=$(mktemp -d "$rp_in/.postern-setup.XXXXXX" 2>/dev/null) || continue
		printf '#!/bin/sh\n' >"$RUN/try"
		chmod 0755 "$RUN" "$RUN/try"
		! "$RUN/try" 2>/dev/null || return 0
		rm -rf "$RUN"
	done
	RUN=""
	refuse "no directory from which programs can be executed: neither /tmp nor ${PRIVDIR%/*}"
}

# own_programs: JUDGE and LAUNCHER become what root may execute: of a package whose files are not root's, fetched ones alone
own_programs() {
	is_apart && [ -z "$RUN" ] && [ -z "${SETUP_POSTERN:-}" ] && [ "$("$SETUP_ID" -u)" = 0 ] || return 0
	[ -z "$ROOT" ] || refuse "root runs no program of $ROOT's" || return
	fetch_trusted || return
	run_place || return
	for ow_name in postern bwrap postern-battery postern-inside; do
		run cp "$WORK/own/$ow_name" "$RUN/$ow_name" || return
		run chmod 0755 "$RUN/$ow_name" || return
	done
	JUDGE=$RUN/postern LAUNCHER=$RUN/bwrap
}

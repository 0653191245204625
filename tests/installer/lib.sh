# shellcheck shell=sh disable=SC2034 # the suites use these
# Hosts that are directories, for the suites of shunit2. Nothing here needs root: what only root can do is done by
# stub.sh, launcher.sh and doctor.sh. Source it from the top of the tree; it defines functions only.
#
#	new_case HOST [NAME]	makes $CASE and in it the host, at $CASE_ROOT ($CASE/root, or $CASE/NAME)
#	setup WORD...		runs postern-setup on it; sets RC, and $CASE/out and $CASE/err
#	snapshot		what there is on the host: names, modes, owners, capabilities, contents
#	rung MODE POSSIBLE AUTOMATIC CONSENT REASON	the doctor's opinion; chosen MODE
#
# Files in $CASE that change how things go: forbidden (user namespaces, whatever /proc/sys says), kill, lies, fails
# (stub.sh), detached (an AppArmor profile without effect), capeff (the command has these), deaf (PAM is not asked),
# bad-config, statoverride, parser-3, outcome (of the doctor).

CONSENT="--yes --allow-privileged"
PRIV=usr/local/libexec/postern/postern-priv
BWRAP_COPY=usr/local/libexec/postern/bwrap

installer_begin() {
	TESTS=$PWD/tests/installer
	BASE=$(mktemp -d "${TMPDIR:-/tmp}/postern-installer.XXXXXX")
	SETUP=${SETUP:-$BUILD/postern-setup-tested}
	umask 022
}

installer_end() {
	[ -z "${BASE:-}" ] || rm -rf "$BASE"
}

rung() {
	printf 'rung\t%s\t%s\t%s\t%s\t%s\n' "$@" >>"$CASE/rungs"
}

chosen() {
	echo "$1" >"$CASE/chosen"
}

# os ID VERSION
os() {
	printf 'ID=%s\nVERSION_ID="%s"\n' "$1" "$2" >"$CASE_ROOT/etc/os-release"
}

sysctl_is() {
	mkdir -p "$CASE_ROOT/proc/sys/$(dirname "$1")"
	echo "$2" >"$CASE_ROOT/proc/sys/$1"
}

# ladder APPARMOR FILECAPS SETUID SYSCTL: yes or no each
ladder() {
	rung apparmor "$1" yes none "a profile lifts it"
	rung filecaps "$2" yes privileged "user namespaces are refused"
	rung filecaps-userns "$2" no privileged "only by name"
	rung setuid "$3" yes privileged "user namespaces are refused"
	rung sysctl "$4" no sysctl "only by name"
}

host_of() {
	case $1 in
		ubuntu-24.04)
			os ubuntu 24.04
			sysctl_is kernel/apparmor_restrict_unprivileged_userns 1
			mkdir -p "$CASE_ROOT/etc/apparmor.d/local" "$CASE_ROOT/etc/apparmor.d/disable" \
				"$CASE_ROOT/sys/kernel/security/apparmor/policy/profiles/unprivileged_userns.3"
			echo unprivileged_userns >"$CASE_ROOT/sys/kernel/security/apparmor/policy/profiles/unprivileged_userns.3/name"
			ladder yes yes yes yes
			chosen apparmor
			;;
		debian-12)
			os debian 12
			sysctl_is kernel/unprivileged_userns_clone 0
			sysctl_is user/max_user_namespaces 9000
			ladder no yes yes yes
			chosen filecaps
			;;
		debian-13)
			os debian 13
			sysctl_is user/max_user_namespaces 9000
			ladder no no no no
			chosen userns
			;;
		rhel-9-stig)
			os rhel 9.4
			sysctl_is user/max_user_namespaces 0
			sysctl_is kernel/threads-max 50000
			mkdir -p "$CASE_ROOT/usr/lib/sysctl.d"
			echo 'user.max_user_namespaces = 0' >"$CASE_ROOT/etc/sysctl.d/90-stig.conf"
			ladder no yes yes yes
			chosen filecaps
			;;
		arch-hardened)
			os arch rolling
			sysctl_is kernel/unprivileged_userns_clone 0
			ladder no yes yes yes
			chosen filecaps
			;;
		alpine)
			os alpine 3.22
			sysctl_is user/max_user_namespaces 0
			rm -r "$CASE_ROOT/etc/sysctl.d"
			ladder no yes yes yes
			chosen filecaps
			;;
		dsm-7.2)
			os synology 7.2
			: >"$CASE/forbidden"
			echo "setcap" >"$CASE/fails"
			ladder no no yes no
			chosen setuid
			;;
		nixos)
			os nixos 25.05
			sysctl_is user/max_user_namespaces 0
			ladder no yes yes no
			chosen filecaps
			;;
		in-docker)
			os debian 12
			: >"$CASE/forbidden"
			echo container=docker >>"$CASE/facts"
			rung apparmor no yes none "profiles are loaded on the container's host"
			rung filecaps no yes privileged "never in a container"
			rung filecaps-userns no no privileged "never in a container"
			rung setuid yes no privileged "only on request in a container"
			rung sysctl no no sysctl "not in a container"
			chosen none
			;;
		chroot)
			os debian 12
			: >"$CASE/forbidden"
			echo root.mount=no >"$CASE/facts"
			ladder no yes yes no
			chosen none
			;;
	esac
}

# The programs and what comes with them, as make install puts them
installed() {
	mkdir -p "$CASE_ROOT/usr/local/libexec/postern" "$CASE_ROOT/usr/local/bin" \
		"$CASE_ROOT/usr/local/share/postern/sysctl.d"
	cp "$TESTS/launcher.sh" "$CASE_ROOT/$BWRAP_COPY"
	cp "$TESTS/launcher.sh" "$CASE_ROOT/$PRIV"
	echo "postern-pam" >"$CASE_ROOT/usr/local/libexec/postern/postern-pam"
	chmod 755 "$CASE_ROOT/$BWRAP_COPY" "$CASE_ROOT/$PRIV"
	chmod 711 "$CASE_ROOT/usr/local/libexec/postern/postern-pam"
	cp -R pam.d apparmor-profiles sysctl.d "$CASE_ROOT/usr/local/share/postern/"
}

new_case() {
	CASE=$BASE/case
	CASE_ROOT=$CASE/${2:-root}
	rm -rf "$CASE"
	mkdir -p "$CASE/tools" "$CASE_ROOT/etc/pam.d" "$CASE_ROOT/etc/sysctl.d" "$CASE_ROOT/var/lib" "$CASE_ROOT/proc/self/ns"
	chmod 755 "$CASE_ROOT"
	export CASE CASE_ROOT
	: >"$CASE/rungs"
	: >"$CASE/attributes"
	echo root.mount=yes >"$CASE/facts"
	printf 'root:x:0:\nusers:x:100:alice\n' >"$CASE_ROOT/etc/group"
	printf 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n' >"$CASE_ROOT/etc/passwd"
	ln -s 'user:[1]' "$CASE_ROOT/proc/self/ns/user"
	echo '20 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw' >"$CASE_ROOT/proc/self/mountinfo"
	installed
	host_of "$1"
	tools_of
}

# The one that is asked most, without a process more than it needs
write_stat() {
	cat >"$CASE/tools/stat" <<'STAT'
#!/bin/sh
# stat -c FORMAT PATH; the format is always %u %g %a %h
real=$(stat -c '%i %a %h' "$3" 2>/dev/null) || exit 1
owner="0 0"
while read -r inode uid gid caps; do
	[ "$inode" != "${real%% *}" ] || owner="$uid $gid"
done <"$CASE/attributes"
printf '%s %s\n' "$owner" "${real#* }"
STAT
}

tools_of() {
	write_stat
	for tool in chown chmod cp mv rm mkdir rmdir ln sync setcap getcap groupadd groupdel setpriv unshare \
		apparmor_parser statoverride; do
		printf '#!/bin/sh\nexec sh %s/stub.sh %s "$@"\n' "$TESTS" "$tool" >"$CASE/tools/$tool"
		chmod 755 "$CASE/tools/$tool"
		eval "SETUP_$(printf %s $tool | tr '[:lower:]' '[:upper:]')=\$CASE/tools/$tool"
		eval "export SETUP_$(printf %s $tool | tr '[:lower:]' '[:upper:]')"
	done
	printf '#!/bin/sh\necho 0\n' >"$CASE/tools/id"
	printf '#!/bin/sh\nexec sh %s/doctor.sh "$@"\n' "$TESTS" >"$CASE/tools/postern"
	chmod 755 "$CASE/tools/id" "$CASE/tools/postern" "$CASE/tools/stat"
	SETUP_ID=$CASE/tools/id
	SETUP_STAT=$CASE/tools/stat
	SETUP_POSTERN=$CASE/tools/postern
	SETUP_TIMEOUT=$CASE/tools/none
	SETUP_PARTS=$PWD/installer
	export SETUP_ID SETUP_STAT SETUP_POSTERN SETUP_TIMEOUT SETUP_PARTS
	unset SUDO_UID
}

# A session of its own, so that a kill ends it alone
setup() {
	echo 0 >"$CASE/count"
	RC=0
	# shellcheck disable=SC2086 # the shell may be two words
	SETUP_TMP=$CASE setsid -w ${TESTED_SHELL:-sh} "$SETUP" "$@" --root "$CASE_ROOT" >"$CASE/out" 2>"$CASE/err" </dev/null || RC=$?
}

snapshot() {
	(
		cd "$CASE_ROOT" || exit
		find . ! -path './proc/*' -printf '%P\t%i\t%y %m %l\n' | sort | awk -F '\t' -v db="$CASE/attributes" '
			BEGIN { while ((getline line < db) > 0) { split(line, w, " "); owner[w[1]] = w[2] " " w[3] " " w[4] } }
			{ print $1, $3, ($2 in owner ? owner[$2] : "0 0 -") }'
		find . -type f -exec sha256sum {} + | sort -k 2
	)
}

said() {
	cat "$CASE/out" "$CASE/err"
}

# says WHAT TEXT: setup printed it
says() {
	case $(said) in
		*"$2"*) assertTrue "$1" 0 ;;
		*) fail "$1: expected \"$2\" in: $(said)" ;;
	esac
}

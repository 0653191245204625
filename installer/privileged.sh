# shellcheck shell=sh disable=SC2034 # the parts share their variables
# postern-setup: the modes in which postern-priv has a privilege: filecaps, filecaps-userns, setuid.

# mode_caps MODE, mode_bits MODE: what the file gets
mode_caps() {
	[ "$1" != setuid ] || {
		echo -
		return
	}
	# shellcheck disable=SC2016 # awk's
	MODE=$1 "$SETUP_AWK" '
		$1 == ENVIRON["MODE"] { caps = $2 }
		END { print caps == "" ? "-" : caps }' "$PARTS/capabilities"
}

mode_bits() {
	case $1 in
		setuid) echo 4750 ;;
		*) echo 0750 ;;
	esac
}

put_filecaps() {
	has "$SETUP_SETCAP" || refuse "setcap is missing: install libcap2-bin (Debian), libcap (Fedora, Arch), libcap-progs (openSUSE) or libcap-utils (Alpine)" || return
	has "$SETUP_GETCAP" || refuse "getcap is missing: it comes with setcap" || return
	put_privileged filecaps
}

put_filecaps_userns() {
	has "$SETUP_SETCAP" && has "$SETUP_GETCAP" || refuse "setcap and getcap are missing: install libcap's programs" || return
	put_privileged filecaps-userns
}

put_setuid() {
	put_privileged setuid
}

# put_privileged MODE: the privilege is the last thing to come, and so the first to go
put_privileged() {
	if is_apart; then
		put_apart "$1"
		return
	fi
	[ "$(os_release ID)" != nixos ] || refuse "NixOS keeps no privileges in its store: see security.wrappers in NixOS's manual and pkg/nix" || return
	safe_file "$PRIV" || return
	keeps_privilege "$PRIV" || return
	statoverride "$1" || return
	# what fails up to here would fail in any mode: no reason to try one that gives away more
	step_group || refuse "$WHY" || return
	step_dir "$SYSCONF/postern" || refuse "$WHY" || return
	configuration "$1" || refuse "$WHY" || return
	pam_service || refuse "$WHY" || return
	[ ! -f "$ROOT$LIBEXEC/postern-pam" ] || step_attributes "$LIBEXEC/postern-pam" root 0 0711 - || refuse "$WHY" || return
	step_attributes "$PRIV" "$GROUP" "$GID" "$(mode_bits "$1")" "$(mode_caps "$1")"
}

# statoverride MODE: what an administrator said of the file to dpkg wins, and dpkg would bring it back
statoverride() {
	has "$SETUP_STATOVERRIDE" || return 0
	if [ -n "$ROOT" ]; then
		so_line=$("$SETUP_STATOVERRIDE" --admindir "$ROOT/var/lib/dpkg" --list "$PRIV" 2>/dev/null) || return 0
	else
		so_line=$("$SETUP_STATOVERRIDE" --list "$PRIV" 2>/dev/null) || return 0
	fi
	so_bits=$(mode_bits "$1")
	case $so_line in
		"root $GROUP ${so_bits#0} $PRIV" | "root $GROUP 0${so_bits#0} $PRIV") ;;
		*) refuse "dpkg-statoverride has an entry of its own: $so_line; remove it (dpkg-statoverride --remove $PRIV), or do without this mode" || return ;;
	esac
}

# has_pam: is there a PAM that postern-priv could ask?
has_pam() {
	[ -f "$ROOT$LIBEXEC/postern-pam" ] && [ -d "$ROOT/etc/pam.d" ]
}

# write_configuration MODE: to $WORK
write_configuration() {
	{
		printf '# Written by postern-setup for the mode %s. postern-privileged.conf(5) has all keys.\n' "$1"
		if [ "$1" = filecaps-userns ]; then
			echo 'user-namespace = yes'
		else
			echo 'allow-no-userns = yes'
		fi
		printf 'group = %s\n' "$GROUP"
		if has_pam; then
			echo 'pam = required'
		else
			printf '%s\n' '# There was no PAM on this host, or postern was built without it.' 'pam = off'
		fi
		if [ -S "$ROOT/dev/log" ] || [ -n "${SETUP_HAS_LOG:-}" ]; then
			echo 'audit = required'
		else
			printf '%s\n' '# There was no system log on this host (/dev/log): starts are recorded once there is one.' \
				'audit = best-effort'
		fi
	} >"$WORK/privileged.conf"
}

# configuration MODE: privileged.conf, or the administrator's own if it fits
configuration() {
	co_path=$SYSCONF/postern/privileged.conf
	if is_taken "$co_path"; then
		fitting_configuration "$1" "$co_path"
		return
	fi
	write_configuration "$1"
	step_file "$WORK/privileged.conf" "$co_path" "write the configuration ($(grep -v '^#' "$WORK/privileged.conf" |
		tr '\n' ';' | sed 's/;$//; s/;/; /g'))"
}

# conf_value KEY FILE
conf_value() {
	KEY=$1 "$SETUP_AWK" -F = '
		/^[ \t]*#/ { next }
		{
			key = $1
			gsub(/[ \t]/, "", key)
			if (key != ENVIRON["KEY"])
				next
			value = substr($0, index($0, "=") + 1)
			sub(/^[ \t]+/, "", value)
			sub(/[ \t]+$/, "", value)
			print value
			exit
		}' "$2"
}

fitting_configuration() {
	# its second names are nobody's gain, and anybody may be able to make one
	only_roots "$2" || return
	case $1 in
		filecaps-userns) fi_wanted="user-namespace=yes" ;;
		filecaps) fi_wanted="allow-no-userns=yes user-namespace=no" ;;
		*) fi_wanted="allow-no-userns=yes" ;;
	esac
	for fi_pair in $fi_wanted "group=$GROUP"; do
		fi_is=$(conf_value "${fi_pair%%=*}" "$ROOT$2")
		if [ "${fi_pair#*=}" != "${fi_is:-no}" ]; then
			refuse "$2 is there already, and says ${fi_pair%%=*} = ${fi_is:-nothing} where this mode needs ${fi_pair%%=*} = ${fi_pair#*=}: change it, or move it away" || return
		fi
	done
}

# pam_service: the service file, where there is none. Which accounts may start sandboxes an administrator decides.
pam_service() {
	has_pam || return 0
	for ps_path in /etc/pam.d/postern /usr/lib/pam.d/postern; do
		! is_taken "$ps_path" || return 0
	done
	ps_from=$ROOT$DATADIR/pam.d/$(family)
	[ -f "$ps_from" ] || refuse "$DATADIR/pam.d/$(family) is missing: install postern whole" || return
	step_file "$ps_from" /etc/pam.d/postern "install the PAM service"
}

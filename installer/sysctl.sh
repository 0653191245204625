# shellcheck shell=sh disable=SC2034 # the parts share their variables
# postern-setup: the mode sysctl. One key is set, for everybody.

# The files of DATADIR/sysctl.d, and the value with which their key forbids user namespaces
SYSCTL_TEMPLATES="99-userns=0 99-userns-apparmor=1 99-userns-max=0 99-userns-restrict=1"

# sysctl_path KEY: its file
sysctl_path() {
	printf '%s/proc/sys/%s' "$ROOT" "$(printf %s "$1" | tr . /)"
}

sysctl_value() {
	cat "$(sysctl_path "$1")" 2>/dev/null
}

# forbids KEY BAD: has it the value with which it forbids user namespaces? Of a number of them a small one does, too.
forbids() {
	fo_value=$(sysctl_value "$1") || return
	[ "$fo_value" != "$2" ] || return 0
	[ "$1" = user.max_user_namespaces ] || return
	case $fo_value in
		"" | *[!0-9]* | ???*) return 1 ;;
	esac
	[ "$fo_value" -le 32 ]
}

# choose_key: sets S_KEY, S_VALUE and S_FILE to the one key that forbids, and what it gets
choose_key() {
	S_KEY="" ck_all=""
	for ck_pair in $SYSCTL_TEMPLATES; do
		ck_file=$ROOT$DATADIR/sysctl.d/${ck_pair%=*}.conf
		[ -f "$ck_file" ] || refuse "$DATADIR/sysctl.d/${ck_pair%=*}.conf is missing: install postern whole" || return
		ck_key=$(sed -n 's/^-\([a-z_.]*\) = .*/\1/p' "$ck_file")
		forbids "$ck_key" "${ck_pair#*=}" || continue
		ck_all="$ck_all${ck_all:+, }$ck_key"
		S_KEY=$ck_key S_FILE=$ck_file
	done
	case $ck_all in
		"") refuse "no key that this mode knows forbids user namespaces here" || return ;;
		*,*) refuse "several keys forbid user namespaces ($ck_all), and this mode sets one: somebody meant it" || return ;;
	esac
	S_VALUE=$(sed -n 's/^-.* = //p' "$S_FILE")
	ck_threads=$(sysctl_value kernel.threads-max) || ck_threads=""
	case $S_KEY:$ck_threads in
		user.*:*[!0-9]* | user.*:) ;;
		user.*) S_VALUE=$((ck_threads / 2)) ;;
	esac
}

# applied_key: sets S_KEY and S_VALUE from the journal
applied_key() {
	S_KEY=""
	[ -f "$JOURNAL" ] || return 1
	ak_line=$(grep '^sysctl	' "$JOURNAL" | tail -n 1)
	[ -n "$ak_line" ] || return 1
	ak_line=${ak_line#*	}
	S_KEY=${ak_line%%	*} S_VALUE=${ak_line##*	}
}

put_sysctl() {
	if [ "$J_STATE" = applied ] && [ "$J_MODE" = sysctl ] && applied_key; then
		if ! is_in_journal made-file /etc/sysctl.d/99-userns.conf && [ $ALLOW_SYSCTL = no ] && ! key_is_set; then
			refuse "$S_KEY was set until the next reboot only, or until somebody set it to another value" || return
		fi
		set_key
		return
	fi
	choose_key || return
	if [ $UNTIL_REBOOT = no ]; then
		sed "s/^\(-[^=]* = \).*/\1$S_VALUE/" "$S_FILE" >"$WORK/99-userns.conf"
		step_dir /etc/sysctl.d || return
		step_file "$WORK/99-userns.conf" /etc/sysctl.d/99-userns.conf "let $S_KEY be $S_VALUE from every boot on" || return
	fi
	set_key
}

set_key() {
	sk_old=$(sysctl_value "$S_KEY") || refuse "there is no $S_KEY any more" || return
	[ "$sk_old" != "$S_VALUE" ] || return 0
	planned "set to $S_VALUE" "$S_KEY" "set it to $sk_old, if it is still $S_VALUE then" && return
	is_in_journal sysctl "$S_KEY" || journal sysctl "$S_KEY" "$sk_old" "$S_VALUE" || return
	write_key "$S_KEY" "$S_VALUE"
}

write_key() {
	{ printf '%s\n' "$2" >"$(sysctl_path "$1")"; } 2>/dev/null || fail "$1 cannot be set" || return
	[ "$(sysctl_value "$1")" = "$2" ] || fail "$1 was set to $2, and is $(sysctl_value "$1")" || return
}

# Whoever has set another value since has meant it.
undo_sysctl() {
	! is_image || return 0
	case $(sysctl_value "$1") in
		"$3") write_key "$1" "$2" ;;
		"$2" | "") ;;
		*) left_alone "left alone, because it has another value now: $1" ;;
	esac
}

# sysctl_files DIRECTORY...: their files in the order in which they are read: sorted by name, and of files of one name
# only the first directory's; a link to /dev/null is a file without lines
sysctl_files() {
	for sf_dir; do
		for sf_file in "$ROOT$sf_dir"/*.conf; do
			! exists "$sf_file" || printf '%s\t%s\n' "${sf_file##*/}" "$sf_file"
		done
	done | "$SETUP_AWK" -F '\t' '!($1 in seen) { seen[$1] = 1; print }' | sort -t '	' -k 1,1 | cut -f 2
}

# last_setting KEY: of the files on stdin, the last value of KEY, and the file after a tab
last_setting() {
	while IFS= read -r ls_file; do
		[ -f "$ls_file" ] || continue
		FILE=${ls_file#"$ROOT"} KEY=$1 "$SETUP_AWK" '
			/^[ \t]*[#;]/ || !/=/ { next }
			{
				key = substr($0, 1, index($0, "=") - 1)
				gsub(/[ \t]/, "", key)
				sub(/^-/, "", key)
				gsub("/", ".", key)
				if (key != ENVIRON["KEY"])
					next
				value = substr($0, index($0, "=") + 1)
				gsub(/^[ \t]+|[ \t\r]+$/, "", value)
				printf "%s\t%s\n", value, ENVIRON["FILE"]
			}' "$ls_file"
	done | tail -n 1
}

# after_boot ORDER KEY: as last_setting, by systemd's rules or by procps', which reads sysctl.conf besides, last
after_boot() {
	case $1 in
		systemd) sysctl_files /etc/sysctl.d /run/sysctl.d /usr/local/lib/sysctl.d /usr/lib/sysctl.d /lib/sysctl.d ;;
		*)
			sysctl_files /run/sysctl.d /etc/sysctl.d /usr/local/lib/sysctl.d /usr/lib/sysctl.d /lib/sysctl.d
			printf '%s\n' "$ROOT/etc/sysctl.conf"
			;;
	esac | last_setting "$2"
}

nothing_overrides() {
	for no_order in systemd procps; do
		no_last=$(after_boot $no_order "$S_KEY")
		[ "${no_last%%	*}" = "$S_VALUE" ] || fail "at the next boot ($no_order's order) ${no_last#*	} sets $S_KEY to ${no_last%%	*}: take that line away, or give that file a name before 99-userns.conf" || return
	done
}

key_is_set() {
	[ "$(sysctl_value "$S_KEY")" = "$S_VALUE" ] || fail "it is $(sysctl_value "$S_KEY")" || return
}

verify_sysctl() {
	applied_key || fail "the journal has no key" || return
	holds "$S_KEY is $S_VALUE" key_is_set || return
	[ ! -f "$ROOT/etc/sysctl.d/99-userns.conf" ] || ! is_in_journal made-file /etc/sysctl.d/99-userns.conf ||
		holds "no other file sets it to something else" nothing_overrides || return
}

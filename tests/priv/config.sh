#!/bin/sh
# privileged.conf decides, and only where nobody but root can have written it. (MUST 6, 7)
set -eu
. tests/lib/tap.sh
. tests/priv/lib.sh

CONF=$PRIV_PREFIX/etc/postern/privileged.conf

start() {
	refuse "$BWRAP" --ro-bind / / "$@"
}

# foreign NAME COMMAND...: after COMMAND the configuration is nobody's word
foreign() {
	foreign_name=$1
	shift
	priv_config
	"$@"
	denied "$mode: $foreign_name" config-file start true
	chown root: "${CONF%/*}" "$PRIV_PREFIX/etc"
	chmod 755 "${CONF%/*}" "$PRIV_PREFIX/etc"
	rm -rf "$CONF"
}

replaced_by() {
	rm "$CONF"
	"$@" "$CONF"
}

the_users_link() {
	mv "$CONF" "$W/user/mine"
	chown "$TEST_USER:" "$W/user/mine"
	ln -s "$W/user/mine" "$CONF"
}

files() {
	foreign "a configuration that is missing" rm "$CONF"
	foreign "a configuration of the user's" chown "$TEST_USER" "$CONF"
	foreign "a configuration that its group can write" chmod 660 "$CONF"
	foreign "a configuration that everybody can write" chmod 646 "$CONF"
	foreign "a configuration that the caller cannot read" chmod 600 "$CONF"
	foreign "a folder that everybody can write" chmod 777 "${CONF%/*}"
	foreign "a sticky folder that everybody can write" chmod 1777 "${CONF%/*}"
	foreign "a folder of the user's" chown "$TEST_USER" "${CONF%/*}"
	foreign "a folder above that everybody can write" chmod 777 "$PRIV_PREFIX/etc"
	foreign "a configuration that is a link to the user's" the_users_link
	foreign "a configuration that is a pipe" replaced_by mkfifo
	foreign "a configuration that is a directory" replaced_by mkdir
	priv_config
	says "$mode: control: a configuration as it should be" ran start echo ran
}

# invalid NAME LINE...
invalid() {
	invalid_name=$1
	shift
	priv_config
	printf '%s\n' "$@" >>"$CONF"
	denied "$mode: $invalid_name" config-syntax start true
}

texts() {
	invalid "an unknown key" "nosuch = yes"
	invalid "a repeated key" "audit = off"
	invalid "a value that is none" "user-namespace = maybe"
	invalid "a line that is none" "hello"
	invalid "an unknown word to deny" "deny = everything"
	priv_config
	head -c 70000 /dev/zero | tr '\000' '#' >>"$CONF"
	denied "$mode: a configuration that is too long" config-file start true
	priv_config
	printf 'max-operations = 5\000\n' >>"$CONF"
	denied "$mode: a configuration with a NUL" config-syntax start true
	priv_config
}

# denies WORD OPTION...: with that word denied; the same is allowed without
denies() {
	word=$1
	shift
	priv_config
	says "$mode: control: $word is not denied" ran start "$@" echo ran
	priv_config "deny=$word"
	denied "$mode: deny = $word" denied start "$@" echo ran
	priv_config
}

ceiling() {
	denies share-net --unshare-pid --proc /proc
	priv_config deny=share-net
	says "$mode: deny = share-net: its own network" ran start --unshare-net echo ran
	denies share-ipc --unshare-net
	denies inherited-pid-namespace --unshare-net
	denies dev-bind --dev-bind /dev /dev
	denies writable-bind --bind "$W/user" "$W/user"
	denies proc --unshare-pid --proc /proc
	denies hostname --unshare-uts --hostname inside
	mkdir -p "$W/user/secret/below" "$W/user/open"
	chown -R "$TEST_USER:" "$W/user"
	ln -sfn "$W/user/secret" "$W/user/open/link"
	for path in "$W/user/secret" "$W/user/secret/below" "$W/user" / "$W/user/open/link" "$W/user/open/../secret"; do
		priv_config
		says "$mode: control: $path may be bound" ran start --ro-bind "$path" /mnt echo ran
		priv_config "deny-path=$W/user/secret"
		denied "$mode: deny-path: ${path#"$W"/} may not" denied refuse "$BWRAP" --ro-bind /usr /usr \
			--ro-bind "$path" /mnt true
	done
	says "$mode: deny-path: its neighbour may" ran refuse "$BWRAP" --ro-bind /usr /usr --ro-bind-try /lib /lib \
		--ro-bind-try /lib64 /lib64 --ro-bind "$W/user/open" /mnt /usr/bin/echo ran
	priv_config max-operations=3
	denied "$mode: max-operations" '[a-z-]*' start --tmpfs /mnt --tmpfs /mnt --tmpfs /mnt --tmpfs /mnt true
	priv_config allow-no-userns=no
	if [ "$mode" != "${mode%-userns}" ]; then
		says "$mode: allow-no-userns = no: it has one" ran start --unshare-user echo ran
	else
		denied "$mode: allow-no-userns = no" priv-needs-userns start --unshare-user true
	fi
	priv_config
}

# In a user namespace of one's own these are as harmless as everywhere; else they are refused (MUST 6).
needs_userns() {
	if [ "$mode" = filecaps-userns ]; then
		says "$mode: --uid 0 --cap-add ALL" 0 start --unshare-user --uid 0 --cap-add ALL id -u
		says "$mode: --size" "/mnt: 65536 bytes" start --size 65536 --tmpfs /mnt "$PRIV_BIN/peek" size /mnt
		joins
		return
	fi
	if [ "$mode" = setuid-userns ]; then
		# shellcheck disable=SC2016
		says "$mode: --uid 0 --gid 0" 0:0 start --unshare-user --uid 0 --gid 0 sh -c 'echo "$(id -u):$(id -g)"'
		set --
	else
		set -- "--uid 0" "--gid 0"
	fi
	for options in "$@" "--cap-add ALL" "--cap-add CAP_SYS_ADMIN" "--size 65536 --tmpfs /mnt" \
		"--overlay-src /usr --tmp-overlay /mnt" "--overlay-src /usr --overlay-src /etc --ro-overlay /mnt"; do
		# shellcheck disable=SC2086
		denied "$mode: $options" priv-needs-userns start --unshare-user $options true
	done
	joins
}

joins() {
	for options in "--userns 3" "--userns2 3" "--pidns 3" "--netns 3"; do
		# shellcheck disable=SC2086
		denied "$mode: $options" '[a-z-]*' start $options true 3</proc/self/ns/user
	done
}

death_signal() {
	start "$PRIV_BIN/peek" process | sed -n 's/parent death signal: //p'
}

requires() {
	priv_config require=new-session
	# shellcheck disable=SC2016
	says "$mode: require = new-session" leader start --unshare-pid --proc /proc sh -c \
		'set -- $(cat /proc/self/stat); [ "$6" -ne 0 ] && echo leader'
	priv_config require=pid-namespace
	# shellcheck disable=SC2016
	says "$mode: require = pid-namespace" few start sh -c '[ $$ -le 3 ] && echo few'
	priv_config require=die-with-parent
	says "$mode: require = die-with-parent" 9 death_signal
	priv_config
}

main() {
	priv_enter "$0" "$@"
	priv_begin config
	for mode in ${PRIV_MODES:-filecaps filecaps-userns setuid setuid-userns}; do
		PRIV_HOST=$(priv_host_of "$mode")
		priv_mode "$mode"
		files
		texts
		ceiling
		needs_userns
		requires
	done
	tap_end
}

main "$@"

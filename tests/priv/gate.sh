#!/bin/sh
# Who may execute postern-priv at all, and what the launcher says where it may not help. (MUST 7)
set -eu
. tests/lib/tap.sh
. tests/priv/lib.sh

start() {
	refuse "$BWRAP" --ro-bind / / "$@"
}

# nosuid COMMAND...: in a mount namespace where the file system of postern-priv is nosuid
nosuid() {
	# shellcheck disable=SC2016
	unshare -m --propagation private sh -c 'mount -o bind,remount,nosuid "$0" && exec "$@"' "$PRIV_PREFIX" "$@"
}

doors() {
	says "$1: a member starts" member start echo member
	says "$1: a member starts with the namespaces of his choice" "$(id -u "$TEST_USER")" \
		start --unshare-all --proc /proc --dev /dev id -u
	denied "$1: an account outside of the group is told so" priv-not-member \
		refuse_as "$PRIV_OUTSIDER" "$BWRAP" --ro-bind / / true
	says "$1: the kernel keeps an outsider from executing it" "126" \
		runuser -u "$PRIV_OUTSIDER" -- sh -c '"$0" 2>/dev/null || echo $?' "$PRIV"
	says "$1: an outsider cannot read it" "no" \
		runuser -u "$PRIV_OUTSIDER" -- sh -c 'cat "$0" >/dev/null 2>&1 || echo no' "$PRIV"
	says "$1: nobody but root can write it" "no" runuser -u "$TEST_USER" -- sh -c \
		'for f; do [ ! -w "$f" ] || echo "$f"; done; echo no' sh "$PRIV" "${PRIV%/*}" "$PRIV_PREFIX/etc/postern"
	denied "$1: on a nosuid file system it says so" priv-nosuid nosuid sh tests/priv/as refuse "$BWRAP" --ro-bind / / true
	denied "$1: under no_new_privs it says so" priv-no-new-privs \
		refuse setpriv --no-new-privs "$BWRAP" --ro-bind / / true
	denied "$1: real root is refused" '[a-z-]*' priv_host eperm "$BWRAP" --unshare-user --ro-bind / / true
}

without() {
	priv_mode none
	denied "without privilege it says so" priv-not-privileged start true
	refusal=ns-refused
	[ -z "${PRIV_KERNEL:-}" ] || refusal=ns-unsupported
	mv "$PRIV" "$PRIV.away"
	denied "without postern-priv there is the ordinary refusal" $refusal start true
	mv "$PRIV.away" "$PRIV"
}

# What is worth nothing elsewhere: a copy has no privilege, and a link to it leads to the same program with the same
# files, none of which is looked for beside it.
elsewhere() {
	mkdir -p "$PRIV_PREFIX/user/etc/postern"
	plan_of "$W/plan" --ro-bind / / echo ran || not_ok "$1: a plan was made"
	chown "$TEST_USER:" "$PRIV_PREFIX/user"
	runuser -u "$TEST_USER" -- cp "$PRIV" "$PRIV_PREFIX/user/copy"
	denied "$1: a member's copy is inert" '[a-z-]*' refuse "$PRIV_BIN/hand" \
		-x "$PRIV_PREFIX/user/copy" -f "memfd:$W/plan" -- bwrap --plan 99
	if [ "$(cat /proc/sys/fs/protected_hardlinks)" = 1 ]; then
		says "$1: the kernel lets nobody link it" no \
			runuser -u "$TEST_USER" -- sh -c 'ln "$0" "$1" 2>/dev/null || echo no' "$PRIV" "$PRIV_PREFIX/user/link"
	fi
	rm -f "$PRIV_PREFIX/user/link"
	ln "$PRIV" "$PRIV_PREFIX/user/link"
	says "$1: a link elsewhere is the same program" ran \
		refuse "$PRIV_BIN/hand" -x "$PRIV_PREFIX/user/link" -f "memfd:$W/plan" -- bwrap --plan 99
	# that directory's own files say the opposite of the real ones
	mkdir -p "$PRIV_PREFIX/user/libexec/postern"
	mv "$PRIV_PREFIX/user/link" "$PRIV_PREFIX/user/libexec/postern/postern-priv"
	priv_config allow-no-userns=yes
	cp "$PRIV_PREFIX/etc/postern/privileged.conf" "$PRIV_PREFIX/user/etc/postern/"
	chmod a+r "$PRIV_PREFIX/user/etc/postern/privileged.conf"
	priv_config deny=share-net
	denied "$1: a link elsewhere has no configuration but the real one" denied refuse sh -c \
		'cd "$0" && exec "$@"' "$PRIV_PREFIX/user" "$PRIV_BIN/hand" -x libexec/postern/postern-priv \
		-e HOME=. -e XDG_CONFIG_HOME=etc -f "memfd:$W/plan" -- bwrap --plan 99
	rm -rf "$PRIV_PREFIX/user"
	priv_config
}

# callers with capabilities of their own: they get no more, and the command has none
empty='CapInh 0 CapPrm 0 CapEff 0 CapBnd 0 CapAmb 0'
gifted() {
	# shellcheck disable=SC2016
	show='$1 ~ /^Cap/ { gsub(/:/, "", $1); gsub(/^0+/, "", $2); printf "%s%s %s", n++ ? " " : "", $1, $2 == "" ? 0 : $2 }'
	for how in "--inh-caps=+net_raw" "--inh-caps=+net_raw --ambient-caps=+net_raw" \
		"--inh-caps=+sys_admin,+net_admin --ambient-caps=+sys_admin,+net_admin"; do
		# shellcheck disable=SC2086
		says "$1: a caller with $how" "$empty" priv_host "$PRIV_HOST" setpriv --reuid "$TEST_USER" \
			--regid "$TEST_USER" --init-groups $how "$BWRAP" --unshare-user --unshare-pid --proc /proc \
			--ro-bind /usr /usr --ro-bind /etc /etc --ro-bind-try /bin /bin --ro-bind-try /lib /lib \
			--ro-bind-try /lib64 /lib64 awk "$show" /proc/self/status
	done
}

main() {
	priv_enter "$0" "$@"
	priv_begin gate
	for mode in ${PRIV_MODES:-filecaps filecaps-userns setuid setuid-userns}; do
		PRIV_HOST=$(priv_host_of "$mode")
		export PRIV_HOST
		priv_mode "$mode"
		doors "$mode"
		elsewhere "$mode"
		gifted "$mode"
	done
	PRIV_HOST=eperm
	without
	no_process "no process is left"
	tap_end
}

main "$@"

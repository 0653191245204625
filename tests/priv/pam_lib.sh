# shellcheck shell=sh
# What pam.sh and pam_attacks.sh share; both source it after lib.sh. It defines functions and names only.
#
#	pam_enter "$0" "$@"	the ground: $DRIVERS/caller and $DRIVERS/root, which ask as the form with file
#				capabilities and the setuid form do, and copies of what PAM reads
#	service LINE...		the service file; without a line there is none
#	module WORD...		a service of our own module (c/pam/module.c)
#	asked FORM WORD...	what the driver says to TEST_USER (or $WHO)

DRIVERS=$PRIV_PREFIX/drivers
LIBEXEC=$PRIV_PREFIX/libexec/postern
HELPER=$LIBEXEC/postern-pam
SECURITY=

# Not by runuser, which would ask PAM service files, too.
as_user() {
	timeout 60 setpriv --reuid "${WHO:-$TEST_USER}" --regid "$(id -g "${WHO:-$TEST_USER}")" --init-groups "$@"
}

asked() {
	form=$1
	shift
	as_user "$DRIVERS/$form" "$@" 2>&1 || :
}

# expect NAME TEXT GOT
expect() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "wanted: $2" "got: $3"
	fi
}

allowed() {
	name=$1
	shift
	expect "$name ($1)" allowed "$(asked "$@")"
}

DENIED="pam-denied: No permissions to create a new namespace: PAM denies this account"

denied() {
	name=$1
	shift
	expect "$name ($1)" "$DENIED" "$(asked "$@")"
}

# no_verdict NAME WHY FORM WORD...
no_verdict() {
	name=$1
	why=$2
	shift 2
	expect "$name ($1)" "pam-no-verdict: No permissions to create a new namespace: no verdict from PAM ($why)" \
		"$(asked "$@")"
}

service() {
	rm -f /etc/pam.d/postern
	[ $# = 0 ] || printf '%s\n' "$@" >/etc/pam.d/postern
}

# As the caller only modules of known names are asked: ours is bound over one of them.
module() {
	service "account required pam_localuser.so $*"
}

made() {
	chown -R root:root "$PRIV_PREFIX/libexec"
	rm -rf "$HELPER" "$LIBEXEC/real"
	install -m 0711 "$PRIV_WORK/postern-pam" "$HELPER"
	chmod 755 "$PRIV_PREFIX/libexec" "$LIBEXEC"
}

compile() {
	"${MAKE:-make}" -s O="$PRIV_WORK/build" PREFIX="$PRIV_PREFIX" WERROR=1 "$PRIV_WORK/build/postern-pam"
	mv "$PRIV_WORK/build/postern-pam" "$PRIV_WORK/postern-pam"
	mkdir -p "$DRIVERS" "$LIBEXEC"
	chmod 755 "$PRIV_PREFIX" "$DRIVERS"
	for pam in 0 1; do
		priv_static "$DRIVERS/pam$pam" -D_GNU_SOURCE -Isrc -DPOSTERN_PAM=$pam "-DPOSTERN_LIBEXECDIR=\"$LIBEXEC\"" \
			-ffunction-sections -Wl,--gc-sections tests/priv/c/pam/driver.c src/priv/authorize.c \
			src/priv/authorize_child.c src/priv/pamfile.c src/priv/rootfile.c src/sandbox/seal.c \
			src/sandbox/caps.c src/base/*.c
	done
	priv_static "$PRIV_WORK/attack" tests/priv/c/pam/attack.c
	"${CC:-cc}" -std=gnu11 -O1 -w -fPIC -shared -o "$PRIV_WORK/module.so" tests/priv/c/pam/module.c -lpam
	cp "$DRIVERS/pam1" "$DRIVERS/root"
	cp "$DRIVERS/pam1" "$DRIVERS/caller"
	chmod 4755 "$DRIVERS/root"
	setcap cap_sys_admin,cap_net_admin,cap_setpcap,cap_sys_chroot=p "$DRIVERS/caller"
	made
}

# Private copies of what PAM reads; nothing of the host's changes.
pam_ground() {
	for place in /lib/*/security /usr/lib/*/security /lib64/security /lib/security; do
		[ ! -e "$place/pam_localuser.so" ] || SECURITY=$place
	done
	mkdir "$PRIV_WORK/pam.d" "$PRIV_WORK/security"
	cp /etc/pam.d/* "$PRIV_WORK/pam.d/"
	cp -r /etc/security/. "$PRIV_WORK/security/"
	cp -p /etc/shadow "$PRIV_WORK/shadow"
	mount --bind "$PRIV_WORK/pam.d" /etc/pam.d
	mount --bind "$PRIV_WORK/security" /etc/security
	mount --bind "$PRIV_WORK/shadow" /etc/shadow
	mount --bind "$PRIV_WORK/module.so" "$SECURITY/pam_localuser.so"
	mount -t tmpfs -o mode=755 run /run
}

# gone NAME: no helper, and nothing that one started, is left, long before the helper's own alarm
gone() {
	tries=20
	while [ $tries -gt 0 ] && lives; do
		tries=$((tries - 1))
		sleep 0.1
	done
	if lives; then
		not_ok "$1"
		for left in $(living); do
			kill -9 "$left" || :
		done
	else
		ok "$1"
	fi
}

# living: by the file, not by its name: another run has one of the same name in its own mount namespace
living() {
	living_file=$(stat -c %d:%i "$HELPER")
	for left in $(grep -lxs postern-pam /proc/[0-9]*/comm); do
		left=${left%/comm}
		[ "$(stat -L -c %d:%i "$left/exe" 2>/dev/null)" != "$living_file" ] || echo "${left#/proc/}"
	done
}

lives() {
	[ -n "$(living)" ]
}

# pam_enter: a namespace of its own also where tests/priv/run has made one, which is to keep its PAM
pam_enter() {
	[ "${PAM_ENTERED:-}" = yes ] || PRIV_ENTERED=no
	PAM_ENTERED=yes
	export PAM_ENTERED PRIV_ENTERED
	priv_enter "$@"
	TEST_USER=${TEST_USER:-postern-test}
	need setcap setpriv prlimit unshare "${CC:-cc}" "id $TEST_USER" "[ -e /usr/include/security/pam_modules.h ]" || {
		tap_end
		exit
	}
	priv_opt
	priv_accounts
	W=$PRIV_WORK/pam
	mkdir -p "$W"
	chmod 755 "$W"
	compile
	pam_ground
}

#!/bin/sh
# priv_inside.sh KERNEL FORM THEME...: what tests/lab/run-priv lets a guest do, as its root. "ended THEME" follows
# each. The last one may be
#	suite	the cases of tests/launcher in FORM, by tests/kernel/inside.sh
set -eu
. /work/tap.sh
. /work/tests/priv/lib.sh

# As priv_ground and priv_install make it on a host, of what was made there
ground() {
	PRIV_ENTERED=yes
	PRIV_WORK=/var/tmp/priv
	PRIV_BIN=$PRIV_WORK/bin
	PRIV_KERNEL=$1
	BUILD=/nonexistent
	CC=true
	TEST_USER=postern-test
	BWRAP=$PRIV_PREFIX/libexec/postern/bwrap
	PRIV=$PRIV_PREFIX/libexec/postern/postern-priv
	PRIV_MODES="filecaps setuid"
	export PRIV_ENTERED PRIV_WORK PRIV_BIN PRIV_KERNEL BUILD CC TEST_USER BWRAP PRIV PRIV_MODES PRIV_PREFIX \
		PRIV_GROUP PRIV_OUTSIDER
	chmod 1777 /var/tmp
	mkdir -p "$PRIV_WORK" /opt "$PRIV_PREFIX"
	ln -s /work/bin "$PRIV_BIN"
	mount -t tmpfs -o mode=755 postern-test "$PRIV_PREFIX"
	cp -a /work/installed/. "$PRIV_PREFIX/"
	priv_accounts
}

main() {
	cd /work
	ground "$1"
	form=${2%%:*}
	shift 2
	for theme; do
		case $theme in
			suite)
				priv_mode "$form"
				exec /.guest/busybox sh /work/inside.sh suite
				;;
			no_userns) sh tests/lab/no_userns.sh || : ;;
			*) sh "tests/priv/$theme.sh" || : ;;
		esac </dev/null
		echo "ended $theme"
	done
}

main "$@"

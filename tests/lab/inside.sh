#!/bin/sh
# inside.sh KERNEL NAME...: what tests/lab/run lets a guest do, as its root: these scenarios one after the other, by
# steps.sh. "ended NAME" follows each. With NAME --shell its host is prepared, and a shell is yours.
set -u
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
HOME=/root
LC_ALL=C
export PATH HOME LC_ALL
cd /work || exit 1
# shellcheck source=tests/lib/tap.sh
. ./tap.sh
# shellcheck source=tests/lab/steps.sh
. ./steps.sh

# What a host has at boot and tests/lib/guest does not make. Its archive keeps no owners.
prepare() {
	mount -t securityfs securityfs /sys/kernel/security 2>/dev/null
	chmod 1777 /var/tmp
	chmod 700 /root
	chgrp shadow /etc/shadow /etc/gshadow
	chmod 640 /etc/shadow /etc/gshadow
	for user in postern-test postern-other; do
		chown -R "$user:" "/home/$user"
	done
	: >/var/log/messages
	chmod 640 /var/log/messages
	busybox syslogd -O /var/log/messages
	prepare_left=100
	until [ -S /dev/log ] || [ $prepare_left = 0 ]; do
		sleep 0.1
		prepare_left=$((prepare_left - 1))
	done
}

# scenario NAME: in a shell of its own, so that one leaves nothing to the next
scenario() (
	# shellcheck disable=SC2034 # steps.sh has it
	SCENARIO=$1
	begin
	# shellcheck source=/dev/null
	. "./scenarios/$1.sh"
	if has_function flow; then flow; else usual_flow; fi
	finish
)

interactive() {
	SCENARIO=$1
	begin
	# shellcheck source=/dev/null
	. "./scenarios/$1.sh"
	! has_function host || host
	echo "The host of $1. postern is installed; postern-test and postern-other are its people:  as postern-test COMMAND..."
	printf '%s\n' '. /work/tap.sh' '. /work/steps.sh' "PS1='$1# '" >/work/profile
	ENV=/work/profile sh -i
}

main() {
	KERNEL=$1
	export KERNEL
	shift
	prepare
	if [ "${2:-}" = --shell ]; then
		interactive "$1"
		return
	fi
	for name; do
		started=$(cut -d ' ' -f 1 /proc/uptime)
		scenario "$name"
		echo "ended $name $started $(cut -d ' ' -f 1 /proc/uptime)"
	done
}

main "$@"

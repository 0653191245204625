#!/bin/sh
# power_cut_inside.sh POINT: what tests/lab/power-cut lets a guest do, as its root: after a power cut, look at what is
# there and take it back; then go on to POINT (none: end).
set -u
sed '/^main "\$@"/d' /work/inside.sh >/run/inside.sh
. /run/inside.sh

# The disk has the directories that postern-setup changes, and what they were at first.
disk() {
	mount -t ext4 /dev/vda /disk || exit 1
	if [ ! -d /disk/local ]; then
		mkdir /disk/varlib
		cp -a /etc /disk/etc
		cp -a /usr/local /disk/local
		cp -a /var/lib/. /disk/varlib/
	fi
	mount --bind /disk/etc /etc
	mount --bind /disk/local /usr/local
	mount --bind /disk/varlib /var/lib
	[ -e /disk/before ] || snapshot >/disk/before
	sync
}

# back: after the point that the disk tells, everything can be taken back
back() {
	read -r point </disk/point
	SCENARIO=$point
	setup status
	ends "status says that a run was interrupted" 0 "A run of postern-setup was interrupted: postern-setup apply or undo"
	# both ways that it names
	case $point in
		after:*)
			setup apply --allow-privileged --yes
			ends "apply takes that back, and applies" 0 "The mode filecaps is in force."
			;;
	esac
	setup undo
	ends "undo takes all of it back" 0 "Everything is as it was before."
	cp /disk/before "$W/before"
	same
}

main() {
	prepare
	# shellcheck disable=SC2034 # steps.sh has it
	SCENARIO=power-cut
	begin
	echo 0 >/proc/sys/kernel/unprivileged_userns_clone
	disk
	[ ! -e /disk/point ] || back
	echo "$1" >/disk/point
	sync
	if [ "$1" = none ]; then
		echo ended
		return
	fi
	case $1 in
		*:undo)
			setup apply --allow-privileged --yes
			ends "what is undone was applied" 0 "The mode filecaps is in force."
			;;
	esac
	echo "$1" >/run/cut
	for tool in SYNC GROUPADD MV SETCAP UNSHARE RM; do
		export "SETUP_$tool=/work/cut/$tool"
	done
	case $1 in
		*:undo) setup undo ;;
		*) setup apply --allow-privileged --yes ;;
	esac
	fail "the power fails in it" "$(cat "$W/out")"
}

main "$@"

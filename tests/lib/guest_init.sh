#!/.guest/busybox sh
# /init of the guests of tests/lib/guest, in which only /.guest/busybox is certain to be there.
# shellcheck shell=dash

# box APPLET WORD...
box() {
	/.guest/busybox "$@"
}

# The initramfs is no root that can be pivoted away, nor one that a host has: move to a tmpfs.
move() {
	box mkdir /.guest-root
	box mount -t tmpfs -o mode=755,size=90% guest /.guest-root
	for entry in /* /.guest; do
		[ "$entry" = '/*' ] || box cp -a "$entry" /.guest-root/
	done
	: >/.guest-root/.guest/moved
	exec /.guest/busybox switch_root /.guest-root /init
}

mounts() {
	box mount -t proc -o nosuid,nodev,noexec proc /proc
	box mount -t sysfs -o nosuid,nodev,noexec sysfs /sys
	box mount -t devtmpfs -o nosuid,mode=755 devtmpfs /dev
	box mkdir -p /dev/pts /dev/shm /dev/mqueue
	box mount -t devpts -o nosuid,noexec,gid=5,mode=620,ptmxmode=666 devpts /dev/pts
	box mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs /dev/shm
	box mount -t mqueue -o nosuid,nodev,noexec mqueue /dev/mqueue
	box mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 /sys/fs/cgroup
	box mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs /tmp
	box mount -t tmpfs -o nosuid,nodev,mode=755 tmpfs /run
	box mount --make-rshared /
}

main() {
	[ -e /.guest/initramfs ] || [ -e /.guest/moved ] || move
	mounts
	for fd in 0 1 2; do
		box ln -s /proc/self/fd/$fd "/dev/$(set -- stdin stdout stderr && shift $fd && echo "$1")"
	done
	box ln -s /proc/self/fd /dev/fd
	for module in /.guest/modules/*; do
		[ ! -e "$module" ] || box insmod "$module"
	done
	box ip link set lo up
	box hostname guest
	box stty -F /dev/ttyS1 raw -echo
	PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/.guest
	HOME=/
	TERM=dumb
	export PATH HOME TERM
	# Not busybox's shell where there is another: it takes its own applets for programs. In a session
	# of its own, for this one has the console.
	set -- /.guest/busybox sh
	[ ! -x /bin/sh ] || set -- /bin/sh
	if [ -e /.guest/terminal ]; then
		box stty -F /dev/ttyS1 sane
		box setsid -c "$@" /.guest/command <>/dev/ttyS1 >&0 2>&1
		box poweroff -f
	fi
	box setsid "$@" /.guest/command </dev/null >/dev/ttyS1 2>&1
	printf '\nguest: exit %s\n' $? >/dev/ttyS1
	box poweroff -f
}

main "$@"

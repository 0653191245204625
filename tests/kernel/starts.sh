#!/bin/sh
# starts.sh WORK LABEL LAUNCHER...
# A few whole starts and what they must achieve, quick enough for a guest: runs there as a user, in
# busybox's shell, once for each kernel, root and call that fails. LAUNCHER are the words before the options.
set -u
work=$1
label=$2
shift 2
launcher=$*
bin=$work/bin
box=/.guest/busybox
all="--unshare-all --dev /dev --proc /proc"
. "$work/tap.sh"

# start OPTION... COMMAND...
start() {
	# shellcheck disable=SC2086 # words of a command
	$launcher "$@" 2>&1
}

# expect NAME WANT GOT
expect() {
	if [ "$2" = "$3" ]; then
		ok "$label: $1"
	else
		not_ok "$label: $1" "wanted: $2" "got: $3"
	fi
}

# What a shell sees of its sandbox, without a process of another program. The command's number depends on
# what the launcher needed for the start; nobody else's may be there.
# shellcheck disable=SC2016
look='for p in /proc/[0-9]*; do p=${p#/proc/}; [ $p != $$ ] && echo $p; done; echo /dev/*; : >/dev/null && echo null;
	'$box' ifconfig -a | '$box' awk "/^[a-z]/ { printf \"%s \", \$1 } / UP / { print \$1 }"'
seen="1
/dev/core /dev/fd /dev/full /dev/null /dev/ptmx /dev/pts /dev/random /dev/shm /dev/stderr /dev/stdin /dev/stdout /dev/tty /dev/urandom /dev/zero
null
lo UP"

host_readonly() {
	expect "/ read-only, all that is mounted below it too" \
		"seen $(wc -l </proc/self/mountinfo) lacking 0" \
		"$(start --ro-bind / / "$bin/inside" mounts / ro nosuid nodev)"
	# shellcheck disable=SC2086
	expect "no capability, one identity" "inh=0 prm=0 eff=0 bnd=0 amb=0 nnp=1 ids=same" \
		"$(start --ro-bind / / $all "$bin/inside" caps)"
	# shellcheck disable=SC2086
	expect "processes, devices and network of its own" "$seen" "$(start --ro-bind / / $all $box sh -c "$look")"
	expect "as process 1" "pid 1" "$(start --ro-bind / / --unshare-pid --as-pid-1 $box sh -c 'echo "pid $$"')"
}

# What is mounted, with its flags, in the order of the mount points
mounts_of_tmpfs_root="/ rw nosuid nodev
/.guest ro nosuid nodev
/dev rw nosuid nodev
/dev/full rw nosuid
/dev/null rw nosuid
/dev/pts rw nosuid noexec
/dev/random rw nosuid
/dev/tty rw nosuid
/dev/urandom rw nosuid
/dev/zero rw nosuid
/etc rw nosuid nodev
/mnt ro nosuid nodev
/proc rw nosuid nodev noexec"

tmpfs_root() {
	# shellcheck disable=SC2086
	set -- --ro-bind "$bin" /mnt --bind /etc /etc --ro-bind /.guest /.guest $all
	expect "nothing below or beside the new root" "bare tree ok" \
		"$(start "$@" /mnt/oldroot) $(start "$@" /mnt/inside tree)"
	expect "nothing below the new root, with a data file" bare \
		"$(start --ro-bind-data 3 /data "$@" /mnt/oldroot 3</etc/passwd)"
	# shellcheck disable=SC2016
	expect "exactly what was asked for is mounted" "$mounts_of_tmpfs_root" "$(start "$@" $box sh -c '
		'$box' awk "{ gsub(/,(rel|no|no dir)atime/, \"\", \$6); gsub(/,/, \" \", \$6); print \$5, \$6 }" \
			/proc/self/mountinfo | '$box' sort')"
	expect "a host directory that is writable, and one that is not" "written
read-only" "$(start --bind "$work/scratch" /rw --ro-bind "$work/scratch" /ro --ro-bind /.guest /.guest $box sh -c '
		echo x >/rw/file && echo written; echo x 2>&- >/ro/file || echo read-only')"
}

# A command with capabilities could leave a chroot: that start is refused where the old root stays.
# From Linux 7.0 on there is something below the initramfs, and it can be left like any other root.
capabilities() {
	case $([ ! -e /.guest/initramfs ] || echo initramfs)-$(uname -r) in
		initramfs-[0-6].*)
			start --unshare-user --uid 0 --cap-add CAP_SYS_CHROOT --ro-bind "$bin" /mnt /mnt/oldroot >"$work/scratch/out"
			expect "no capabilities inside where the old root cannot be left" "1 pivot-root" \
				"$? $(sed -n 's/^postern: host refuses the sandbox \[\([a-z-]*\)\].*/\1/p' "$work/scratch/out")"
			;;
		*)
			expect "the old root is left for good with capabilities inside" bare \
				"$(start --unshare-user --uid 0 --cap-add CAP_SYS_CHROOT --ro-bind "$bin" /mnt /mnt/oldroot)"
			expect "what a host mount covers stays covered for root inside" refused \
				"$(start --unshare-user --uid 0 --cap-add ALL --ro-bind / / $box sh -c \
					"$box umount /sys 2>&- && echo uncovered || echo refused")"
			;;
	esac
}

dies() {
	: >"$work/scratch/up"
	# shellcheck disable=SC2016,SC2086
	$box sh -c '"$@" & wait' sh $launcher --die-with-parent --ro-bind / / $all "$bin/inside" wait 60 \
		>"$work/scratch/up" 2>&1 &
	parent=$!
	left=400
	until grep -q up "$work/scratch/up" || [ $left = 0 ]; do
		sleep 0.05
		left=$((left - 1))
	done
	kill -9 $parent
	while [ -n "$(pidof inside)" ] && [ $left -gt 0 ]; do
		sleep 0.05
		left=$((left - 1))
	done
	expect "the parent's death ends it" "up, gone" "$(cat "$work/scratch/up"), $(pidof inside || echo gone)"
}

host_readonly
tmpfs_root
capabilities
dies
tap_end

#!/bin/sh
# The programs of `make static` for each machine of pkg/static/arches, or of CROSS_ARCHES, built here and run by QEMU's
# user emulation. That has no seccomp, no user namespaces and none of the newer calls for mounts: so root makes the
# sandboxes, by the old calls, and unit tests that cannot work there are in emulated_not.
set -eu
. tests/lib/tap.sh
. tests/packaging/lib.sh

# machine ARCH: what readelf says of its programs, a pattern for each line
machine() {
	case $1 in
		x86_64) printf '%s\n' 'Class: +ELF64' 'Machine: .*X86-64' ;;
		aarch64) printf '%s\n' 'Class: +ELF64' 'Machine: +AArch64' ;;
		armhf) printf '%s\n' 'Class: +ELF32' 'Machine: +ARM' 'Flags:.*hard-float ABI' 'Tag_FP_arch: VFPv3-D16' 'Tag_CPU_arch: v7' ;;
		# nothing at all of a float unit, so that it runs on every ARM
		armel) printf '%s\n' 'Class: +ELF32' 'Machine: +ARM' 'Flags:.*soft-float ABI' 'Tag_CPU_arch: v5TE' ;;
		i686) printf '%s\n' 'Class: +ELF32' 'Machine: +Intel 80386' ;;
		*) return 1 ;;
	esac
}

is_for() {
	readelf -hAW "$2" >"$scratch/header" 2>&1
	machine "$1" >"$scratch/patterns"
	while read -r pattern; do
		grep -Eq "$pattern" "$scratch/header" || {
			echo "nothing like \"$pattern\" in $2"
			return 1
		}
	done <"$scratch/patterns"
	[ "$1" != armel ] || ! grep -q Tag_FP_arch "$scratch/header"
}

names_no_folder() {
	! grep -aFq -e "$PWD" -e "$POSTERN_CACHE" -e "$BUILD" "$1"
}

program() {
	check "$arch: $1 is for this machine" is_for "$arch" "$2"
	check "$arch: $1 is static and position-independent" static_pie "$2"
	check "$arch: $1 has RELRO, BIND_NOW, no executable stack, no text relocation" hardened "$2"
	check "$arch: $1 names no folder of this machine" names_no_folder "$2"
}

# oldest ARCH: the least processor that the programs are for, as QEMU calls it
oldest() {
	case $1 in
		x86_64) echo qemu64 ;;
		aarch64) echo cortex-a53 ;;
		armhf) echo cortex-a8 ;;
		armel) echo arm926 ;;
		i686) echo pentium2 ;;
	esac
}

# emulated COMMAND...: below it only the first program is for the other machine
emulated() {
	timeout 300 "$qemu" -cpu "$(oldest "$arch")" "$@"
}

# says NAME PATTERN COMMAND...
says() {
	says_name=$1
	says_pattern=$2
	shift 2
	said=$("$@" 2>&1 || :)
	check "$says_name" contains "$said" "$says_pattern"
}

# The command looks for the others where they were built for.
# shellcheck disable=SC2016 # for the shell there
programs_start() {
	says "$arch: bwrap --version" '^bubblewrap [0-9]' emulated "$libexec/bwrap" --version
	says "$arch: postern --version" '^postern [0-9]' emulated "$tree/usr/local/bin/postern" --version
	# QEMU has no system call filters
	says "$arch: postern explain reads a policy and accounts" 'workspace' \
		timeout 300 unshare -m sh -c 'mount --bind "$1/usr/local" /usr/local && shift && exec "$@"' - "$tree" \
		"$qemu" -cpu "$(oldest "$arch")" /usr/local/bin/postern explain --preset workspace --network none
	says "$arch: postern-battery says what a process is" '^userns=' emulated "$libexec/postern-battery" --observe
	says "$arch: postern-inside without a filter runs a command" '^ran$' emulated "$libexec/postern-inside" -- echo ran
	if [ "$arch" = i686 ]; then
		says "$arch: postern-inside says that it has no filter" 'has no seccomp filter' \
			emulated "$libexec/postern-inside" filter=host -- echo ran
	else
		# it is found and brought to the kernel, which the emulation then says no for
		says "$arch: postern-inside has filters for this machine" 'cannot install the seccomp filter host: Invalid' \
			emulated "$libexec/postern-inside" filter=host -- echo ran
	fi
}

# by the calls of an old kernel, and by unshare and fork, as clone is not emulated
mounts() {
	mkdir -p "$scratch/rw"
	echo was >"$scratch/file"
	set -- "$libexec/bwrap" --ro-bind / / --tmpfs /tmp --bind "$scratch/rw" /tmp/rw --ro-bind "$scratch/file" /tmp/file \
		--dev /dev --proc /proc --unshare-pid --unshare-net --unshare-ipc --unshare-uts --hostname sandy
	# shellcheck disable=SC2016 # for the shell inside
	says "$arch: a sandbox has what it was to have" '^sandy [1-9] rw file null lo: was 1$' emulated "$@" sh -c '
		printf "%s " "$(hostname)" "$$"; (cd /tmp && echo rw* fi*) | tr "\n" " "
		(cd /dev && echo nul*) | tr "\n" " "; sed -n "3,\$s/:.*/:/p" /proc/net/dev | tr -d " " | tr "\n" " "
		cat /tmp/file | tr "\n" " "; sed -n "s/^NoNewPrivs:.//p" /proc/self/status; echo new >/tmp/rw/made'
	check "$arch: what it writes to a writable mount is there" grep -q new "$scratch/rw/made"
	says "$arch: a read-only mount is read-only" 'Read-only file system' emulated "$@" sh -c ': >/usr/made'
	says "$arch: its capabilities are none" '^0+$' emulated "$@" --cap-drop ALL sed -n 's/^CapEff:.//p' /proc/self/status
	status=0
	emulated "$@" sh -c 'exit 7' || status=$?
	check "$arch: the command's status is the launcher's" [ "$status" = 7 ]
	says "$arch: a mount that cannot be is an error with an id" '\[[a-z-]+\] step ' \
		emulated "$libexec/bwrap" --ro-bind / / --ro-bind /no-such-thing /tmp/x true
}

# shellcheck disable=SC2016 # for the shell inside
INSIDE='printf "%s " "$(id -u)" "$(hostname)" $(ls /tmp)
	printf "%s " $(sed -n "s/^Cap[EPB].*://p; s/^NoNewPrivs://p" /proc/self/status | uniq)
	( : >/usr/made) 2>&1 | grep -o "Read-only"'

# shellcheck disable=SC2016 # for the shell around
AROUND='set -eu
	mount -t tmpfs -o mode=755 none /opt
	mkdir -p /opt/postern-test/etc/postern
	cd /opt/postern-test
	cp "$1" priv
	cp "$2" emulator
	cp "$3/hand" "$3/plan.bin" "$3/shim" .
	chmod 0755 . etc etc/postern hand shim
	chgrp "$5" priv emulator
	chmod 0750 priv emulator
	printf "%s\n" "group = $6" "pam = off" "audit = off" "allow-no-userns = yes" "allow-shared-pid = yes" \
		"require = new-session" >etc/postern/privileged.conf
	caps=+sys_admin,+net_admin,+setpcap,+sys_chroot
	exec ./shim --no-nnp pidfd_getfd=ENOSYS -- setpriv --reuid "$4" --regid "$5" --clear-groups \
		--inh-caps "$caps" --ambient-caps "$caps" --bounding-set "-all,$caps" \
		./hand -x "$PWD/emulator" -f memfd:plan.bin -- emulator ./priv --plan 99'

# Its configuration and itself where only this test sees them. The file that the emulated program takes for itself is
# the emulator, so that one has the mode and the group. A kernel of a NAS has no seccomp and no pidfd_getfd: the
# emulation has not the first, and the shim takes the second away; nobody could then be kept from the host's processes.
privileged() {
	set -- "$libexec/postern-priv" "$(command -v "$qemu")" "$scratch" "$(id -u "$TEST_USER")" "$(id -g "$TEST_USER")"
	"$scratch/plan" "uid=$4" "gid=$5" ns=$((0x2 | 0x8 | 0x20)) bind:r:/:/ tmpfs:755:/tmp hostname:sandy -- /bin/sh -c "$INSIDE" >"$scratch/plan.bin"
	says "$arch: postern-priv makes a sandbox with capabilities, and gives them all up" '^[0-9]+ sandy 0+ 1 Read-only$' \
		timeout 300 unshare -m sh -c "$AROUND" - "$@" "$(id -gn "$TEST_USER")"
}

# for privileged
helpers() {
	for pair in plan=tests/priv/c/plan_driver.c hand=tests/priv/c/hand.c shim=tests/shim/no_syscall.c; do
		cc -O1 -w -D_GNU_SOURCE -Isrc -o "$scratch/${pair%%=*}" "${pair#*=}"
	done
}

# CROSS_UNITS: where they run. Those of x86_64 are run by tests/unit/run, and armhf is armel with a float unit, which the
# programs do not use. As many at a time as there are processors; their results come in the order of their names.
unit_tests() {
	case " ${CROSS_UNITS-aarch64 armel i686} " in
		*" $arch "*) ;;
		*) return 0 ;;
	esac
	make_it -j"$(jobs)" O="$out" ARCH="$arch" SYSCONFDIR=/opt/postern-test/etc WERROR=1 static-unit-tests || {
		not_ok "$arch: builds the unit tests"
		return 0
	}
	rm -rf "$scratch/units"
	mkdir "$scratch/units"
	for source in tests/unit/*_test.c; do
		name=$(basename "$source" .c)
		grep -q "^$name " tests/packaging/emulated_not || echo "$name"
	done >"$scratch/names"
	# shellcheck disable=SC2016 # for that shell
	xargs -P "$(jobs)" -I NAME sh -c 'timeout 600 "$1" -cpu "$2" "$3/NAME" >"$4/NAME" 2>&1 </dev/null || echo "status $?" >"$4/NAME.bad"' \
		- "$qemu" "$(oldest "$arch")" "$out/static/$arch/unit" "$scratch/units" <"$scratch/names"
	while read -r name; do
		if [ -e "$scratch/units/$name" ] && [ ! -e "$scratch/units/$name.bad" ]; then
			ok "$arch: $name"
		else
			not_ok "$arch: $name" "$(grep -v '^ok ' "$scratch/units/$name" | tail -n 30)" "$(cat "$scratch/units/$name.bad")"
		fi
	done <"$scratch/names"
}

main() {
	: "${BUILD:=$PWD/build}"
	: "${TEST_USER:=postern-test}"
	: "${POSTERN_CACHE:=/var/cache/postern-tests}"
	export POSTERN_CACHE
	scratch=$(mktemp -d)
	trap 'rm -rf "$scratch"' EXIT
	out=$BUILD/cross
	if [ "$(id -u)" = 0 ]; then
		. tests/lib/users.sh
		test_user_create "$TEST_USER"
		helpers
	fi
	for arch in ${CROSS_ARCHES-x86_64 aarch64 armhf armel i686}; do
		qemu=$(awk -v a="$arch" '$1 == a { print $4 }' pkg/static/arches)
		triplet=$(awk -v a="$arch" '$1 == a { print $2 }' pkg/static/arches)
		TAP_NAME=$arch need "$qemu" "$triplet-gcc" readelf dpkg-source setpriv unshare '[ -w / ]' || continue
		if make_it -j"$(jobs)" O="$out" ARCH="$arch" SYSCONFDIR=/opt/postern-test/etc WERROR=1 static; then
			ok "$arch: make static builds all without a warning"
		else
			not_ok "$arch: make static builds all without a warning"
			continue
		fi
		tree=$out/static/$arch/tree
		libexec=$tree/usr/local/libexec/postern
		for name in bwrap postern-priv postern-battery postern-inside; do
			program "$name" "$libexec/$name"
		done
		program postern "$tree/usr/local/bin/postern"
		wc -c "$libexec"/* "$tree/usr/local/bin/postern" 2>/dev/null | sed "s|$tree||; s/^/# $arch: /"
		programs_start
		mounts
		privileged
		unit_tests
	done
	tap_end
}

main "$@"

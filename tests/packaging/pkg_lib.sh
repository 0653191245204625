# shellcheck shell=sh disable=SC2154 # the caller's $scratch
# For the tests of packages that are built on this machine, by rpmbuild and makepkg: the sources, the account that builds, and
# a machine to install on. Source it after tap.sh, debsource.sh, users.sh and deb_lib.sh; it defines functions only.

# pkg_version: what the Makefile says
pkg_version() {
	sed -n 's/^VERSION := //p' Makefile
}

# pkg_archive DIR: the release's archive, as `make dist` names it, of the tree as it is
pkg_archive() {
	mkdir -p "$scratch/archive/postern-$(pkg_version)"
	tar -cf - --exclude=./.git --exclude=./build . | tar -xf - --no-same-owner -C "$scratch/archive/postern-$(pkg_version)"
	tar -C "$scratch/archive" --sort=name --owner=0 --group=0 --mtime=@0 -cf - "postern-$(pkg_version)" | gzip -1n \
		>"$1/postern-$(pkg_version).tar.gz"
	rm -rf "$scratch/archive"
}

# pkg_owned DIR...: the account that builds may write there
pkg_owned() {
	[ "$(id -u)" != 0 ] || chown -R "${TEST_USER:-postern-test}" "$@"
}

# pkg_caps: what a package with file capabilities has, as installer/capabilities names it
pkg_caps() {
	sed -n 's/^filecaps //p' installer/capabilities
}

# pkg_priv_patterns: the files of postern-priv as pkg/debian divides them, as one expression for grep -E, and the manuals
# whether compressed or not
pkg_priv_patterns() {
	sed 's/[.]/[.]/g; s|^|^/|; s|$|([.]gz\|/.*)?$|' pkg/debian/postern-priv.install | paste -sd '|'
}

# try NAME COMMAND...: a passing command stays silent, a failing one shows the end of what it said
try() {
	try_name=$1
	shift
	if "$@" >"$scratch/out" 2>&1 </dev/null; then
		ok "$try_name"
	else
		not_ok "$try_name" "$(tail -n 60 "$scratch/out")"
		return 1
	fi
}

# nothing TEXT: succeeds if there is none, and shows it
nothing() {
	[ -z "$1" ] || {
		printf '%s\n' "$1"
		return 1
	}
}

# what is in the tree that packages of other distributions are installed on: their package managers run on Debian, too
deb_foreign_packages() {
	printf '%s' libjansson4,libcap2,libcap2-bin,libapparmor1,libpam0g,libpam-modules,systemd-standalone-sysusers,
	printf '%s' util-linux,passwd,adduser,rpm,pacman-package-manager
}

# pkg_machine rpm|arch FIRST SECOND: a machine that refuses user namespaces; pkg_inside.sh installs, upgrades and removes the
# packages of the directories FIRST and SECOND there. It prints results as the tests do; they are counted here.
pkg_machine() {
	deb_tree foreign bookworm || {
		not_ok "a machine to install them on" "mmdebstrap failed"
		return 0
	}
	pm_tree=$scratch/machine
	deb_unpack "$deb_tarball" "$pm_tree"
	mkdir "$pm_tree/work"
	cp -r "$2" "$pm_tree/work/first"
	cp -r "$3" "$pm_tree/work/second"
	cp tests/packaging/pkg_inside.sh tests/lib/tap.sh "$pm_tree/work/"
	pkg_caps >"$pm_tree/work/caps"
	musl-gcc -static -O1 -o "$pm_tree/work/shim" tests/shim/no_syscall.c -idirafter /usr/include \
		-idirafter "/usr/include/$(cc -print-multiarch)"
	pm_command="exec /work/shim --no-nnp clone:NEWUSER=EPERM unshare:NEWUSER=EPERM clone3=ENOSYS -- sh /work/pkg_inside.sh $1"
	timeout -k 10 900 tests/readme/enter pivot "$pm_tree" "$pm_command" >"$scratch/results" 2>"$scratch/err" </dev/null || :
	while read -r pm_line; do
		case $pm_line in
			"ok - "*) ok "${pm_line#ok - }" ;;
			"not ok - "*) not_ok "${pm_line#not ok - }" "$(tail -n 60 "$scratch/err")" ;;
		esac
	done <"$scratch/results"
	[ "$(tail -n 1 "$scratch/results")" = end ] || not_ok "the machine's run ends" "$(tail -n 30 "$scratch/err")"
	rm -rf "$pm_tree"
}

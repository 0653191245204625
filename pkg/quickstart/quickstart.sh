#!/bin/sh
# quickstart: what `make quickstart` does, as root, from the top of the tree.
# Installs the build tools that are missing (after naming them), builds, installs to /usr/local, and
# lets postern doctor judge this host, and runs one `git status` in a sandbox as a user who is not root.
# Where the host refuses, it applies a mode that gives no program a privilege (AppArmor's), or else ends with
# the verdict and the command that an administrator may decide for. Asks nothing and adds no package source.
# Exit 0 only if that sandbox ran and was shut as it should be.
set -eu

LAUNCHER=/usr/local/libexec/postern/bwrap
DOCTOR="/usr/local/bin/postern doctor"
SETUP=/usr/local/sbin/postern-setup

say() {
	printf '%s\n' "$*"
}

die() {
	printf 'quickstart: %s\n' "$*" >&2
	exit 1
}

detect_manager() {
	for m in apt-get dnf pacman apk zypper; do
		if command -v "$m" >/dev/null 2>&1; then
			say "$m"
			return 0
		fi
	done
	say none
}

# Static where the distribution has a packaged musl. Of those that use dnf only Fedora has one;
# openSUSE's releases do not.
choose_static() {
	manager=$1
	if command -v musl-gcc >/dev/null 2>&1; then
		say yes
		return 0
	fi
	case $manager in
		apt-get | pacman | apk) say yes ;;
		dnf) if grep -q '^ID="\{0,1\}fedora"\{0,1\}$' /etc/os-release 2>/dev/null; then say yes; else say no; fi ;;
		*) say no ;;
	esac
}

# What is missing, as the words compiler, libc, kernel, pam, jansson, cap, seccomp, apparmor, musl, git. AppArmor's library is
# asked for only where the distribution uses AppArmor: postern does without.
detect_missing() {
	static=$1
	command -v cc >/dev/null 2>&1 || say compiler
	[ -e /usr/include/stdio.h ] || say libc
	[ -e /usr/include/linux/version.h ] || say kernel
	[ -e /usr/include/security/pam_appl.h ] || say pam
	[ -e /usr/include/jansson.h ] || say jansson
	[ -e /usr/include/sys/capability.h ] || say cap
	[ -e /usr/include/seccomp.h ] || [ -e /usr/include/libseccomp/seccomp.h ] || say seccomp
	case $manager in
		apt-get | zypper) [ -e /usr/include/sys/apparmor.h ] || say apparmor ;;
	esac
	if [ "$static" = yes ] && ! command -v musl-gcc >/dev/null 2>&1; then
		case $(cc -dumpmachine 2>/dev/null || :) in
			*musl*) ;;
			*) say musl ;;
		esac
	fi
	command -v git >/dev/null 2>&1 || say git
}

# package_for MANAGER WHAT
package_for() {
	case $1:$2 in
		*:compiler) say gcc ;;
		apt-get:libc) say libc6-dev ;;
		apt-get:kernel) say linux-libc-dev ;;
		apt-get:pam) say libpam0g-dev ;;
		apt-get:jansson) say libjansson-dev ;;
		apt-get:musl) say musl-tools ;;
		dnf:libc | zypper:libc) say glibc-devel ;;
		dnf:kernel) say kernel-headers ;;
		dnf:pam | zypper:pam) say pam-devel ;;
		dnf:jansson) say jansson-devel ;;
		dnf:musl) say musl-gcc ;;
		dnf:git | zypper:git) say git-core ;;
		zypper:kernel) say linux-glibc-devel ;;
		zypper:jansson) say libjansson-devel ;;
		zypper:apparmor) say libapparmor-devel ;;
		pacman:libc) say glibc ;;
		pacman:kernel) say linux-api-headers ;;
		pacman:pam) say pam ;;
		pacman:jansson) say jansson ;;
		pacman:cap) say libcap ;;
		pacman:musl) say musl ;;
		apk:libc) say musl-dev ;;
		apk:kernel) say linux-headers ;;
		apk:pam) say linux-pam-dev ;;
		apk:jansson) say jansson-dev ;;
		dnf:cap | zypper:cap) say libcap-devel ;;
		dnf:seccomp | zypper:seccomp) say libseccomp-devel ;;
		pacman:seccomp) say libseccomp ;;
		*:seccomp) say libseccomp-dev ;;
		*:cap) say libcap-dev ;;
		apt-get:apparmor) say libapparmor-dev ;;
		apk:musl) ;; # its compiler makes musl programs
		*:git) say git ;;
	esac
}

apply_install() {
	manager=$1
	shift
	case $manager in
		apt-get)
			export DEBIAN_FRONTEND=noninteractive
			apt-get -q update
			apt-get -q install -y --no-install-recommends "$@"
			;;
		dnf) dnf install -y --setopt=install_weak_deps=False "$@" ;;
		pacman) pacman -S --noconfirm --needed "$@" ;;
		apk) apk add "$@" ;;
		zypper) zypper --non-interactive install --no-recommends "$@" ;;
	esac
}

install_missing() {
	missing=$(detect_missing "$static")
	if [ -z "$missing" ]; then
		say "Packages to install: none"
		return 0
	fi
	[ "$manager" != none ] ||
		die "no package manager that I know; please install: $(say "$missing" | tr '\n' ' ')"
	packages=
	for what in $missing; do
		packages="$packages $(package_for "$manager" "$what")"
	done
	say "Packages to install with $manager:$packages"
	# shellcheck disable=SC2086 # a list of words
	apply_install "$manager" $packages
}

# The build goes to a folder of its own: nothing of root's is left in the user's clone.
build_and_install() {
	say "Building (STATIC=$static) and installing to /usr/local"
	unset MAKEFLAGS MFLAGS MAKELEVEL DESTDIR
	set -- -s O="$work/build" STATIC="$static" DESTDIR= PREFIX=/usr/local BINDIR=/usr/local/bin \
		LIBEXECDIR=/usr/local/libexec MANDIR=/usr/local/share/man
	"${MAKE:-make}" "$@" all
	"${MAKE:-make}" "$@" install
	command -v scdoc >/dev/null 2>&1 || say "The man pages are left out: they need scdoc."
}

# The user who called sudo, else nobody, else an account that goes away again.
choose_user() {
	user=
	if [ "${SUDO_UID:-0}" != 0 ]; then
		user=$(id -nu "$SUDO_UID" 2>/dev/null || :)
	fi
	if [ -z "$user" ] && [ "$(id -u nobody 2>/dev/null || say 0)" != 0 ]; then
		user=nobody
	fi
	if [ -z "$user" ]; then
		user=postern-quickstart
		useradd -r -M -s /bin/false "$user" || die "cannot make a user to run the sandbox as"
		made_user=$user
	fi
}

# as_user SCRIPT: runs it by /bin/sh as $user, who may have no login shell, with a clean environment, and in a session of
# its own without any descriptor of ours: it could put words into root's terminal otherwise. Output goes to $work/out
# and $work/err.
as_user() {
	clean="env -i PATH=$PATH HOME=$work/home GIT_CONFIG_NOSYSTEM=1 LC_ALL=C /bin/sh -c"
	alone=
	! command -v setsid >/dev/null 2>&1 || alone=setsid
	if command -v runuser >/dev/null 2>&1; then
		# shellcheck disable=SC2086 # lists of words
		$alone runuser -u "$user" -- $clean "$1" >"$work/out" 2>"$work/err" </dev/null
	else
		$alone su -s /bin/sh "$user" -c "$clean '$1'" >"$work/out" 2>"$work/err" </dev/null
	fi
}

# The repository belongs to the user who runs git on it, so that git trusts it without safe.directory.
make_scratch() {
	mkdir "$work/home"
	chown "$user" "$work/home"
	as_user "mkdir $work/home/repository $work/home/outside &&
		cd $work/home/repository && git init -q . && date >new-file" ||
		die "cannot make a scratch repository as $user: $(cat "$work/err")"
}

# Modes that give no program a privilege are applied at once; any other is the administrator's choice.
choose_mode() {
	verdict=0
	$DOCTOR --user "$user" --plain >"$work/doctor" || verdict=$?
	[ "$verdict" != 0 ] || return 0
	if [ "$(sed -n 's/^chosen	//p' "$work/doctor")" = apparmor ]; then
		say "This host needs an AppArmor profile for the launcher; postern-setup installs it:"
		$SETUP apply --mode apparmor --yes || say "postern-setup could not: the verdict follows" >&2
	fi
}

# What the sandboxed shell tells about itself. No single quotes: as_user may need them.
write_probe() {
	cat >"$work/probe" <<'PROBE'
set -u
echo "token $1"
if status=$(git status --short 2>&1); then echo "git yes $status"; else echo "git no $status"; fi
echo "uid $(id -u)"
echo "processes $(ls -d /proc/[0-9]* | wc -l)"
echo "interfaces $(sed -n "s/^ *\([^: ]*\):.*/\1/p" /proc/net/dev | tr "\n" " ")"
echo "pidns $(readlink /proc/self/ns/pid)"
echo "netns $(readlink /proc/self/ns/net)"
sed -n "s/^\(CapEff\|CapBnd\|NoNewPrivs\):[^0-9a-f]*/\1 /p" /proc/self/status
if touch inside 2>/dev/null; then echo "write-inside yes"; else echo "write-inside no"; fi
if touch ../outside/x 2>/dev/null; then echo "write-outside yes"; else echo "write-outside no"; fi
PROBE
	chmod 0644 "$work/probe"
}

# value KEY: what the probe said about KEY
value() {
	sed -n "s/^$1 //p" "$work/out"
}

run_sandbox() {
	token=$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')
	status=0
	as_user "cd $work/home/repository && exec $LAUNCHER --ro-bind / / --dev /dev --proc /proc \
		--bind $work/home/repository $work/home/repository \
		--unshare-user --unshare-pid --unshare-net --unshare-ipc --unshare-uts \
		--new-session --die-with-parent --chdir $work/home/repository -- \
		/bin/sh $work/probe $token" || status=$?
}

refused() {
	say "No sandbox ran. $LAUNCHER, run as $user, ended with status $status and said:" >&2
	sed -n '1,2s/^/  /p' "$work/err" >&2
	say "postern doctor says:" >&2
	$DOCTOR --user "$user" 2>&1 | sed 's/^/  /' >&2
	exit 1
}

verdict() {
	if [ "$status" != 0 ] || [ "$(value token)" != "$token" ]; then
		refused
	fi
	say "A sandbox ran \`git status\` of a scratch repository as $user. Inside:"
	say "  git status            $(value git | sed 's/^yes //; s/^no /failed: /')"
	say "  user id               $(value uid) (outside: $(id -u "$user"))"
	say "  processes in sight    $(value processes)"
	say "  network interfaces    $(value interfaces)"
	say "  capabilities          $(value CapEff)"
	say "  NoNewPrivs            $(value NoNewPrivs)"
	say "  write the repository  $(value write-inside)"
	say "  write beside it       $(value write-outside)"
	expect "git status worked" "$(value git)" "yes ?? new-file"
	expect "it is the same user" "$(value uid)" "$(id -u "$user")"
	expect "it has no network but lo" "$(value interfaces)" "lo "
	expect "it has no capability" "$(value CapEff)" 0000000000000000
	expect "it cannot gain privileges" "$(value NoNewPrivs)" 1
	expect "it writes its repository" "$(value write-inside)" yes
	expect "it writes nothing else" "$(value write-outside)" no
	[ "$(value pidns)" != "$(readlink /proc/self/ns/pid)" ] || die "it shares our process namespace"
	[ "$(value netns)" != "$(readlink /proc/self/ns/net)" ] || die "it shares our network namespace"
	say "postern works here: $LAUNCHER, also as /usr/local/bin/postern-bwrap"
}

expect() {
	[ "$2" = "$3" ] || die "the sandbox is not as it should be: $1: expected \"$3\", found \"$2\""
}

cleanup() {
	[ -z "$made_user" ] || userdel "$made_user" || :
	[ -z "$work" ] || rm -rf "$work"
}

main() {
	[ "$(id -u)" = 0 ] || die "run me as root: I install packages and write to /usr/local"
	[ -f src/launcher/main.c ] || die "run me from the top of the source tree, as: make quickstart"
	umask 022
	PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	work="" made_user=""
	trap cleanup EXIT
	trap 'exit 130' INT TERM HUP
	work=$(mktemp -d /tmp/postern-quickstart.XXXXXX)
	chmod 0755 "$work"
	manager=$(detect_manager)
	static=$(choose_static "$manager")
	install_missing
	build_and_install
	choose_user
	make_scratch
	choose_mode
	write_probe
	run_sandbox
	verdict
}

main "$@"

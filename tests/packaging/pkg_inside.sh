#!/bin/sh
# pkg_inside.sh rpm|arch: runs on a machine that refuses user namespaces, as its root; the packages are in /work/first and,
# newer, in /work/second. Prints results as the tests do.
set -eu
# shellcheck source=tests/lib/tap.sh
. /work/tap.sh

# Arch has no libexec and no sbin
case $1 in
	arch) LIBEXEC=/usr/lib/postern SETUP=/usr/bin/postern-setup ;;
	*) LIBEXEC=/usr/libexec/postern SETUP=/usr/sbin/postern-setup ;;
esac
PRIV=$LIBEXEC/postern-priv

# check NAME COMMAND...
check() {
	name=$1
	shift
	if "$@" >/work/said 2>&1; then ok "$name"; else not_ok "$name" "failed: $*" "$(tail -n 20 /work/said)"; fi
}

not() {
	! "$@"
}

# the package manager: install FILE..., upgrade FILE..., again FILE..., remove NAME...
# This machine is Debian's: what the packages depend on is there, and under other names.
rpm_install() { rpm -i --nodeps "$@"; }
rpm_upgrade() { rpm -U --nodeps "$@"; }
rpm_again() { rpm -U --nodeps --replacepkgs "$@"; }
rpm_remove() { rpm -e --nodeps "$@"; }
rpm_holds() { rpm -V --nodeps "$@"; }
arch_install() { pacman -U --noconfirm -dd "$@"; }
arch_upgrade() { arch_install "$@"; }
arch_again() { arch_install "$@"; }
arch_remove() { pacman -R --noconfirm -dd "$@"; }
arch_holds() { pacman -Qk "$@"; }

# package DIR NAME: its file
package() {
	for file in "/work/$1/$2"-[0-9]*; do
		echo "$file"
	done
}

# everything on the machine but what package managers write about themselves
files() {
	find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /run -o -path /work -o -path /var/lib/rpm \
		-o -path /var/lib/pacman -o -path /var/cache -o -path /var/log -o -path /var/tmp -o -path /home -o -path /root \) -prune \
		-o \( -type f -exec sha256sum {} + -o -true \) -printf '%p %y %m %U %G %l\n' | sort
}

left_over() {
	files >/work/after
	diff /work/before /work/after | grep '^[<>]' >/work/differs || :
	# directories that the distributions' base packages have, and this machine has not, or has empty
	grep -vE ' ?(/etc/ld.so.cache|/etc/(group|gshadow)-?|/etc|/usr/lib/sysimage(/.*)?|/var/lib)( |$)' /work/differs |
		grep -vE '^< /usr/share/doc d 755 0 0 |^> /usr/(lib/sysusers[.]d|share/(licenses|fish(/vendor_completions[.]d)?|zsh/site-functions)) d 755 0 0 '
}

bits() {
	find $LIBEXEC /usr/bin/postern $SETUP -perm /7000
	getcap -r $LIBEXEC
}

sorted() {
	tr , '\n' | sort | tr '\n' ' '
}

# form: mode, owner, group and capabilities of postern-priv
form() {
	printf '%s %s' "$(stat -c '%a %U:%G' $PRIV)" "$(getcap $PRIV | sed 's/.* //; s/=p$//' | sorted)"
}

is_filecaps() {
	form
	[ "$(form)" = "750 root:postern $(sed 's/=p$//' /work/caps | sorted)" ]
}

is_setuid() {
	form
	[ "$(form)" = "4750 root:postern " ]
}

is_plain() {
	form
	[ "$(form)" = "755 root:root " ] && [ -z "$(bits)" ]
}

sandbox() {
	runuser -u tester -- postern-bwrap --ro-bind / / --proc /proc --dev /dev --unshare-all true
}

set_up() {
	check "nothing has a set-id bit or a capability" is_plain
	check "no sandbox starts" not sandbox
	check "postern-setup gives postern-priv its capabilities" postern-setup apply --allow-privileged=filecaps --yes
	check "... and no others, for the group" is_filecaps
	check "who is not in the group gets no sandbox" not sandbox
	adduser --quiet tester postern >/dev/null || :
	check "who is in it gets one" sandbox
	check "the package manager has no complaint of that" "$1_holds" postern-priv
}

upgrades() {
	check "an upgrade" "$1_upgrade" "$(package second postern)" "$(package second postern-priv)" "$(package second postern-bwrap)"
	check "... keeps the capabilities" is_filecaps
	check "... and the sandbox" sandbox
	check "postern-priv alone, once more" "$1_again" "$(package second postern-priv)"
	check "... keeps them, too" is_filecaps
	check "the administrator takes set-user-ID" postern-setup apply --mode setuid --allow-privileged --yes
	check "... which stays, too" "$1_again" "$(package second postern-priv)"
	check "... as it was" is_setuid
}

removals() {
	check "postern-priv is removed" "$1_remove" postern-priv
	check "... and what was changed for it taken back" [ ! -e /etc/postern/privileged.conf ]
	check "... with the journal" [ ! -e /var/lib/postern/journal ]
	check "it comes back" "$1_install" "$(package second postern-priv)"
	check "... without a privilege" is_plain
	check "it gets one" postern-setup apply --allow-privileged=filecaps --yes
	check "all are removed at once" "$1_remove" postern-bwrap postern-priv postern
	deluser --quiet tester postern >/dev/null 2>&1 || :
	check "nothing is left but the group" nothing "$(left_over)"
	check "... which is empty" [ "$(getent group postern | cut -d: -f4)" = "" ]
}

nothing() {
	echo "$1"
	[ -z "$1" ]
}

main() {
	export LC_ALL=C
	useradd -m -s /bin/sh tester
	mkdir -p /var/lib/pacman
	# pacman asks it for the space that is left
	ln -sf /proc/self/mounts /etc/mtab
	files >/work/before
	check "all are installed" "$1_install" "$(package first postern)" "$(package first postern-priv)" "$(package first postern-bwrap)"
	check "bwrap is the launcher" [ "$(readlink -f /usr/bin/bwrap)" = $LIBEXEC/bwrap ]
	set_up "$1"
	upgrades "$1"
	removals "$1"
	echo end
}

main "$@"

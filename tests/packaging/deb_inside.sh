#!/bin/sh
# deb_inside.sh open|refusing: runs on a machine, as its root; the packages are in /work/first and /work/second. Prints
# results as the tests do.
set -eu
# shellcheck source=tests/lib/tap.sh
. /work/tap.sh

PRIV=/usr/libexec/postern/postern-priv
CAPS=$(printf '%s' cap_setpcap,cap_net_admin,cap_sys_chroot,cap_sys_admin=p | tr , '\n' | sort)

# check NAME COMMAND...
check() {
	name=$1
	shift
	if "$@" >/work/said 2>&1; then ok "$name"; else not_ok "$name" "failed: $*" "$(tail -n 20 /work/said)" "$(tail -n 20 /work/log)"; fi
}

says() {
	grep -Eq -- "$1" /work/log
}

# apt WORD...: quiet, and never asking
apt() {
	DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends -o Dpkg::Use-Pty=0 "$@" >/work/log 2>&1
}

as_tester() {
	runuser -u tester -- "$@"
}

# everything on the machine, but what dpkg, apt and debconf write about themselves, and logs
files() {
	find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /run -o -path /work -o -path /var/lib/dpkg \
		-o -path /var/lib/apt -o -path /var/cache -o -path /var/log -o -path /var/tmp -o -path /home \) -prune \
		-o \( -type f -exec sha256sum {} + -o -true \) -printf '%p %y %m %U %G %l\n' | sort
}

# left_over: what was not there before, or is another
left_over() {
	files >/work/after
	# bubblewrap is gone: its place was taken
	diff /work/before /work/after | grep '^[<>]' |
		awk 'NR == FNR { its[$0]; next } { for (i = 2; i <= NF; i++) if ($1 == "<" && $i in its) next; print }' \
			/work/bubblewrap - >/work/differs
	# the group stays, as do the copies of what the account's tools wrote; ldconfig's cache is made anew
	grep -vE ' ?(/etc/ld.so.cache|/etc/(group|gshadow)|/etc/(group|gshadow|passwd|shadow)-|/etc|/usr/lib/python3[^ ]*)( |$)' /work/differs
}

autopkgtests() {
	status=0
	# shellcheck disable=SC2086 # words
	(cd /work && autopkgtest $1 --user=tester /work/source -- null) >/work/log 2>&1 || status=$?
	grep -E '^(autopkgtest \[[0-9:]*\]: @@@@|[a-z]+ +(PASS|FAIL|SKIP))' /work/log >&2 || :
	[ "$status" = 0 ] || [ "$status" = 2 ]
}

passed() {
	for test; do
		grep -Eq "^$test +PASS" /work/log || {
			echo "$test did not pass"
			return 1
		}
	done
}

bits() {
	find /usr/libexec/postern /usr/bin/postern /usr/sbin/postern-setup -perm /7000
	getcap -r /usr/libexec/postern
}

# form: mode, owner, group and capabilities of postern-priv
form() {
	printf '%s %s' "$(stat -c '%a %U:%G' $PRIV)" "$(getcap $PRIV | sed 's/.* //; s/+p$/=p/' | tr , '\n' | sort | tr '\n' ' ')"
}

is_filecaps() {
	[ "$(form)" = "750 root:postern $(printf '%s\n' "$CAPS" | tr '\n' ' ')" ]
}

sandbox() {
	as_tester postern-bwrap --ro-bind / / --proc /proc --dev /dev --unshare-all true
}

not() {
	! "$@"
}

installs() {
	check "apt installs postern alone, as the README says" apt install /work/first/postern_*.deb
	check "nothing of it has a set-id bit or a capability" [ -z "$(bits)" ]
}

open_host() {
	installs
	check "a user's sandbox starts at once" sandbox
	check "a policy holds there" as_tester sh -c 'cd && postern run -- true'
	check "apt puts postern-bwrap in the place of bubblewrap" apt install /work/first/postern-bwrap_*.deb
	check "bubblewrap is gone, and bwrap is postern's" [ "$(dpkg-query -W -f '${Status}' bubblewrap 2>/dev/null | grep -c ' installed') $(readlink -f /usr/bin/bwrap)" = "0 /usr/libexec/postern/bwrap" ]
	needs_bubblewrap
	check "apt has nothing to complain of" apt check
	check "the package's own tests run" autopkgtests "--test-name=sandbox --test-name=run --test-name=doctor --test-name=bwrap"
	check "... and pass" passed sandbox run doctor bwrap
	check "postern-priv is installed without a privilege" apt install /work/first/postern-priv_*.deb
	check "... and has none" [ -z "$(bits)" ]
	check "its yes changes nothing where nothing needs it" reconfigured true
	check "... not a bit" [ -z "$(bits)" ]
	check "all are upgraded" apt install /work/second/postern_*.deb /work/second/postern-priv_*.deb /work/second/postern-bwrap_*.deb
	check "a user's sandbox starts after that" sandbox
	check "all are purged" apt purge postern postern-priv postern-bwrap
	check "nothing is left of them" [ -z "$(left_over)" ]
}

# A package that depends on bubblewrap is content with ours.
needs_bubblewrap() {
	mkdir -p /work/needs/DEBIAN
	printf '%s\n' 'Package: needs-bubblewrap' 'Version: 1' 'Architecture: all' 'Maintainer: tests <t@t.invalid>' \
		'Depends: bubblewrap (>= 0.5)' 'Description: needs bubblewrap' >/work/needs/DEBIAN/control
	dpkg-deb -b /work/needs /work/needs.deb >/dev/null
	check "what depends on bubblewrap (>= 0.5) is installed beside it" apt install /work/needs.deb
	apt purge needs-bubblewrap || :
}

# reconfigured ANSWER [ANSWER]: as `dpkg-reconfigure`, with these answers about capabilities and about set-user-ID
reconfigured() {
	printf 'postern-priv postern-priv/allow-%s boolean %s\n' privileged "$1" setuid "${2:-false}" | debconf-set-selections
	DEBIAN_FRONTEND=noninteractive dpkg-reconfigure postern-priv >/work/log 2>&1
}

refusing_host() {
	installs
	check "the installation says which package this host needs" says 'the package postern-priv is for such hosts'
	check "no sandbox starts" not sandbox
	check "postern-priv is installed without a privilege, where nobody answers" apt install /work/first/postern-priv_*.deb
	check "... and has none" [ -z "$(bits)" ]
	check "... which it says" says 'need your consent.*postern-setup plan'
	check "... its group is there, and empty" [ "$(getent group postern | cut -d: -f4)" = "" ]
	check "the package's own test of the privileged part runs" autopkgtests --test-name=privileged
	check "... and passes" passed privileged
	allowed
	kept_choices
	overridden
	removed
}

allowed() {
	check "with yes as the answer" reconfigured true
	check "... postern-priv has its four capabilities, for the group" is_filecaps
	check "... the journal's place is root's" [ "$(stat -c '%a %U' /var/lib/postern)" = "711 root" ]
	check "... who is not in the group gets no sandbox" not sandbox
	adduser --quiet tester postern >/dev/null
	check "... who is in it gets one" sandbox
	check "the upgrade of all packages" apt install /work/second/postern_*.deb /work/second/postern-priv_*.deb
	check "... keeps the capabilities" is_filecaps
	check "... and the sandbox" sandbox
	check "yes without set-user-ID is not heeded as more, where capabilities are not kept" no_setuid
}

# setcap is away: only set-user-ID would be left
no_setuid() {
	postern-setup undo >/work/log 2>&1
	mv /usr/sbin/setcap /usr/sbin/setcap.away
	reconfigured true false
	mv /usr/sbin/setcap.away /usr/sbin/setcap
	[ -z "$(bits)" ]
}

kept_choices() {
	check "the administrator takes set-user-ID by hand" postern-setup apply --mode setuid --yes --allow-privileged
	check "... which an upgrade keeps, against the answer" apt install --reinstall /work/second/postern-priv_*.deb
	check "... as it was" [ "$(form)" = "4750 root:postern " ]
	check "no as the new answer takes it back" reconfigured false
	check "... all of it" [ -z "$(bits)" ]
}

# what an administrator said to dpkg wins
overridden() {
	dpkg-statoverride --quiet --update --add root root 0700 $PRIV
	check "with an entry of dpkg-statoverride, yes" reconfigured true
	check "... changes nothing of it" [ "$(form)" = "700 root:root " ]
	check "... and says why" says 'dpkg-statoverride has an entry of its own'
	dpkg-statoverride --quiet --remove $PRIV
	chmod 0755 $PRIV
}

removed() {
	check "yes once more" reconfigured true
	check "... is in force" is_filecaps
	check "the removal of postern-priv takes back what was changed" apt remove postern-priv
	check "... the configuration of the mode among it" [ ! -e /etc/postern/privileged.conf ]
	check "... and the journal" [ ! -e /var/lib/postern/journal ]
	check "all are purged" apt purge postern postern-priv
	deluser --quiet tester postern >/dev/null 2>&1 || :
	check "nothing is left but the group" [ -z "$(left_over)" ]
	check "... which is empty" [ "$(getent group postern | cut -d: -f4)" = "" ]
}

main() {
	export LC_ALL=C
	useradd -m -s /bin/sh tester
	# indexes of the manuals and the like are made before the first look
	files >/work/before
	dpkg -L bubblewrap >/work/bubblewrap
	"$1_host"
	echo end
}

main "$@"

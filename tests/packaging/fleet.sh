#!/bin/sh
# pkg/ansible's role, by Debian's ansible-core over ssh, on four machines at once: trees in namespaces of their own, of which
# nothing is left. One that refuses nothing, with a package; two that refuse user namespaces, of which the policy of one
# allows a privilege; and one of a distribution that nobody knows. Nothing of this host is touched.
#
#	FLEET_FULL=yes		also what takes longer
set -eu
. tests/lib/tap.sh
. tests/lib/debsource.sh
. tests/packaging/lib.sh
. tests/packaging/deb_lib.sh

HOSTS="open agents strict strange"

# what ansible wants of its hosts, and what it is itself
deb_fleet_packages() {
	printf '%s' python3,python3-apt,openssh-server,openssh-client,ansible-core,sudo,libcap2-bin,ca-certificates,passwd,util-linux
}

# address HOST: its own; the other end is .1
address() {
	case $1 in
		open) echo 10.99.1.2 ;;
		agents) echo 10.99.2.2 ;;
		strict) echo 10.99.3.2 ;;
		strange) echo 10.99.4.2 ;;
	esac
}

# refuses HOST: the rules by which it refuses
refuses() {
	case $1 in
		agents) echo "clone:NEWUSER=EPERM unshare:NEWUSER=EPERM clone3=ENOSYS" ;;
		strict) echo "clone:NEWUSER=ENOSPC unshare:NEWUSER=ENOSPC clone3=ENOSYS" ;;
	esac
}

# tree NAME: sets $tree to a copy of the base
tree() {
	tree=$scratch/$1/root
	mkdir -p "$tree" "$scratch/$1/upper" "$scratch/$1/work"
	mount -t overlay overlay -o "lowerdir=$scratch/base,upperdir=$scratch/$1/upper,workdir=$scratch/$1/work" "$tree" 2>/dev/null ||
		cp -a "$scratch/base/." "$tree/"
}

# The keys and the accounts are in all trees: who may log in where says the inventory.
make_base() {
	deb_unpack "$deb_tarball" "$scratch/base"
	for account in admin alice bob; do
		chroot "$scratch/base" useradd --create-home --shell /bin/sh --password '*' "$account"
	done
	echo 'admin ALL=(ALL) NOPASSWD: ALL' >"$scratch/base/etc/sudoers.d/admin"
	mkdir -p "$scratch/base/run/sshd" "$scratch/base/root/.ssh"
	ssh-keygen -q -t ed25519 -N '' -f "$scratch/base/root/.ssh/id_ed25519"
	cp "$scratch/base/root/.ssh/id_ed25519.pub" "$scratch/base/etc/ssh/keys"
	printf '%s\n' 'AuthorizedKeysFile /etc/ssh/keys' 'UsePAM no' 'PasswordAuthentication no' >"$scratch/base/etc/ssh/sshd_config"
	rm -f "$scratch"/base/etc/ssh/ssh_host_*
	ssh-keygen -q -t ed25519 -N '' -f "$scratch/base/etc/ssh/ssh_host_ed25519_key"
	for host in $HOSTS; do
		printf '%s %s\n' "$(address "$host")" "$(cut -d' ' -f1,2 "$scratch/base/etc/ssh/ssh_host_ed25519_key.pub")"
	done >"$scratch/base/root/.ssh/known_hosts"
	musl-gcc -static -O1 -o "$scratch/base/usr/sbin/shim" tests/shim/no_syscall.c -idirafter /usr/include \
		-idirafter "/usr/include/$(cc -print-multiarch)"
}

# A package of the archive's tree, and a repository that has it: apt's part in the role, not pkg/debian, is what is tried.
make_repository() {
	mkdir -p "$tree/srv/postern" "$scratch/deb"
	tar -xzf "$archive" -C "$scratch/deb" --strip-components=1
	mkdir "$scratch/deb/tree/DEBIAN"
	printf '%s\n' 'Package: postern' 'Version: 0.1.0' "Architecture: $(dpkg --print-architecture)" 'Maintainer: tests <t@t.invalid>' \
		'Description: postern' >"$scratch/deb/tree/DEBIAN/control"
	dpkg-deb --root-owner-group -b "$scratch/deb/tree" "$tree/srv/postern/postern.deb" >/dev/null
	{
		dpkg-deb -f "$tree/srv/postern/postern.deb"
		printf 'Filename: ./postern.deb\nSize: %s\nSHA256: %s\n' "$(stat -c %s "$tree/srv/postern/postern.deb")" \
			"$(sha256sum "$tree/srv/postern/postern.deb" | cut -d' ' -f1)"
	} >"$tree/srv/postern/Packages"
	# dpkg removes directories that became empty
	touch "$tree/usr/local/bin/here" "$tree/usr/local/sbin/here" "$tree/usr/local/share/man/here"
	rm -rf "$tree"/etc/apt/sources.list*
	echo 'deb [trusted=yes] file:/srv/postern ./' >"$tree/etc/apt/sources.list"
	chroot "$tree" apt-get -q update
}

# boot HOST: its sshd, in a network of its own that has one cable
boot() {
	tree "$1"
	case $1 in
		open) quietly make_repository ;;
		strange)
			printf 'NAME=Strange\nID=strange\nVERSION_ID=7\n' >"$scratch/os-release"
			rm -f "$tree/etc/os-release" "$tree/etc/debian_version"
			cp "$scratch/os-release" "$tree/etc/os-release"
			rm -f "$tree"/usr/bin/apt* "$tree"/usr/bin/dpkg*
			;;
	esac
	boot_rules=$(refuses "$1")
	unshare --net tests/readme/enter pivot "$tree" \
		"exec ${boot_rules:+shim --no-nnp $boot_rules --} /usr/sbin/sshd -D -e" >"$scratch/$1/log" 2>&1 </dev/null &
	boot_pid=$!
	boot_tries=300
	while [ "$(readlink /proc/$boot_pid/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do
		boot_tries=$((boot_tries - 1))
		[ $boot_tries -gt 0 ] || return 1
		sleep 0.1
	done
	ip link add "to-$1" type veth peer name cable netns $boot_pid
	ip addr add "$(address "$1" | sed 's/2$/1/')/30" dev "to-$1"
	ip link set "to-$1" up
	nsenter --net=/proc/$boot_pid/ns/net sh -c "ip link set lo up; ip addr add $(address "$1")/30 dev cable; ip link set cable up"
}

# on ACCOUNT HOST COMMAND
on() {
	on_account=$1 on_host=$2
	shift 2
	chroot "$scratch/control/root" ssh -o BatchMode=yes -o ConnectTimeout=30 "$on_account@$(address "$on_host")" "$@" </dev/null
}

is_up() {
	up_tries=60
	until on root "$1" true 2>"$scratch/$1/ssh"; do
		up_tries=$((up_tries - 1))
		[ $up_tries -gt 0 ] || return 1
		sleep 0.5
	done
}

make_control() {
	tree control
	mkdir -p "$tree/fleet"
	cp -r pkg/ansible/. "$tree/fleet/"
	cp "$archive" "$tree/fleet/archive.tar.gz"
	mount -t proc proc "$tree/proc"
	mount --rbind /dev "$tree/dev"
	cat >"$tree/fleet/ansible.cfg" <<-'END'
		[defaults]
		inventory = /fleet/inventory.yml
		roles_path = /fleet/roles
		forks = 4
		interpreter_python = /usr/bin/python3
		nocows = true
		[ssh_connection]
		pipelining = true
		ssh_args = -o ControlMaster=auto -o ControlPersist=300s
	END
	inventory apparmor '[apparmor, filecaps]' '[alice]'
}

# inventory MODES-OF-DESKS MODES-OF-AGENTS MEMBERS [STRANGE STRICT OPEN]: the last three are more variables of these hosts
inventory() {
	cat >"$scratch/control/root/fleet/inventory.yml" <<-END
		all:
		  vars:
		    postern_archives: {$(uname -m): /fleet/archive.tar.gz}
		  children:
		    desks:
		      vars:
		        postern_modes: [$1]
		      hosts:
		        open: {ansible_host: $(address open), ${6:-postern_source: package}}
		        strict: {ansible_host: $(address strict)${5:+, $5}}
		        strange: {ansible_host: $(address strange)${4:+, $4}}
		    agents:
		      vars:
		        postern_modes: $2
		        postern_members: $3
		        postern_unmet: fail
		      hosts:
		        agents: {ansible_host: $(address agents), ansible_user: admin}
	END
}

# play WORD...: what it said is in $scratch/play, its status in $status
play() {
	status=0
	play_began=$(date +%s)
	chroot "$scratch/control/root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 sh -c \
		'cd /fleet && exec ansible-playbook "$@"' sh "$@" >"$scratch/play" 2>&1 </dev/null || status=$?
	sed -n '/^PLAY RECAP/,$ s/^\([a-z]*\) *: .*changed=\([0-9]*\) *unreachable=\([0-9]*\) *failed=\([0-9]*\).*/\1 \2 \3 \4/p' \
		"$scratch/play" >"$scratch/recap"
	echo "# ansible-playbook $*: $(($(date +%s) - play_began)) s"
}

# changed WORD...: HOST=N; what the run counted as changed, and nothing failed
changed() {
	for changed_pair; do
		grep -qx "${changed_pair%=*} ${changed_pair#*=} 0 0" "$scratch/recap" || {
			cat "$scratch/recap"
			tail -n 60 "$scratch/play"
			return 1
		}
	done
}

# reports HOST VERDICT MODE
reports() {
	grep -q "^| $1 | [^|]* | $2 | $3 | " "$scratch/control/root/fleet/report.md" || {
		cat "$scratch/control/root/fleet/report.md"
		return 1
	}
}

# state HOST: everything that a run may change, with its contents where that is little
state() (
	cd "$scratch/$1/root"
	{
		find etc usr/local var/lib -xdev \( -path var/lib/apt -o -path var/lib/dpkg \) -prune -o -type f -exec sha256sum {} +
		find . -xdev \( -path './root/.ansible*' -o -path './home/*/.ansible*' -o -path './var/log/*' -o -path './var/cache/*' \
			-o -path './var/lib/apt/*' -o -path './var/lib/dpkg/*' -o -path './usr/lib/python3*' -o -path './run/*' \
			-o -path ./proc -o -path ./dev -o -path ./sys \) -prune -o -printf '%p %y %m %U %G %l\n'
		getcap -r usr 2>/dev/null
	} | grep -vE '/\.sudo_as_admin_successful |etc/(group|gshadow)-|etc/\.pwd\.lock' | sort
)

# same_state HOST...: as before the first run, but for directories below /usr/local that other programs use, too
same_state() {
	same_status=0
	for same_host; do
		state "$same_host" >"$scratch/after"
		diff "$scratch/$same_host/before" "$scratch/after" | grep '^[<>]' |
			grep -vE '^> \./usr/local/(libexec|share/(bash-completion|fish|zsh|man)[^ ]*) d 755 0 0 ' >"$scratch/differs" || continue
		echo "$same_host:"
		cat "$scratch/differs"
		same_status=1
	done
	return $same_status
}

# privileges HOST
privileges() {
	getcap -r "$scratch/$1/root/usr/local"
	find "$scratch/$1/root/usr/local" -perm /6000
}

# sandbox HOST ACCOUNT: prints what the command in it has of capabilities
sandbox() {
	on "$2" "$1" 'PATH=/usr/local/bin:$PATH; postern-bwrap --ro-bind / / --proc /proc --dev /dev --unshare-all sh -c "grep ^CapEff /proc/self/status"'
}

foresees() {
	play --check site.yml
	check "a check run on bare machines succeeds" [ "$status" = 0 ]
	check "... and changed nothing" same_state $HOSTS
	check "... it knows where sandboxes work" eval 'reports open works userns && reports strange works userns'
	check "... and what would be applied" eval 'reports agents fix-known filecaps && reports strict no-fix none'
	check "... and counts that" changed open=1 agents=5 strict=3 strange=3
}

applies() {
	play site.yml
	check "a run succeeds" [ "$status" = 0 ]
	check "... and changed what the check run had said" changed open=1 agents=5 strict=3 strange=3
	check "... sandboxes work on all machines, but where the policy allows nothing that helps" \
		eval 'reports open works userns && reports agents works filecaps && reports strict no-fix none && reports strange works userns'
	check "... as a user, where nothing is needed" sandbox open bob
	check "... on a distribution that nobody knows, too" sandbox strange bob
	check "... as a member, where the policy allows a privilege, and without a capability" \
		eval 'sandbox agents alice | grep -x "CapEff:.0*"'
	check "... as nobody else there" not sandbox agents bob
	check "... as nobody where it allows none" not sandbox strict alice
	check "... where nothing has a privilege" [ -z "$(privileges strict)" ]
}

holds() {
	play site.yml
	check "a second run succeeds" [ "$status" = 0 ]
	check "... and changes nothing" changed open=0 agents=0 strict=0 strange=0
}

mends() {
	setcap -r "$scratch/agents/root/usr/local/libexec/postern/postern-priv"
	echo >>"$scratch/strange/root/usr/local/libexec/postern/postern-battery"
	on root agents 'gpasswd -a bob postern' >/dev/null
	if is_full; then
		play --check site.yml
		check "a check run sees lost capabilities, a file that was changed, a member too many" changed open=0 agents=2 strict=0 strange=1
		check "... and mends nothing" not sandbox agents alice
	fi
	play site.yml
	check "lost capabilities, a file that was changed, a member too many: a run mends them, and no more" \
		changed open=0 agents=2 strict=0 strange=1
	check "... so that the member gets a sandbox" sandbox agents alice
	check "... and nobody else" not sandbox agents bob
}

# said TEXT HOST: the last run failed there, with that
said() {
	grep -q "^fatal: \[$2\]: .*$1" "$scratch/play" || {
		grep '^fatal' "$scratch/play"
		return 1
	}
}

policy() {
	inventory apparmor '[apparmor]' '[alice]' 'postern_source: package' 'postern_modes: [filecap]' \
		'postern_source: archive, postern_archives: {}'
	play site.yml
	check "a policy that allows less takes a privilege back" \
		eval '[ -z "$(getcap -r "$scratch/agents/root/usr/local")" ] && [ ! -e "$scratch/agents/root/etc/postern" ]'
	check "... and fails where sandboxes have to work" \
		said 'the modes filecaps, setuid would help, and postern_modes allows none of them' agents
	check "a distribution whose package manager nobody knows is told what helps" \
		said 'no package manager of Strange is known to Ansible: use postern_source archive' strange
	check "a machine that there is no archive for, too" said "postern_archives has none for $(uname -m): make one" open
	check "a mode that there is not is refused before anything is done" \
		said 'value of postern_modes must be one or more of' strict
	inventory apparmor '[apparmor, filecaps]' '[no-such-name]'
	play site.yml
	check "an account that is not there is said" said 'no such account here: no-such-name' agents
	check "... the other machines go on" changed open=0 strict=0 strange=0
	inventory apparmor '[apparmor, filecaps]' '[alice]'
}

goes() {
	if is_full; then
		play --check site.yml -e postern_state=absent
		check "a check run says what removing changes" changed open=1 agents=2 strict=1 strange=1
	fi
	play site.yml -e postern_state=absent
	check "removing changes that" changed open=1 agents=2 strict=1 strange=1
	check "... and leaves each machine as it was" same_state $HOSTS
	if is_full; then
		play site.yml -e postern_state=absent
		check "... and has nothing to do a second time" changed open=0 agents=0 strict=0 strange=0
	fi
}

# is_full: also what takes longer, before a release
is_full() {
	[ "${FLEET_FULL:-no}" = yes ]
}

inside() {
	mount -t proc proc /proc
	ip link set lo up
	make_base
	make_control
	for host in $HOSTS; do
		boot "$host"
	done
	for host in $HOSTS; do
		check "$host is there" is_up "$host"
		state "$host" >"$scratch/$host/before"
	done
	for step in ${FLEET_STEPS:-foresees applies holds mends policy goes}; do
		$step
	done
	tap_end
}

main() {
	if [ "${1-}" = inside ]; then
		scratch=$2 archive=$3 deb_tarball=$4
		inside
		return
	fi
	TAP_NAME="machines for pkg/ansible" need mmdebstrap unshare nsenter ip ssh-keygen dpkg-deb getcap '[ "$(id -u)" = 0 ]' || {
		tap_end
		exit
	}
	: "${POSTERN_CACHE:=/var/cache/postern-tests}"
	: "${BUILD:=$PWD/build}"
	export POSTERN_CACHE BUILD
	umask 022
	scratch=$(mktemp -d /var/tmp/postern-fleet.XXXXXX)
	trap 'rm -rf --one-file-system "$scratch"' EXIT
	trap 'exit 130' INT TERM HUP
	if ! deb_tree fleet bookworm; then
		not_ok "a tree with ansible can be made"
	elif ! make_it -j"$(jobs)" O="$BUILD/archive" ARCH="$(uname -m)" static-archive; then
		not_ok "an archive can be made"
	else
		set -- "$BUILD"/archive/static/postern-*-linux-"$(uname -m)".tar.gz
		unshare --mount --net --pid --fork --kill-child --propagation private -- sh "$0" inside "$scratch" "$1" "$deb_tarball"
		return
	fi
	tap_end
}

main "$@"

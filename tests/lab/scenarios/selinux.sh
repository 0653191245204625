# SELinux whose policy grants nobody the permission create of the class user_namespace, as hardened desktops have it.
# kernel: 6.12
# boot: security=selinux selinux=1
# image: selinux
# tier: fast
# shellcheck shell=sh disable=SC2034

SIDS='kernel security unlabeled fs file file_labels init any_socket port netif netmsg node igmp_packet icmp_socket tcp_socket
	sysctl_modprobe sysctl sysctl_fs sysctl_kernel sysctl_net sysctl_net_unix sysctl_vm sysctl_dev kmod policy scmp_packet devnull'

# policy RULE: one domain for all, which may do what has no class here
policy() {
	{
		echo '(handleunknown allow) (mls false)'
		echo '(class process (transition dyntransition)) (class user_namespace (create)) (classorder (process user_namespace))'
		echo '(sensitivity s0) (sensitivityorder (s0)) (type t) (role r) (roletype r t)'
		echo '(user u) (userrole u r) (userlevel u (s0)) (userrange u ((s0) (s0)))'
		echo '(allow t self (process (transition dyntransition)))'
		echo "$1"
		for sid in $SIDS; do
			echo "(sid $sid) (sidcontext $sid (u r t ((s0) (s0))))"
		done
		echo "(sidorder ($(echo $SIDS)))"
	} >"$W/policy.cil"
	secilc -c 33 -o "$W/policy" -f /dev/null "$W/policy.cil" && cat "$W/policy" >/sys/fs/selinux/load
}

# Of extended attributes only capabilities count: every file has a label here, and tools that exchange a file relabel it.
getfattr() {
	command getfattr -R -h -d -n security.capability -e hex --absolute-names /etc /usr/local /var/lib
}

host() {
	mount -t selinuxfs selinuxfs /sys/fs/selinux
	policy ''
	echo 1 >/sys/fs/selinux/enforce
}

# Labels come with the policy, before what undo is to restore is noted.
flow() {
	host
	before
	expect "SELinux enforces" 1 "$(cat /sys/fs/selinux/enforce)"
	verdict
	plan
	apply --allow-privileged --yes
	expect "what makes no user namespace is chosen" filecaps "$MODE"
	join
	works postern-test
	others
	negatives
	# root itself is refused: it is no matter of privilege
	root_said=$(unshare -U true 2>&1) || :
	expect "root makes no user namespace either" "unshare: unshare failed: Permission denied" "$root_said"
	leave
	undo
	same
	policy '(allow t self (user_namespace (create)))'
	expect "where the policy grants it, they work again" "0 ran" "$(as postern-test postern-bwrap --ro-bind / / echo 0 ran 2>&1)"
}

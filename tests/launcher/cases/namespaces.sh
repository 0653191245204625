# shellcheck shell=sh
# Programs in single quotes expand their variables in the sandbox:
# shellcheck disable=SC2016
# Namespaces and ids.

no_option_makes_only_a_user_and_mount_namespace() {
	OUTER_NS=$OUTER_NS box sh -c ". $CASES/lib.sh; namespaces"
}

each_unshare_option_makes_its_namespace() {
	for option in user ipc pid net uts cgroup; do
		say "--unshare-$option"
		box "--unshare-$option" sh -c ". $CASES/lib.sh; namespaces"
	done
}

try_options_make_their_namespace() {
	box --unshare-user-try --unshare-cgroup-try sh -c ". $CASES/lib.sh; namespaces"
}

unshare_all_makes_every_namespace() {
	box --unshare-all sh -c ". $CASES/lib.sh; namespaces"
}

share_net_keeps_the_network() {
	box --unshare-all --share-net sh -c ". $CASES/lib.sh; namespaces" | grep net
	box --unshare-net --share-net sh -c ". $CASES/lib.sh; namespaces" | grep net
	box --share-net --unshare-net sh -c ". $CASES/lib.sh; namespaces" | grep net
	box --share-net --unshare-all sh -c ". $CASES/lib.sh; namespaces" | grep net
}

loopback_is_up_in_a_new_network() {
	box --unshare-net --proc /proc sh -c 'sed -n "s/^ *\(.*\):.*/\1/p" /proc/net/dev
		awk "\$1 == \"7F000001\" || /127.0.0.1/ { found = 1 } END { print found ? \"addressed\" : \"not\" }" \
			/proc/net/fib_trie'
}

ids_are_kept_by_default() {
	box "$PEEK" ids
	box --unshare-user "$PEEK" ids
	box --unshare-all --dev /dev "$PEEK" ids
}

#: smoke
uid_and_gid_are_mapped() {
	box --unshare-user --uid 0 --gid 0 "$PEEK" ids
	box --unshare-user --uid 1234 --gid 4321 "$PEEK" ids
	box --unshare-user --uid 1234 --gid 4321 --dev /dev "$PEEK" ids
	box --unshare-user --uid 2147483647 --gid 2147483647 "$PEEK" ids
}

#: only=user
uid_implies_a_user_namespace_for_users() {
	box --uid 77 --gid 78 "$PEEK" ids
}

#: only=root
uid_needs_a_user_namespace_for_root() {
	box --uid 77 true
	box --gid 77 true
	box --uid 0 --gid 0 "$PEEK" ids
}

uid_maps_have_one_line() {
	box --unshare-user --uid 7 --gid 8 sh -c '
		awk "{ print \"uid_map\", \$1, \$3 }" /proc/self/uid_map
		awk "{ print \"gid_map\", \$1, \$3 }" /proc/self/gid_map
		cat /proc/self/setgroups'
	box --unshare-user --uid 7 --gid 8 --dev /dev sh -c '
		awk "{ print \"uid_map\", \$1, \$3 }" /proc/self/uid_map
		awk "{ print \"gid_map\", \$1, \$3 }" /proc/self/gid_map
		cat /proc/self/setgroups'
}

hostname_needs_a_uts_namespace() {
	box --hostname inside true
	box --unshare-uts --hostname inside "$PEEK" hostname
	box --unshare-all --hostname inside "$PEEK" hostname
}

too_long_hostname_is_refused() {
	box --unshare-uts --hostname "$(printf '%065d' 0)" true
	box --unshare-uts --hostname "$(printf '%064d' 0)" true
	box --unshare-uts --hostname '' "$PEEK" hostname
}

disable_userns_prevents_user_namespaces() {
	box --unshare-user --disable-userns "$PEEK" userns
	box --unshare-user --disable-userns --unshare-pid --dev /dev "$PEEK" userns
	box --unshare-user "$PEEK" userns
	box --unshare-user --disable-userns "$PEEK" ids
}

#: reference=either
disable_userns_needs_a_user_namespace() {
	box --disable-userns true
	tell "$BWRAP" --ro-bind / / --unshare-user --disable-userns --info-fd 3 --userns-block-fd 4 true \
		3>/dev/null 4</dev/null
}

assert_userns_disabled_checks() {
	box --assert-userns-disabled true
	box --unshare-user --assert-userns-disabled true
	box --unshare-user --disable-userns --assert-userns-disabled "$PEEK" userns
}

#: only=user
userns_is_joined() {
	tell "$WITH" namespaces -- "$BWRAP" --ro-bind / / --userns 20 sh -c "$PEEK ids; $PEEK caps"
}

#: reference=either
userns_excludes_unshare_user() {
	tell "$BWRAP" --ro-bind / / --unshare-user --userns 3 true 3</dev/null
	tell "$BWRAP" --ro-bind / / --unshare-user-try --userns 3 true 3</dev/null
}

descriptors_that_are_no_user_namespace_are_refused() {
	tell "$BWRAP" --ro-bind / / --userns 3 true 3</dev/null
	box --userns 9 true
}

descriptors_that_are_no_pid_namespace_are_refused() {
	box --pidns 9 true
	tell "$BWRAP" --ro-bind / / --pidns 3 true 3</dev/null
}

#: only=user
userns2_is_joined_at_the_end() {
	tell "$WITH" namespaces -- "$BWRAP" --ro-bind / / --userns 20 --userns2 23 "$PEEK" ids
}

#: only=user
pidns_is_joined() {
	tell "$WITH" namespaces -- "$BWRAP" --ro-bind / / --userns 20 --pidns 21 "$PEEK" process |
		grep -v death
	tell "$WITH" namespaces -- "$BWRAP" --ro-bind / / --userns 20 --pidns 21 sh -c 'exit 9'
	tell "$WITH" namespaces -- "$BWRAP" --ro-bind / / --userns 20 --pidns 21 --unshare-pid \
		"$PEEK" processes
}

#: smoke
a_pid_namespace_has_an_init() {
	box --unshare-pid "$PEEK" process
	box --unshare-pid "$PEEK" processes
}

#: smoke
as_pid_1_has_no_init() {
	box --unshare-pid --as-pid-1 "$PEEK" process | grep -v death
	box --unshare-pid --as-pid-1 "$PEEK" processes
	box --unshare-pid --as-pid-1 sh -c 'exit 3'
}

as_pid_1_has_a_death_signal_unasked() {
	box --unshare-pid --as-pid-1 "$PEEK" process | grep death
}

as_pid_1_needs_a_pid_namespace() {
	box --as-pid-1 true
	box --as-pid-1 --unshare-pid --lock-file /etc/passwd true
}

no_new_privs_is_set() {
	box "$PEEK" process | grep no_new_privs
	box --unshare-pid "$PEEK" process | grep no_new_privs
}

new_session_makes_a_session() {
	box --new-session "$PEEK" process | grep session
	box --new-session --unshare-pid "$PEEK" process | grep session
	tell "$WITH" pty -- "$BWRAP" --dev-bind / / --new-session sh -c 'true </dev/tty' | grep -c 'No such device'
	tell "$WITH" pty -- "$BWRAP" --dev-bind / / sh -c 'true </dev/tty && echo terminal' | tr -d '\r'
}

die_with_parent_sets_the_death_signal() {
	box --die-with-parent "$PEEK" process | grep death
	box --die-with-parent --unshare-pid "$PEEK" process | grep death
}

die_with_parent_ends_the_sandbox() {
	sh -c '"$BWRAP" --ro-bind / / --bind "$PWD" "$PWD" --unshare-pid --die-with-parent sh -c "
		echo up >up; sleep 30" & echo $! >"$IO/pid"; wait' </dev/null >/dev/null 2>&1 &
	parent=$!
	eventually 5 test -s up || say "never up"
	monitor=$(cat "$IO/pid")
	kill -9 "$parent"
	wait "$parent" 2>/dev/null
	if eventually 5 sh -c "! kill -0 $monitor 2>/dev/null"; then
		say "all gone"
	else
		say "monitor survives"
	fi
}

#: only=user
capabilities_are_none_for_users() {
	box "$PEEK" caps
	box --unshare-all --dev /dev --proc /proc "$PEEK" caps
	box --unshare-user --uid 0 --gid 0 "$PEEK" caps
}

#: only=root
capabilities_are_kept_for_root() {
	box "$PEEK" caps
	box --unshare-pid "$PEEK" caps
	box --cap-drop ALL "$PEEK" caps | grep -v bounding
	box --cap-drop CAP_SYS_ADMIN "$PEEK" caps | grep -v bounding
}

#: only=root
cap_drop_cuts_the_bounding_set() {
	box --cap-drop ALL "$PEEK" caps | grep bounding
	box --cap-drop CAP_SYS_ADMIN "$PEEK" caps | grep bounding
}

cap_add_and_cap_drop_act_in_order() {
	box --unshare-user --uid 0 --gid 0 --cap-drop ALL --cap-add CAP_NET_ADMIN --cap-add chown "$PEEK" caps
	box --unshare-user --cap-add ALL --cap-drop sys_admin "$PEEK" caps
	box --unshare-user --cap-drop ALL --cap-add cap_sys_chroot --cap-drop CAP_SYS_CHROOT "$PEEK" caps
	box --unshare-user --uid 5 --cap-drop ALL --cap-add cap_kill "$PEEK" caps
	box --unshare-user --uid 5 --dev /dev --cap-drop ALL --cap-add cap_kill "$PEEK" caps
}

unknown_capabilities_are_refused() {
	box --cap-add NOPE true
	box --cap-drop CAP_NOPE true
	box --cap-add '' true
}

# Clients match the beginning; the rest of the sentence differs from distribution to distribution.
#: since=0.13.1 filters
refused_namespaces_are_reported() {
	tell "$SHIM" clone:NEWUSER=EPERM unshare:NEWUSER=EPERM clone3=ENOSYS -- \
		"$BWRAP" --ro-bind / / --unshare-user true |
		sed 's/\(No permissions to create a new namespace\).*/\1/'
	tell "$SHIM" clone:NEWUSER=ENOSPC unshare:NEWUSER=ENOSPC clone3=ENOSYS -- \
		"$BWRAP" --ro-bind / / --unshare-user true
	tell "$SHIM" clone:NEWUSER=EINVAL unshare:NEWUSER=EINVAL clone3=ENOSYS -- \
		"$BWRAP" --ro-bind / / --unshare-user true |
		sed 's/\(Creating new namespace failed\).*/\1/'
}

#: filters
refused_mounts_are_reported() {
	tell "$SHIM" mount,mount_setattr,open_tree,open_tree_attr,move_mount,fsopen=EACCES -- \
		"$BWRAP" --ro-bind / / true
}

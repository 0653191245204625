# A limit on namespaces of another kind is 0, one kind after the other. No privilege helps: the kernel counts root's, too.
# tier: fast
# shellcheck shell=sh disable=SC2034 # steps.sh reads them

flow() {
	before
	for kind in mnt pid net ipc uts cgroup; do
		key user/max_${kind}_namespaces 0
		case $kind in
			# no sandbox needs one
			cgroup) limited $kind "" "0 Sandboxes work here without any change." ;;
			*) limited $kind max-other-namespaces "1 No mode of postern-setup helps here:" ;;
		esac
		key user/max_${kind}_namespaces
	done
	CLASS=max-other-namespaces MODE=none WORKS=no
	same
}

# names KIND VALUE SAID STATUS
names() {
	case "$4 $3" in
		"1 bwrap: "*"
postern: "*"[ns-limit] "*"max-other-namespaces: user.max_$1_namespaces=$2;"*) pass "$1: the launcher names the limit: $2" ;;
		*) fail "$1: the launcher names the limit: $2" "$3" ;;
	esac
}

# limited KIND CLASS STATUS-AND-WORDS-OF-APPLY
limited() {
	as postern-test postern doctor --json >"$W/doctor" 2>&1
	tidy <"$W/doctor" | sed -n "/\"ladder\":/q; s/^/=$SCENARIO= $1: /p"
	expect "$1: doctor finds the limit" "$2" "$(awk '/"class":/ { c = $2 } /"blocks": true/ { print c; exit }' "$W/doctor" | tr -d '",')"
	option=--unshare-$1
	[ "$1" != mnt ] || option=
	# shellcheck disable=SC2086 # one word or none
	said=$(as postern-test postern-bwrap --ro-bind / / $option echo ran 2>&1 </dev/null)
	rc=$?
	limit=0
	# That one is made in the sandbox's own user namespace, where the launcher cannot read the host's limits any more.
	[ "$1" != net ] || limit="used up"
	names "$1" "$limit" "$said" "$rc"
	if [ "$1" = net ]; then
		said=$(as postern-test postern-bwrap --ro-bind / / --unshare-net --unshare-pid echo ran 2>&1 </dev/null)
		names net 0 "$said" $?
	fi
	setup apply --yes --allow-privileged
	ends "$1: no mode is applied" "${3%% *}" "${3#* }"
	[ "$1" != mnt ] || return 0
	expect "$1: a sandbox without that namespace starts" ran "$(as postern-test postern-bwrap --ro-bind / / echo ran 2>&1)"
}

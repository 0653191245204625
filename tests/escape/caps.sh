#!/bin/sh
# CVE-2020-5291, CVE-2022-24769: whatever the options, a user's command has no capability in any set
# (the bounding set included), no_new_privs on and one uid and gid; --cap-add gives exactly what it names.
# Reference: 0.8.0 and 0.13.1 pass the random part; the control shows what a start without them gives.
. tests/escape/lib.sh

zero="inh=0 prm=0 eff=0 bnd=0 amb=0 nnp=1 ids=same"
uid=$(id -u)
if [ "$uid" = 0 ]; then
	skip "caps" "needs a plain user"
	tap_end
	exit
fi

# combos COUNT: lines of compatible options, the same for the same seed.
combos() {
	awk -v n="$1" -v seed="$TEST_SEED" '
	function maybe(p, text) { if (rand() < p) line = line " " text }
	BEGIN {
		srand(seed)
		for (i = 0; i < n; i++) {
			line = ""
			pid = 0; user = 0
			if (rand() < .1) { line = line " --unshare-all"; pid = 1 }
			if (rand() < .4) { line = line " --unshare-user"; user = 1 } else maybe(.2, "--unshare-user-try")
			if (rand() < .5) { line = line " --unshare-pid"; pid = 1 }
			if (pid) { maybe(.3, "--as-pid-1"); maybe(.6, "--proc /proc") }
			maybe(.3, "--unshare-ipc"); maybe(.3, "--unshare-net"); maybe(.2, "--share-net")
			maybe(.2, "--unshare-cgroup-try"); maybe(.3, "--dev /dev"); maybe(.2, "--new-session")
			if (rand() < .3) { line = line " --unshare-uts"; maybe(.5, "--hostname box") }
			if (user) { maybe(.7, rand() < .5 ? "--uid 0" : "--uid 4242"); maybe(.4, "--gid 0"); maybe(.3, "--disable-userns") }
			maybe(.3, "--die-with-parent"); maybe(.2, "--clearenv"); maybe(.2, "--cap-drop ALL")
			maybe(.1, "--cap-drop CAP_SYS_ADMIN"); maybe(.2, "--tmpfs /tmp"); maybe(.2, "--dev-bind /dev /realdev")
			maybe(.2, "--ro-bind / /host"); maybe(.2, "--chdir /"); maybe(.1, "--lock-file /t/inside")
			gsub(/--as-pid-1.*--lock-file \/t\/inside/, "--as-pid-1", line)
			print line
		}
	}'
}

combos $((TEST_STARTS / 8 > 60 ? TEST_STARTS / 8 : 60)) >"$W/combos"
bad=0
total=0
while read -r line; do
	total=$((total + 1))
	# shellcheck disable=SC2086
	got=$(box $line /t/inside caps 2>&1)
	[ "$got" = "$zero" ] && continue
	bad=$((bad + 1))
	[ $bad -gt 5 ] || not_ok "caps: none inside" "$line" "$got"
done <"$W/combos"
[ $bad != 0 ] || ok "caps: none inside, $total combinations of options, seed $TEST_SEED"

# given NAME MASK OPTIONS...: all five sets are MASK and nothing else.
given() {
	name=$1
	mask=$2
	shift 2
	got=$(box "$@" /t/inside caps 2>&1)
	want="inh=$mask prm=$mask eff=$mask bnd=$mask amb=$mask nnp=1 ids=same"
	expect "caps: $name" "$want" "$got"
}
given "--cap-add NET_ADMIN" 1000 --unshare-user --cap-add CAP_NET_ADMIN
given "--cap-add with --uid 0" 1000 --unshare-user --uid 0 --cap-add cap_net_admin
given "--cap-add with pid namespace" 1000 --unshare-pid --cap-add CAP_NET_ADMIN
given "--cap-add with disabled user namespaces" 1000 --unshare-user --disable-userns --cap-add CAP_NET_ADMIN
given "--cap-add with --dev" 1000 --dev /dev --cap-add CAP_NET_ADMIN
given "two, added" 200001 --cap-add CAP_CHOWN --cap-add CAP_SYS_ADMIN
given "added, then dropped" 1 --cap-add CAP_CHOWN --cap-add CAP_SYS_ADMIN --cap-drop CAP_SYS_ADMIN
given "all added, then dropped" 0 --cap-add ALL --cap-drop ALL
given "--uid 0 alone gives nothing" 0 --unshare-user --uid 0 --gid 0

# Nothing inside brings them back: no set-user-ID program under --uid 0, no new user namespace when disabled.
got=$(box --ro-bind / /host --unshare-user --uid 0 --disable-userns --proc /proc /t/inside caps 2>&1)
expect "caps: none with user namespaces disabled and uid 0" "$zero" "$got"

# Control: the probe does see capabilities.
got=$("$BIN/inside" caps)
case $got in
	*" bnd=0 "*) not_ok "caps: control, an ordinary process has a bounding set" "$got" ;;
	*) ok "caps: control, an ordinary process has a bounding set" ;;
esac
tap_end

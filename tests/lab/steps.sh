# shellcheck shell=sh
# What a scenario of the lab is made of, in the guest. Source it after tap.sh, in /work, as root; it defines functions
# only. A scenario (scenarios/NAME.sh) may define
#
#	host		makes the host refuse			unhost	takes that back
#	asks		prints the words for postern-setup apply; --allow-privileged --yes
#	more		asserts more, after apply and before undo	after	asserts more, after undo
#	flow		all of it, where usual_flow does not fit
#
# and these are the steps. Each says ok or not ok, by itself:
#
#	before			remembers what undo has to restore
#	verdict			what doctor says to postern-test and to root, for the golden file; sets CLASS
#	plan			postern-setup plan, which changes nothing
#	apply [WORD...]		postern-setup apply; sets MODE
#	join, leave		postern-test's membership of the group
#	works USER		Codex's command lines as USER, and what their commands are; sets WORKS and CAPS
#	refused USER ID		the launcher's refusal, by its id
#	negatives		the mode in force is MODE and no other; others get no more than before
#	undo			postern-setup undo, and nothing of postern's is left
#	same			everything is as it was; sets UNDO
#	row			the line of docs/hosts.md
#
#	as USER COMMAND...	as that user's login would run it, by a fresh exec; HOST is what starts all of a scenario's
#				programs (a filter's shim), SESSION what starts those of its users
#	key FILE VALUE		sets /proc/sys/FILE; key FILE: sets it back to what it was
#	expect NAME WANTED GOT	compares
#	setup WORD...		runs postern-setup; sets RC, output in $W/out
#	ends NAME STATUS TEXT	how it ended
#
# shellcheck disable=SC2034 # scenarios and inside.sh read what is set here

has_function() {
	case $(command -V "$1" 2>/dev/null) in *function*) return 0 ;; esac
	return 1
}

begin() {
	W=/run/lab
	rm -rf "$W"
	mkdir "$W"
	CLASS=- MODE=- WORKS=- CAPS=- UNDO=-
}

finish() {
	printf 'row %s|%s|%s|%s|%s|%s|%s\n' "$SCENARIO" "$KERNEL" "$CLASS" "$MODE" "$WORKS" "$CAPS" "$UNDO"
}

usual_flow() {
	before
	! has_function host || host
	verdict
	plan
	# shellcheck disable=SC2046 # words
	if has_function asks; then apply $(asks); else apply --allow-privileged --yes; fi
	case $MODE in
		none) ;;
		*)
			join
			works postern-test
			others
			negatives
			;;
	esac
	! has_function more || more
	leave
	undo
	! has_function unhost || unhost
	same
	! has_function after || after
}

pass() {
	ok "$SCENARIO: $1"
}

fail() {
	fail_name=$1
	shift
	not_ok "$SCENARIO: $fail_name" "$@"
}

expect() {
	if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "wanted: $2" "got: $3"; fi
}

as() {
	as_user=$1
	shift
	# shellcheck disable=SC2086 # words
	${HOST:-} setpriv --reuid "$as_user" --regid "$as_user" --init-groups env -i HOME="/home/$as_user" USER="$as_user" \
		LOGNAME="$as_user" PATH=/usr/local/bin:/usr/bin:/bin LC_ALL=C ${SESSION:-} "$@"
}

key() {
	key_was=$W/key.$(echo "$1" | tr / .)
	[ -e "$key_was" ] || cat "/proc/sys/$1" >"$key_was"
	if [ $# = 2 ]; then
		echo "$2" >"/proc/sys/$1"
	else
		cat "$key_was" >"/proc/sys/$1"
	fi
}

setup() {
	RC=0
	${HOST:-} postern-setup "$@" >"$W/out" 2>&1 </dev/null || RC=$?
}

ends() {
	if [ "$RC" = "$2" ] && grep -qF -e "$3" "$W/out"; then
		pass "$1"
	else
		fail "$1" "wanted status $2 and: $3" "status $RC" "$(cat "$W/out")"
	fi
}

# ---- before and after

# What apply may touch, byte by byte. Tools keep backups and locks of their own there, which mean nothing.
snapshot() {
	set -- /etc /usr/local /var/lib
	find "$@" ! -path '/etc/*-' ! -path '/etc/.pwd.lock' -printf '%p %y %m %U %G %l\n' | sort
	find "$@" -type f ! -path '/etc/*-' ! -path '/etc/.pwd.lock' -exec sha256sum {} + | sort
	getfattr -R -h -d -m - -e hex --absolute-names "$@" 2>/dev/null
	grep -sH '' /proc/sys/kernel/*userns* /proc/sys/kernel/*apparmor* /proc/sys/user/max_*_namespaces
	[ ! -r /sys/kernel/security/apparmor/profiles ] || sort /sys/kernel/security/apparmor/profiles
}

before() {
	snapshot >"$W/before"
}

same() {
	snapshot >"$W/after"
	if diff "$W/before" "$W/after" >"$W/differences"; then
		UNDO=clean
		pass "undo restores the host exactly"
	else
		UNDO=differs
		fail "undo restores the host exactly" "$(cat "$W/differences")"
	fi
}

# ---- doctor

# tidy: of doctor's JSON what a golden file can hold: a line for each thing; no texts that its class or the version decides,
# no numbers that memory decides, and of what the sandbox held off not how
tidy() {
	sed -e '/^  "version":/d' -e '/^ *"\(gives_away\|title\|cause\|remedy\|kernel\.version\)":/d' \
		-e 's/^\( *"kernel.release": "[0-9]*\.[0-9]*\).*"/\1"/' \
		-e 's/\(kernel\.release=[0-9]*\.[0-9]*\)[^" ]*/\1/g' -e 's/\(user\.max_[a-z]*_namespaces=\)[0-9]\{3,\}/\1N/g' \
		-e 's/^\( *"\(user\.max_[a-z]*_namespaces\|rlimit.nproc\)": "\)[0-9]\{3,\}"/\1N"/' -e 's/,$//' | awk '
		/^    [{]/ { thing = ""; open = 1; next }
		/^    [}]/ { print "   " thing; open = 0; next }
		open && /"detail":/ && (/: ""/ || thing ~ /"held"/) { next }
		open { sub(/^ +/, ""); thing = thing " " $0; next }
		/^ *[]{}[]*$/ { next }
		{ print }'
}

verdict() {
	as postern-test postern doctor --json >"$W/doctor" 2>"$W/doctor.err" </dev/null
	verdict_rc=$?
	tidy <"$W/doctor" | sed "s/^/=$SCENARIO= /"
	CLASS=$(awk '/"class":/ { c = $2 } /"blocks": true/ { print c; exit }' "$W/doctor" | tr -d '",')
	[ -n "$CLASS" ] || CLASS=none
	${HOST:-} postern doctor --json >"$W/doctor.root" 2>>"$W/doctor.err" </dev/null
	verdict_root=$?
	tidy <"$W/doctor.root" | sed -n '/"ladder":/q; s/^/root: /p' | sed "s/^/=$SCENARIO= /"
	[ -n "${SESSION:-}" ] || expect "doctor says the same to root about others as to a user" "$verdict_rc" "$verdict_root"
	expect "doctor says it on stdout alone" "" "$(cat "$W/doctor.err")"
}

# ---- postern-setup

plan() {
	snapshot >"$W/unplanned"
	setup plan
	snapshot >"$W/planned"
	if cmp -s "$W/unplanned" "$W/planned"; then
		pass "plan changes nothing"
	else
		fail "plan changes nothing" "$(diff "$W/unplanned" "$W/planned")"
	fi
}

apply() {
	setup apply "$@"
	APPLY_RC=$RC
	MODE=$(sed -n 's/^The mode \([a-z-]*\) is in force\.$/\1/p' "$W/out" | tail -n 1)
	! grep -q '^Sandboxes work here without any change' "$W/out" || MODE=userns
	[ -n "$MODE" ] || MODE=none
	{
		echo "status $RC"
		# how many threads there may be is memory's matter
		sed 's/\(be\|is\|still\|to\) [0-9]\{3,\}/\1 N/g' "$W/out"
	} | sed "s/^/=$SCENARIO= apply: /"
}

undo() {
	setup undo
	expect "undo succeeds" 0 "$RC"
	[ "$RC" = 0 ] || cat "$W/out"
	setup status
	ends "... and says that nothing is left" 0 "Privileged below /usr/local/libexec/postern: nothing."
}

join() {
	! getent group postern >/dev/null || usermod --append --groups postern postern-test
}

leave() {
	! getent group postern >/dev/null || gpasswd --delete postern-test postern >/dev/null 2>&1
}

# ---- sandboxes

# What the command says of itself: its uid, no_new_privs, and its capabilities without zeros
# shellcheck disable=SC2016 # the sandbox's shell
PROBE='
while read -r key value; do
	case $key in
		Uid:) set -- $value; uid=$1 ;;
		NoNewPrivs:) nnp=$value ;;
		Cap*) caps=$caps${value##*0} ;;
	esac
done </proc/self/status
echo "uid $uid nnp $nnp caps ${caps:-none}"'

# Codex's command lines; P is a project, D its daemon's directory. CODEX_EDIT, for sed, is what it says otherwise here.
codex() {
	sed "s,\\<D\\>,$W/daemon,g; s,\\<P\\>,/home/$1/project,g; ${CODEX_EDIT:-}" <<-'END'
		procfs preflight|--as-pid-1 --new-session --die-with-parent --tmpfs / --dev /dev --ro-bind /bin /bin --ro-bind /etc /etc --ro-bind /lib /lib --ro-bind /lib64 /lib64 --ro-bind /sbin /sbin --ro-bind /usr /usr --unshare-user --unshare-pid --unshare-ipc --unshare-net --proc /proc --cap-drop ALL --
		read-only|--as-pid-1 --new-session --die-with-parent --ro-bind / / --dev /dev --perms 000 --tmpfs D --remount-ro D --unshare-user --unshare-pid --unshare-ipc --unshare-net --proc /proc --cap-drop ALL --argv0 codex-linux-sandbox --
		workspace-write|--as-pid-1 --new-session --die-with-parent --ro-bind / / --dev /dev --perms 000 --tmpfs D --remount-ro D --bind P P --ro-bind P/.git P/.git --perms 555 --tmpfs P/.agents --remount-ro P/.agents --perms 555 --tmpfs P/.codex --remount-ro P/.codex --unshare-user --unshare-pid --unshare-ipc --unshare-net --proc /proc --cap-drop ALL --argv0 codex-linux-sandbox --
		inherited pid namespace|--new-session --die-with-parent --ro-bind / / --dev /dev --perms 000 --tmpfs D --remount-ro D --unshare-user --unshare-ipc --unshare-net --cap-drop ALL --argv0 codex-linux-sandbox --
		inherited pid namespace, minimal|--new-session --die-with-parent --tmpfs / --dev /dev --ro-bind /bin /bin --ro-bind /etc /etc --ro-bind /lib /lib --ro-bind /lib64 /lib64 --ro-bind /sbin /sbin --ro-bind /usr /usr --ro-bind /proc /proc --unshare-user --unshare-ipc --unshare-net --cap-drop ALL --argv0 codex-linux-sandbox --
	END
}

works() {
	mkdir -p "$W/daemon" "/home/$1/project/.git"
	: >"/home/$1/project/.git/config"
	chown -R "$1:" "$W/daemon" "/home/$1/project"
	WORKS=yes
	CAPS=none
	codex "$1" >"$W/codex"
	as "$1" postern-bwrap --unshare-user --unshare-net --ro-bind / / /bin/true >"$W/out" 2>&1 </dev/null || WORKS=no
	expect "Codex's probe succeeds as $1" "yes " "$WORKS $(cat "$W/out")"
	while IFS='|' read -r works_name works_words; do
		# shellcheck disable=SC2086 # words
		works_said=$(cd "/home/$1/project" && as "$1" postern-bwrap $works_words /bin/sh -c "$PROBE" 2>&1 </dev/null)
		works_rc=$?
		expect "Codex's $works_name runs as $1, with no capability" "0 uid $(id -u "$1") nnp 1 caps none" "$works_rc $works_said"
		[ $works_rc = 0 ] || WORKS=no
		case $works_said in *"caps none") ;; *) CAPS=some ;; esac
	done <"$W/codex"
	rm -rf "/home/$1/project"
}

refused() {
	refused_said=$(as "$1" postern-bwrap --ro-bind / / echo ran 2>&1 </dev/null)
	refused_rc=$?
	case "$refused_rc $refused_said" in
		"1 bwrap: "*"
postern: "*"[$2] "*) pass "$1 is refused: $2" ;;
		*) fail "$1 is refused: $2" "status $refused_rc" "$refused_said" ;;
	esac
}

# others: the account that is in no group
others() {
	case $MODE in
		filecaps | filecaps-userns | setuid) refused postern-other priv-not-member ;;
		*) works postern-other ;;
	esac
}

# ---- what is in force, and nothing else

PRIV=/usr/local/libexec/postern/postern-priv

# has_privilege: mode, group and capabilities of postern-priv
has_privilege() {
	printf '%s %s%s\n' "$(stat -c '%a %U:%G' $PRIV)" "$(getcap $PRIV | sed "s,^$PRIV,,")" ""
}

negatives() {
	case $MODE in
		filecaps) negatives_bits="750 root:postern  cap_setpcap,cap_net_admin,cap_sys_chroot,cap_sys_admin=p" ;;
		filecaps-userns) negatives_bits="750 root:postern  cap_sys_admin=p" ;;
		setuid) negatives_bits="4750 root:postern " ;;
		*) negatives_bits="755 root:root " ;;
	esac
	expect "postern-priv has exactly the privilege of $MODE" "$negatives_bits" "$(has_privilege)"
	expect "no other program of postern has any" "" "$(
		find /usr/local -perm /6000 ! -path $PRIV
		getcap -r /usr/local | grep -v "^$PRIV "
	)"
	case $MODE in
		apparmor) ;;
		*) expect "no AppArmor profile was loaded" "" "$(grep postern /sys/kernel/security/apparmor/profiles 2>/dev/null)" ;;
	esac
	negatives_host=$(readlink /proc/self/ns/user)
	# shellcheck disable=SC2016
	negatives_inside=$(as postern-test postern-bwrap --unshare-user --ro-bind / / readlink /proc/self/ns/user 2>&1)
	case $MODE in
		filecaps | setuid) expect "no user namespace is made" "$negatives_host" "$negatives_inside" ;;
		*)
			case $negatives_inside in
				"$negatives_host") fail "a user namespace is made" "$negatives_inside" ;;
				user:*) pass "a user namespace is made" ;;
				*) fail "a user namespace is made" "$negatives_inside" ;;
			esac
			;;
	esac
	case $MODE in
		userns | sysctl) ;;
		*) copies ;;
	esac
}

# copies: a launcher elsewhere is refused as before. A member's finds the same postern-priv as any other, so that it is
# postern-other's where that is how they start.
copies() {
	cp /usr/local/libexec/postern/bwrap "$W/copy"
	chmod 755 "$W" "$W/copy"
	copies_user=postern-other
	[ "$MODE" != apparmor ] || copies_user=postern-test
	copies_said=$(as $copies_user "$W/copy" --unshare-user --ro-bind / / --proc /proc echo ran 2>&1 </dev/null)
	case "$? $copies_said" in
		"1 bwrap: "*) pass "a copy of the launcher is refused as before" ;;
		*) fail "a copy of the launcher is refused as before" "$copies_said" ;;
	esac
}

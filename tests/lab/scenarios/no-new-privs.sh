# A session with no_new_privs on a host that refuses user namespaces: privilege is void there, and only there.
# tier: fast
# shellcheck shell=sh disable=SC2034 # steps.sh reads them

host() {
	key kernel/unprivileged_userns_clone 0
}

unhost() {
	key kernel/unprivileged_userns_clone
}

more() {
	expect "the mode is filecaps" filecaps "$MODE"
	SESSION="setpriv --no-new-privs"
	refused postern-test priv-no-new-privs
	as postern-test postern doctor --json >"$W/doctor" 2>&1
	tidy <"$W/doctor" | sed "s/^/=$SCENARIO= session: /"
	expect "doctor, in the session, blames it" priv-no-new-privs "$(awk '/"class":/ { c = $2 } /"blocks": true/ { print c; exit }' "$W/doctor" | tr -d '",')"
	SESSION=
	works postern-test
}

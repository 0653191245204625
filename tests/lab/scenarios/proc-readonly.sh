# A host with a /proc that is read-only as a whole: id maps cannot be written.
# tier: fast
# shellcheck shell=sh

host() {
	mount -o remount,ro /proc
}

unhost() {
	mount -o remount,rw /proc
}

more() {
	expect "no mode is applied" "1 none" "$APPLY_RC $MODE"
	refused postern-test uid-map
	apply --mode filecaps --allow-privileged --yes
	ends "filecaps needs no map, and is possible by name" 0 "The mode filecaps is in force."
	join
	works postern-test
	refused postern-other priv-not-member
	leave
}

# A caller in a Landlock domain, as agents start their tools: no mount is ever made there, and nothing that is installed helps.
# kernel: 6.12
# tier: fast
# shellcheck shell=sh disable=SC2034

. /work/scenarios/apparmor.inc

# A user's program in a domain that lets it read and execute everything, and write nothing
as() {
	as_user=$1
	shift
	setpriv --reuid "$as_user" --regid "$as_user" --init-groups --no-new-privs --landlock-access fs \
		--landlock-rule path-beneath:read-file,read-dir,execute:/ --landlock-rule path-beneath:write-file:/dev \
		--landlock-rule path-beneath:write-file:/proc \
		env -i HOME="/home/$as_user" USER="$as_user" LOGNAME="$as_user" PATH=/usr/local/bin:/usr/bin:/bin LC_ALL=C "$@"
}

flow() {
	before
	as postern-test postern doctor --json >"$W/doctor" 2>"$W/doctor.err" </dev/null
	expect "doctor ends as where it knows no command that helps" 2 $?
	tidy <"$W/doctor" | sed "s/^/=$SCENARIO= /"
	CLASS=$(awk '/"class":/ { print $2; exit }' "$W/doctor" | tr -d '",')
	MODE=none WORKS=no
	refuses "the launcher is refused at its first mount" "Operation not permitted" $LAUNCHER --ro-bind / / --dev /dev true
	# a read-only bind of the root on itself is no mount: mount_setattr has no hook of Landlock's
	expect "what needs no mount starts" ran "$(as postern-test $LAUNCHER --ro-bind / / echo ran 2>&1)"
	same
}

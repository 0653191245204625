# A program under a profile of its own, as a snap or a service is, that says nothing of user namespaces.
# kernel: 6.12
# tier: fast
# shellcheck shell=sh disable=SC2034

. /work/scenarios/apparmor.inc

RULES='allow network, allow unix, allow file rwlkm /{**,}, allow ptrace, allow signal, allow mqueue, allow dbus,'

host() {
	cat >/etc/apparmor.d/lab <<-END
		abi <abi/4.0>,
		include <tunables/global>
		profile lab_service flags=(attach_disconnected) {
			$RULES allow capability, allow mount, allow umount, allow pivot_root, allow file ix /**,
		}
		profile lab_imitation flags=(attach_disconnected) {
			$RULES audit deny capability, allow userns, allow pix /** -> &lab_imitation,
		}
		profile lab_no_mount flags=(attach_disconnected) {
			$RULES allow capability, allow userns, allow file ix /**,
		}
	END
	apparmor_parser -r -K /etc/apparmor.d/lab
}

# under PROFILE: the verdict of who is under it, and what the launcher says
under() {
	as postern-test aa-exec -p "$1" -- postern doctor --json >"$W/doctor" 2>"$W/doctor.err" </dev/null
	expect "$1: doctor ends as where it knows no command that helps" 2 $?
	tidy <"$W/doctor" | sed "s/^/=$SCENARIO= $1: /"
	expect "$1: doctor names the profile" '"apparmor-confined",' "$(awk '/"class":/ { print $2; exit }' "$W/doctor")"
	CLASS=apparmor-confined
}

flow() {
	before
	host
	under lab_service
	under lab_imitation
	under lab_no_mount
	refuses "no rule for user namespaces: the launcher names the profile" "apparmor-confined: apparmor.label=lab_service (enforce)" \
		aa-exec -p lab_service -- $LAUNCHER --ro-bind / / true
	refuses "no capability in them: the launcher names the profile" "apparmor-confined: apparmor.label=lab_imitation (enforce)" \
		aa-exec -p lab_imitation -- $LAUNCHER --ro-bind / / true
	# by then it sees no /proc that would tell it more
	refuses "no mounts: the launcher is refused at the first one" "[mount-tmpfs] step mount, EACCES; the destination must be a directory; EACCES or EPERM: a security module forbids the mount" \
		aa-exec -p lab_no_mount -- $LAUNCHER --ro-bind / / --dev /dev true
	MODE=none
	unhost
	same
}

unhost() {
	apparmor_parser -R /etc/apparmor.d/lab
	rm /etc/apparmor.d/lab
}

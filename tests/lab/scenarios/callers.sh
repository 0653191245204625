# What is in the way of one process and not of its host: filters, limits, a sandbox around it, a privileged mode that lost something.
# tier: fast
# shellcheck shell=sh disable=SC2034 # steps.sh reads them

# cell NAME CLASS COMMAND...: what doctor says, started by COMMAND
cell() {
	cell_name=$1 cell_class=$2
	shift 2
	"$@" postern doctor --json >"$W/doctor" 2>"$W/doctor.err" </dev/null
	tidy <"$W/doctor" | sed -n "/\"ladder\":/q; s/^/=$SCENARIO= $cell_name: /p"
	cell_found=$(awk -F '"' '/"class":/ { printf " %s", $4 }' "$W/doctor")
	case "$cell_found " in
		*" $cell_class "*) pass "$cell_name: doctor finds $cell_class" ;;
		*) fail "$cell_name: doctor finds $cell_class" "it found:$cell_found" "$(cat "$W/doctor.err")" ;;
	esac
	case ", $CLASS, " in
		*", $cell_class, "*) ;;
		*) CLASS=$CLASS${CLASS:+, }$cell_class ;;
	esac
}

flow() {
	before
	CLASS=
	unprivileged
	key kernel/unprivileged_userns_clone 0
	apply --allow-privileged --yes
	expect "the mode is filecaps" filecaps "$MODE"
	join
	privileged
	setup apply
	ends "apply mends what was lost" 0 "The mode filecaps holds again."
	works postern-test
	leave
	undo
	key kernel/unprivileged_userns_clone
	same
}

unprivileged() {
	SESSION="/work/bin/shim clone:NEWUSER=EPERM unshare:NEWUSER=EPERM clone3=ENOSYS --"
	cell "a filter on user namespaces" seccomp-filter as postern-test
	SESSION="/work/bin/shim mount,umount2,fsmount,open_tree,move_mount=EPERM --"
	cell "a filter on mounts" seccomp-filter as postern-test
	SESSION="/work/bin/shim sethostname=EPERM --"
	cell "a filter on the host name" hostname-refused as postern-test
	SESSION=
	# it lowers the limit of one namespace and goes on in another below it, where doctor does not see that
	cell "a sandbox with --disable-userns" nesting-depth as postern-test postern-bwrap --unshare-user --disable-userns \
		--ro-bind / / --dev /dev --proc /proc
	# shellcheck disable=SC2016 # the other shell's
	cell "a namespace that has one, which is taken" disable-userns as postern-test unshare --map-root-user sh -c '
		echo 1 >/proc/sys/user/max_user_namespaces
		unshare --user sh -c "echo; exec sleep 7777" | {
			read -r line
			"$@"
			pkill -x -f "sleep 7777"
		}' sh
	cell "an id that nothing maps" unmapped-id as postern-test unshare --user
	SESSION="prlimit --nproc=3:3 --"
	cell "a limit on processes" process-limit as postern-test
	SESSION=
}

privileged() {
	cell "nobody's group" priv-not-member as postern-other
	HOST="setpriv --bounding-set=-sys_admin"
	cell "a bounding set" priv-bounding-set as postern-test
	HOST=
	mv /etc/pam.d/postern "$W/"
	cell "no PAM service" priv-refuses as postern-test
	mv "$W/postern" /etc/pam.d/
	# postern-priv itself sees to that
	chmod o+x $PRIV
	cell "a gate that is open" priv-refuses env
	chmod o-x $PRIV
	setcap -r $PRIV
	cell "no capabilities" priv-caps-lost as postern-test
	setcap cap_net_admin=p $PRIV
	cell "others" priv-inert as postern-test
	setcap -r $PRIV
}

# Docker's containers on a host with AppArmor, under postern's seccomp profile and its AppArmor profile: what starts, what each rule is for.
# kernel: 6.12
# image: docker
# guest: --memory 2048 --limit 1500
# also: containers
# tier: all
# shellcheck shell=sh disable=SC2034

. /work/scenarios/docker.inc

FILTER=seccomp=/work/docker/seccomp-postern.json
OURS=apparmor=postern-container
HARD="--cap-drop ALL --security-opt no-new-privileges --read-only"
OWN="--unshare-user --unshare-pid --unshare-net --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib --symlink usr/lib64 /lib64
	--dev /dev --tmpfs /tmp"

# load FORM [RULE]: the profile, or the profile without that rule
load() {
	grep -vx "	${2:-}," "/work/docker/postern-container.$1" >"$W/profile"
	apparmor_parser -r -K "$W/profile" 2>"$W/parser" || fail "the profile is loaded: $1 ${2:-}" "$(cat "$W/parser")"
}

# starts NAME ARGUMENTS WORDS: a sandbox with the launcher's WORDS starts in a container with these ARGUMENTS
starts() {
	# shellcheck disable=SC2086 # words
	expect "$1" yes "$(inside $2 ${IMAGE:-lab} postern-bwrap $3 sh -c 'echo yes')"
}

# refused_with NAME FIRST CLASS ARGUMENTS WORDS: its stderr's first line, and the class that the second names
refused_with() {
	# shellcheck disable=SC2086 # words
	said=$(inside $4 ${IMAGE:-lab} postern-bwrap $5 sh -c 'echo yes')
	case $said in
		"$2
postern: "*"$3"*) pass "$1" ;;
		*) fail "$1" "wanted: $2, and $3" "got: $said" ;;
	esac
}

# setuid_image: postern-priv set-user-ID for the group 990
setuid_image() {
	mkdir -p "$W/s/usr/local/libexec/postern" "$W/s/etc/postern"
	cp /usr/local/libexec/postern/postern-priv "$W/s/usr/local/libexec/postern/"
	printf '%s\n' 'allow-no-userns = yes' 'pam = off' 'audit = off' >"$W/s/etc/postern/privileged.conf"
	chgrp 990 "$W/s/usr/local/libexec/postern/postern-priv" "$W/s/etc/postern/privileged.conf"
	chmod 640 "$W/s/etc/postern/privileged.conf"
	chmod 4750 "$W/s/usr/local/libexec/postern/postern-priv"
	mkdir "$W/build"
	busybox tar -C "$W/s" -cf "$W/build/s.tar" etc usr
	printf 'FROM lab\nADD s.tar /\n' >"$W/build/Dockerfile"
	DOCKER_BUILDKIT=0 docker build --network none -t lab-setuid "$W/build" >"$W/log" 2>&1 || fail "the image is built" "$(cat "$W/log")"
}

apparmor_cells() {
	refused_with "docker-default refuses the user namespace" "bwrap: Creating new namespace failed: Permission denied" \
		container-apparmor "--security-opt $FILTER" "$OWN"
	load abi4
	starts "the profile for abi 4 lets a sandbox start" "--security-opt $FILTER --security-opt $OURS" "$OWN"
	starts "... in a container without any privilege" "$HARD --security-opt $FILTER --security-opt $OURS" "$OWN"
	starts "... with / as its root" "$HARD --security-opt $FILTER --security-opt $OURS" "--unshare-user --unshare-pid --ro-bind / /"
	starts "... with --proc where /proc is not masked" "$HARD --security-opt $FILTER --security-opt $OURS --security-opt systempaths=unconfined" \
		"$OWN --proc /proc"
	expect "... and the container is under it" "postern-container (enforce)" \
		"$(inside --security-opt $OURS lab cat /proc/self/attr/apparmor/current)"
	expect "... which keeps the host's settings" "" \
		"$(docker run --rm --network none --security-opt $OURS --security-opt systempaths=unconfined lab \
			sh -c 'echo x 2>/dev/null >/proc/sys/kernel/core_pattern && echo written')"
	refused_with "the filter is needed all the same" \
		"bwrap: No permissions to create a new namespace, likely because the kernel does not allow non-privileged user namespaces" \
		container-seccomp "--security-opt $OURS" "$OWN"
	load abi4 userns
	refused_with "without its rule userns" "bwrap: Creating new namespace failed: Permission denied" container-apparmor \
		"$HARD --security-opt $FILTER --security-opt $OURS" "$OWN"
	load abi4 mount
	refused_with "without its rule mount" "bwrap: Failed to make / slave: Permission denied" container-apparmor \
		"$HARD --security-opt $FILTER --security-opt $OURS" "$OWN"
	load abi4 pivot_root
	refused_with "without its rule pivot_root" "bwrap: pivot_root: Permission denied" container-apparmor \
		"$HARD --security-opt $FILTER --security-opt $OURS" "$OWN"
	load abi3
	starts "the profile for abi 3 lets a sandbox start, too" "$HARD --security-opt $FILTER --security-opt $OURS" "$OWN"
	load abi3 mount
	refused_with "... not without its rule mount" "bwrap: Failed to make / slave: Permission denied" container-apparmor \
		"$HARD --security-opt $FILTER --security-opt $OURS" "$OWN"
	starts "with the filter and no profile it starts as well" "$HARD --security-opt $FILTER --security-opt apparmor=unconfined" "$OWN"
}

# On hosts that refuse user namespaces by a setting of theirs a container's only way is postern-priv.
host_cells() {
	load abi4
	caps="--cap-add SYS_ADMIN --cap-add NET_ADMIN --group-add 990"
	for setting in kernel/unprivileged_userns_clone user/max_user_namespaces; do
		key $setting 0
		# shellcheck disable=SC2086 # words
		said=$(inside --security-opt $FILTER --security-opt $OURS lab postern-bwrap $OWN sh -c 'echo yes')
		case "$setting $said" in
			*clone*"bwrap: No permissions to create a new namespace"*userns-clone-off* | *max*"(ENOSPC)"*max-user-namespaces*)
				pass "$setting = 0: refused, and it is named"
				;;
			*) fail "$setting = 0: refused, and it is named" "$said" ;;
		esac
		IMAGE=lab-setuid
		starts "$setting = 0: postern-priv, with two capabilities, our filter and our profile" \
			"$caps --security-opt $FILTER --security-opt $OURS" "$OWN --proc /proc"
		refused_with "... not without CAP_NET_ADMIN" \
			"bwrap: No permissions to create a new namespace: postern-priv lacks CAP_NET_ADMIN" priv-capability \
			"--cap-add SYS_ADMIN --group-add 990 --security-opt $FILTER --security-opt $OURS" "$OWN"
		IMAGE=
		key $setting
	done
}

flow() {
	before
	host || {
		fail "dockerd starts" "$(tail -n 5 "$W/dockerd")"
		return
	}
	setuid_image
	apparmor_cells
	host_cells
	CLASS=container-apparmor MODE=none WORKS=yes
	printf postern-container >/sys/kernel/security/apparmor/.remove
	unhost
	same
}

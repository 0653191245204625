# Docker's containers on a host with AppArmor: what doctor says in them is done word for word, and sandboxes work. Also where the host refuses user namespaces.
# kernel: 6.12
# image: docker
# guest: --memory 2048 --limit 1500
# tier: all
# shellcheck shell=sh disable=SC2034

. /work/scenarios/docker.inc

# The image with what container-setuid asks for, as Debian's and Alpine's images have it.
programs() {
	mkdir -p "$W/b/usr/bin" "$W/b/etc" "$W/build"
	# there is no addgroup
	{
		grep -v '^postern:' /etc/group
		echo "postern:x:990:$(awk -F : '$3 == 1000 { print $1 }' /etc/passwd)"
	} >"$W/b/etc/group"
	cp "$(command -v busybox)" "$W/b/usr/bin/busybox"
	for applet in id find awk chown chmod ls grep sed mkdir mv; do
		ln -s busybox "$W/b/usr/bin/$applet"
	done
	# this one is a dynamic program
	mkdir -p "$W/b$(dirname /usr/lib/*/libc.so.6)"
	cp /usr/lib/*/libresolv.so.2 "$W/b$(dirname /usr/lib/*/libc.so.6)/"
	busybox tar -C "$W/b" -cf "$W/build/b.tar" etc usr
	built lab-full 'FROM lab' 'ADD b.tar /'
}

# built IMAGE LINE...
built() {
	name=$1
	shift
	printf '%s\n' "$@" >"$W/build/Dockerfile"
	DOCKER_BUILDKIT=0 docker build --network none -t "$name" "$W/build" >"$W/log" 2>&1 || fail "the image $name is built" "$(tail "$W/log")"
}

# follow NAME CLASS ARGUMENTS
follow() {
	image=lab-full pieces=''
	# shellcheck disable=SC2086 # words
	docker run --rm --network none --user 1000 $3 lab-full postern doctor --plain >"$W/doctor" 2>&1 </dev/null
	expect "$1: doctor blames" "$2" "$(sed -n 's/^finding	\([^	]*\)	blocks	.*/\1/p' "$W/doctor" | tr '\n' ' ' | sed 's/ $//')"
	mkdir -p "$W/host"
	sed -n 's/^advice	[a-z]*	//p' "$W/doctor" >"$W/advice"
	while IFS= read -r line; do
		case $line in
			*container-setuid*)
				built lab-next 'FROM lab-full' "RUN $line"
				image=lab-next
				;;
			# the first; another one is for programs with --proc
			--*) pieces=${pieces:-$line} ;;
			*) (cd "$W/host" && sh -c "$line") >"$W/log" 2>&1 </dev/null || fail "$1: $line" "$(cat "$W/log")" ;;
		esac
	done <"$W/advice"
	said=$(cd "$W/host" && eval "docker run --rm --network none --user 1000 $3 $pieces $image sh -c '
		postern-bwrap --unshare-user --unshare-pid --unshare-net --ro-bind / / --dev /dev sh -c : && postern doctor --quiet && echo works'" 2>&1)
	expect "$1: with $pieces" works "$said"
	rm -rf "$W/host" /etc/apparmor.d/postern-container
}

flow() {
	before
	host || {
		fail "dockerd starts" "$(tail -n 5 "$W/dockerd")"
		return
	}
	programs
	follow "a container as Docker makes it" "container-seccomp container-apparmor" ""
	follow "a hardened one" "container-seccomp container-apparmor" \
		"--cap-drop ALL --security-opt no-new-privileges --read-only"
	key kernel/unprivileged_userns_clone 0
	follow "unprivileged_userns_clone = 0" "container-seccomp container-apparmor userns-clone-off" ""
	key kernel/unprivileged_userns_clone
	MODE=none WORKS=yes
	printf postern-container >/sys/kernel/security/apparmor/.remove
	unhost
	rm -rf /etc/cni
	same
}

# shellcheck shell=sh
# Real container engines, as Debian has them, for tests. Source it from the top of the tree, as root, after
# tests/lib/tap.sh; it defines functions only.
#
# All of it happens in a mount and a pid namespace of its own, so that no daemon, container, mount or file of
# /etc/docker, /var/lib/containers or /run is left when the script ends, however it ends; the cgroups are removed.
#
#	engines_enter "$0" "$@"	executes the script again in there; first thing to call. Sets $E, a scratch directory
#				that containers' users can read through, the same for scripts that one of them calls
#	engine_start ENGINE	starts docker, docker-remap (its root is another account's) or docker-trixie (Debian 13's
#				engine, of the lab's images); 0 at once for the others, which have no daemon, and for what
#				runs already
#	engine_stop ENGINE	stops it; not needed at the end
#	engine ENGINE WORD...	the command line of that engine: docker, docker-remap, docker-trixie, podman (root's, with
#				runc), podman-crun, podman-rootless, buildah (shares podman's images). No network is there: say
#				--network none or --network host
#	engine_import ENGINE TAR NAME	makes the image NAME of a tar file; podman calls it localhost/NAME
#	engine_export ENGINE NAME TAR	writes an image as docker-archive
#	engine_socket ENGINE	the DOCKER_HOST of a docker
#	host_settings		kernel settings that no container may change, one per line: compare before and after
#
#	ENGINES_DIR=DIR		scratch below DIR instead of /var/tmp

engines_enter() {
	if [ "$(id -u)" != 0 ]; then
		skip "${TAP_NAME:-$1}" "needs root"
		tap_end
		exit
	fi
	if [ "${ENGINES_ENTERED:-}" = yes ]; then
		return 0
	fi
	ENGINES_ENTERED=yes
	E=$(mktemp -d "${ENGINES_DIR:-/var/tmp}/postern-containers.XXXXXX") || exit 1
	chmod 711 "$E"
	ENGINES_CGROUP=${E##*/}
	export ENGINES_ENTERED ENGINES_CGROUP E
	trap 'engines_tidy' EXIT
	trap 'exit 130' HUP INT TERM
	engines_status=0
	# tini reaps what engines leave to pid 1, for which podman waits; waited for, so that a signal is seen to
	unshare --mount --propagation private --pid --fork --kill-child --mount-proc sh -c '
		. tests/containers/engines.sh && engines_inside && exec tini -- sh "$@"' sh "$@" &
	engines_pid=$!
	wait "$engines_pid" || engines_status=$?
	exit $engines_status
}

engines_tidy() {
	# unshare ignores SIGTERM; all of its namespace dies with it. Scripts with -e must get to the end of this, too
	[ -z "${engines_pid:-}" ] || { kill -KILL "$engines_pid" 2>/dev/null && wait "$engines_pid"; } || :
	# podman's has this name for everybody; one that is in use stays
	find /sys/fs/cgroup -depth -type d \( -path "*/$ENGINES_CGROUP*" -o -path '*/libpod_parent*' \) -exec rmdir {} + 2>/dev/null || :
	rm -rf "$E"
}

# engines_inside: what engines would write on the host is covered; Debian's own programs come first
engines_inside() {
	PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin
	unset DOCKER_HOST DOCKER_CONTEXT DOCKER_CONFIG CONTAINER_HOST XDG_RUNTIME_DIR
	DOCKER_CONFIG=$E/docker-config
	export PATH DOCKER_CONFIG
	mkdir -p "$DOCKER_CONFIG"
	printf '{}\n' >"$DOCKER_CONFIG/config.json"
	# as on most hosts; nobody outside is a peer
	mount --make-rshared / || return 1
	for engines_dir in /etc/docker /var/lib/docker /var/lib/containers /var/lib/cni /run; do
		[ ! -d "$engines_dir" ] || mount -t tmpfs -o mode=755 engines "$engines_dir" || return 1
	done
	mkdir -m 1777 /run/lock
	# crun takes a hybrid of cgroup 1 and 2 for an error
	! mountpoint -q /sys/fs/cgroup/unified || umount /sys/fs/cgroup/unified || return 1
	engines_podman
}

# engines_podman: the settings of root's podman in $E/podman and of the user's in $E/rootless
engines_podman() {
	engines_user=${TEST_USER:-postern-test}
	for engines_dir in podman rootless; do
		# podman takes no longer path than 50 characters for what is below /run
		mkdir -p "/run/$engines_dir" "$E/$engines_dir/home" "$E/$engines_dir/tmp"
		{
			# limits that a root without CAP_SYS_RESOURCE can give; one file for the locks of each
			printf '[containers]\nnetns = "none"\ndefault_ulimits = ["nofile=%s:%s", "nproc=%s:%s"]\n' \
				"$(engines_limit nofile 20000)" "$(engines_limit nofile 20000)" \
				"$(engines_limit nproc 32768)" "$(engines_limit nproc 32768)"
			# a file of ours replaces the distribution's, in which these are what a container has
			sed -n '/^default_capabilities/,/^\]/p' /usr/share/containers/containers.conf
			[ "$engines_dir" = podman ] || printf 'cgroups = "disabled"\n'
			printf '[engine]\nevents_logger = "none"\ncgroup_manager = "cgroupfs"\nlock_type = "file"\n'
		} >"$E/$engines_dir/containers.conf"
		printf '[storage]\ndriver = "overlay"\nrunroot = "/run/%s/storage"\ngraphroot = "%s/storage"\n' \
			"$engines_dir" "$E/$engines_dir" >"$E/$engines_dir/storage.conf"
	done
	chown -R "$engines_user" "$E/rootless" /run/rootless
	chmod 700 /run/rootless
}

# engines_limit RESOURCE MOST: our own hard limit of it, at most that
engines_limit() {
	engines_hard=$(prlimit --"$1" -o HARD --noheadings --raw)
	if [ "$engines_hard" = unlimited ] || [ "$engines_hard" -gt "$2" ]; then echo "$2"; else echo "$engines_hard"; fi
}

engine_socket() {
	printf 'unix://%s/%s.sock\n' "$E" "$1"
}

engine_start() {
	engine_more='' engine_root=''
	[ ! -S "$E/$1.sock" ] || return 0
	case $1 in
		docker) ;;
		docker-remap) engine_more="--userns-remap=${TEST_USER:-postern-test}:${TEST_USER:-postern-test}" ;;
		docker-trixie) engines_trixie && engine_root="engines_in_trixie" || return 1 ;;
		*) return 0 ;;
	esac
	# shellcheck disable=SC2086 # words
	$engine_root setsid dockerd --iptables=false --ip6tables=false --bridge=none --ip-forward=false --userland-proxy=false $engine_more \
		--cgroup-parent "/$ENGINES_CGROUP" --data-root "$E/$1" --exec-root "/run/$1" --pidfile "$E/$1.pid" \
		-H "$(engine_socket "$1")" >"$E/$1.log" 2>&1 </dev/null &
	engine_started=$!
	engine_tries=1200
	until engine "$1" version >/dev/null 2>&1; do
		engine_tries=$((engine_tries - 1))
		if [ "$engine_tries" -eq 0 ] || ! kill -0 "$engine_started" 2>/dev/null; then
			tail -n 5 "$E/$1.log" >&2
			return 1
		fi
		sleep 0.1
	done
}

# engines_trixie: Debian 13's programs in $E/trixie, with everything else of this namespace
engines_trixie() {
	engines_image=$(tests/lab/image docker) || return 1
	mkdir -p "$E/trixie" "$E/trixie.work" "$E/trixie.upper"
	# the lower directories, topmost first
	engines_image=$(printf '%s\n' "$engines_image" | tac | paste -s -d :)
	mount -t overlay -o "lowerdir=$engines_image,upperdir=$E/trixie.upper,workdir=$E/trixie.work" trixie "$E/trixie" || return 1
	for engines_dir in /proc /sys /dev /run "$E"; do
		mkdir -p "$E/trixie$engines_dir"
		mount --rbind "$engines_dir" "$E/trixie$engines_dir" || return 1
		mount --make-rprivate "$E/trixie$engines_dir" || return 1
	done
	mkdir -p "$E/trixie/etc/docker" "$E/trixie/var/lib" "$E/trixie/tmp" "$E/trixie/mnt"
}

# As the root of a mount namespace, not by chroot: a runtime pivots.
engines_in_trixie() {
	# shellcheck disable=SC2016 # the shell's inside
	exec unshare --mount --propagation private sh -c '
		cd "$1" && pivot_root . mnt && umount -l /mnt && shift && exec "$@"' sh "$E/trixie" "$@"
}

engine_stop() {
	[ -f "$E/$1.pid" ] || return 0
	engine_stopped=$(cat "$E/$1.pid")
	kill "$engine_stopped"
	while kill -0 "$engine_stopped" 2>/dev/null; do sleep 0.1; done
	rm -f "$E/$1.sock" "$E/$1.pid"
}

engine() {
	engine_name=$1
	shift
	case $engine_name in
		docker | docker-*) DOCKER_HOST=$(engine_socket "$engine_name") /usr/bin/docker "$@" ;;
		podman) engines_root podman --runtime runc "$@" ;;
		podman-crun) engines_root podman --runtime crun "$@" ;;
		buildah) engines_root buildah "$@" ;;
		podman-rootless) engines_rootless podman --runtime crun "$@" ;;
		*)
			echo "engine: no such engine: $engine_name" >&2
			return 2
			;;
	esac
}

engines_root() {
	CONTAINERS_CONF=$E/podman/containers.conf CONTAINERS_STORAGE_CONF=$E/podman/storage.conf \
		XDG_RUNTIME_DIR=/run/podman TMPDIR=$E/podman/tmp BUILDAH_RUNTIME=runc "$@"
}

engines_rootless() {
	(
		engines_user=${TEST_USER:-postern-test}
		cd "${ENGINES_CWD:-/}" || exit 1
		exec setpriv --reuid "$engines_user" --regid "$engines_user" --init-groups --inh-caps=-all \
			env -i PATH="$PATH" HOME="$E/rootless/home" USER="$engines_user" XDG_RUNTIME_DIR=/run/rootless \
			TMPDIR="$E/rootless/tmp" CONTAINERS_CONF="$E/rootless/containers.conf" \
			CONTAINERS_STORAGE_CONF="$E/rootless/storage.conf" "$@"
	)
}

engine_import() {
	case $1 in
		podman-rootless) engine "$1" import -q - "localhost/$3" <"$2" >/dev/null ;;
		podman* | buildah) engine podman import -q "$2" "localhost/$3" >/dev/null ;;
		*) engine "$1" import "$2" "$3" >/dev/null ;;
	esac
}

engine_export() {
	case $1 in
		podman-rootless) engine "$1" save -q "$2" >"$3" ;;
		podman* | buildah) engine podman save -q -o "$3" "$2" ;;
		*) engine "$1" save -o "$3" "$2" ;;
	esac
}

# What counts and what is drawn anew at each reading is no setting.
host_settings() {
	find /proc/sys -type f -perm -u+r ! -path '/proc/sys/fs/binfmt_misc/*' ! -name 'ns_last_pid' ! -name 'pty' \
		! -name '*-nr' ! -name '*-state' ! -name 'nr' ! -path '/proc/sys/fs/quota/*' ! -path '/proc/sys/kernel/random/*' \
		! -path '/proc/sys/debug/*' ! -path '/proc/sys/vm/stat_refresh' ! -path '/proc/sys/net/ipv6/conf/*/stable_secret' \
		-print0 | xargs -0 grep -sH '' | sort
}

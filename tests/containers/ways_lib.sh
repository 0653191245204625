# shellcheck shell=sh
# What the tests of docs/containers.md share. Source it after tests/lib/tap.sh and tests/containers/engines.sh; it
# defines functions only. What they make lies in $E, and is made once for all scripts that share it.
#
#	pinned NAME [FILE]	the block of FILE (docs/containers.md) behind the marker of that name
#	ways_check NAME COMMAND...	a result from the command's status, with the end of $E/out where it fails
#	ways_says PATTERN	$E/out has such a line
#	ways_image		makes what `make image` makes, in $WAYS, of static programs; sets VERSION, too
#	ways_base ENGINE	the image debian:bookworm-slim, as README and docs name it
#	ways_busybox DIR	a root of busybox, small and with few programs, and the user "user" (1000)
#	ways_import DIR NAME ENGINE...	makes the image NAME of a root
#	ways_registry		a registry on 127.0.0.1; sets POSTERN_IMAGE, a name with a digest
#	ways_server		a web server on 127.0.0.1; sets POSTERN_URL and POSTERN_SHA256
#	ways_sh BUILDER DIR TEXT	runs TEXT in DIR as a shell's, in which `docker` is that builder (classic, buildkit,
#				podman, buildah) with the engine that belongs to it; the output is in $E/out
#	ways_size BUILDER IMAGE	of all its layers, in bytes
#	ways_end		stops the servers

pinned() {
	awk -v marker="<!-- pinned: $1 -->" '
		$0 == marker { found = 1; next }
		found && /^```/ { if (inside) exit; inside = 1; next }
		inside { print }' "${2:-docs/containers.md}"
}

ways_check() {
	ways_name=$1
	shift
	if "$@"; then
		ok "$ways_name"
	else
		not_ok "$ways_name" "failed: $*" "$(tail -n 25 "$E/out" 2>/dev/null)"
	fi
}

ways_says() {
	grep -Eq -- "$1" "$E/out"
}

# WAYS_TREE=DIR: what was installed in DIR, instead of what `make static` installs
ways_image() {
	WAYS=$E/ways
	VERSION=$(sed -n 's/^VERSION := //p' Makefile)
	[ ! -f "$WAYS/digest" ] || return 0
	if [ -z "${WAYS_TREE:-}" ]; then
		"${MAKE:-make}" -s O="${BUILD:-$PWD/build}" static ARCH="$(uname -m)" >"$E/out" 2>&1 || {
			not_ok "make static succeeds" "$(tail -n 20 "$E/out")"
			return 1
		}
		WAYS_TREE=${BUILD:-$PWD/build}/static/$(uname -m)/tree
	fi
	ways_make "$WAYS" "$(uname -m)=$WAYS_TREE" || {
		not_ok "make-image succeeds" "$(tail -n 20 "$E/out")"
		return 1
	}
}

# ways_make OUT ARCH=TREE...: as the recipe of `make image` calls it
ways_make() {
	env VERSION="$VERSION" EPOCH=1790000000 IMAGE_NAME="postern:$VERSION" IMAGE_SOURCE= CONTAINER_URL= \
		pkg/docker/make-image "$@" >"$E/out" 2>&1
}

ways_engine() {
	case $1 in
		classic | buildkit) echo docker ;;
		*) echo podman ;;
	esac
}

# As the image of that name is: no documentation, no translations, and an apt that keeps no caches.
ways_base_tar() {
	# shellcheck source=tests/lib/debsource.sh
	. tests/lib/debsource.sh
	ways_tar=$POSTERN_CACHE/containers-base-bookworm.tar
	[ ! -s "$ways_tar" ] || return 0
	mkdir -p "$POSTERN_CACHE"
	ways_line=$(debian_source_line bookworm) || return 1
	apt-config dump | grep -E '^Acquire::(https?::|Check-|Retries)' >"$E/aptopt" || :
	mmdebstrap -q --variant=minbase --include=ca-certificates,curl --aptopt="$E/aptopt" \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' --customize-hook='printf "%s\n" \
		"Dir::Cache::pkgcache \"\";" "Dir::Cache::srcpkgcache \"\";" >"$1/etc/apt/apt.conf.d/docker-clean"' \
		bookworm "$ways_tar.new.tar" "$ways_line" >&2 && mv "$ways_tar.new.tar" "$ways_tar"
}

ways_base() {
	: "${POSTERN_CACHE:=/var/cache/postern-tests}"
	case $1 in podman) ways_name=localhost/debian:bookworm-slim ;; *) ways_name=debian:bookworm-slim ;; esac
	! engine "$1" image inspect "$ways_name" >/dev/null 2>&1 || return 0
	ways_base_tar && engine_import "$1" "$ways_tar" debian:bookworm-slim
}

# ways_free_port: a port of 127.0.0.1 that nobody had a moment ago
ways_free_port() {
	python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# ways_reach URL: waits for a server that was started
ways_reach() {
	ways_tries=600
	until python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=5)' "$1" 2>/dev/null; do
		ways_tries=$((ways_tries - 1))
		[ "$ways_tries" -gt 0 ] || return 1
		sleep 0.1
	done
}

ways_busybox() {
	mkdir -p "$1/bin" "$1/etc" "$1/tmp"
	cp "$(command -v busybox)" "$1/bin/"
	for ways_applet in $(busybox --list | grep -v '^busybox$'); do
		ln -s busybox "$1/bin/$ways_applet"
	done
	printf '%s\n' root:x:0:0:root:/:/bin/sh user:x:1000:1000:user:/:/bin/sh >"$1/etc/passwd"
	printf '%s\n' root:x:0: user:x:1000: >"$1/etc/group"
}

ways_import() {
	ways_root=$1
	ways_as=$2
	shift 2
	tar -C "$ways_root" --numeric-owner --owner=0 --group=0 -cf "$ways_root.tar" .
	for ways_one; do
		engine_import "$ways_one" "$ways_root.tar" "$ways_as" || return
	done
}

ways_registry() {
	: "${POSTERN_CACHE:=/var/cache/postern-tests}"
	if [ ! -f "$E/registry" ]; then
		tests/lib/aptroot "$POSTERN_CACHE/docker-registry-bookworm" bookworm docker-registry >"$E/out" 2>&1 || {
			not_ok "Debian's docker-registry can be fetched" "$(tail "$E/out")"
			return 1
		}
		ways_port=$(ways_free_port)
		mkdir -p "$E/registry.d"
		printf '%s\n' 'version: 0.1' "storage: {filesystem: {rootdirectory: $E/registry.d}}" \
			"http: {addr: \"127.0.0.1:$ways_port\"}" 'log: {level: error, accesslog: {disabled: true}}' >"$E/registry.yml"
		"$POSTERN_CACHE/docker-registry-bookworm/usr/bin/docker-registry" serve "$E/registry.yml" >"$E/registry.log" 2>&1 &
		WAYS_PIDS="${WAYS_PIDS:-} $!"
		ways_reach "http://127.0.0.1:$ways_port/v2/" || {
			not_ok "the registry starts" "$(tail "$E/registry.log")"
			return 1
		}
		echo "127.0.0.1:$ways_port" >"$E/registry"
		skopeo copy -q --all --preserve-digests --dest-tls-verify=false "oci-archive:$WAYS/postern-$VERSION.oci.tar" \
			"docker://$(cat "$E/registry")/postern:$VERSION" || {
			not_ok "skopeo copies the image to a registry"
			return 1
		}
	fi
	POSTERN_IMAGE=$(cat "$E/registry")/postern:$VERSION@$(cat "$WAYS/digest")
	export POSTERN_IMAGE
}

ways_server() {
	if [ ! -f "$E/server" ]; then
		ways_port=$(ways_free_port)
		(cd "$WAYS" && exec python3 -m http.server --bind 127.0.0.1 "$ways_port") >"$E/server.log" 2>&1 &
		WAYS_PIDS="${WAYS_PIDS:-} $!"
		ways_reach "http://127.0.0.1:$ways_port/digest" || {
			not_ok "the web server starts" "$(tail "$E/server.log")"
			return 1
		}
		echo "http://127.0.0.1:$ways_port" >"$E/server"
	fi
	POSTERN_URL=$(cat "$E/server")
	POSTERN_SHA256=$(sha256sum <"$WAYS/install.sh")
	POSTERN_SHA256=${POSTERN_SHA256%% *}
	export POSTERN_URL POSTERN_SHA256
}

ways_end() {
	for ways_pid in ${WAYS_PIDS:-}; do
		kill "$ways_pid" 2>/dev/null || :
	done
	WAYS_PIDS=
	rm -f "$E/registry" "$E/server"
}

# ways_docker BUILDER: a command `docker` in $E/bin-BUILDER. The network is the machine's own for builds, as these engines
# have no other, and none for containers.
ways_docker() {
	mkdir -p "$E/bin-$1"
	cat >"$E/bin-$1/docker" <<-DOCKER
		#!/bin/sh
		. "$PWD/tests/containers/engines.sh"
		word=\$1
		shift
		case $1:\$word in
			classic:build) DOCKER_BUILDKIT=0 engine docker build --network host "\$@" ;;
			buildkit:build) DOCKER_BUILDKIT=1 engine docker build --progress plain --network host "\$@" ;;
			podman:build) engine podman build --tls-verify=false --network host "\$@" ;;
			buildah:build) engine buildah bud --tls-verify=false --network host "\$@" ;;
			*:run) engine $(ways_engine "$1") run --network none "\$@" ;;
			*) engine $(ways_engine "$1") "\$word" "\$@" ;;
		esac
	DOCKER
	chmod 0755 "$E/bin-$1/docker"
}

ways_sh() {
	[ -x "$E/bin-$1/docker" ] || ways_docker "$1"
	(cd "$2" && PATH=$E/bin-$1:$PATH sh -euc "$3") >"$E/out" 2>&1 </dev/null
}

ways_size() {
	engine "$(ways_engine "$1")" image inspect --format '{{.Size}}' "$2"
}

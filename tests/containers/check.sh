#!/bin/sh
# shellcheck disable=SC2086
# `postern container check` in real engines: its verdict is that of the container, it has exactly the arguments that are
# printed, and nothing is left of it.
set -eu
. tests/lib/tap.sh
. tests/containers/engines.sh

TAP_NAME=containers/check

# checked COMMAND...
checked() {
	status=0
	"$@" >"$E/out" 2>"$E/err" </dev/null || status=$?
}

# says NAME STATUS PATTERN...: it ended so, and its output has such lines
says() {
	name=$1 wanted=$2
	shift 2
	bad=
	[ "$status" = "$wanted" ] || bad="status $status"
	for pattern; do
		grep -Eq -- "$pattern" "$E/out" || bad="$bad, not: $pattern"
	done
	if [ -z "$bad" ]; then ok "$name"; else not_ok "$name" "$bad" "$(cat "$E/out" "$E/err")"; fi
}

# The image has nothing but one file: no shell, no libraries, no user.
images() {
	mkdir -p "$E/empty"
	: >"$E/empty/file"
	tar -C "$E/empty" -cf "$E/empty.tar" .
	for engine; do
		engine_start "$engine" || return 1
		engine_import "$engine" "$E/empty.tar" empty:1
	done
}

on_docker() {
	DOCKER_HOST=$(engine_socket "$1")
	export DOCKER_HOST
	checked $c empty:1 $l
	says "$1: works in an image with nothing in it, as root" 0 \
		'^works: empty:1, docker run --security-opt seccomp=seccomp-postern.json$'
	checked $c empty:1 $l --proc
	says "$1: works with --proc as the user that is printed" 0 '^works: .* --user 1000:1000 .* systempaths=unconfined$'
	checked $c empty:1 $l --clients -- --user 1000:1000
	says "$1: works with --clients" 0 '^works: .*seccomp-postern-clients.json --user 1000:1000$'
	checked $c empty:1 $l --engine compose --json -- --user 1000 --cap-drop ALL --security-opt no-new-privileges
	says "$1: works for compose, hardened" 0 '"outcome": "works"' '"engine": "docker"'
	checked $c empty:1 $l -- --cap-drop ALL
	says "$1: blocked, and why, where root has no CAP_SETFCAP" 1 '^blocked: ' '^bwrap: setting up uid map: ' \
		'root-without-setfcap: .*; fix, in the arguments of docker run: --user 1000:1000'
	checked $c empty:1 $l -- --security-opt "seccomp=$E/default.json" --user 1000
	says "$1: blocked where a later argument takes the filter back" 1 '^blocked: .*seccomp=seccomp-postern.json --security-opt' \
		'container-seccomp: '
	checked $c empty:1 $l --write "$E/written" -- --user 1000
	says "$1: works with a file that is kept" 0 "^works: empty:1, docker run --security-opt seccomp=$E/written/seccomp-postern.json"
	checked $c missing:1 $l
	says "$1: cannot tell of an image that is not there" 3 '^cannot tell: ' 'missing:1'
	checked $c empty:1 $l -- --nix
	says "$1: cannot tell with words that the engine does not know" 3 '^cannot tell: ' 'nix'
	checked $c empty:1 --launcher /bin/sh
	says "$1: cannot tell with a launcher that does not run there" 3 '^cannot tell: '
	left=$(docker ps -aq)
	if [ -z "$left" ]; then ok "$1: no container is left"; else not_ok "$1: no container is left" "$(docker ps -a)"; fi
}

# The filter of the clients is more than the other: only with it namespaces are made in a sandbox without a user namespace.
clients_are_tried() {
	checked $c empty:1 $l --clients -- --user 1000:1000 --security-opt "seccomp=$PWD/pkg/docker/seccomp-postern.json"
	says "what --clients is for does not work with the other filter" 1 '^blocked: '
}

no_daemon() {
	DOCKER_HOST=unix://$E/nobody.sock
	checked $c empty:1 $l
	says "DOCKER_HOST is asked, and who is not there cannot tell" 3 'Cannot connect to the Docker daemon at unix://.*/nobody.sock'
	DOCKER_HOST=$(engine_socket docker)
}

# ended SIGNAL: while the engine is at work; the engine waits for a file
ended() {
	mkdir -p "$E/slow"
	rm -f "$E/begun"
	printf '#!/bin/sh\nif [ "$1" = create ]; then\n\t: >"%s"\n\twhile [ -e "%s" ] && [ ! -e "%s" ]; do sleep 0.1; done\nfi\nexec /usr/bin/docker "$@"\n' \
		"$E/begun" "$E/begun" "$E/go" >"$E/slow/docker"
	chmod 755 "$E/slow/docker"
	rm -f "$E/go"
	PATH=$E/slow:$PATH $c empty:1 $l >"$E/out" 2>&1 </dev/null &
	pid=$!
	until [ -e "$E/begun" ]; do sleep 0.1; done
	kill -"$1" "$pid"
	: >"$E/go"
	status=0
	wait "$pid" || status=$?
	if [ "$status" -gt 128 ] && [ -z "$(docker ps -aq)" ] && [ -z "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'postern-container.*' -newer "$E/slow/docker")" ]; then
		ok "SIG$1 leaves neither a container nor a file"
	else
		not_ok "SIG$1 leaves neither a container nor a file" "status $status" "$(docker ps -a)" "$(ls "${TMPDIR:-/tmp}")"
	fi
}

# As a user, or root, types it: the settings are what engines.sh gives.
on_podman() {
	CONTAINERS_CONF=$E/podman/containers.conf CONTAINERS_STORAGE_CONF=$E/podman/storage.conf XDG_RUNTIME_DIR=$E/podman/run \
		TMPDIR=$E/podman/tmp
	export CONTAINERS_CONF CONTAINERS_STORAGE_CONF XDG_RUNTIME_DIR TMPDIR
	printf '#!/bin/sh\nexec /usr/bin/podman --runtime runc "$@"\n' >"$E/bin/podman"
	chmod 755 "$E/bin/podman"
	checked $c localhost/empty:1 $l --engine podman
	says "podman: works with nothing" 0 '^works: localhost/empty:1, podman run$'
	checked $c localhost/empty:1 $l --engine quadlet --proc
	says "podman: works with --proc" 0 '^works: .*--user 1000:1000 --security-opt unmask=/proc/\*$'
	checked $c localhost/empty:1 $l --engine podman -- --cap-drop ALL
	says "podman: blocked where root has no CAP_SETFCAP" 1 '^blocked: ' 'root-without-setfcap: '
	mkdir -p "$E/only"
	ln -sf "$E/bin/podman" "$E/only/podman"
	PATH=$E/only checked $c localhost/empty:1 $l
	says "podman is taken where there is no docker" 0 '^works: localhost/empty:1, podman run$'
	left=$(podman ps -aq)
	if [ -z "$left" ]; then ok "podman: no container is left"; else not_ok "podman: no container is left" "$left"; fi
}

main() {
	engines_enter "$0" "$@"
	need python3 podman || {
		tap_end
		exit
	}
	BUILD=${BUILD:-$PWD/build}
	mkdir -p "$E/bin"
	cp "$BUILD/postern" "$BUILD/bwrap" "$E/bin/"
	# with its quotes gone: words for the shell
	c="$E/bin/postern container check" l="--launcher $E/bin/bwrap"
	pkg/docker/seccomp/generate default >"$E/default.json"
	images docker docker-remap podman
	PATH=$E/bin:$PATH
	export PATH
	on_docker docker
	clients_are_tried
	no_daemon
	ended TERM
	ended INT
	on_docker docker-remap
	on_podman
	tap_end
}

main "$@"

#!/bin/sh
# The real Codex and the real sandbox-runtime in containers, as a user, with exactly the arguments that `postern container`
# prints, also in a container without any privilege; and that they start nothing without them. Nothing is fetched where the
# cache of tests/clients has them.
set -eu
. tests/lib/tap.sh
. tests/clients/lib.sh
. tests/containers/engines.sh
. tests/containers/lib.sh

# granted ENGINE DIALECT OPTION...: the words that postern container prints, in $E/words, with its files where they say
granted() {
	granted_dialect=$1
	shift
	(cd "$E/files" && "$BUILD/postern" container --engine "$granted_dialect" "$@" --write . 2>"$E/log") | grep '^ *-' | sed 's/  *#.*//' >"$E/words"
}

# client ENGINE WHO WORD...: what it says in a container with these arguments
client() {
	client_engine=$1 client_who=$2
	shift 2
	(cd "$E/files" && engine "$client_engine" run --rm --network none --user user -v "$CODEX:/npm/codex:ro" -v "$SRT:/npm/srt/node_modules:ro" \
		"$@" "$(image_of "$client_engine" plain)" sh /client "$client_who") 2>&1 </dev/null
}

# works NAME ENGINE WHO WORD...: with the words of granted, and these
works() {
	works_name=$1 works_engine=$2 works_who=$3
	shift 3
	# a shell's words, as a person pastes them
	eval "set -- $(cat "$E/words")" '"$@"'
	works_got=$(client "$works_engine" "$works_who" "$@")
	works_want="inside
nothing else is written
no network
capabilities 0000000000000000
status 0
by postern"
	if [ "$works_got" = "$works_want" ]; then
		ok "$works_name"
	else
		not_ok "$works_name" "arguments: $*" "$works_got"
	fi
}

# refused NAME WHO TEXT WORD...: docker, with only these
refused() {
	refused_name=$1 refused_who=$2 refused_text=$3
	shift 3
	refused_got=$(client docker "$refused_who" "$@")
	case $refused_got in
		*inside*) not_ok "$refused_name" "it ran: $refused_got" ;;
		*"$refused_text"*) ok "$refused_name" ;;
		*) not_ok "$refused_name" "wanted: $refused_text" "$refused_got" ;;
	esac
}

# image: what the clients need is this machine's, with its libraries
image() {
	image_trees tests/containers/client || return 1
	mkdir -p "$E/plain/usr/bin" "$E/plain/opt/shim" "$E/plain/npm/codex" "$E/plain/npm/srt"
	ln -sf /bin/busybox "$E/plain/usr/bin/true"
	ln -sf /bin/busybox "$E/plain/usr/bin/env"
	cp tests/clients/shim "$E/plain/opt/shim/bwrap"
	printf 'LOG=/tmp/calls\nREAL=/usr/local/bin/postern-bwrap\n' >"$E/plain/opt/shim/shim.conf"
	chmod 755 "$E/plain/opt/shim/bwrap"
	for program in bash flock git rg socat; do
		rm -f "$E/plain/bin/$program"
		image_program plain "$(readlink -f "$(command -v $program)")"
	done
	image_libraries "$(ls "$SRT"/node-linux-*/bin/node)"
	image_tar plain
}

main() {
	BUILD=${BUILD:-$PWD/build}
	CODEX=$(client_npm codex) || CODEX=
	SRT=$(client_npm sandbox-runtime) || SRT=
	if [ -z "$CODEX" ] || [ -z "$SRT" ]; then
		skip clients "npm could not fetch the pinned packages"
		tap_end
		exit
	fi
	mkdir -p "$E/files"
	if ! image || ! engine_start docker || ! image_into docker || ! image_into podman; then
		not_ok "the engines and their image are there"
		tap_end
		exit
	fi
	refused "codex starts no command in a container as Docker makes it" codex "bwrap: No permissions to create a new namespace"
	refused "sandbox-runtime neither" srt "bwrap: No permissions to create a new namespace"
	granted docker
	works "codex: with the printed arguments" docker codex
	works "codex: ... in a container without any capability and with no_new_privs" docker codex --cap-drop ALL \
		--security-opt no-new-privileges
	eval "refused 'sandbox-runtime: not with these' srt-weaker 'unshare' $(cat "$E/words")"
	granted docker --clients
	works "sandbox-runtime: with those printed for clients, its weaker sandbox" docker srt-weaker --cap-drop ALL \
		--security-opt no-new-privileges
	granted docker --clients --proc
	works "sandbox-runtime: with those printed for clients and /proc, all of it" docker srt --cap-drop ALL \
		--security-opt no-new-privileges
	works "codex: with these, too" docker codex
	granted podman --clients --proc
	works "sandbox-runtime in podman: with those printed for it" podman srt
	granted podman
	works "codex in podman: with those printed for it, which are none" podman codex
	tap_end
}

TAP_NAME=containers/clients
need dockerd podman unshare busybox npm bash flock git rg socat || {
	tap_end
	exit
}
engines_enter "$0" "$@"
main

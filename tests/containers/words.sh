#!/bin/sh
# What docs/containers.md and README.md say of containers, without an engine: their Dockerfiles keep the rules, README has the
# docs' lines, and the files and words that are named exist.
set -eu
. tests/lib/tap.sh
. tests/containers/ways_lib.sh

# breach RULES LINE...: a Dockerfile of these lines breaks these rules and no other
breach() {
	rule=$1
	shift
	printf '%s\n' "$@" >"$E/Dockerfile"
	tests/containers/dockerfile.py "$E/Dockerfile" >"$E/out" 2>&1 || :
	ways_check "found in a Dockerfile: ${rule:-nothing, as it is said to be ignored}" \
		[ "$(cut -d' ' -f2 "$E/out" | tr '\n' ' ')" = "$rule${rule:+ }" ]
}

rules() {
	for way in $(sed -n 's/^<!-- pinned: dockerfile-\(.*\) -->$/\1/p' docs/containers.md); do
		pinned "dockerfile-$way" >"$E/dockerfile-$way"
		ways_check "the Dockerfile of the docs keeps the rules: $way" \
			eval '[ -s "$E/dockerfile-$way" ] && tests/containers/dockerfile.py "$E/dockerfile-$way" >"$E/out" 2>&1'
	done
	from='FROM debian:bookworm-slim'
	breach DL3000 "$from" 'WORKDIR here'
	breach DL3002 "$from" 'USER root'
	breach DL3003 "$from" 'RUN cd /tmp && make'
	breach DL3004 "$from" 'RUN sudo make'
	breach DL3006 'FROM debian'
	breach DL3007 'FROM debian:latest'
	breach DL3008 "$from" 'RUN apt-get install -y --no-install-recommends curl'
	breach DL3009 "$from" 'RUN apt-get update'
	breach DL3014 "$from" 'RUN apt-get install --no-install-recommends curl=7'
	breach DL3015 "$from" 'RUN apt-get install -y curl=7'
	breach DL3020 "$from" 'ADD file /file'
	breach DL3022 "$from" 'COPY --from=elsewhere:1 /a /a'
	breach DL3025 "$from" 'ENTRYPOINT start here'
	breach DL3027 "$from" 'RUN apt update'
	breach DL3059 "$from" 'RUN true' 'RUN \' '	true'
	breach DL4000 "$from" 'MAINTAINER me'
	breach DL4006 "$from" 'RUN cat a | sort'
	breach 'DL4006 POSTERN1' "$from" 'RUN curl a | sh'
	breach POSTERN2 "$from" 'COPY --chmod=4755 a /a'
	breach '' "$from" '# hadolint ignore=DL3008' 'RUN apt-get install -y --no-install-recommends curl'
}

same() {
	for block in dockerfile-image build-image run; do
		pinned "$block" README.md >"$E/readme"
		pinned "$block" >"$E/docs"
		ways_check "README has the docs' lines: $block" eval '[ -s "$E/docs" ] && cmp "$E/docs" "$E/readme" >"$E/out" 2>&1'
	done
}

# Links of the page lead to headings of its own or to files of the tree.
links() {
	grep -o '](#[^)]*)' docs/containers.md | sed 's/^](#//;s/)$//' | sort -u >"$E/wanted"
	sed -n 's/^##* //p' docs/containers.md | tr 'A-Z' 'a-z' | tr -cd 'a-z0-9 \n-' | tr ' ' '-' | sort -u >"$E/headings"
	ways_check "every link within the page leads somewhere" eval '[ -s "$E/wanted" ] && ! grep -vxFf "$E/headings" "$E/wanted" >"$E/out"'
	for file in $(grep -o '](\.\./[^)]*)' docs/containers.md | sed 's,^](\.\./,,;s/)$//' | sort -u); do
		ways_check "$file is there" [ -e "$file" ]
	done
	ways_check "the version is this one" \
		eval '! grep -o "postern[-:][0-9][0-9.]*[0-9]" docs/containers.md README.md | grep -v "[-:]$(sed -n "s/^VERSION := //p" Makefile)\$" >"$E/out"'
}

# Each postern command of the docs, as it stands there, in a directory of its own.
commands() {
	mkdir -p "$E/project"
	grep -h '^postern container' docs/containers.md README.md | sort -u >"$E/commands"
	ways_check "the docs have commands of postern's" [ -s "$E/commands" ]
	while IFS= read -r line; do
		ways_check "works as it stands there: $line" eval '(cd "$E/project" && PATH=$BUILD:$PATH sh -euc "$line") >"$E/out" 2>&1 </dev/null'
	done <"$E/commands"
	ways_check "and writes the file that devcontainer.json names" \
		cmp "$E/project/.devcontainer/seccomp-postern-clients.json" pkg/docker/seccomp-postern-clients.json
	pinned devcontainer >"$E/devcontainer.json"
	ways_check "by the name that it has there" grep -q '/\.devcontainer/seccomp-postern-clients\.json"' "$E/devcontainer.json"
	pinned compose >"$E/compose.yaml"
	ways_check "the compose file is one" python3 -c 'import sys, yaml
service = yaml.safe_load(open(sys.argv[1]))["services"]["agent"]
assert service["user"] == "1000:1000" and service["cap_drop"] == ["ALL"], service
assert service["security_opt"] == ["no-new-privileges:true", "seccomp:/etc/postern/seccomp-postern.json"], service' "$E/compose.yaml"
}

main() {
	E=$(mktemp -d)
	trap 'rm -rf "$E"' EXIT
	trap 'exit 130' HUP INT TERM
	: "${BUILD:=$PWD/build}"
	rules
	same
	links
	commands
	tap_end
}

main "$@"

#!/bin/sh
# The Debian package in a Dockerfile, as docs/containers.md has it: built as tests/packaging builds it, installed by the builders
# that know --mount, and by the classic one with a COPY. WAYS_DEB=FILE: that package, instead of building it.
set -eu
. tests/lib/tap.sh
. tests/lib/debsource.sh
. tests/containers/engines.sh
. tests/containers/ways_lib.sh

# package: $E/context-deb/postern.deb, in a fresh tree of the release; without its own tests, which are tests/packaging's
package() {
	if [ -n "${WAYS_DEB:-}" ]; then
		cp "$WAYS_DEB" "$E/context-deb/postern.deb"
		return
	fi
	. tests/packaging/deb_lib.sh
	# shellcheck disable=SC2034 # deb_lib.sh's
	scratch=$E
	deb_tree build bookworm || return 1
	# shellcheck disable=SC2154 # set by deb_tree
	deb_unpack "$deb_tarball" "$E/deb"
	mkdir "$E/deb/build"
	deb_source "$E/deb/build"
	tests/readme/enter pivot "$E/deb" 'useradd -m builder && chown -R builder /build && cd /build/postern-* &&
		DEB_BUILD_OPTIONS="nocheck parallel=2" runuser -u builder -- dpkg-buildpackage -us -uc -b' >"$E/out" 2>&1 </dev/null ||
		return 1
	mv "$E"/deb/build/postern_*.deb "$E/context-deb/postern.deb"
}

# installed BUILDER
installed() {
	builder=$1
	ways_check "deb: $builder builds it" ways_sh "$builder" "$E/context-deb" 'docker build -t agent .'
	ways_sh "$builder" "$E" "docker run --rm --user 0 agent sh -c 'find / -xdev -path \"*postern*\" -perm /7000 ! -type d; dpkg -V postern'" || :
	# a slim image has no documentation, by its dpkg's configuration
	sed -i '/ \/usr\/share\/\(doc\|man\)\//d' "$E/out"
	ways_check "deb, $builder: nothing has a privilege bit, and dpkg finds every file as it was packed" [ ! -s "$E/out" ]
	ways_check "deb, $builder: the line of the docs runs a sandbox in it" ways_sh "$builder" "$E/context-deb" "$(pinned run)"
	ways_check "deb, $builder: as the user of the image" ways_says '^uid=1000\(agent\)'
	base=$(ways_size "$builder" debian:bookworm-slim)
	size=$(ways_size "$builder" agent)
	printf '# deb, %s: the image has %s kB more than its base\n' "$builder" "$(((size - base) / 1000))"
}

main() {
	if [ ! -d pkg/debian ] && [ -z "${WAYS_DEB:-}" ]; then
		echo "# this tree has no pkg/debian: no package is installed"
		exit 0
	fi
	engines_enter "$0" "$@"
	: "${POSTERN_CACHE:=/var/cache/postern-tests}"
	mkdir -p "$E/context-deb"
	pinned dockerfile-deb >"$E/context-deb/Dockerfile"
	cp pkg/docker/seccomp-postern.json "$E/context-deb/"
	package && engine_start docker && ways_base docker && ways_base podman || {
		not_ok "the ground can be made" "$(tail -n 25 "$E/out")"
		tap_end
		exit
	}
	installed buildkit
	installed podman
	# what the docs say of the classic builder
	sed -i -e 's/^RUN --mount=[^ ]*/COPY postern.deb \/tmp\/\nRUN/' "$E/context-deb/Dockerfile"
	installed classic
	tap_end
}

main "$@"

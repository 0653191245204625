#!/bin/sh
# The ways of docs/containers.md and README.md to get postern into an image, word by word as they stand there: built by
# four builders, looked at, and run with the arguments that stand there.
set -eu
. tests/lib/tap.sh
. tests/containers/engines.sh
. tests/containers/ways_lib.sh

BUILDERS="classic buildkit podman buildah"

# look WHAT: modes and owners of postern's files below DIR; printed by programs that each image has
LOOK='cd "$DIR/usr/local" && find bin/postern* bin/bwrap libexec/postern share/postern ! -type d 2>/dev/null | LC_ALL=C sort |
	while read -r f; do echo "$(stat -c "%a %u:%g" "$f") $f $(readlink "$f")"; done'

# context WAY: a directory with the Dockerfile of that name in it
context() {
	mkdir -p "$E/context-$1"
	pinned "dockerfile-$1" >"$E/context-$1/Dockerfile"
	[ "$1" != setuid ] || pinned start >"$E/context-$1/start"
	cp pkg/docker/seccomp-postern.json "$E/context-$1/" 2>/dev/null || :
}

# what is installed, as it was packed
expected() {
	mkdir -p "$E/unpacked"
	[ -d "$E/unpacked/usr" ] || tar -xpf "$WAYS/postern-container-$VERSION-$(uname -m).tar.gz" -C "$E/unpacked"
	DIR=$E/unpacked sh -c "$LOOK"
	[ "$1" = yes ] && echo '777 0:0 bin/bwrap ../libexec/postern/bwrap'
}

# built WAY BUILDER AS-BWRAP: by the line that docs/containers.md has for it
built() {
	way=$1 builder=$2
	block=$(pinned "build-$way")
	if ! ways_sh "$builder" "$E/context-$way" "$block"; then
		not_ok "$way: $builder builds it" "$(tail -n 25 "$E/out")"
		return 0
	fi
	ok "$way: $builder builds it"
	ways_sh "$builder" "$E" "docker run --rm --user 0 -e DIR= agent sh -c '$LOOK'" || :
	sort "$E/out" >"$E/is"
	expected "$3" | sort >"$E/expected"
	ways_check "$way, $builder: every file has the mode and the owner that it was packed with" cmp "$E/is" "$E/expected"
	ways_check "$way, $builder: the line of the docs runs a sandbox in it" ways_sh "$builder" "$E/context-$way" "$(pinned run)"
	ways_check "$way, $builder: as the user of the image" ways_says '^uid=1000\(agent\)'
	base=$(ways_size "$builder" debian:bookworm-slim)
	size=$(ways_size "$builder" agent)
	printf '# %s, %s: the image has %s kB more than its base\n' "$way" "$builder" "$(((size - base) / 1000))"
}

# The filter is what makes the difference; podman's own allows as much.
control() {
	without=$(pinned run | sed 's/--security-opt seccomp=seccomp-postern.json //')
	ways_check "docker: without the filter of the docs there is no sandbox" \
		eval '! ways_sh classic "$E/context-image" "$without"'
	ways_check "and it is bubblewrap's message" ways_says '^bwrap: No permissions to create a new namespace'
	ways_check "podman: without it there is one" ways_sh podman "$E/context-image" "$without"
}

the_image() {
	first=$(cat "$WAYS/digest")
	ways_make "$E/again" "$(uname -m)=$WAYS_TREE"
	ways_check "the same programs give the same image, archive and script" cmp "$WAYS/SHA256SUMS" "$E/again/SHA256SUMS"
	ways_check "what is printed is the digest that a registry gives it" \
		[ "$(skopeo inspect --tls-verify=false --format '{{.Digest}}' "docker://$(cat "$E/registry")/postern:$VERSION")" = "$first" ]
	for builder in classic podman; do
		engine=$(ways_engine "$builder")
		ways_check "$engine loads the file" ways_sh "$builder" "$E" "docker load -i '$WAYS/postern-$VERSION.oci.tar'"
		ways_check "$engine runs it, with nothing else in the image" ways_sh "$builder" "$E" "docker run --rm postern:$VERSION --version"
		ways_check "and it is this version" ways_says "^postern $VERSION(,|\$)"
		mkdir -p "$E/filter"
		ways_check "$engine gets the filter out of it by the line of the docs" env POSTERN_IMAGE="postern:$VERSION" sh -c '
			. tests/containers/engines.sh && . tests/containers/ways_lib.sh && ways_sh "$1" "$2" "$3"' sh \
			"$builder" "$E/filter" "$(pinned filter)"
		ways_check "as it is here" cmp "$E/filter/seccomp-postern.json" pkg/docker/seccomp-postern.json
		ways_check "$engine starts a sandbox in it" ways_sh "$builder" "$E/context-image" "docker run --rm --cap-drop ALL \
--security-opt no-new-privileges --security-opt seccomp=seccomp-postern.json --entrypoint /usr/local/bin/postern-bwrap \
postern:$VERSION --ro-bind / / --unshare-all /usr/local/libexec/postern/bwrap --version"
	done
	printf '# the image has %s kB, its layer %s kB\n' "$(($(wc -c <"$WAYS/postern-$VERSION.oci.tar") / 1000))" \
		"$(($(ways_size classic "postern:$VERSION") / 1000))"
}

# The writer of images alone: which machines an index names is no question of what is in the layers.
platforms() {
	archive=$WAYS/postern-container-$VERSION-$(uname -m).tar.gz
	pkg/docker/oci-image "$E/all.tar" "postern:$VERSION" 1790000000 https://example.org/postern "x86_64=$archive" \
		"aarch64=$archive" "armhf=$archive" "armel=$archive" "i686=$archive" >"$E/out"
	ways_check "an image for several machines names each as images do" [ "$(skopeo inspect --raw "oci-archive:$E/all.tar" |
		python3 -c 'import json, sys
for m in json.load(sys.stdin)["manifests"]:
    p = m["platform"]
    print(p["os"] + "/" + p["architecture"] + p.get("variant", ""), end=" ")')" = "linux/amd64 linux/arm64 linux/armv7 linux/armv5 linux/386 " ]
	ways_check "and podman loads its own machine's" ways_sh podman "$E" "docker load -i '$E/all.tar'"
	ways_check "a machine that is not known is refused" \
		eval '! pkg/docker/oci-image "$E/none.tar" postern:1 1 "" "vax=$archive" >"$E/out" 2>&1'
	ways_check "and named" ways_says 'no such architecture: vax'
}

# a program that needs a library, or a privilege bit in the tree, never gets into an image
packing() {
	cp -a "$WAYS_TREE" "$E/tree"
	cp "$(command -v env)" "$E/tree/usr/local/bin/postern"
	ways_check "a program that needs a library is refused" eval '! pkg/docker/archive "$E/tree" "$E/a.tar.gz" 1 >"$E/out" 2>&1'
	ways_check "and named" ways_says 'usr/local/bin/postern is no static program'
	cp "$WAYS_TREE/usr/local/bin/postern" "$E/tree/usr/local/bin/postern"
	chmod 4755 "$E/tree/usr/local/libexec/postern/postern-priv"
	pkg/docker/archive "$E/tree" "$E/a.tar.gz" 1 >"$E/out" 2>&1
	ways_check "nothing that is packed has a privilege bit" [ -z "$(tar -tvf "$E/a.tar.gz" | grep -E '^.{3}s|^.{6}s')" ]
}

main() {
	engines_enter "$0" "$@"
	trap ways_end EXIT
	before=$(host_settings)
	ways_image && engine_start docker && ways_base docker && ways_base podman && ways_registry && ways_server || {
		not_ok "the ground for the ways can be made" "$(tail -n 25 "$E/out")"
		tap_end
		exit
	}
	for way in image script; do
		context "$way"
	done
	the_image
	platforms
	packing
	for builder in $BUILDERS; do
		built image "$builder" yes
		# podman's builder is buildah
		[ "$builder" = buildah ] || built script "$builder" yes
	done
	control
	ways_check "no setting of this machine's kernel was changed" [ "$(host_settings)" = "$before" ]
	tap_end
}

main "$@"

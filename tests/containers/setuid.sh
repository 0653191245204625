#!/bin/sh
# The set-user-ID bit on its way into an image: which way of which builder keeps it (docs/containers.md has that table),
# what container-setuid does about it, and that it is never silent where it can do nothing.
set -eu
. tests/lib/tap.sh
. tests/containers/engines.sh
. tests/containers/ways_lib.sh

BUILDERS="classic buildkit podman buildah"

busybox_image() {
	ways_busybox "$E/busybox"
	tar -xpf "$WAYS/postern-container-$VERSION-$(uname -m).tar.gz" -C "$E/busybox"
	ways_import "$E/busybox" busybox docker podman
}

# ---- the table

# try BUILDER NAME: builds $E/bits/NAME and says what became of the bit of /f
try() {
	if ! ways_sh "$1" "$E/bits" "docker build -f $2 -t bit ."; then
		if ways_says '[Bb]uild[Kk]it'; then echo refused; else echo failed; fi
		return 0
	fi
	ways_sh "$1" "$E" 'docker run --rm bit stat -c %a /f' || :
	case $(tail -n 1 "$E/out") in
		4755) echo kept ;;
		755) echo lost ;;
		*) echo failed ;;
	esac
}

# row TEXT NAME
row() {
	line="| $1 |"
	for builder in $BUILDERS; do
		line="$line $(try "$builder" "$2") |"
	done
	echo "$line"
}

bits() {
	mkdir -p "$E/bits"
	echo bit >"$E/bits/f"
	chmod 4755 "$E/bits/f"
	tar --owner=0 --group=0 -C "$E/bits" -cf "$E/bits/f.tar" f
	base='FROM busybox'
	printf '%s\n' "$base AS one" 'RUN echo bit >/f && chmod 4755 /f' "$base" 'COPY --from=one /f /f' >"$E/bits/from"
	printf '%s\n' "$base" 'COPY f /f' >"$E/bits/copy"
	printf '%s\n' "$base" 'ADD f.tar /' >"$E/bits/add"
	printf '%s\n' "$base" 'COPY --chmod=4755 f.tar /f' >"$E/bits/chmod"
	{
		echo '| how the file gets into the image | classic | BuildKit | podman | buildah |'
		echo '|---|---|---|---|---|'
		# by the Dockerfile of the docs
		line='| `RUN ... container-setuid USER` |'
		for builder in $BUILDERS; do
			line="$line $(cat "$E/kept-$builder") |"
		done
		echo "$line"
		row '`COPY --from=stage` of a file that has it' from
		row '`COPY` of a file that has it on disk' copy
		row '`ADD` of a tar file that has it' add
		row '`COPY --chmod=4755`' chmod
	} >"$E/table"
	awk '/^<!-- measured: survival -->$/ { on = 1; next } on && /^\|/ { print } on && /^$/ { exit }' docs/containers.md >"$E/out"
	diff "$E/out" "$E/table" >"$E/diff" || cp "$E/diff" "$E/out"
	ways_check "the bit survives just what docs/containers.md says" [ ! -s "$E/diff" ]
}

# ---- the Dockerfile of the docs

# started BUILDER WORD...: the image of the docs, with its own start script; then WORDs
started() {
	ways_builder=$1
	shift
	ways_sh "$ways_builder" "$E" "docker run --rm $*"
}

PRIV=/usr/local/libexec/postern/postern-priv
SEES="sh -c 'stat -c \"%a %U:%G\" $PRIV; id'"

image() {
	mkdir -p "$E/context-setuid"
	pinned dockerfile-setuid >"$E/context-setuid/Dockerfile"
	pinned start >"$E/context-setuid/start"
	for builder in $BUILDERS; do
		if ! ways_sh "$builder" "$E/context-setuid" "$(pinned build-image)"; then
			not_ok "setuid: $builder builds it" "$(tail -n 25 "$E/out")"
			continue
		fi
		ok "setuid: $builder builds it"
		ways_sh "$builder" "$E" "docker run --rm --entrypoint stat agent -c '%a %U:%G' $PRIV" || :
		if [ "$(tail -n 1 "$E/out")" = "4750 root:postern" ]; then echo kept; else echo lost; fi >"$E/kept-$builder"
		ways_check "setuid, $builder: its start script goes on where all is right" started "$builder" agent "$SEES"
		ways_check "setuid, $builder: the program is the user's, who is in the group" \
			ways_says '^uid=1000\(agent\) gid=1000\(agent\) groups=1000\(agent\),[0-9]+\(postern\)$'
		ways_check "setuid, $builder: a root that cannot be written does no harm then" started "$builder" --read-only agent "$SEES"
		ways_check "setuid, $builder: and the bit is there" ways_says '^4750 root:postern$'
	done
}

# What an image store may do to the image: the bit is gone.
repair() {
	mkdir -p "$E/lost"
	printf '%s\n' 'FROM agent' "RUN chmod 0755 $PRIV && chown 0:0 $PRIV" >"$E/lost/Dockerfile"
	for builder in classic podman; do
		ways_check "$builder: an image that has lost the bit" ways_sh "$builder" "$E/lost" 'docker build -t lost .'
		ways_check "$builder: is repaired where it starts" started "$builder" lost "$SEES"
		ways_check "$builder: wholly" ways_says '^4750 root:postern$'
		ways_check "$builder: or fails, where its root cannot be written" eval '! started "$builder" --read-only lost "$SEES"'
		ways_check "$builder: and says so" ways_says '^container-setuid: .*postern-priv is not root:postern 4750: '
		ways_check "$builder: nothing was started" eval '! ways_says "^uid="'
		ways_check "$builder: as another user it fails, too" eval '! started "$builder" --user 1000 lost "$SEES"'
		ways_check "$builder: and says what to do" ways_says '^container-setuid: run me as root$'
	done
}

# ---- container-setuid itself, in images of other kinds

# in_busybox TEXT: as root in that image
in_busybox() {
	started classic busybox sh -euc "'$1'"
}

others() {
	tool=/usr/local/libexec/postern/container-setuid
	ways_check "busybox: it makes the group, and puts the user into it" in_busybox "$tool user; id user"
	ways_check "busybox: so that the user is a member" ways_says '^uid=1000\(user\) .*\(postern\)'
	ways_check "busybox: twice is once" in_busybox "$tool user; cp /etc/group /tmp/g; $tool user; cmp /etc/group /tmp/g;
		stat -c %a $PRIV"
	ways_check "busybox: and the bit is there" ways_says '^4750$'
	ways_check "its configuration is one that postern-priv takes" in_busybox "$tool user; $PRIV --check-config"
	ways_check "a configuration that is there is left alone" in_busybox "mkdir /etc/postern
		echo group = others >/etc/postern/privileged.conf; $tool user; grep -qx \"group = others\" /etc/postern/privileged.conf"
	ways_check "a user who does not exist is an error" eval '! in_busybox "$tool nobody-here"'
	ways_check "that names him" ways_says 'there is no user nobody-here'
	ways_check "root is an error" eval '! in_busybox "$tool root"'
	ways_check "a link in the place of postern-priv is an error" \
		eval '! in_busybox "rm $PRIV; ln -s /bin/busybox $PRIV; $tool user"'
	ways_check "and its target gets no bit" in_busybox "rm $PRIV; ln -s /bin/busybox $PRIV; ! $tool user; [ ! -u /bin/busybox ]"
	ways_check "a file with a second name is an error" eval '! in_busybox "ln $PRIV /tmp/second; $tool user"'
}

main() {
	engines_enter "$0" "$@"
	trap ways_end EXIT
	ways_image && engine_start docker && ways_base docker && ways_base podman && ways_registry || {
		not_ok "the ground can be made" "$(tail -n 25 "$E/out")"
		tap_end
		exit
	}
	busybox_image
	image
	bits
	repair
	others
	tap_end
}

main "$@"

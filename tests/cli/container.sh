#!/bin/sh
# `postern container` without an engine: its words, what it prints for each, the files that it writes. check is tried by
# tests/containers/check.sh.
set -eu
. tests/lib/tap.sh
. tests/cli/lib.sh

container() {
	captured "$POSTERN" container "$@"
}

# refuses NAME PATTERN WORD...: with one line that says so, and nothing on stdout
refuses() {
	name=$1 pattern=$2
	shift 2
	container "$@"
	if [ "$status" = 125 ] && [ ! -s "$W/out" ] && [ "$(wc -l <"$W/err")" = 1 ] && grep -Eq "^postern: $pattern" "$W/err"; then
		ok "refused: $name"
	else
		not_ok "refused: $name" "$(cli_shown)"
	fi
}

wrong_words() {
	refuses "an unknown option" 'container: there is no option "--nix"; .*--help' --nix
	refuses "a word that is none" 'container: there is no option "nix"; .*--help' nix
	refuses "an unknown engine" 'container: there is no engine "lxc"; it is one of docker, compose, ' --engine lxc
	refuses "an engine twice" 'container: give --engine once' --engine docker --engine podman
	refuses "an option without its argument" 'container: --write needs an argument: DIR' --write
	refuses "an argument too much" 'container: --proc takes no argument' --proc=yes
	refuses "an empty argument" 'container: --user is empty' --user=
	refuses "a user's name" 'container: --user takes numbers, for example 1000:1000, not "agent"' --user agent
	refuses "half a user" 'container: --user takes numbers' --user 1000:
	refuses "a word for AppArmor" 'container: --apparmor is yes, no or auto' --apparmor perhaps
	refuses "a directory that engines would read otherwise" 'container: a directory that engines are told' --write 'a b'
	refuses "a file that there is none of" 'container: there is no file "x"; there are seccomp-postern.json, ' --print x
	refuses "--print with others" 'container: --print only prints a file' --print postern-container --json
	refuses "--force without --write" 'container: --force is of use with --write only' --force
	refuses "--launcher without check" 'container: --launcher is of use with check only' --launcher /bin/true
	refuses "check without an image" 'container: check which image' check
	refuses "two images" 'container: there is no option "two"' check one two
	refuses "check for Kubernetes" 'container: check starts docker or podman; .*postern doctor' check x --engine kubernetes
	refuses "words for the engine without check" 'container: words for the engine come after check IMAGE' -- --rm
	for engine in docker compose devcontainer podman quadlet; do
		refuses "root over an unmasked /proc, $engine" 'container: root over an unmasked /proc can change' \
			--engine "$engine" --proc --user 0
	done
	refuses "the same as 00:1" 'container: root over an unmasked /proc' --proc --user 00:1
}

# prints NAME WORD... -- LINE...: but for comments, that and nothing else
prints() {
	name=$1
	shift
	n=0
	for word; do
		[ "$word" != -- ] || break
		n=$((n + 1))
	done
	(
		shift $((n + 1))
		[ $# = 0 ] || printf '%s\n' "$@"
	) >"$W/wanted"
	words=
	while [ "$1" != -- ]; do
		words="$words $1"
		shift
	done
	# shellcheck disable=SC2086 # words
	container $words
	grep -Ev '^(#|//) ' "$W/out" >"$W/got" || :
	if [ "$status" = 0 ] && cmp -s "$W/wanted" "$W/got"; then
		ok "prints $name"
	else
		not_ok "prints $name" "$(diff "$W/wanted" "$W/got")" "$(cli_shown)"
	fi
}

says_each() {
	s=seccomp-postern.json
	prints "for docker" --apparmor no -- "--security-opt seccomp=$s"
	prints "for programs with namespaces of their own" --apparmor no --clients -- "--security-opt seccomp=seccomp-postern-clients.json"
	prints "with a profile" --apparmor yes -- "--security-opt seccomp=$s --security-opt apparmor=postern-container"
	prints "with --proc another user" --apparmor no --proc -- \
		"--user 1000:1000 --security-opt seccomp=$s --security-opt systempaths=unconfined"
	prints "the user that is asked for" --apparmor no --proc --user 7 -- \
		"--user 7 --security-opt seccomp=$s --security-opt systempaths=unconfined"
	prints "no mask with --setuid" --apparmor no --proc --setuid -- \
		"--security-opt seccomp=$s --cap-add SYS_ADMIN --cap-add NET_ADMIN"
	prints "for compose" --engine compose --apparmor yes --proc -- 'user: "1000:1000"' \
		"security_opt: [\"seccomp=/etc/postern/$s\", \"apparmor=postern-container\", \"systempaths=unconfined\"]"
	prints "for a devcontainer.json" --engine devcontainer --apparmor no --setuid -- \
		"\"securityOpt\": [\"seccomp=\${localWorkspaceFolder}/.devcontainer/$s\"]" '"capAdd": ["SYS_ADMIN", "NET_ADMIN"]'
	prints "nothing for podman" --engine podman --apparmor no --
	prints "for podman what is needed" --engine podman --apparmor yes -- "--security-opt apparmor=postern-container"
	prints "for quadlet" --engine quadlet --apparmor no --proc -- 'PodmanArgs=--user 1000:1000' 'Unmask=/proc/*'
	prints "for Kubernetes" --engine kubernetes --apparmor no --proc -- 'hostUsers: false' \
		"securityContext: { seccompProfile: { type: Localhost, localhostProfile: postern/$s }, procMount: Unmasked }"
	prints "another directory" --apparmor no --path /srv -- "--security-opt seccomp=/srv/$s"
}

prints_files() {
	while read -r file source; do
		container --print "$file"
		if [ "$status" = 0 ] && cmp -s "$source" "$W/out"; then
			ok "--print $file prints $source"
		else
			not_ok "--print $file prints $source" "$(head -c 300 "$W/err")"
		fi
	done <<-END
		seccomp-postern.json pkg/docker/seccomp-postern.json
		seccomp-postern-clients.json pkg/docker/seccomp-postern-clients.json
		postern-container.abi3 pkg/docker/apparmor/postern-container.abi3
		postern-container.abi4 pkg/docker/apparmor/postern-container.abi4
	END
	"$POSTERN" container --print postern-container >/dev/full 2>"$W/err" && status=0 || status=$?
	if [ "$status" = 125 ] && grep -q 'cannot write to standard output' "$W/err"; then
		ok "a full standard output is an error"
	else
		not_ok "a full standard output is an error" "$(cli_shown)"
	fi
}

json() {
	bad=
	for engine in docker compose devcontainer podman quadlet kubernetes; do
		for more in "" --proc --setuid "--write $W/json --apparmor yes"; do
			# shellcheck disable=SC2086 # words
			container --engine $engine --json $more
			python3 tests/cli/schema.py src/cli/container.schema.json <"$W/out" >"$W/problems" || bad="$bad $engine $more: $(cat "$W/problems")"
		done
	done
	if [ -z "$bad" ]; then ok "the JSON form is as its schema says"; else not_ok "the JSON form is as its schema says" "$bad"; fi
	container --json --proc --apparmor yes
	if [ "$(jq -r '.arguments | @sh' "$W/out" | tr -d "'")" = "$(jq -r '.pieces[0].words' "$W/out")" ]; then
		ok "its arguments are those of the text"
	else
		not_ok "its arguments are those of the text" "$(cli_shown)"
	fi
	if jq -e '.load | startswith("postern container --print postern-container >")' "$W/out" >/dev/null; then
		ok "and says how the profile is loaded"
	else
		not_ok "and says how the profile is loaded" "$(cli_shown)"
	fi
}

# is NAME CONDITION
is() {
	if eval "$2"; then ok "$1"; else not_ok "$1" "not: $2" "$(cli_shown)" "$(ls -la "$W/dir" 2>&1)"; fi
}

writes() {
	mine=$W/dir/seccomp-postern.json
	container --write "$W/dir/a/.." --apparmor yes
	is "--write makes the directory, and writes there" \
		'[ "$status" = 0 ] && cmp -s pkg/docker/seccomp-postern.json "$mine" && [ -f "$W/dir/postern-container" ]'
	is "nothing else is there then" '[ "$(ls -A "$W/dir" | tr "\n" " ")" = "a postern-container seccomp-postern.json " ]'
	is "files can be read by all" '[ "$(stat -c %a "$mine")" = 644 ]'
	is "the arguments name it as it was asked for" 'grep -q -- "seccomp=$W/dir/a/../seccomp-postern.json" "$W/out"'
	touch -d 2001-01-01 "$mine"
	container --write "$W/dir"
	is "what is the same is left as it is" '[ "$status" = 0 ] && [ "$(stat -c %Y "$mine")" -lt 1000000000 ]'
	rm "$W/dir/postern-container"
	echo mine >"$mine"
	container --write "$W/dir" --apparmor yes
	is "one that differs is left alone, and named" \
		'[ "$status" = 125 ] && [ "$(cat "$mine")" = mine ] && grep -q "cannot write $mine: another file.*--force" "$W/err"'
	is "and none is written then" '[ ! -e "$W/dir/postern-container" ]'
	container --write "$W/dir" --force
	is "--force replaces it" '[ "$status" = 0 ] && cmp -s pkg/docker/seccomp-postern.json "$mine"'
	echo other >"$W/other"
	ln -sf "$W/other" "$mine"
	container --write "$W/dir"
	is "a link is something else, too" '[ "$status" = 125 ] && [ "$(cat "$W/other")" = other ]'
	container --write "$W/dir" --force
	is "and is not followed with --force" '[ "$status" = 125 ] && [ "$(cat "$W/other")" = other ] && grep -q link "$W/err"'
	rm "$mine"
	mkdir "$mine"
	container --write "$W/dir" --force
	is "a directory is not replaced" '[ "$status" = 125 ] && [ -d "$mine" ]'
	rmdir "$mine"
	container --write "$W/other/x"
	is "a directory that cannot be is an error" '[ "$status" = 125 ] && grep -q "cannot write $W/other/x: " "$W/err"'
	# 1 KiB is less than any of the files has
	(ulimit -f 1 && trap '' XFSZ && "$POSTERN" container --write "$W/dir") >"$W/out" 2>"$W/err" && status=0 || status=$?
	is "where there is no room, nothing is left" '[ "$status" = 125 ] && [ "$(ls -A "$W/dir")" = a ]'
}

# Many at once: each succeeds, and what is read meanwhile is whole.
at_once() {
	mkdir "$W/race"
	for n in 1 2 3 4 5 6 7 8; do
		("$POSTERN" container --write "$W/race" >/dev/null 2>>"$W/race.err" || echo "$n" >>"$W/race.bad") &
	done
	wait
	if [ ! -e "$W/race.bad" ] && [ "$(ls -A "$W/race")" = seccomp-postern.json ] &&
		cmp -s pkg/docker/seccomp-postern.json "$W/race/seccomp-postern.json"; then
		ok "several write the same at once"
	else
		not_ok "several write the same at once" "$(cat "$W/race.err")" "$(ls -A "$W/race")"
	fi
}

no_engine() {
	PATH=/nowhere captured "$POSTERN" container check image
	is "check without an engine cannot tell" '[ "$status" = 3 ] && grep -q "^cannot tell: image, docker run" "$W/out" &&
		grep -q "no such program" "$W/out"'
	PATH=/nowhere captured "$POSTERN" container check image --engine quadlet --json
	is "and says so as JSON" \
		'[ "$status" = 3 ] && jq -e ".check.outcome == \"cannot-tell\" and .check.engine == \"podman\"" "$W/out" >/dev/null'
}

main() {
	cli_begin cli/container
	need jq python3 || {
		tap_end
		exit
	}
	wrong_words
	says_each
	prints_files
	json
	writes
	at_once
	no_engine
	tap_end
}

main "$@"

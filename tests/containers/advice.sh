#!/bin/sh
# What doctor says in a container is done word for word, and then sandboxes work: in each dialect, in real engines. The
# cells are advice.tsv's: id (one that begins with setuid: the image with a set-user-ID postern-priv), engine, arguments, the class that leads or "works", dialects.
#
#	ADVICE_CELLS=PATTERN	only those whose id matches
set -eu
. tests/lib/tap.sh
. tests/containers/engines.sh
. tests/containers/lib.sh
. tests/containers/advice_lib.sh

TAP_NAME=containers/advice

try_proc='postern-bwrap --unshare-user --unshare-pid --unshare-net --ro-bind / / --dev /dev --proc /proc true'
try_none='postern-bwrap --unshare-user --unshare-pid --unshare-net --ro-bind / / --dev /dev true'

# What must hold in the container: a sandbox as a program makes it, and doctor's own word.
works="$try_none && postern doctor --quiet"

# shown NAME: what went wrong
shown() {
	not_ok "$1" "commands: $(cat "$E/commands")" "$(cat "$E/prepared")" "pieces: $pieces" "$(tail -n 12 "$E/out")"
}

follow() {
	name="$1: doctor's advice in the words of $2"
	if ! advice_prepare "$2"; then
		pieces=
		: >"$E/out"
		shown "$name"
		return
	fi
	pieces=$(advice_pieces "$2")
	if "advice_$2" "$engine" "$arguments" "$pieces" sh -c "$works"; then
		ok "$name works"
	else
		shown "$name works"
	fi
	# nothing is said of it where /proc is not masked
	grep -q '^true' "$E/pieces" || return 0
	pieces=$(advice_pieces "$2" proc)
	if "advice_$2" "$engine" "$arguments" "$pieces" sh -c "$try_proc"; then
		ok "$name works with --proc"
	else
		shown "$name works with --proc"
	fi
}

# Never for a root that is the host's, in whatever words: the same advice makes it another user, or another's root.
unmasks_for_root() {
	jq -c '[.advice[].command] | select((map(test("systempaths|nmask")) | any) and (map(test("1000|hostUsers: false")) | any | not))' \
		"$E/said" >"$E/unmasked"
	[ -s "$E/unmasked" ]
}

# Nothing is missing there.
is_well() {
	advice_engine "$engine" || return 0
	if advice_run "$engine" "$arguments" sh -c "$works" >"$E/out" 2>&1; then
		ok "$cell: a sandbox runs, and doctor says so"
	else
		not_ok "$cell: a sandbox runs, and doctor says so" "$(tail "$E/out")"
	fi
}

asked() {
	advice_engine "$engine" || {
		not_ok "$cell: $engine starts" "$(tail "$E/$engine.log")"
		return 1
	}
	if advice_run "$engine" "$arguments" sh -c "$try_none" >"$E/out" 2>&1 || ! grep -q '^postern: ' "$E/out"; then
		not_ok "$cell: a sandbox is refused before" "$(cat "$E/out")"
		return 1
	fi
	advice_ask "$engine" "$arguments"
	leads=$(sed -n 1p "$E/said" | jq -r '.findings[0].class')
	if [ "$status" = 1 ] && [ "$leads" = "$class" ]; then
		ok "$cell: doctor blames $class"
	else
		not_ok "$cell: doctor blames $class" "status $status, $leads" "$(cat "$E/err")" "$(head -n 40 "$E/doctor")"
	fi
}

# The launcher's own second line says the same, for who reads nothing else.
line() {
	name="$cell: the fix in the launcher's line"
	advice_run "$engine" "$arguments" sh -c "$try_none" >"$E/out" 2>&1 || :
	if [ $ADVICE_NAME = setuid ] && grep -q '^postern: \[priv-.* see postern doctor$' "$E/out"; then
		ok "$cell: the launcher's line is postern-priv's, and leads to doctor"
		return
	fi
	sed -n 's/ (details: postern doctor).*//; s/^postern: .*; fix, //p' "$E/out" | sed 's/; then, /\n/g' >"$E/line"
	sed -n 's/^where the container is started: //p' "$E/line" >"$E/commands"
	pieces=$(sed -n 's/^in the arguments of [a-z]* run: //p' "$E/line")
	rm -rf "$P"
	mkdir -p "$P"
	(cd "$P" && sh -eu "$E/commands") >"$E/prepared" 2>&1 || :
	if advice_docker "$engine" "$arguments" "$pieces" sh -c "$works"; then
		ok "$name works"
	else
		shown "$name works"
	fi
}

cell() {
	ADVICE_NAME=plain
	case $cell in setuid*) ADVICE_NAME=setuid ;; esac
	if [ "$class" = works ]; then
		is_well
		return 0
	fi
	asked || return 0
	case $arguments in
		*"-u 1000"*) ;;
		*)
			if [ "$engine" = docker ] && unmasks_for_root; then
				not_ok "$cell: /proc is not to be unmasked for the host's root" "$(cat "$E/unmasked")"
			else
				ok "$cell: /proc is not to be unmasked for the host's root"
			fi
			;;
	esac
	line
	for dialect in $(printf '%s' "$dialects" | tr , ' '); do
		follow "$cell" "$dialect"
	done
}

# Where the container's host refuses user namespaces, as far as a filter can imitate it, there is only postern-priv.
checks_setuid() {
	case ${ADVICE_CELLS:-setuid} in setuid*) ;; *) return 0 ;; esac
	advice_engine docker || return 0
	DOCKER_HOST=$(engine_socket docker)
	export DOCKER_HOST
	printf '%s\n' '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["clone", "unshare"], "action": "SCMP_ACT_ERRNO",' \
		'"args": [{"index": 0, "value": 268435456, "valueTwo": 268435456, "op": "SCMP_CMP_MASKED_EQ"}]},' \
		'{"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]}' >"$E/refuses.json"
	for image in setuid plain; do
		status=0
		postern container check "postern-$image" --setuid -- --user 1000 --security-opt "seccomp=$E/refuses.json" \
			>"$E/out" 2>&1 || status=$?
		case $image$status in
			setuid0 | plain1) ok "check --setuid on a host that refuses user namespaces, image $image: $status" ;;
			*) not_ok "check --setuid on a host that refuses user namespaces, image $image" "status $status" "$(cat "$E/out")" ;;
		esac
	done
}

compose() {
	: "${POSTERN_CACHE:=/var/cache/postern-tests}"
	tests/lib/aptroot "$POSTERN_CACHE/docker-compose-trixie" trixie docker-compose >"$E/out" 2>&1 &&
		ADVICE_COMPOSE=$POSTERN_CACHE/docker-compose-trixie/usr/libexec/docker/cli-plugins/docker-compose &&
		[ -x "$ADVICE_COMPOSE" ]
}

devcontainers() {
	# shellcheck source=tests/clients/lib.sh
	. tests/clients/lib.sh
	advice_modules=$(client_npm devcontainer) && ln -sfn "$(dirname "$advice_modules")" "$E/devcontainers"
}

quadlet() {
	: "${POSTERN_CACHE:=/var/cache/postern-tests}"
	tests/lib/aptroot "$POSTERN_CACHE/podman-trixie" trixie podman >"$E/out" 2>&1 &&
		ADVICE_QUADLET=$POSTERN_CACHE/podman-trixie/usr/libexec/podman/quadlet && [ -x "$ADVICE_QUADLET" ]
}

main() {
	engines_enter "$0" "$@"
	need jq python3 npm busybox || {
		tap_end
		exit
	}
	advice_begin || exit 1
	host_settings >"$E/settings"
	compose || skip containers/compose "docker-compose of Debian 13 could not be fetched"
	devcontainers || skip containers/devcontainer "npm could not fetch the pinned packages"
	quadlet || skip containers/quadlet "podman of Debian 13 could not be fetched"
	# what may be set in no engine's words: the default of Docker, for podman
	pkg/docker/seccomp/generate default >"$E/docker-default.json"
	jq '.syscalls += [{"names": ["pivot_root"], "action": "SCMP_ACT_ALLOW"}]' "$E/docker-default.json" >"$E/pivot.json"
	while IFS='	' read -r cell engine arguments class dialects <&3; do
		case $cell in '#'* | '') continue ;; esac
		# shellcheck disable=SC2254 # a pattern
		case $cell in ${ADVICE_CELLS:-*}) ;; *) continue ;; esac
		arguments=$(printf '%s' "$arguments" | sed "s|@E@|$E|g; s|@T@|$PWD|g; s/^-\$//")
		cell
	done 3<tests/containers/advice.tsv
	checks_setuid
	host_settings >"$E/settings.after"
	if diff "$E/settings" "$E/settings.after" >"$E/out"; then
		ok "no kernel setting of the host has changed"
	else
		not_ok "no kernel setting of the host has changed" "$(cat "$E/out")"
	fi
	tap_end
}

main "$@"

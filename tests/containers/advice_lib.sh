# shellcheck shell=sh disable=SC2016,SC2034,SC2086
# Doctor's advice, done word for word in what it is for. Source it after tests/lib/tap.sh, tests/containers/engines.sh and
# lib.sh; it defines functions only. ADVICE_NAME is the image: plain or setuid.
#
#	advice_begin		makes the images; $P, a directory in which commands for the host are run; /etc and /var/lib are covered
#	advice_ask ENGINE WORD...	doctor in such a container, once for each dialect; $E/said has their JSON, one object a line.
#				status is the last one's
#	advice_pieces DIALECT [proc]	the pieces of run arguments, one a line; proc: as for programs that need --proc
#	advice_prepare DIALECT	gives the commands for the host
#	advice_DIALECT ENGINE ARGUMENTS PIECES COMMAND...	starts the image with these arguments, and these pieces added; its output is in $E/out

ADVICE_DIALECTS="docker podman compose devcontainer quadlet kubernetes"

# covered DIR: what is written there is forgotten
covered() {
	mkdir -p "$E/cover$1/up" "$E/cover$1/work"
	mount -t overlay -o "lowerdir=$1,upperdir=$E/cover$1/up,workdir=$E/cover$1/work" advice "$1"
}

advice_begin() {
	BUILD=${BUILD:-$PWD/build}
	P=$E/project
	mkdir -p "$P/.devcontainer" "$E/bin"
	cp "$BUILD/postern" "$E/bin/"
	# engines and advice look for it there
	PATH=$E/bin:$PATH
	export PATH
	covered /etc && covered /var/lib && image_trees
}

advice_image() {
	image_of "$1" "$ADVICE_NAME"
}

# advice_engine ENGINE: runs, and has the images
advice_engine() {
	engine_start "$1" || return 1
	engine "$1" image inspect "$(advice_image "$1")" >/dev/null 2>&1 || image_into "$1"
}

# advice_run ENGINE ARGUMENTS COMMAND...: arguments as a shell reads them
advice_run() {
	advice_run_engine=$1
	advice_run_arguments=$2
	shift 2
	(
		cd "$P" || exit 1
		# where the command is typed, in a user's own podman, too
		ENGINES_CWD=$P
		eval "engine \"\$advice_run_engine\" run --rm --network none $advice_run_arguments \
			\"\$(advice_image \"\$advice_run_engine\")\" \"\$@\""
	)
}

advice_ask() {
	advice_run "$1" "$2" sh -c '
		status=0
		for dialect; do
			status=0
			postern doctor --dialect "$dialect" --json || status=$?
		done
		exit $status' sh $ADVICE_DIALECTS >"$E/doctor" 2>"$E/err" && status=0 || status=$?
	jq -c . "$E/doctor" >"$E/said"
}

# advice_of DIALECT FILTER
advice_of() {
	advice_at=$(printf '%s\n' $ADVICE_DIALECTS | grep -nx "$1")
	sed -n "${advice_at%%:*}p" "$E/said" | jq -r "$2"
}

# A key of a file that is said again for --proc is said whole then, and takes the other's place.
advice_pieces() {
	advice_of "$1" '.advice[] | select(.where | test("^in (the arguments|compose|devcontainer|the .container|the pod)"))
		| [(.where | endswith("if programs need --proc")), .command] | @tsv' >"$E/pieces"
	case ${2:-}:$1 in
		:*) sed -n 's/^false	//p' "$E/pieces" ;;
		proc:docker | proc:podman | proc:quadlet) sed 's/^[a-z]*	//' "$E/pieces" ;;
		proc:*)
			sed -n 's/^true	//p' "$E/pieces" >"$E/pieces.proc"
			cat "$E/pieces.proc"
			sed -n 's/^false	//p' "$E/pieces" | while IFS= read -r advice_piece; do
				grep -q "^${advice_piece%%:*}:" "$E/pieces.proc" || printf '%s\n' "$advice_piece"
			done
			;;
	esac
}

advice_prepare() {
	rm -rf "$P" /etc/postern /var/lib/kubelet
	mkdir -p "$P/.devcontainer"
	advice_of "$1" '.advice[] | select(.command | startswith("postern container")) | .command' >"$E/commands"
	(cd "$P" && sh -eu "$E/commands") >"$E/prepared" 2>&1
}

# ---- one function for each dialect

advice_docker() {
	advice_arguments="$2 $(printf '%s' "$3" | tr '\n' ' ')"
	advice_engine_name=$1
	shift 3
	advice_run "$advice_engine_name" "$advice_arguments" "$@" >"$E/out" 2>&1
}

advice_podman() {
	advice_docker "$@"
}

# What was there is in compose.yaml, what is added in the file that docker-compose lays over it. ADVICE_COMPOSE: the program;
# version 1 knows all but systempaths.
advice_compose() {
	advice_compose_at=$3
	python3 tests/containers/advice.py compose "$2" "postern-$ADVICE_NAME" >"$P/compose.yaml"
	{
		printf 'version: "2.4"\nservices:\n  it:\n'
		printf '%s\n' "$advice_compose_at" | sed 's/^/    /'
	} >"$P/compose.override.yaml"
	advice_socket=$(engine_socket "$1")
	shift 3
	(cd "$P" && DOCKER_HOST=$advice_socket "${ADVICE_COMPOSE:-docker-compose}" run -T --rm it "$@") >"$E/out" 2>&1 </dev/null
}

advice_devcontainer() {
	advice_socket=$(engine_socket "$1")
	{
		python3 tests/containers/advice.py devcontainer "$2" "postern-$ADVICE_NAME"
		printf '%s\n' "$3" | sed 's/^/	, /'
		printf '}\n'
	} >"$P/.devcontainer/devcontainer.json"
	shift 3
	(
		DOCKER_HOST=$advice_socket
		export DOCKER_HOST
		cli="node $E/devcontainers/node_modules/@devcontainers/cli/devcontainer.js"
		# where docker-compose of another version is, it is not asked for
		$cli up --workspace-folder "$P" --docker-path /usr/bin/docker --buildkit never --skip-post-create \
			>"$E/out" 2>&1 </dev/null || exit 1
		id=$(sed -n 's/.*"containerId":"\([0-9a-f]*\)".*/\1/p' "$E/out")
		advice_status=0
		$cli exec --workspace-folder "$P" --docker-path /usr/bin/docker "$@" >"$E/out" 2>&1 </dev/null || advice_status=$?
		/usr/bin/docker rm -f "$id" >/dev/null
		exit $advice_status
	)
}

# The generator's own command line, without what needs a running systemd.
advice_quadlet() {
	rm -rf "$E/units"
	mkdir -p "$E/units"
	{
		printf '[Container]\nImage=%s\nContainerName=it\nNetwork=none\n' "$(advice_image "$1")"
		# a filter has a key of its own there, of which the last counts
		printf 'PodmanArgs=%s\n' "$2" | sed 's/\(.*\)--security-opt seccomp=\([^ ]*\)\(.*\)/\1\3\nSeccompProfile=\2/' | grep -v '=$'
		printf '%s\n' "$3"
	} >"$E/units/it.container"
	advice_quadlet_engine=$1
	shift 3
	QUADLET_UNIT_DIRS=$E/units "$ADVICE_QUADLET" -dryrun >"$E/unit" 2>"$E/out" || return 1
	advice_line=$(sed -n 's/^ExecStart=[^ ]*podman run //p' "$E/unit")
	[ -n "$advice_line" ] || return 1
	advice_line=$(printf '%s ' "$advice_line" | sed 's/--cgroups=[a-z]* //; s/--sdnotify=[a-z]* //; s/ -d / /; s/ --replace / /
		s/--log-driver [a-z]* //; s/--cidfile=[^ ]* //')
	# a unit's line is quoted as a shell's is, but has no patterns
	advice_line=$(printf '%s' "$advice_line" | sed "s/unmask=[^ ]*/'&'/")
	(cd / && eval "engine \"\$advice_quadlet_engine\" run $advice_line \"\$@\"") >"$E/out" 2>&1
}

# There is no kubelet here: what it asks a runtime for is said to docker, of a daemon that maps ids for hostUsers: false.
advice_kubernetes() {
	advice_words=$(printf '%s\n' "$3" | python3 tests/containers/advice.py kubernetes) || return 1
	advice_kubernetes_engine=$1
	case $advice_words in
		"remap "*)
			advice_kubernetes_engine=docker-remap
			advice_words=${advice_words#remap }
			advice_engine docker-remap || return 1
			;;
	esac
	advice_arguments="$2 $advice_words"
	shift 3
	advice_run "$advice_kubernetes_engine" "$advice_arguments" "$@" >"$E/out" 2>&1
}

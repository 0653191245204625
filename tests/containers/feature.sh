#!/bin/sh
# The Dev Container Feature, as `make image` writes it, by the reference implementation (npm's @devcontainers/cli): with the
# devcontainer.json of docs/containers.md a sandbox starts; without the filter, which a Feature cannot bring, it does not.
set -eu
. tests/lib/tap.sh
. tests/clients/lib.sh
. tests/containers/engines.sh
. tests/containers/ways_lib.sh

# project NAME: a project that has the Feature, the filters and the docs' devcontainer.json
project() {
	mkdir -p "$E/$1/.devcontainer"
	cp -a "$WAYS/devcontainer/src/postern" "$E/$1/.devcontainer/"
	cp pkg/docker/seccomp-postern-clients.json "$E/$1/.devcontainer/"
	pinned devcontainer >"$E/$1/.devcontainer/devcontainer.json"
}

# devcontainer WORD...: the engine's own network, where there is any, is none
devcontainer() {
	HOME=$E/devcontainer-home PATH=$E/bin-classic:$PATH timeout -k 5 300 "$cli" "$@" >"$E/out" 2>&1 </dev/null
}

# up NAME: fails like devcontainer
up() {
	devcontainer up --buildkit never --docker-path "$E/bin-classic/docker" --workspace-folder "$E/$1" \
		--id-label "test=$1" --remove-existing-container
}

# within NAME WORD...
within() {
	within=$1
	shift
	devcontainer exec --docker-path "$E/bin-classic/docker" --workspace-folder "$E/$within" --id-label "test=$within" "$@"
}

# change NAME SEDSCRIPT: of its devcontainer.json
change() {
	sed -i "$2" "$E/$1/.devcontainer/devcontainer.json"
}

works() {
	project agent
	ways_check "devcontainer up, with what docs/containers.md says" up agent
	ways_check "a sandbox starts in it" within agent bwrap --ro-bind / / --dev /dev --unshare-all id
	ways_check "as the container's user" ways_says '^uid=1000'
	ways_check "with the filter for clients, a second namespace inside, too" within agent \
		bwrap --ro-bind / / --dev /dev --bind /proc /proc --unshare-user --unshare-net unshare --user --map-root-user sh -c "unshare --net true"
	ways_check "nothing of postern's has a privilege bit" within agent find /usr/local/bin /usr/local/libexec -perm /7000 -type f
	ways_check "at all" eval '! ways_says "^/usr/local"'
}

# The grant is in the project's file alone: without it there is none.
without() {
	project bare
	change bare '/securityOpt/d'
	# the line before it was not the last
	change bare 's/"containerUser": "1000",/"containerUser": "1000"/'
	ways_check "without securityOpt the container starts" up bare
	ways_check "and has no sandbox" eval '! within bare postern-bwrap --ro-bind / / --dev /dev --unshare-all true'
	ways_check "which the launcher explains" ways_says 'container-seccomp'
	project missing
	rm "$E/missing/.devcontainer/seccomp-postern-clients.json"
	ways_check "without the file the container does not start" eval '! up missing'
	ways_check "and the engine names the file" ways_says 'seccomp-postern-clients.json'
}

options() {
	project plain
	change plain 's/{ "asBwrap": true }/{}/'
	ways_check "by default the Feature starts" up plain
	ways_check "and leaves bwrap alone" eval '! within plain test -e /usr/local/bin/bwrap'
	project priv
	change priv 's/{ "asBwrap": true }/{ "setuid": true }/'
	change priv 's/"containerUser": "1000",/"containerUser": "root", "remoteUser": "daemon",/'
	ways_check "with setuid it starts" up priv
	ways_check "and the bit is there" eval 'within priv stat -c "%a %U:%G" /usr/local/libexec/postern/postern-priv && ways_says "^4750 root:postern"'
	ways_check "and the user is a member" eval 'within priv id && ways_says "daemon.*\\(postern\\)"'
}

valid() {
	ways_check "its description is what the specification asks for" python3 - "$WAYS/devcontainer/src/postern" <<-'PYTHON'
		import json, os, re, sys
		where = sys.argv[1]
		f = json.load(open(where + "/devcontainer-feature.json"))
		assert f["id"] == os.path.basename(where), "the id is not the name of the folder"
		assert re.fullmatch(r"\d+\.\d+\.\d+", f["version"]), f["version"]
		assert f["name"] and f["description"]
		assert set(f) <= {"id", "version", "name", "description", "options"}, "a grant in the Feature: %s" % sorted(f)
		for name, option in f["options"].items():
		    assert option["type"] == "boolean" and option["default"] is False, name
		    assert option["description"], name
		assert os.access(where + "/install.sh", os.X_OK)
	PYTHON
	mkdir -p "$E/packed"
	ways_check "devcontainer features package takes it" devcontainer features package "$WAYS/devcontainer/src" \
		--output-folder "$E/packed" --force-clean-output-folder
	ways_check "and packs it" [ -f "$E/packed/devcontainer-feature-postern.tgz" ]
}

main() {
	engines_enter "$0" "$@"
	need node npm || {
		tap_end
		exit
	}
	trap ways_end EXIT
	modules=$(client_npm devcontainer) && ways_image && engine_start docker && ways_base docker || {
		not_ok "the ground can be made" "$(tail -n 25 "$E/out")"
		tap_end
		exit
	}
	cli=$modules/@devcontainers/cli/devcontainer.js
	ways_docker classic
	mkdir -p "$E/devcontainer-home"
	valid
	works
	without
	options
	tap_end
}

main "$@"

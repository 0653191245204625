#!/bin/sh
# pkg/kubernetes without a cluster: rules of ours for what an API server would refuse and for what the manifests promise, each
# seen to find its breach; the pod run by podman, which reads such files; the installer's script in a container.
set -eu
. tests/lib/tap.sh
. tests/containers/engines.sh
. tests/containers/ways_lib.sh

MANIFESTS=pkg/kubernetes

# breach NAME FILE SEDSCRIPT PATTERN: the file, changed like that, is refused for that reason
breach() {
	sed "$3" "$MANIFESTS/$2" >"$E/changed.yaml"
	if cmp -s "$MANIFESTS/$2" "$E/changed.yaml"; then
		not_ok "$1: $3 changes $2"
		return 0
	fi
	ways_check "$1 is found" eval '! tests/containers/kubernetes.py "$E/changed.yaml" >"$E/out" 2>&1'
	ways_check "and said: $4" ways_says "$4"
}

rules() {
	ways_check "all manifests keep the rules" eval 'tests/containers/kubernetes.py "$MANIFESTS"/*.yaml >"$E/out" 2>&1'
	breach "a field that does not exist" pod.yaml 's/readOnlyRootFilesystem/readonlyRootFilesystem/' 'no such field'
	breach "a word that is none" pod-proc.yaml 's/procMount: Unmasked/procMount: unmasked/' "is none of 'Default', 'Unmasked'"
	breach "an unmasked /proc with the node's users" pod-proc.yaml '/hostUsers/d' 'Unmasked needs hostUsers: false'
	breach "an absolute profile" pod.yaml 's,localhostProfile: ,&/,' 'no path below'
	breach "a profile for no Localhost" pod.yaml 's/type: Localhost/type: RuntimeDefault/' 'go together'
	breach "a capability that is kept" pod.yaml 's/drop: .*/drop: [NET_RAW]/' 'not all capabilities'
	breach "a pod of root's" pod.yaml 's/runAsNonRoot: true/runAsNonRoot: false/' 'runAsNonRoot'
	breach "escalation" pod.yaml 's/allowPrivilegeEscalation: false/allowPrivilegeEscalation: true/' 'allowPrivilegeEscalation'
	breach "a writable root" pod.yaml '/readOnlyRootFilesystem/d' 'the root can be written'
	breach "another selector" seccomp-installer.yaml '0,/app: postern-seccomp/s//app: others/' 'selects other pods'
	breach "more of the node" seccomp-installer.yaml 's,path: /var/lib/kubelet/seccomp/postern,path: /var/lib/kubelet,' 'more of the node'
	breach "a volume that is not there" seccomp-installer.yaml 's,- name: profiles$,- name: other,;0,/- name: other/s//- name: profiles/' "there is no volume 'profiles'"
	breach "a token" seccomp-installer.yaml '/automount/d' 'needs no token'
}

# The file's own command, in a pod of podman's.
run_pod() {
	mkdir -p "$E/context-image" "$E/kubelet/postern"
	pinned dockerfile-image >"$E/context-image/Dockerfile"
	ways_sh podman "$E/context-image" "$(pinned build-image)" || {
		not_ok "podman builds the image" "$(tail -n 25 "$E/out")"
		return 0
	}
	cp pkg/docker/seccomp-postern.json "$E/kubelet/postern/"
	ways_check "podman runs pod.yaml" eval 'engine podman play kube --seccomp-profile-root "$E/kubelet" --network none \
		"$MANIFESTS/pod.yaml" >"$E/out" 2>&1'
	engine podman wait agent-agent >/dev/null 2>&1 || :
	engine podman logs agent-agent >"$E/out" 2>&1 || :
	ways_check "and its sandbox ran" ways_says '^uid=1000\(agent\)'
	engine podman inspect --format '{{.HostConfig.SecurityOpt}} {{.HostConfig.ReadonlyRootfs}} {{.EffectiveCaps}} {{.State.ExitCode}}' \
		agent-agent >"$E/out" 2>&1 || :
	ways_check "without a capability or new privileges, on a root that cannot be written" ways_says '^\[no-new-privileges.*\] true \[\] 0$'
	engine podman pod rm -f agent >/dev/null 2>&1 || :
}

# installer_script: what the DaemonSet runs
installer_script() {
	python3 -c 'import sys, yaml
print(yaml.safe_load(open(sys.argv[1]))["spec"]["template"]["spec"]["containers"][0]["command"][2])' "$MANIFESTS/seccomp-installer.yaml"
}

# The loop once: what it waits by is another program here.
installer() {
	installer_script | sed 's/sleep 60 &/exit 0/' >"$E/installer"
	ways_check "the installer's script ends where it would wait" grep -q 'exit 0' "$E/installer"
	mkdir -p "$E/node" "$E/profiles"
	cp pkg/docker/seccomp-postern*.json "$E/profiles/"
	echo old >"$E/node/seccomp-postern.json"
	ways_check "it installs the filters" eval 'engine podman run --rm --network none --read-only --cap-drop ALL --user 0 \
		--security-opt no-new-privileges -v "$E/profiles:/profiles:ro" -v "$E/node:/seccomp" --entrypoint sh \
		localhost/debian:bookworm-slim -euc "$(cat "$E/installer")" >"$E/out" 2>&1'
	for file in "$E/profiles"/*; do
		ways_check "whole: ${file##*/}" cmp "$file" "$E/node/${file##*/}"
	done
	ways_check "and leaves nothing else" [ "$(ls "$E/node")" = "$(ls "$E/profiles")" ]
}

main() {
	engines_enter "$0" "$@"
	trap ways_end EXIT
	need python3 'python3 -c "import yaml"' || {
		tap_end
		exit
	}
	rules
	if ways_image && ways_base podman && ways_registry; then
		run_pod
		installer
	else
		not_ok "the ground can be made" "$(tail -n 25 "$E/out")"
	fi
	tap_end
}

main "$@"

#!/usr/bin/env python3
"""Rules that a manifest of pkg/kubernetes must keep, without a cluster: kubernetes.py FILE...

What the API server would refuse (fields that do not exist, words that are none, Unmasked without hostUsers: false, a DaemonSet
that selects others' pods), and what these manifests promise (no capability, no privilege, nothing writable but what is
said). One line for each breach; exit status 1 if there is any.
"""
import re
import sys

import yaml

NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")

PROFILE = {"type": ("RuntimeDefault", "Localhost", "Unconfined"), "localhostProfile": str}
CONTAINER_SECURITY = {
    "allowPrivilegeEscalation": bool, "capabilities": {"add": [str], "drop": [str]}, "privileged": bool,
    "procMount": ("Default", "Unmasked"), "readOnlyRootFilesystem": bool, "runAsUser": int, "runAsGroup": int,
    "runAsNonRoot": bool, "seccompProfile": PROFILE, "appArmorProfile": PROFILE,
}
CONTAINER = {
    "name!": str, "image!": str, "command": [str], "args": [str], "securityContext": CONTAINER_SECURITY,
    "resources": {"limits": {"memory": str, "cpu": str}},
    "volumeMounts": [{"name!": str, "mountPath!": str, "readOnly": bool}],
}
POD = {
    "hostUsers": bool, "automountServiceAccountToken": bool, "restartPolicy": ("Always", "OnFailure", "Never"),
    "securityContext": {"runAsUser": int, "runAsGroup": int, "runAsNonRoot": bool, "fsGroup": int,
                        "seccompProfile": PROFILE, "appArmorProfile": PROFILE},
    "containers!": [CONTAINER], "initContainers": [CONTAINER],
    "volumes": [{"name!": str, "configMap": {"name!": str},
                 "hostPath": {"path!": str, "type": ("Directory", "DirectoryOrCreate", "")}}],
}
LABELS = {"app": str}
SCHEMAS = {
    ("v1", "Pod"): {"apiVersion!": str, "kind!": str, "metadata!": {"name!": str, "labels": LABELS}, "spec!": POD},
    ("apps/v1", "DaemonSet"): {
        "apiVersion!": str, "kind!": str, "metadata!": {"name!": str, "labels": LABELS},
        "spec!": {"selector!": {"matchLabels!": LABELS},
                  "template!": {"metadata!": {"labels!": LABELS}, "spec!": POD}}},
}


def shape(value, schema, where):
    """What of value is not as the schema has it; keys with ! must be there."""
    if isinstance(schema, dict):
        if not isinstance(value, dict):
            yield f"{where}: not a mapping"
            return
        known = {k.rstrip("!"): v for k, v in schema.items()}
        for key in schema:
            if key.endswith("!") and key[:-1] not in value:
                yield f"{where}.{key[:-1]}: missing"
        for key, inner in value.items():
            if key not in known:
                yield f"{where}.{key}: no such field"
            else:
                yield from shape(inner, known[key], f"{where}.{key}")
    elif isinstance(schema, list):
        if not isinstance(value, list):
            yield f"{where}: not a list"
            return
        for i, inner in enumerate(value):
            yield from shape(inner, schema[0], f"{where}[{i}]")
    elif isinstance(schema, tuple):
        if value not in schema:
            yield f"{where}: {value!r} is none of {', '.join(map(repr, schema))}"
    elif type(value) is not schema:
        yield f"{where}: {value!r} is no {schema.__name__}"


def profile(context, where):
    for key in ("seccompProfile", "appArmorProfile"):
        p = context.get(key)
        if not isinstance(p, dict):
            continue
        if (p.get("type") == "Localhost") != ("localhostProfile" in p):
            yield f"{where}.{key}: Localhost and localhostProfile go together"
        path = p.get("localhostProfile", "")
        if path.startswith("/") or ".." in path.split("/"):
            yield f"{where}.{key}.localhostProfile: {path!r} is no path below the kubelet's directory"


def container(c, pod, where):
    s = c.get("securityContext", {})
    yield from profile(s, f"{where}.securityContext")
    if s.get("procMount") == "Unmasked" and pod.get("hostUsers") is not False:
        yield f"{where}: procMount: Unmasked needs hostUsers: false"
    if s.get("privileged"):
        yield f"{where}: privileged"
    if s.get("allowPrivilegeEscalation") is not False:
        yield f"{where}: allowPrivilegeEscalation is not false"
    if s.get("capabilities", {}).get("drop") != ["ALL"] or "add" in s.get("capabilities", {}):
        yield f"{where}: not all capabilities are dropped"
    if s.get("readOnlyRootFilesystem") is not True:
        yield f"{where}: the root can be written"
    if s.get("seccompProfile", {}).get("type", "Unconfined") == "Unconfined":
        yield f"{where}: no seccomp filter"
    volumes = {v.get("name") for v in pod.get("volumes", [])}
    for mount in c.get("volumeMounts", []):
        if mount.get("name") not in volumes:
            yield f"{where}: there is no volume {mount.get('name')!r}"
    if re.search(r":latest$", c.get("image", "")):
        yield f"{where}: the image is :latest"


def rules(doc):
    daemon = doc["kind"] == "DaemonSet"
    pod = doc["spec"]["template"]["spec"] if daemon else doc["spec"]
    if not NAME.fullmatch(doc["metadata"]["name"]):
        yield f"metadata.name: {doc['metadata']['name']!r} is no name"
    yield from profile(pod.get("securityContext", {}), "spec.securityContext")
    for i, c in enumerate(pod["containers"]):
        yield from container(c, pod, f"containers[{i}]")
    if daemon:
        if doc["spec"]["selector"]["matchLabels"] != doc["spec"]["template"]["metadata"]["labels"]:
            yield "spec.selector: it selects other pods than the template's"
        if pod.get("restartPolicy", "Always") != "Always":
            yield "restartPolicy: a DaemonSet has Always"
        if pod.get("automountServiceAccountToken") is not False:
            yield "automountServiceAccountToken: it needs no token"
        for v in pod.get("volumes", []):
            path = v.get("hostPath", {}).get("path", "/var/lib/kubelet/seccomp/")
            if not path.startswith("/var/lib/kubelet/seccomp/"):
                yield f"volumes: {path} is more of the node than is needed"
    elif pod.get("securityContext", {}).get("runAsNonRoot") is not True:
        yield "securityContext.runAsNonRoot is not true"


def main(files):
    bad = 0
    for file in files:
        with open(file, encoding="utf-8") as stream:
            for doc in yaml.safe_load_all(stream):
                kind = (doc.get("apiVersion"), doc.get("kind"))
                if kind not in SCHEMAS:
                    found = [f"{kind[0]} {kind[1]}: no such kind"]
                else:
                    found = list(shape(doc, SCHEMAS[kind], kind[1])) or list(rules(doc))
                for line in found:
                    print(f"{file}: {line}")
                bad += len(found)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

#!/usr/bin/env python3
"""Arguments of docker run in other words, and the reverse, for tests/containers/advice_lib.sh.

advice.py compose ARGUMENTS IMAGE  a compose.yaml whose service is started with these
advice.py devcontainer ARGUMENTS IMAGE   the beginning of a devcontainer.json
advice.py kubernetes <PIECES       arguments for what keys of a pod's and a container's spec say; "remap" stands first
                                   for hostUsers: false
"""

import json
import shlex
import sys

import yaml

LISTS = {"--cap-add": "cap_add", "--cap-drop": "cap_drop", "--security-opt": "security_opt"}


def compose(words, image):
    service = {"image": image, "network_mode": "none"}
    while words:
        word = words.pop(0)
        if word in LISTS:
            service.setdefault(LISTS[word], []).append(words.pop(0))
        elif word in ("-u", "--user"):
            service["user"] = words.pop(0)
        elif word == "--read-only":
            service["read_only"] = True
        else:
            sys.exit(f"advice.py: no key of compose for {word}")
    yaml.safe_dump({"version": "2.4", "services": {"it": service}}, sys.stdout)


def devcontainer(words, image):
    text = json.dumps({"image": image, "updateRemoteUserUID": False, "runArgs": ["--network=none", *words]}, indent="\t")
    sys.stdout.write(text.removesuffix("\n}") + "\n")


def profile(value, kind):
    if value.pop("type") != "Localhost":
        sys.exit(f"advice.py: {kind} is not Localhost")
    return value.pop("localhostProfile")


def context(value):
    if "runAsUser" in value:
        yield f"--user {value.pop('runAsUser')}:{value.pop('runAsGroup')}"
    if "seccompProfile" in value:
        yield "--security-opt seccomp=/var/lib/kubelet/seccomp/" + profile(value["seccompProfile"], "seccompProfile")
        del value["seccompProfile"]
    if value.pop("procMount", "Default") == "Unmasked":
        yield "--security-opt systempaths=unconfined"
    for capability in value.pop("capabilities", {}).pop("add", []):
        yield f"--cap-add {capability}"
    if value:
        sys.exit(f"advice.py: no argument for {value}")


def kubernetes():
    spec = yaml.safe_load(sys.stdin) or {}
    first = "remap " if spec.pop("hostUsers", True) is False else ""
    words = list(context(spec.pop("securityContext", {})))
    if spec:
        sys.exit(f"advice.py: no argument for {spec}")
    print(first + " ".join(words))


def main():
    if sys.argv[1] == "kubernetes":
        kubernetes()
    else:
        {"compose": compose, "devcontainer": devcontainer}[sys.argv[1]](shlex.split(sys.argv[2]), sys.argv[3])


main()

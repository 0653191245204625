#!/usr/bin/env python3
"""What a seccomp profile allows.

filters.py effective CONFIG		the rules of a container's OCI configuration, one per line, sorted
filters.py unconditional PROFILE	calls that a profile allows whatever capabilities the container has, one per line
"""
import json
import sys


def line(rule, name):
    args = sorted("%d,%s,%d,%d" % (a["index"], a["op"][len("SCMP_CMP_"):], a["value"], a.get("valueTwo", 0))
                  for a in rule.get("args") or [])
    action = "allow" if rule["action"] == "SCMP_ACT_ALLOW" else "errno=%s" % rule.get("errnoRet", "default")
    return " ".join([name, action] + args)


def effective(path):
    with open(path) as file:
        seccomp = json.load(file)["linux"]["seccomp"]
    print("default %s %s" % (seccomp["defaultAction"], seccomp.get("defaultErrnoRet", 1)))
    lines = {line(rule, name) for rule in seccomp["syscalls"] for name in rule["names"]}
    # a call that is allowed outright: conditions beside it mean nothing
    free = {text.split()[0] for text in lines if text.split()[1:] == ["allow"]}
    for text in sorted(lines):
        if text.split()[0] not in free or text.split()[1:] == ["allow"]:
            print(text)


def unconditional(path):
    with open(path) as file:
        rules = json.load(file)["syscalls"]
    for rule in rules:
        if rule["action"] == "SCMP_ACT_ALLOW" and not rule.get("args") and not rule.get("includes", {}).get("caps"):
            print("\n".join(rule["names"]))


{"effective": effective, "unconditional": unconditional}[sys.argv[1]](sys.argv[2])

# SPDX-License-Identifier: MIT
"""Compares what two launchers made of one plan.

Where postern differs on purpose, docs/compat.md has an entry; the rule for it here is named by that id and
is as narrow as it can be. There are no other rules.
"""

import os
import re

from options import has
from report import Report

OUTER = {n: os.readlink("/proc/self/ns/" + n) for n in ("user", "mnt", "pid", "net", "ipc", "uts", "cgroup")}
RULES = []


def own_caps():
    with open("/proc/self/status", encoding="ascii") as f:
        return next(int(line.split()[1], 16) for line in f if line.startswith("CapPrm:"))


OWN_CAPS = own_caps()
with open("/proc/sys/kernel/cap_last_cap", encoding="ascii") as last:
    ALL_CAPS = (2 << int(last.read())) - 1


def rule(compat_id):
    """Marks a function(plan, who, ref, ours) that makes both dictionaries equal where the entry allows it."""

    def register(function):
        function.compat_id = compat_id
        RULES.append(function)
        return function

    return register


def mounts_in(items):
    """The keys of the mounts, without the field."""
    return [k[: -len(" type")] for k in items if k.startswith("mount ") and k.endswith(" type")]


def drop(items, key):
    for field in ("type", "root", "flags", "tags", "options", "reach"):
        items.pop(key + " " + field, None)


def own_user_namespace(ours):
    return ours["ns user"] == "own"


@rule("hidden-file-systems")
def hidden_file_systems(plan, who, ref, ours):
    for items in (ref, ours):
        for key in mounts_in(items):
            root = items[key + " root"]
            if items[key + " type"] == "overlay":
                # how many there are, not what they are called
                options = re.sub("(upper|work)dir=[^,]*", r"\1", items[key + " options"])
                layers = re.search("lowerdir=([^,]*)", options)[1].count(":")
                items[key + " options"] = re.sub("lowerdir=[^,]*", "lower=%d" % (layers + 1), options)
            if items[key + " type"] != "tmpfs":
                continue
            if root == "/newroot" and key.startswith("mount /[0]"):
                items[key + " root"] = "/"
            if re.fullmatch(r"/bindfile\w{6}//deleted", root) or re.fullmatch(r"/\d+", root) or "/copy-" in root:
                items[key + " root"] = "data"
            if items[key + " root"] == "data" or key == "mount /[0]":
                del items[key + " options"]


@rule("mqueue-flags")
def mqueue_flags(plan, who, ref, ours):
    for key in mounts_in(ours):
        if ours[key + " type"] == ref.get(key + " type") == "mqueue":
            more = {"nosuid", "nodev", "noexec"}
            if more <= set(ours[key + " flags"].split(",")):
                ref[key + " flags"] = ",".join(sorted(more | set(ref[key + " flags"].split(","))))


@rule("monitor-death")
def monitor_death(plan, who, ref, ours):
    if not has(plan, "--die-with-parent"):
        ref.pop("death")
        ours.pop("death")


@rule("command-pid")
def process_numbers(plan, who, ref, ours):
    if has(plan, "--unshare-net", "--unshare-all") and (ref["process pid"], ours["process pid"]) == ("2", "3"):
        ours["process pid"] = "2"


@rule("absent-capabilities")
def absent_capabilities(plan, who, ref, ours):
    """Only where root does not have them all itself."""
    if who != "root" or own_user_namespace(ours) or ["--cap-add", "ALL"] not in plan or OWN_CAPS == ALL_CAPS:
        return
    if int(ref["caps prm"], 16) == OWN_CAPS and int(ours["caps amb"], 16) == int(ours["caps prm"], 16):
        for name in ("caps bnd", "caps eff", "caps prm", "caps inh", "caps amb"):
            ref[name] = ours[name]
        if has(plan, "--cap-drop"):
            # the reference kept what was dropped, and may write by it
            for items in (ref, ours):
                for name in items:
                    if name.startswith("tree "):
                        items[name] = re.sub(" write=.*", "", items[name])


@rule("bounding-set")
def bounding_set(plan, who, ref, ours):
    if who == "root" and has(plan, "--cap-drop", "--cap-add") and not own_user_namespace(ours):
        if ours["caps bnd"] == ours["caps prm"]:
            ref["caps bnd"] = ours["caps bnd"]


@rule("proc-sys")
def proc_sys(plan, who, ref, ours):
    if who != "root" or own_user_namespace(ours) or not has(plan, "--cap-drop", "--cap-add"):
        return
    for key in mounts_in(ours):
        if ours[key + " type"] == "proc" and ours[key + " root"] == "/sys" and key not in mounts_in(ref):
            if {"ro", "nosuid", "nodev", "noexec"} <= set(ours[key + " flags"].split(",")):
                drop(ours, key)


@rule("proc-covers")
def proc_covers(plan, who, ref, ours):
    for key in mounts_in(ours):
        if ours[key + " type"] != "proc" or not re.fullmatch("/(irq|bus|sysrq-trigger)", ours[key + " root"]):
            continue
        if ours[key + " flags"] != "nodev,noexec,nosuid,relatime,ro":
            continue
        if key + " flags" in ref:
            ref[key + " flags"] = ref[key + " flags"].replace("nodev,nosuid", "nodev,noexec,nosuid")
        elif who == "root" and own_user_namespace(ours) and has(plan, "--uid"):
            drop(ours, key)


@rule("uid-map")
def uid_map(plan, who, ref, ours):
    if not has(plan, "--dev") or not own_user_namespace(ours):
        return
    ours["uid_map"] = ref["uid_map"]
    ours["gid_map"] = ref["gid_map"]
    for name in ours.keys() & ref.keys():
        if name.startswith("tree ") and name.endswith("/pts") and "id=65534" in ours[name]:
            # its owner is not mapped
            ours[name] = re.sub("uid=.*", "", ours[name])
            ref[name] = re.sub("uid=.*", "", ref[name])


@rule("stacked-read-only")
def stacked_read_only(plan, who, ref, ours):
    """What is covered may be stricter than in the reference."""
    for key in mounts_in(ours):
        if key + " flags" in ref and ours[key + " reach"] == "hidden" == ref[key + " reach"]:
            mine, theirs = set(ours[key + " flags"].split(",")), set(ref[key + " flags"].split(","))
            if theirs - {"rw"} <= mine:
                ref[key + " flags"] = ours[key + " flags"]


@rule("unreachable-submounts")
def unreachable_submounts(plan, who, ref, ours):
    for key in mounts_in(ours):
        point = "tree " + key[len("mount ") : key.rindex("[")]
        if key + " flags" in ref and ("type=" not in ours.get(point, "")):
            mine, theirs = set(ours[key + " flags"].split(",")), set(ref[key + " flags"].split(","))
            if theirs - {"rw"} <= mine:
                ref[key + " flags"] = ours[key + " flags"]


def simplified(outcome):
    """The report as a dictionary, without what differs from start to start."""
    items = Report(outcome.out).items()
    for name, link in OUTER.items():
        items["ns " + name] = "shared" if items.get("ns " + name) == link else "own"
    return items


def alike(a, b):
    """Two outcomes of one launcher show the same, but for what differs from start to start."""
    if (a.status, a.error, a.changes) != (b.status, b.error, b.changes):
        return False
    return not a.ran or simplified(a) == simplified(b)


# What 0.8.0 says, and the words of docs/compat.md (message-wording and "Between versions") for the same
WORDINGS = [
    (r": Unable to mount source on destination: ", ": "),
    (r": open /proc/self failed: Permission denied", ": setting up uid map: Permission denied"),
    (r": chdir /newroot: Permission denied", ": pivot_root: Permission denied"),
    (
        r"Can't (?:mkdir parents for|mkdir|create file at|create file|make symlink at) (.*: Permission denied)$",
        r"Can't make \1",
    ),
    (r'Unable to find ".*" in mount table', "Unable to find it in mount table"),
    # stacked-read-only: its mount table names a mount there that another one hides
    (
        r'Unable to remount destination ".*" with correct flags: Invalid argument',
        "Unable to find it in mount table",
    ),
    (r"(Can't make symlink at .*): (destination exists.*|existing destination.*)", r"\1: File exists"),
]


def older_wording(message):
    for pattern, words in WORDINGS:
        message = re.sub(pattern, words, message)
    return message


def errors_differ(ref, got, ours_error):
    """The reference's line and ours if they do not say the same; ours_error: ours with other names."""
    mine = got.error
    if ours_error and older_wording(mine) != older_wording(ref.error):
        mine = ours_error
    if ref.ran and got.ran or older_wording(ref.error) == older_wording(mine):
        return []
    return ["error: %s, ours %s" % (ref.error, mine)]


def differences(plan, ref, got, who, ours_error=None, more_rules=()):
    """Lines that say what differs; none if nothing does."""
    out = []
    if ref.status != got.status:
        out.append("status: %s, ours %s" % (ref.status, got.status))
    out += errors_differ(ref, got, ours_error)
    for name in sorted(ref.changes.keys() | got.changes.keys()):
        theirs, mine = ref.changes.get(name, "unchanged"), got.changes.get(name, "unchanged")
        if theirs != mine:
            out.append("host %s: %.200s, ours %.200s" % (name, theirs, mine))
    if ref.ran and got.ran:
        theirs, mine = simplified(ref), simplified(got)
        for adapt in RULES + list(more_rules):
            adapt(plan, who, theirs, mine)
        for name in sorted(theirs.keys() | mine.keys()):
            if theirs.get(name) != mine.get(name):
                out.append("%s: %s, ours %s" % (name, theirs.get(name), mine.get(name)))
    return out

"""Postern with newer system calls taken away by tests/shim/no_syscall.c, one set after another.

The shim is a process that loads a seccomp filter and then executes the launcher. Both cost time, the
filter the more the more calls it names, so each set is compared with as many rules about a call that no
launcher makes.
"""
import re

import noisefree

SHIM_SOURCE = "tests/shim/no_syscall.c"
UNUSED_CALL = "userfaultfd"
BINDS = 100

MOUNT_API = "open_tree,move_mount,fsopen,fsconfig,fsmount,fspick,mount_setattr,open_tree_attr"

# (what readers see, the shim's rule)
SETS = [
    ("no open_tree_attr", "open_tree_attr=ENOSYS"),
    ("no mount_setattr, open_tree_attr", "mount_setattr,open_tree_attr=ENOSYS"),
    ("no fsopen", "fsopen=ENOSYS"),
    ("no new mount API", MOUNT_API + "=ENOSYS"),
    ("no new mount API (EPERM)", MOUNT_API + "=EPERM"),
    ("no openat2", "openat2=ENOSYS"),
    ("no clone3", "clone3=ENOSYS"),
    ("no close_range", "close_range=ENOSYS"),
    ("no pidfd", "pidfd_open,pidfd_send_signal,pidfd_getfd=ENOSYS"),
    ("no statx, faccessat2, execveat", "statx,faccessat2,execveat=ENOSYS"),
    ("calls of Linux 6.1", "6.1"),
    ("calls of Linux 5.10", "5.10"),
    ("calls of Linux 5.4", "5.4"),
    ("calls of Linux 4.4", "4.4"),
    ("calls of Linux 3.10", "3.10"),
]


def call_ages():
    """For each call that the shim knows, major * 100 + minor of the Linux that brought it."""
    with open(SHIM_SOURCE) as file:
        text = file.read()
    ages = re.findall(r"(?:CALL\(\w+|\{\"\w+\", \d+), V\((\d+), (\d+)\)", text)
    return [int(major) * 100 + int(minor) for major, minor in ages]


def rule_count(rule):
    if "=" in rule:
        return rule.count(",") + 1
    major, minor = rule.split(".")
    return sum(age > int(major) * 100 + int(minor) for age in call_ages())


def neutral(count):
    return ["%s=ENOSYS" % ",".join([UNUSED_CALL] * count)]


def count_calls(bench, cases, shim, postern):
    for case, words in cases.items():
        for name, rule in [("bare", UNUSED_CALL + "=ENOSYS")] + SETS:
            found = noisefree.count(shim + [rule, "--"] + postern, words, bench.user, execs=2)
            for metric in ("calls", "mountinfo"):
                bench.add("fallbacks", name, case, metric, found[metric])


def measure(bench):
    shim = [bench.work.bin("no_syscall")]
    postern = bench.launcher("postern").words
    cases = {"full": bench.work.profile("full"), "binds": bench.work.binds(BINDS)}
    count_calls(bench, cases, shim, postern)
    commands = []
    for case, words in cases.items():
        commands.append(("bare/" + case, 0, [], postern + words))
        for count in sorted({rule_count(rule) for _, rule in SETS}):
            commands.append(("neutral %d/%s" % (count, case), 0, ["bare/" + case],
                             shim + neutral(count) + ["--"] + postern + words))
        for name, rule in SETS:
            base = "neutral %d/%s" % (rule_count(rule), case)
            commands.append(("%s/%s" % (name, case), 0, [base],
                             shim + [rule, "--"] + postern + words))
    found = bench.latency(commands, max(2, bench.rounds // 2))
    for label, values in found.items():
        name, _, case = label.rpartition("/")
        for metric, value in values.items():
            if metric.split(":")[0] in ("median", "delta"):
                bench.add("fallbacks", name, case, metric.split(":")[0], value)

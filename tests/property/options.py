# SPDX-License-Identifier: MIT
"""What the tests know of the command line: how many words an option takes, and which is a place inside."""

import shlex

# option: (words that follow, index of the destination among them or None)
OPTIONS = {
    "--bind": (2, 1),
    "--ro-bind": (2, 1),
    "--dev-bind": (2, 1),
    "--bind-try": (2, 1),
    "--ro-bind-try": (2, 1),
    "--dev-bind-try": (2, 1),
    "--bind-fd": (2, 1),
    "--ro-bind-fd": (2, 1),
    "--tmpfs": (1, 0),
    "--dir": (1, 0),
    "--file": (2, 1),
    "--bind-data": (2, 1),
    "--ro-bind-data": (2, 1),
    "--symlink": (2, 1),
    "--chmod": (2, 1),
    "--remount-ro": (1, 0),
    "--proc": (1, 0),
    "--dev": (1, 0),
    "--mqueue": (1, 0),
    "--overlay-src": (1, None),
    "--overlay": (3, 2),
    "--tmp-overlay": (1, 0),
    "--ro-overlay": (1, 0),
    "--perms": (1, None),
    "--size": (1, None),
    "--unshare-user": (0, None),
    "--unshare-user-try": (0, None),
    "--unshare-ipc": (0, None),
    "--unshare-pid": (0, None),
    "--unshare-net": (0, None),
    "--unshare-uts": (0, None),
    "--unshare-cgroup": (0, None),
    "--unshare-cgroup-try": (0, None),
    "--unshare-all": (0, None),
    "--share-net": (0, None),
    "--disable-userns": (0, None),
    "--uid": (1, None),
    "--gid": (1, None),
    "--hostname": (1, None),
    "--chdir": (1, None),
    "--setenv": (2, None),
    "--unsetenv": (1, None),
    "--clearenv": (0, None),
    "--cap-add": (1, None),
    "--cap-drop": (1, None),
    "--as-pid-1": (0, None),
    "--new-session": (0, None),
    "--die-with-parent": (0, None),
    "--lock-file": (1, None),
    "--sync-fd": (1, None),
}
BINDS = {"--bind", "--ro-bind", "--dev-bind", "--bind-try", "--ro-bind-try", "--dev-bind-try"}
LAYERED = {"--overlay-src", "--overlay", "--tmp-overlay", "--ro-overlay"}


def parse(line):
    """A plan from a line of shell words: a list of options, each a list of its words."""
    words = shlex.split(line, comments=True)
    plan = []
    while words:
        n = 1 + OPTIONS[words[0]][0]
        if len(words) < n:
            raise ValueError("too few words after " + words[0])
        plan.append(words[:n])
        words = words[n:]
    return plan


def text(plan):
    return " ".join(shlex.quote(w) for option in plan for w in option)


def dest_of(option):
    """The destination of an option, or None."""
    index = OPTIONS[option[0]][1]
    return None if index is None else option[1 + index]


def with_dest(option, dest):
    changed = list(option)
    changed[1 + OPTIONS[option[0]][1]] = dest
    return changed


def has(plan, *names):
    return any(option[0] in names for option in plan)


def is_filesystem(option):
    """Is its position among others of its kind what matters?"""
    return dest_of(option) is not None or option[0] in ("--perms", "--size", "--overlay-src")


def quoted(line):
    return shlex.quote(line)

# SPDX-License-Identifier: MIT
"""A survey's output as a dictionary, and the mount table in it in a form that can be compared."""

import os


class Mount:
    """One line of mountinfo, without numbers that differ from start to start."""

    def __init__(self, line):
        words = line.split(" ")
        dash = words.index("-")
        self.id, self.parent, self.device = words[0], words[1], words[2]
        self.root, self.point = words[3], words[4]
        self.flags = set(words[5].split(","))
        self.tags = {t.split(":")[0] for t in words[6:dash]}
        self.type, self.source = words[dash + 1], words[dash + 2]
        self.options = words[dash + 3]
        self.level = 0
        self.visible = True

    def key(self):
        return "%s[%d]" % (self.point, self.level)

    def fields(self):
        return {
            "type": self.type,
            "root": self.root,
            "flags": ",".join(sorted(self.flags)),
            "tags": ",".join(sorted(self.tags)),
            "options": self.options,
            "reach": "visible" if self.visible else "hidden",
        }


def inside(path, top):
    return path == top or path.startswith(top.rstrip("/") + "/")


def order(mounts):
    """Sets level and visible: what is stacked on what, and what a path can still reach."""
    by_id = {m.id: m for m in mounts}
    children = {}
    for m in mounts:
        if m.parent in by_id and m.parent != m.id:
            children.setdefault(m.parent, []).append(m)

    def visit(m, level, visible):
        m.level = level
        below = children.get(m.id, [])
        on_top = [c for c in below if c.point == m.point]
        m.visible = visible and not on_top
        for c in below:
            if c in on_top:
                visit(c, level + 1, visible)
            else:
                covered = any(o is not c and o.point != c.point and inside(c.point, o.point) for o in below)
                visit(c, 0, m.visible and not covered)

    for m in mounts:
        if m.parent not in by_id or m.parent == m.id:
            visit(m, 0, True)


class Report:
    def __init__(self, text):
        self.mounts = []
        self.tree = {}
        self.lines = {}
        self.complete = text.endswith("end\n")
        env = []
        for line in text.splitlines():
            name, _, rest = line.partition(" ")
            if name == "mount":
                self.mounts.append(Mount(rest))
            elif name == "tree":
                path, _, what = rest.partition("\t")
                # the root is walked as a whole and some places are named again
                self.tree[os.path.normpath(path) if not path.endswith("/") else path] = what
            elif name == "env":
                env.append(rest)
            elif name in ("ns", "fd", "caps", "id", "process"):
                for i, word in enumerate(rest.split(" ")):
                    key, eq, value = word.partition("=")
                    at = rest.split(" ")[0]
                    if name == "ns":
                        self.lines["ns " + at] = rest.split(" ")[1]
                    elif name == "fd" and i:
                        self.lines["fd %s %s" % (at, key)] = value
                    elif eq:
                        self.lines["%s %s" % (name, key)] = value
            elif name:
                self.lines[name] = self.lines.get(name, "") + rest + ";"
        self.lines["env"] = "\n".join(sorted(env))
        order(self.mounts)

    def items(self):
        """Everything as pairs of a name and a value, for a comparison."""
        flat = {}
        for name, value in self.lines.items():
            flat[name] = value
        # the same place may have a mount more than once where it was covered in between
        for m in sorted(self.mounts, key=lambda m: (not m.visible, m.type, m.root, sorted(m.flags))):
            key = "mount " + m.key()
            while key + " type" in flat:
                key += "'"
            for field, value in m.fields().items():
                flat[key + " " + field] = value
        for path, what in self.tree.items():
            flat["tree " + path] = what
        return flat

# SPDX-License-Identifier: MIT
"""What the reference would have to be told for it to do what postern does on purpose.

Some differences cannot be taken out of a result. For those the reference gets another command line: the
one that says in bubblewrap's own terms what docs/compat.md promises.
"""

import os
import re

from launch import DATA, LEAVING, STATUS
from options import dest_of, has, is_filesystem, with_dest

# what says nothing about where things are
IRRELEVANT = {"--chdir", "--setenv", "--unsetenv", "--clearenv", "--cap-add", "--cap-drop", "--lock-file"}
IRRELEVANT |= {"--as-pid-1", "--sync-fd", "--new-session", "--hostname"}
PENDING = ("--perms", "--size", "--overlay-src")


def may_be_indirect(path, links):
    """Could a link, a dot or a slash make this path lead elsewhere? Links of the fixture begin with an l."""
    if "//" in path or path != "/" and path.endswith("/"):
        return True
    return any(p.startswith("l") or p in links or p in ("..", ".") for p in path.split("/"))


def parents_mode(option, pending):
    """What an option gives the directories that it has to make."""
    perms = {"--tmpfs": 0o755, "--dir": 0o755, "--file": 0o666, "--bind-data": 0o600, "--ro-bind-data": 0o600}
    mode = perms.get(option[0], 0)
    for words in pending:
        if words[0] == "--perms" and option[0] in perms:
            mode = int(words[1], 8)
    return 0o700 | (0o50 if mode & 0o70 else 0) | (0o5 if mode & 0o7 else 0)


class Rewritten:
    """Another command line for the reference, and how it differs for a reader."""

    def __init__(self):
        self.plan = []
        self.spelled = {}  # what the destinations were called: what they are called now
        self.parents = {}  # directories that had to be named: what for
        self.roots = set()  # options of the old plan, by number, that turn out to become the root
        self.must_fail = None  # a pattern for the message that must come instead

    def without_parents(self, message):
        """The reference's message, had it made the directory as a parent."""
        for path, dest in self.parents.items():
            pattern = r"bwrap: Can't mkdir (?:parents for )?%s: " % re.escape(path)
            message = re.sub(pattern, lambda m, to=dest: "bwrap: Can't mkdir parents for %s: " % to, message)
        return message

    def adapt(self, message):
        """Our message with the other names."""
        olds = sorted(self.spelled, key=len, reverse=True)
        # a relative one is a word like others: it stands at the end of what is said of it
        patterns = [
            "/+" + re.escape(old.lstrip("/")) if old[0] == "/" else "/?" + re.escape(old) + '(?=[:"])' for old in olds
        ]
        if not olds:
            return message
        pattern = r'(?<![^ "])(/newroot)?(?:%s)(?=[:" ]|$)' % "|".join("(%s)" % p for p in patterns)
        return re.sub(pattern, lambda m: (m[1] or "") + self.spelled[olds[m.lastindex - 2]], message)


class Rewriter:
    """symlink-destinations: each destination becomes what it means to a command inside, as the
    reference itself shows for the options before it."""

    def __init__(self, bench, reference):
        self.bench, self.reference = bench, reference

    def resolve(self, before, path):
        """What `survey resolve` says: {name: [value...]}, or None if that sandbox cannot be made."""
        outcome = self.bench.resolve(self.reference, without_data_files(self.bench, before), path)
        if outcome.status != STATUS:
            return None
        found = {}
        for line in outcome.out.splitlines():
            name, _, rest = line.partition(" ")
            found.setdefault(name, []).append(rest)
        return found

    def rewrite(self, plan):
        new = Rewritten()
        # those without a place are as good in front, where they separate nothing
        flags = [o for o in plan if not is_filesystem(o) and o[0] not in IRRELEVANT]
        flags.append(["--cap-add", "ALL"])
        links = {dest_of(o).rstrip("/").rpartition("/")[2] for o in plan if o[0] == "--symlink"}
        for i, option in enumerate(plan):
            dest = dest_of(option)
            if dest is None or not (may_be_indirect(dest, links) or option[0] in ("--symlink", "--remount-ro")):
                new.plan.append(option)
                continue
            found = self.resolve(flags + [o for o in new.plan if is_filesystem(o)], dest)
            if found is None:
                new.plan += plan[i:]
                return new
            if self.refused(option, found, new):
                return new
            if option[0] == "--symlink" and found.get("link") == [option[1]]:
                continue  # 0.8.0 has no --symlink that is there already
            if option[0] == "--symlink" and dest.rstrip("/").rpartition("/")[2] in (".", ".."):
                new.plan.append(option)
                continue
            path = found["named" if option[0] == "--symlink" else "followed"][0]
            if option[0] != "--symlink" and dest.rstrip("/").endswith("/.") and path != "/":
                path += "/."  # what is before it is a parent: its mode and messages are a parent's
            if path != dest:
                new.spelled[dest] = path
                if path == "/" and option[0] not in LEAVING:
                    new.roots.add(i)
            self.insert(new, with_dest(option, path), found.get("made", []))
        return new

    def insert(self, new, option, made):
        """Appends the option, and before it and its --perms the directories on its way."""
        plan = new.plan
        at = len(plan)
        while at > 0 and plan[at - 1][0] in PENDING:
            at -= 1
        mode = parents_mode(option, plan[at:])
        for path in made:
            plan[at:at] = [["--perms", "%o" % mode], ["--dir", path]]
            at += 2
            new.parents[path] = dest_of(option)
        plan.append(option)

    def refused(self, option, found, new):
        """Is this where postern stops and the reference does not? Then new.must_fail is set."""
        name = option[0]
        errors = []
        # --file takes a slash for nothing, but for one at the end of a link's text
        slash = {"--symlink": "never", "--file": "linkslash"}.get(name, "slash")
        if "nodir" in found or "file" in found and slash in found:
            errors.append("Not a directory")
        if "loop" in found and ("named" not in found or name != "--symlink"):
            errors.append("Too many levels of symbolic links")
        if name == "--remount-ro" and ("made" in found or "missing" in found) or name == "--chmod" and "made" in found:
            errors += ["No such file or directory", "Permission denied"]
        if errors and "made" in found:
            errors += ["Read-only file system", "Permission denied"]
        if errors:
            dest = re.escape(dest_of(option))
            new.must_fail = ".*%s: (realpath.destination.: )?(%s)" % (dest, "|".join(errors))
        return new.must_fail is not None


def own_user_namespace(plan):
    return os.getuid() != 0 or has(plan, "--unshare-user", "--unshare-user-try", "--unshare-all")


def without_data_files(bench, plan):
    """data-files: --bind-data as a bind of a file of the host that has the same data and mode."""
    new = []
    for option in plan:
        word = option[1] if len(option) > 1 else ""
        if option[0] not in ("--bind-data", "--ro-bind-data") or word.split("#")[0][1:] not in DATA:
            new.append(option)
            continue
        at = len(new)
        while at > 0 and new[at - 1][0] in PENDING:
            at -= 1
        pending, new = new[at:], new[:at]
        mode = next((int(o[1], 8) for o in pending if o[0] == "--perms"), 0o600)
        dest = dest_of(option)
        parent = dest.rstrip("/").rpartition("/")[0]
        if parent and parents_mode(option, pending) != 0o700:
            new += [["--perms", "%o" % parents_mode(option, pending)], ["--dir", parent]]
        if DATA[word.split("#")[0][1:]] and own_user_namespace(plan):
            mode &= ~0o6000  # the kernel drops them as the file is written
        kind = "--ro-bind" if option[0] == "--ro-bind-data" else "--bind"
        new.append([kind, bench.copy_of(word.split("#")[0][1:], mode), dest])
    return new

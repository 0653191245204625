# SPDX-License-Identifier: MIT
"""The tree that random plans take their sources from, and may write to: made, compared, restored."""

import os
import shutil
import stat

DIR, FILE, LINK, FIFO = "dir", "file", "link", "fifo"

# Path below the fixture, kind, mode, content or target. What begins with an l is a link: other names
# never are, so that a path says by itself whether it may lead through one.
TREE = [
    ("d", DIR, 0o755, None),
    ("d/a", FILE, 0o644, "alpha"),
    ("d/b", FILE, 0o600, "beta" * 300),
    ("d/sub", DIR, 0o755, None),
    ("d/sub/c", FILE, 0o640, "gamma"),
    ("d/sub/deep", DIR, 0o750, None),
    ("d/sub/deep/x", FILE, 0o444, ""),
    ("d/private", DIR, 0o700, None),
    ("d/shut", DIR, 0o000, None),
    ("d/lsub", LINK, 0, "sub"),
    ("d/la", LINK, 0, "a"),
    ("d/labs", LINK, 0, "/a"),
    ("d/labsdeep", LINK, 0, "/a/new/place"),
    ("d/lup", LINK, 0, ".."),
    ("d/lupfar", LINK, 0, "../../../../../../b"),
    ("d/lnone", LINK, 0, "nowhere"),
    ("d/lnonedeep", LINK, 0, "sub/nowhere"),
    ("d/lnonefar", LINK, 0, "no/where"),
    ("d/lloop", LINK, 0, "lloop"),
    ("d/lchain", LINK, 0, "lsub/../lsub"),
    ("d/lslash", LINK, 0, "sub/"),
    ("e", DIR, 0o755, None),
    ("e/a", DIR, 0o755, None),
    ("e/a/b", FILE, 0o644, "file in a"),
    ("e/m", DIR, 0o755, None),
    ("e/m/in", FILE, 0o644, "on a mount"),
    ("e/m/n", DIR, 0o755, None),
    ("e/m/n/in", FILE, 0o644, "on a mount on a mount"),
    ("e/fm", FILE, 0o644, "file in a"),
    ("e/stack", DIR, 0o755, None),
    ("e/stack/top", FILE, 0o644, "visible"),
    ("e/hold", DIR, 0o755, None),
    ("e/hold/m", DIR, 0o755, None),
    ("e/le", LINK, 0, "m/n"),
    ("root", DIR, 0o755, None),
    ("root/a", DIR, 0o755, None),
    ("root/a/b", DIR, 0o755, None),
    ("root/b", FILE, 0o644, "b"),
    ("root/la", LINK, 0, "/a/b"),
    ("root/lb", LINK, 0, "b"),
    ("empty", DIR, 0o755, None),
    ("noread", DIR, 0o311, None),
    ("noread/known", FILE, 0o644, "known"),
    ("nowrite", DIR, 0o555, None),
    ("nowrite/a", FILE, 0o444, "read-only"),
    ("sticky", DIR, 0o1777, None),
    ("setid", FILE, 0o4755, "setid"),
    ("f", FILE, 0o644, "file"),
    ("g", FILE, 0o400, "another"),
    ("pipe", FIFO, 0o644, None),
    ("w x", DIR, 0o755, None),
    ("w x/y\\z", FILE, 0o644, "odd"),
    ("w x/#", DIR, 0o755, None),
    ("ld", LINK, 0, "d"),
    ("lf", LINK, 0, "f"),
    ("lnone", LINK, 0, "missing"),
    ("lee", LINK, 0, "e/le/.."),
    ("home", DIR, 0o755, None),
]
# Made by root in addition, unchangeable for others; not looked into here.
FOREIGN = {"foreign", "closed"}
# Where root mounts something; see tests/property/run.
MOUNTS = {"e/m", "e/m/n", "e/fm", "e/stack", "e/ro", "e/hold/m"}
UNCHANGING = {"e/ro"}

SOURCES = [name for name, kind, _, _ in TREE]
# Any directory may become a root, also a read-only one: the test's own program must have a place in it.
SURVEY = ".survey"
TOP_MODE = 0o755


class Fixture:
    def __init__(self, top):
        self.top = top
        self.want = {}
        # what root can change through --proc and --dev
        self.host = {}
        if os.getuid() == 0:
            self.host = {"/proc": 0o555}
            for node in ("null", "zero", "full", "random", "urandom", "tty"):
                self.host["/dev/" + node] = 0o666
        self.want[SURVEY] = (FILE, 0o755, "")
        for name, kind, mode, text in TREE:
            self.want[name] = (kind, mode, text)
            if kind == DIR and mode & 0o100:
                self.want[name + "/" + SURVEY] = (FILE, 0o755, "")

    def path(self, name):
        return os.path.join(self.top, name) if name else self.top

    def _make(self, name):
        kind, mode, text = self.want[name]
        path = self.path(name)
        if kind == DIR:
            if not os.path.isdir(path):
                os.mkdir(path)
        elif kind == FILE:
            with open(path, "w", encoding="ascii") as f:
                f.write(text)
        elif kind == LINK:
            os.symlink(text, path)
            return
        else:
            os.mkfifo(path)
        os.chmod(path, mode)

    def create(self):
        for name in self.want:
            if not os.path.lexists(self.path(name)):
                self._make(name)
        self.restore()

    def _state(self, path, entry_stat):
        mode = stat.S_IMODE(entry_stat.st_mode)
        if stat.S_ISDIR(entry_stat.st_mode):
            return (DIR, mode, None)
        if stat.S_ISLNK(entry_stat.st_mode):
            return (LINK, 0, os.readlink(path))
        if stat.S_ISREG(entry_stat.st_mode):
            if not mode & stat.S_IRUSR:
                os.chmod(path, 0o600)
            with open(path, "rb") as f:
                return (FILE, mode, f.read(1 << 17).decode("ascii", "replace"))
        return (FIFO, mode, None)

    def changes(self):
        """What differs from the fixture as it was made: {path: state, or None where it is gone}."""
        found = {}
        seen = set()
        shut = []
        mode = stat.S_IMODE(os.lstat(self.top).st_mode)
        if mode != TOP_MODE:
            found["."] = (DIR, mode, None)
        todo = [""]
        while todo:
            at = todo.pop()
            here = self.path(at)
            mode = stat.S_IMODE(os.lstat(here).st_mode)
            if mode & 0o700 != 0o700 and at not in UNCHANGING:
                os.chmod(here, 0o700)
                shut.append((here, mode))
            with os.scandir(here) as entries:
                for entry in entries:
                    name = at + "/" + entry.name if at else entry.name
                    if name in FOREIGN or name in UNCHANGING:
                        continue
                    seen.add(name)
                    state = self._state(entry.path, entry.stat(follow_symlinks=False))
                    if self.want.get(name) != state:
                        found[name] = state
                    if state[0] == DIR:
                        todo.append(name)
        for here, mode in reversed(shut):
            os.chmod(here, mode)
        for name in self.want.keys() - seen:
            found[name] = None
        for path, mode in self.host.items():
            now = stat.S_IMODE(os.stat(path).st_mode)
            if now != mode:
                found[path] = ("host", now, None)
        return found

    def _remove(self, name):
        path = self.path(name)
        if os.path.isdir(path) and not os.path.islink(path):
            os.chmod(path, 0o700)
            for base, dirs, _ in os.walk(path):
                for d in dirs:
                    if not os.path.islink(os.path.join(base, d)):
                        os.chmod(os.path.join(base, d), 0o700)
            shutil.rmtree(path)
        else:
            os.unlink(path)

    def restore(self, changes=None):
        if changes is None:
            changes = self.changes()
        os.chmod(self.top, TOP_MODE)
        for path in self.host.keys() & changes.keys():
            os.chmod(path, self.host[path])
        changes = {n: c for n, c in changes.items() if n not in self.host and n != "."}
        # parents must be open before what is in them can be put right
        for name in changes:
            if name in self.want and self.want[name][0] == DIR and os.path.isdir(self.path(name)):
                os.chmod(self.path(name), 0o700)
        shut = {os.path.dirname(n) for n in changes}
        for name in shut:
            if os.path.isdir(self.path(name)):
                os.chmod(self.path(name), 0o700)
        for name in sorted(changes):
            if name in MOUNTS:
                os.chmod(self.path(name), self.want[name][1])
            elif name not in self.want:
                if os.path.lexists(self.path(name)):
                    self._remove(name)
            else:
                # a file in place, not a new one: something may be mounted on it, or it somewhere
                if changes[name] and changes[name][0] == FILE == self.want[name][0]:
                    os.chmod(self.path(name), 0o600)
                elif os.path.lexists(self.path(name)) and self.want[name][0] != DIR:
                    os.unlink(self.path(name))
                self._make(name)
                if self.want[name][0] == DIR:
                    os.chmod(self.path(name), 0o700)
        # from below, when nothing in them is left to do
        for name in sorted(self.want.keys() & (shut | changes.keys()), reverse=True):
            if self.want[name][0] == DIR:
                os.chmod(self.path(name), self.want[name][1])
        os.chmod(self.top, TOP_MODE)
        left = self.changes()
        assert not left, "not restored: %r" % left

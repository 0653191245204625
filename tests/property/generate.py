# SPDX-License-Identifier: MIT
"""Random plans. The same seed gives the same plan.

Words of a plan stand for things that differ between runs: @ is the fixture, a word that begins with <
a descriptor: <NAME data of that name, <@/PATH a descriptor of a path, <path@/PATH the same with O_PATH,
<closed one that is not open. The same word twice is the same descriptor; #N tells others apart.

The generator keeps a rough idea of what is where, so that most plans get far: one that fails at its
first operation tests little. How often it errs on purpose is drawn for each plan.
"""

import random

from fixture import DIR, FIFO, LINK, SOURCES, TREE
from options import dest_of

NAMES = ["a", "b", "c", "new", "lk"]
DATA = ["empty", "short", "long"]
PERMS = ["0", "0700", "0755", "0777", "0400", "0644", "01777", "0555", "2750", "4711", "0070", "0007"]
PENDING = ("--perms", "--size", "--overlay-src")  # are for the very next option
CAPS = ["ALL", "CAP_SYS_ADMIN", "CAP_NET_ADMIN", "cap_dac_override", "CAP_CHOWN", "CAP_MKNOD"]
BINDS = {"bind": 6, "ro-bind": 6, "dev-bind": 2, "bind-try": 1, "ro-bind-try": 1, "dev-bind-try": 1}
FILESYSTEM = {
    "bind": 24,
    "bind_fd": 4,
    "tmpfs": 8,
    "dir": 9,
    "file": 4,
    "data": 6,
    "symlink": 9,
    "chmod": 5,
    "remount_ro": 5,
    "proc": 2,
    "dev": 2,
    "mqueue": 1,
    "overlay": 0,
}
# what the fixture's links lead to
TO_DIRS = {"d/lsub", "d/lchain", "d/lslash", "ld", "lee", "e/le", "d/lup"}
TO_FILES = {"d/la", "lf", "root/lb"}


def below(top, name):
    return top.rstrip("/") + "/" + name


class Generator:
    def __init__(self, seed, overlays=False):
        self.rnd = random.Random(seed)
        self.weights = dict(FILESYSTEM)
        if overlays:
            self.weights["overlay"] = 25
        self.plan = []
        self.fds = 0
        self.base = ""
        # one choice in so many is made without looking
        self.care = self.rnd.choice([3, 8, 20, 50, 100, 400])
        self.dirs = {"/": True}  # path: can something be made in it?
        self.files = set()
        self.links = set()  # that lead nowhere yet, or anywhere
        self.mounts = ["/"]
        self.ipc = False

    def one_in(self, n):
        return self.rnd.randrange(n) == 0

    def careless(self):
        return self.one_in(self.care)

    def pick(self, weights):
        return self.rnd.choices(list(weights), list(weights.values()))[0]

    # ---- what is where

    def learn_tree(self, source, dest, writable):
        """A bind of the fixture's SOURCE (without @/) is at DEST now."""
        for name, kind, mode, _ in TREE:
            if source == "":
                rest = name
            elif name.startswith(source + "/"):
                rest = name[len(source) + 1 :]
            else:
                continue
            path = below(dest, rest)
            if (kind == DIR and mode & 0o100) or name in TO_DIRS:
                self.dirs[path] = writable and mode != 0o555
            elif kind == LINK and name not in TO_FILES:
                self.links.add(path)
            elif kind != FIFO:
                self.files.add(path)

    def forget(self, dest):
        """Something covers DEST."""
        gone = [p for p in self.dirs if p.startswith(dest.rstrip("/") + "/")]
        for p in gone:
            del self.dirs[p]
        self.files = {p for p in self.files if p != dest and not p.startswith(dest + "/")}
        self.links = {p for p in self.links if not p.startswith(dest + "/")}
        self.mounts = [p for p in self.mounts if not p.startswith(dest.rstrip("/") + "/")]

    def learn(self, dest, is_dir, writable=True, mounted=True):
        if mounted:
            self.forget(dest)
            self.mounts.append(dest)
        path = dest
        while "/" in path.lstrip("/"):
            path = path.rsplit("/", 1)[0] or "/"
            self.dirs.setdefault(path, True)
        if is_dir:
            self.dirs[dest] = writable
        else:
            self.files.add(dest)

    # ---- paths

    def decorate(self, path):
        """The same place, or nearly, in other words."""
        rnd = self.rnd
        if path == "/" or not self.one_in(6):
            return path
        parts = path.split("/")
        at = rnd.randrange(1, len(parts)) if not self.base else len(parts) - 1
        extra = [".", "", "a/..", "./."]
        if self.careless():
            extra += ["..", "../" + rnd.choice(NAMES), "x/.."]
        parts.insert(max(at, 1), rnd.choice(extra))
        path = "/".join(parts)
        if self.one_in(3):
            path += rnd.choice(["/", "//", "/.", "/.."] if self.careless() else ["/", "//"])
        if self.one_in(4) and not self.base:
            path = path.lstrip("/") or "/"
        return path

    def place(self, want=None):
        """A destination for a directory (True), a file (False) or either (None), as it will be known."""
        rnd = self.rnd
        if want is None:
            want = self.one_in(2)
        if self.careless():
            everything = sorted(self.dirs) + sorted(self.files) + sorted(self.links) or ["/"]
            path = rnd.choice(everything)
            return path if self.one_in(2) else below(path, rnd.choice(NAMES))
        if self.links and self.one_in(5):
            path = rnd.choice(sorted(self.links))
            return path if self.one_in(2) else below(path, rnd.choice(NAMES))
        if not self.base and self.one_in(150):
            return "/"
        known = sorted(p for p in self.dirs if p != "/") if want else sorted(self.files)
        if known and self.one_in(3):
            return rnd.choice(known)
        parents = sorted(p for p in self.dirs if self.dirs[p])
        path = rnd.choice(parents) if parents else "/"
        for _ in range(rnd.choice([1, 1, 1, 2])):
            path = below(path, rnd.choice(NAMES))
        return path

    def existing(self):
        if self.careless():
            return self.place()
        return self.rnd.choice([p for p in sorted(self.dirs) + sorted(self.files) if p != "/"] or ["/"])

    def source(self):
        rnd = self.rnd
        if self.careless() and self.one_in(2):
            return rnd.choice(
                ["@/missing", "@/d/no/such", "@/f/x", "@/lnone", "@/d/lloop", "@/foreign/x", "@/closed/x", "@/d/lnone"]
            )
        if self.one_in(16):
            return rnd.choice(["/dev/null", "/dev/zero", "@/foreign", "@/foreign/a", "@/closed", "@/e/ro"])
        if self.one_in(8):
            return rnd.choice(["d", "./e/m", "./f", ".", "d/../e", "d//sub/./", "lf"])
        if self.one_in(3):
            return rnd.choice(["@/e", "@/e/m", "@/e/stack", "@/d", "@", "@/root"])
        good = [s for s in SOURCES if not s.split("/")[-1].startswith("l") or s in TO_DIRS or s in TO_FILES]
        path = "@/" + rnd.choice(good)
        if self.one_in(12):
            path += rnd.choice(["/", "/.", "/..", "//"] if self.careless() else ["/.", "//"])
        return path

    def is_dir(self, source):
        name = source.replace("@/", "").strip("/").rstrip(".").rstrip("/")
        if source in ("@", ".", "d", "d//sub/./", "d/../e", "@/foreign", "@/foreign/a", "@/closed", "@/e/ro", "./e/m"):
            return True
        return any(n == name and (k == DIR or n in TO_DIRS) for n, k, _, _ in TREE)

    # ---- operations

    def data(self):
        if self.careless():
            return self.rnd.choice(["<closed", "<@/d", "<short"])
        self.fds += 1
        return "<%s#%d" % (self.rnd.choice(DATA), self.fds)

    def perms(self):
        if self.one_in(3):
            self.plan.append(["--perms", self.rnd.choice(PERMS)])

    def add(self, *words, dest):
        self.plan.append(list(words) + [self.decorate(dest)])

    def bind(self):
        option = self.pick(BINDS)
        source = self.source()
        is_dir = self.is_dir(source)
        dest = self.place(is_dir)
        self.add("--" + option, source, dest=dest)
        self.learn(dest, is_dir, not option.startswith("ro") and source != "@/e/ro")
        if "pipe" in source:
            self.files.discard(dest)  # to write there is to wait
        if is_dir and source.startswith("@"):
            self.learn_tree(source[2:].rstrip("/."), dest, not option.startswith("ro"))

    def bind_fd(self):
        rnd = self.rnd
        if self.careless():
            # closed, or used up by another
            word = rnd.choice(["<closed"] + [o[1] for o in self.plan if len(o) > 2 and o[1].startswith("<")])
            name = ""
        else:
            self.fds += 1
            name = rnd.choice([s for s in SOURCES if not s.split("/")[-1].startswith("l")])
            how = "path" if name in ("pipe", "g", "noread", "d/shut") or self.one_in(2) else ""
            word = "<%s@/%s#%d" % (how, name, self.fds)
        option = rnd.choice(["--bind-fd", "--ro-bind-fd"])
        is_dir = self.is_dir("@/" + name)
        dest = self.place(is_dir)
        self.add(option, word, dest=dest)
        self.learn(dest, is_dir, option == "--bind-fd")
        if name == "pipe":
            self.files.discard(dest)
        if is_dir:
            self.learn_tree(name, dest, option == "--bind-fd")

    def tmpfs(self):
        self.perms()
        if self.one_in(4):
            self.plan.append(["--size", self.rnd.choice(["4096", "65536", "1", "0x100000"])])
        dest = self.place(True)
        self.add("--tmpfs", dest=dest)
        self.learn(dest, True)

    def dir(self):
        self.perms()
        dest = self.place(True)
        self.add("--dir", dest=dest)
        self.learn(dest, True, mounted=False)

    def file(self):
        self.perms()
        dest = self.place(False)
        self.add("--file", self.data(), dest=dest)
        self.learn(dest, False, mounted=False)

    def data_file(self):
        self.perms()
        dest = self.place(False)
        self.add(self.rnd.choice(["--bind-data", "--ro-bind-data"]), self.data(), dest=dest)
        self.learn(dest, False)

    def symlink(self):
        """Where a link leads: to what is there already, to what is not, up, around."""
        rnd = self.rnd
        near = rnd.choice(sorted(self.dirs) + sorted(self.files) or ["/"])
        up = "../" * rnd.randrange(4)
        target = rnd.choice([near, near, up + near.lstrip("/"), up + near.lstrip("/"), "new", "../..", "a/", "lk"])
        dest = self.place(False)
        if not self.careless():
            parents = sorted(p for p in self.dirs if self.dirs[p])
            dest = below(rnd.choice(parents) if parents else "/", rnd.choice(["lk", "ll", "lm"]))
        if dest in self.links:
            return
        self.plan.append(["--symlink", target or ".", self.decorate(dest) if self.careless() else dest])
        self.links.add(dest)

    def chmod(self):
        self.plan.append(["--chmod", self.rnd.choice(PERMS), self.decorate(self.existing())])

    def remount_ro(self):
        dest = self.existing() if self.careless() else self.rnd.choice(self.mounts)
        self.add("--remount-ro", dest=dest)
        self.dirs = {p: w and not p.startswith(dest) for p, w in self.dirs.items()}

    def mount(self, kind):
        dest = self.place(True)
        self.add("--" + kind, dest=dest)
        self.learn(dest, True, kind == "dev")
        if kind == "dev":
            self.files |= {below(dest, "null"), below(dest, "zero")}
            self.dirs[below(dest, "shm")] = True

    def proc(self):
        self.mount("proc")

    def dev(self):
        self.mount("dev")

    def mqueue(self):
        self.ipc = True
        self.mount("mqueue")

    def overlay(self):
        rnd = self.rnd
        kind = rnd.choice(["--tmp-overlay", "--tmp-overlay", "--ro-overlay"])
        layers = ["@/d", "@/e/a", "@/root", "@/empty", "@/d/sub", "@/w x"]
        rnd.shuffle(layers)
        if self.careless():
            layers[0] = "@/missing"
        for layer in layers[: rnd.choice([2, 2, 3]) if kind == "--ro-overlay" else rnd.choice([1, 2])]:
            self.plan.append(["--overlay-src", layer])
        dest = self.place(True)
        self.add(kind, dest=dest)
        self.learn(dest, True, kind == "--tmp-overlay")

    def filesystem(self):
        kind = self.pick(self.weights)
        {"data": self.data_file}.get(kind, getattr(self, kind))()
        if self.careless() and self.one_in(10):
            self.plan.append(self.rnd.choice([["--perms", "0700"], ["--size", "4096"]]))

    # ---- the rest

    def namespaces(self):
        rnd = self.rnd
        for name in ["user", "ipc", "pid", "net", "uts", "cgroup", "user-try", "cgroup-try"]:
            if self.one_in(6 if name != "net" else 25) or (name == "ipc" and self.ipc and not self.careless()):
                self.plan.append(["--unshare-" + name])
        if self.one_in(16):
            self.plan.append(["--unshare-all"])
            if not self.one_in(3):
                self.plan.append(["--share-net"])
        user = False
        for option in ["--uid", "--gid"]:
            if self.one_in(8):
                self.plan.append([option, rnd.choice(["0", "1000", "65534", "12345"])])
                user = not self.careless()
        if self.one_in(10):
            self.plan.append(["--hostname", "x" * 65 if self.careless() else rnd.choice(["box", "x" * 64])])
            if not self.careless():
                self.plan.append(["--unshare-uts"])
        if self.one_in(25):
            self.plan.append(["--disable-userns"])
            user = not self.careless()
        if user:
            self.plan.append(["--unshare-user"])

    def environment(self):
        rnd = self.rnd
        for _ in range(rnd.choice([0, 0, 0, 1, 2, 3])):
            kind = rnd.randrange(6)
            name = rnd.choice(["=", ""] if self.careless() and self.one_in(4) else ["HOME", "PATH", "X", "Y", "PWD", "TMPDIR"])
            if kind < 3:
                self.plan.append(["--setenv", name, rnd.choice(["", "/a", "1 2", "=", "@/home"])])
            elif kind < 5:
                self.plan.append(["--unsetenv", name])
            else:
                self.plan.append(["--clearenv"])
        if self.one_in(6):
            where = self.existing() if self.careless() else rnd.choice(sorted(self.dirs) or ["/"])
            self.plan.append(["--chdir", where])

    def privileges(self):
        rnd = self.rnd
        for _ in range(rnd.choice([0, 0, 0, 0, 1, 2])):
            self.plan.append([rnd.choice(["--cap-add", "--cap-drop", "--cap-drop"]), rnd.choice(CAPS)])
        for flag in ["--as-pid-1", "--new-session", "--die-with-parent"]:
            if self.one_in(12):
                self.plan.append([flag])
                if flag == "--as-pid-1" and not self.careless():
                    self.plan.append(["--unshare-pid"])
        if self.one_in(30) and self.files:
            self.plan.append(["--lock-file", rnd.choice(sorted(self.files))])
        if self.one_in(30):
            self.plan.append(["--sync-fd", self.data()])

    def root(self):
        """The first operation may be the root itself. Returns before which option nothing may come."""
        rnd = self.rnd
        kind = rnd.randrange(12)
        if kind == 0:
            # the host's own: only the fixture in it is writable
            self.plan.append([rnd.choice(["--bind", "--bind", "--ro-bind", "--dev-bind"]), "/", "/"])
            writable = self.plan[0][0] != "--ro-bind"
            self.base = "@"
            self.dirs = {"@": writable}
            self.mounts = ["@/e/m", "@/e/stack"] if writable else ["/"]
            self.learn_tree("", "@", writable)
            return 1
        if kind == 1:
            option = rnd.choice(["--bind", "--bind", "--ro-bind", "--bind-fd"])
            self.plan.append([option, "<@/root" if option == "--bind-fd" else "@/root", "/"])
            self.dirs["/"] = option != "--ro-bind"
            self.learn_tree("root", "/", option != "--ro-bind")
            return 1
        if kind == 2:
            self.plan.append(["--tmpfs", "/"])
        return 0

    def make(self):
        rnd = self.rnd
        first = self.root()
        for _ in range(rnd.choice([1, 2, 3, 3, 4, 5, 6, 8, 12])):
            self.filesystem()
        steps = [self.namespaces, self.environment, self.privileges]
        rnd.shuffle(steps)
        for step in steps:
            before, self.plan = self.plan, []
            step()
            made, self.plan = self.plan, before
            # the position of most of them does not matter, which is worth trying
            for option in made:
                at = rnd.randrange(first, len(self.plan) + 1)
                while at > first and self.plan[at - 1][0] in PENDING and not self.careless():
                    at -= 1
                self.plan.insert(at, option)
        return self.plan


def plan_of(seed, overlays=False):
    return Generator(seed, overlays).make()


def touched(plan):
    """The places inside that a plan names."""
    return [d for d in map(dest_of, plan) if d is not None]

# SPDX-License-Identifier: MIT
"""Runs one plan under one launcher and collects what can be seen of it."""

import os
import select
import signal

from options import BINDS, dest_of
from generate import touched

STATUS = 7  # of a survey that went to its end
PROC_FD = 200
FIRST_FD = 60
LIMIT = 10  # seconds
# with / as their destination they do not make another root
LEAVING = {"--remount-ro", "--chmod", "--dir", "--symlink", "--file", "--bind-data", "--ro-bind-data"}

DATA = {"empty": b"", "short": b"short\n", "long": b"0123456789abcdef" * 1000}


class Outcome:
    """How a start ended: wait status, output, error lines, and what it changed in the fixture."""

    def __init__(self, status, out, err, changes):
        self.status, self.out, self.err, self.changes = status, out, err, changes
        self.error = next((line for line in err.splitlines() if not is_warning(line)), "")

    @property
    def ran(self):
        return self.status == STATUS


def is_warning(line):
    return line.startswith("bwrap: Only the last ")


class Bench:
    """Where plans run: a directory with the fixture, data files and the survey, and one launcher."""

    def __init__(self, work, fixture, survey):
        self.work, self.fixture, self.survey = work, fixture, survey
        self.files = {}
        self.copies = 0
        for name, content in DATA.items():
            path = os.path.join(work, "data-" + name)
            with open(path, "wb") as f:
                f.write(content)
            self.files[name] = path
        self.proc = os.open("/proc", os.O_PATH | os.O_DIRECTORY)
        self.null = os.open("/dev/null", os.O_RDONLY)
        self.env = {
            "HOME": fixture.path("home"),
            "PATH": "/usr/bin:/bin",
            "X": "x",
            "LC_ALL": "C",
        }

    def _open(self, word):
        what = word[1:].split("#")[0]
        if what == "closed":
            return None
        if what.startswith("path@"):
            return os.open(self.expand(what[4:]), os.O_PATH)
        if what.startswith("@"):
            return os.open(self.expand(what), os.O_RDONLY | os.O_NONBLOCK)
        fd = os.open(self.files[what], os.O_RDONLY)
        assert os.fstat(fd).st_size == len(DATA[what]), "a plan changed the data of others"
        return fd

    def copy_of(self, name, mode):
        """A new file of the host with this data; the path."""
        self.copies = (self.copies + 1) % 50
        path = os.path.join(self.work, "copy-%d" % self.copies)
        if os.path.exists(path):
            os.unlink(path)
        with open(path, "wb") as f:
            f.write(DATA[name])
        os.chmod(path, mode)
        return path

    def expand(self, word):
        return word.replace("@", self.fixture.top)

    def _words(self, plan, numbered):
        """The plan as words for exec, and the descriptors that it needs: {number: fd or None}."""
        fds = {}
        numbers = {}
        for word in (w for option in numbered for w in option if w.startswith("<")):
            numbers.setdefault(word, FIRST_FD + len(numbers))
        words = []
        for option in plan:
            for word in option:
                if word.startswith("<"):
                    if numbers[word] not in fds:
                        try:
                            fds[numbers[word]] = self._open(word)
                        except OSError:
                            fds[numbers[word]] = None
                    word = str(numbers[word])
                words.append(self.expand(word))
        return words, fds

    def with_survey(self, plan, roots=()):
        """The plan with the survey in it, as early as nothing changes by it; and its path inside.

        roots: options by number that are known to become the root, whatever their destination says.
        """
        first = next((i for i, o in enumerate(plan) if dest_of(o) is not None), len(plan))
        if first < len(plan) and plan[first][0] in BINDS and plan[first][1] == dest_of(plan[first]) == "/":
            return plan, self.survey
        bind = ["--ro-bind", self.survey, "/.survey"]
        covers = {i for i, o in enumerate(plan) if dest_of(o) == "/" and o[0] not in LEAVING} | set(roots)
        # not between --perms or --size, or layers, and the option that they are for
        at = next((i for i in range(first) if plan[i][0] in ("--perms", "--size", "--overlay-src")), first)
        made = []
        for i, option in enumerate(plan):
            if i == at and first not in covers:
                made.append(bind)
            made.append(option)
            if i in covers:
                made.append(bind)
        if at == len(plan):
            made.append(bind)
        return made, "/.survey"

    def show(self, launcher, plan, places=None, roots=()):
        """Runs the plan with the survey. places: another plan whose destinations are looked at."""
        plan_with, survey = self.with_survey(plan, roots)
        paths = {"/" + self.expand(d).lstrip("/") for d in touched(places or plan)}
        if survey == self.survey:
            # the host's root is too large
            paths = {p for p in paths if p.startswith(self.fixture.top)} | {self.fixture.top}
        else:
            paths.add("/")
        return self._run(launcher, plan_with, [survey, "show", str(STATUS), str(PROC_FD)] + sorted(paths), places)

    def resolve(self, launcher, plan, path):
        plan_with, survey = self.with_survey(plan)
        path = self.expand(path)
        return self._run(launcher, plan_with, [survey, "resolve", str(PROC_FD), "/" + path.lstrip("/")])

    def _new(self, name):
        """A file that no earlier run has open: a command whose init failed may still write."""
        path = os.path.join(self.work, name)
        if os.path.exists(path):
            os.unlink(path)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)

    def _run(self, launcher, plan, command, numbered=None):
        out, err = self._new("out"), self._new("err")
        words, fds = self._words(plan, numbered or plan)
        actions = [
            (os.POSIX_SPAWN_DUP2, self.null, 0),
            (os.POSIX_SPAWN_DUP2, out, 1),
            (os.POSIX_SPAWN_DUP2, err, 2),
            (os.POSIX_SPAWN_DUP2, self.proc, PROC_FD),
        ]
        for number, fd in fds.items():
            if fd is None:
                continue
            actions.append((os.POSIX_SPAWN_DUP2, fd, number))
        # a launcher is a program, or a list of words that one is run with
        first = launcher if isinstance(launcher, list) else [launcher]
        argv = (first if len(first) > 1 else ["bwrap"]) + words + command
        pid = os.posix_spawn(first[0], argv, self.env, file_actions=actions)
        for fd in fds.values():
            if fd is not None:
                os.close(fd)
        status = self._wait(pid)
        changes = self.fixture.changes()
        if changes:
            self.fixture.restore(changes)
        return Outcome(status, self._read(out), self._read(err), changes)

    def _wait(self, pid):
        pidfd = os.pidfd_open(pid)
        try:
            if not select.select([pidfd], [], [], LIMIT)[0]:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                return "timeout"
        finally:
            os.close(pidfd)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def _read(self, fd):
        size = os.fstat(fd).st_size
        text = os.pread(fd, size, 0).decode("utf-8", "surrogateescape")
        os.close(fd)
        return text.replace(self.fixture.top, "@").replace(self.survey, "@survey")

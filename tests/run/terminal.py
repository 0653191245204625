"""terminal.py POSTERN LAUNCHER: what a command of postern run sees of a terminal, and what it leaves behind."""

import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time

POSTERN, LAUNCHER = sys.argv[1:3]
SECONDS = 30
TIMES = 40


class Terminal:
    """A command at a terminal of its own."""

    def __init__(self, *words):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execv(POSTERN, [POSTERN, "run", "--launcher", LAUNCHER] + list(words))
        self.text = ""

    def until(self, pattern):
        """Reads until something matches; the whole text at the end of the terminal otherwise."""
        end = time.monotonic() + SECONDS
        while not re.search(pattern, self.text):
            ready = select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]
            if not ready:
                raise SystemExit("waited for %s in vain: %r" % (pattern, self.text))
            try:
                data = os.read(self.fd, 4096)
            except OSError:
                data = b""
            if not data:
                break
            self.text += data.decode(errors="replace")
        return self.text

    def status(self):
        self.until("(?!)")
        ended = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        self.text += "<%d>" % ended
        return ended


def check(what, good, *more):
    if not good:
        raise SystemExit("%s: %r" % (what, more))


def main():
    t = Terminal("--", "sh", "-c", "(exec 3</dev/tty) 2>/dev/null && echo has one || echo none")
    check("without --tty there is none", t.status() == 0 and "none" in t.text, t.text)

    t = Terminal("--tty", "--", "sh", "-c", "(exec 3</dev/tty) && echo has one; stty size")
    fcntl.ioctl(t.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 77, 0, 0))
    check("with --tty there is one", t.status() == 0 and "has one" in t.text, t.text)

    # the launcher may learn of the end before it looks at its own ^C
    for _ in range(TIMES):
        t = Terminal("--tty", "--", "sh", "-c", "trap 'echo caught; exit 9' INT; echo up; while :; do sleep 0.05; done")
        t.until("up")
        os.write(t.fd, b"\x03")
        check("^C reaches the command once", t.status() == 9 and t.text.count("caught") == 1, t.text)

    t = Terminal("--", "sh", "-c", "trap 'echo caught; exit 9' INT; echo up; while :; do sleep 0.05; done")
    t.until("up")
    os.write(t.fd, b"\x03")
    check("^C reaches a command without a terminal", t.status() == 9 and t.text.count("caught") == 1, t.text)

    t = Terminal("--tty", "--", "sh", "-c", "trap 'stty size; exit' WINCH; echo up; while :; do sleep 0.05; done")
    t.until("up")
    fcntl.ioctl(t.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 44, 99, 0, 0))
    t.until("44 99")
    check("a new window size is seen", t.status() == 0, t.text)

    before = None
    t = Terminal("--tty", "--timeout", "1s", "--", "sh", "-c", "stty raw -echo; echo up; sleep 60")
    before = termios.tcgetattr(t.fd)
    t.until("up")
    check("after a timeout it is 124", t.status() == 124, t.text)
    check("the modes of the terminal are as before", before[3] & termios.ICANON, before)


main()

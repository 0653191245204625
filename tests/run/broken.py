#!/usr/bin/python3
"""A launcher that does not do all that it is asked: what BROKEN_PATTERN matches is left out, of the mounts by their place.

The words of --args and of the command line are looked at; BROKEN_REAL is the launcher that gets the rest.
"""

import os
import re
import sys

PATTERN = re.compile(os.environ["BROKEN_PATTERN"])
ARGS = {
    0: "--dev-x --unshare-user --unshare-pid --unshare-ipc --unshare-net --die-with-parent --forward-signals --new-session --clearenv",
    2: "--bind --ro-bind --dev-bind --bind-fd --ro-bind-fd --setenv --ro-bind-data --bind-data --symlink --bind-try --ro-bind-try",
}
COUNT = {word: n for n, words in ARGS.items() for word in words.split()}


def kept(words):
    i = 0
    while i < len(words):
        n = COUNT.get(words[i], 1)
        option = words[i : i + 1 + n]
        i += 1 + n
        if not PATTERN.search(option[-1]):
            yield from option


def main():
    argv = sys.argv[1:]
    if argv[:1] == ["--args"]:
        with open("/proc/self/fd/" + argv[1], "rb") as f:
            words = [w.decode() for w in f.read().split(b"\0")[:-1]]
        fd = os.memfd_create("args", 0)
        os.write(fd, b"".join(w.encode() + b"\0" for w in kept(words)))
        os.lseek(fd, 0, os.SEEK_SET)
        argv[1] = str(fd)
        argv[2:] = [w for w in argv[2:] if not PATTERN.search(w) or w.startswith("/")]
    os.execv(os.environ["BROKEN_REAL"], ["bwrap"] + argv)


main()

"""cost.py POSTERN LAUNCHER ROUNDS: times of starts beside the launcher alone, in turns; the least and the median, in milliseconds.

The directory d below the working directory has a thousand files.
"""

import os
import statistics
import sys
import time

POSTERN, LAUNCHER, ROUNDS = sys.argv[1], sys.argv[2], int(sys.argv[3])
MOUNTS = "--ro-bind / / --dev /dev --proc /proc".split()
SPACES = "--unshare-user --unshare-pid --unshare-ipc --unshare-net --new-session --die-with-parent --cap-drop ALL --".split()
RUN = [POSTERN, "run", "--launcher", LAUNCHER]
BINDS = [w for i in range(1, 1001) for w in ("--ro-bind", "%s/d/%d.env" % (os.getcwd(), i), "%s/d/%d.env" % (os.getcwd(), i))]
CASES = {
    "launcher": [LAUNCHER] + MOUNTS + SPACES + ["true"],
    "run": RUN + ["--", "true"],
    "run, workspace": RUN + ["--preset", "workspace", "--", "true"],
    "launcher, 1000 binds": [LAUNCHER] + MOUNTS + BINDS + SPACES + ["true"],
    "run, 1000 matches": RUN + ["--write", ".", "--deny", "**/*.env", "--", "true"],
}


def main():
    times = {name: [] for name in CASES}
    for _ in range(ROUNDS):
        for name, words in CASES.items():
            begin = time.perf_counter()
            pid = os.posix_spawnp(words[0], words, os.environ)
            if os.waitpid(pid, 0)[1] != 0:
                raise SystemExit("%s fails" % name)
            times[name].append((time.perf_counter() - begin) * 1000)
    for name, found in times.items():
        print("%-22s least %8.2f ms, median %8.2f ms" % (name, min(found), statistics.median(found)))


main()

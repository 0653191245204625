#!/usr/bin/env python3
"""bench.py WORK OUT: measures, and writes OUT/benchmarks.tsv, .md and .svg. tests/bench/run calls it.

Environment: BENCH_PARTS (words; all), BENCH_ROUNDS (200), BENCH_SLICE_MS (1500), BENCH_BINDS and
BENCH_MOUNTS (numbers), BENCH_PROCESSES (4000), BENCH_WAIT_MS (2000: how long a sample waits for a quiet
machine; 0 is not at all), TEST_USER, and the launchers, from run: BENCH_LAUNCHERS has a line
"KEY<tab>NAME<tab>WORD<tab>WORD..." for each, postern's first.
"""
import collections
import os
import pwd
import subprocess
import sys
import time

import machine
import parts
import profiles
import report

BASE_MOUNTS = 20


class Launcher:
    def __init__(self, line):
        self.key, self.name, *self.words = line.split("\t")


class Bench:
    """What the parts measure with, and the rows that they make."""

    def __init__(self, work):
        env = os.environ
        self.work = profiles.Work(work)
        self.user = env["TEST_USER"]
        self.uid = pwd.getpwnam(self.user).pw_uid
        self.launchers = [Launcher(line) for line in env["BENCH_LAUNCHERS"].strip().split("\n")]
        self.rounds = int(env.get("BENCH_ROUNDS") or 200)
        self.slice_ms = int(env.get("BENCH_SLICE_MS") or 1500)
        self.binds = self.numbers("BENCH_BINDS", "0 10 100 500 1000 2000 5000")
        self.mounts = self.numbers("BENCH_MOUNTS", "0 100 500 1000")
        self.base_mounts = BASE_MOUNTS
        self.processes = int(env.get("BENCH_PROCESSES") or 4000)
        self.wait_ms = env.get("BENCH_WAIT_MS") or "2000"
        self.env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}  # of what is measured
        self.rows = []
        self.disturbed = collections.Counter()

    @staticmethod
    def numbers(name, default):
        return [int(word) for word in (os.environ.get(name) or default).split()]

    def launcher(self, key):
        return next((x for x in self.launchers if x.key == key), None)

    def add(self, part, launcher, case, metric, value):
        if isinstance(value, float):
            value = "%.6g" % value
        self.rows.append((part, launcher, str(case), metric, str(value)))

    def harness(self, name, commands, options, extra_mounts=0, sleepers=0):
        """Runs latency or throughput. COMMANDS: (label, samples, bases, argv), and perhaps the host
        (c/hosts.h). Returns {label: {metric: value}}."""
        path = self.work.folder + "/commands"
        with open(path, "w") as file:
            for label, samples, bases, argv, *host in commands:
                fields = [label, str(samples), ",".join(bases) or "-"] + (host or ["-"]) + argv
                file.write("\t".join(fields) + "\n")
        words = [self.work.bin("hostmounts"), "-b", str(BASE_MOUNTS), "-x", str(extra_mounts),
                 self.work.folder + "/mounts", self.work.bin(name), "-u", str(self.uid),
                 "-q", self.wait_ms] + options + [path]
        if sleepers:
            words = [self.work.bin("sleepers"), str(sleepers)] + words
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                              cwd="/", env=self.env)
        if done.returncode:
            raise SystemExit("bench: %s failed" % name)
        found = collections.defaultdict(dict)
        for line in done.stdout.splitlines():
            label, metric, value = line.split("\t")
            found[label][metric] = float(value)
        self.disturbed.update(found.pop("-"))
        for label, metrics in found.items():
            if metrics.get("failed"):
                raise SystemExit("bench: %s: %d starts failed" % (label, metrics["failed"]))
        return found

    def latency(self, commands, rounds=None, **more):
        return self.harness("latency", commands, ["-n", str(rounds or self.rounds)], **more)

    def record(self, part, found, metrics):
        """Keeps METRICS of what a harness found; its labels are LAUNCHER/CASE."""
        for label, values in found.items():
            launcher, _, case = label.partition("/")
            for metric, value in values.items():
                if metric.split(":")[0] in metrics:
                    self.add(part, launcher, case, metric, value)

    def try_once(self, argv):
        """Runs a command as the user. Returns its seconds, or what it said when it failed."""
        start = time.monotonic()
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/",
                              user=self.uid, group=self.uid, extra_groups=[])
        if done.returncode:
            return None, done.stderr.strip().splitlines()[0] if done.stderr else "failed"
        return time.monotonic() - start, None


def write_rows(rows, path):
    with open(path, "w") as file:
        file.write("part\tlauncher\tcase\tmetric\tvalue\n")
        for row in rows:
            file.write("\t".join(row) + "\n")


def main():
    work, out = sys.argv[1:]
    bench = Bench(work)
    wanted = (os.environ.get("BENCH_PARTS") or " ".join(parts.PARTS)).split()
    unknown = [name for name in wanted if name not in parts.PARTS]
    if unknown:
        raise SystemExit("bench: no such part: %s; there are %s"
                         % (" ".join(unknown), " ".join(parts.PARTS)))
    machine.describe(bench)
    for name in wanted:
        start = time.monotonic()
        print("bench: %s..." % name, end=" ", flush=True)
        parts.PARTS[name](bench)
        print("%.0f s" % (time.monotonic() - start), flush=True)
    for metric in ("waited_s", "given_up", "repeated"):
        bench.add("meta", "-", "-", metric, float(bench.disturbed[metric]))
    print("bench: waited %(waited_s).0f s for a quiet machine, repeated %(repeated)d samples, "
          "took %(given_up)d although it was not quiet" % bench.disturbed)
    os.makedirs(out, exist_ok=True)
    write_rows(bench.rows, out + "/benchmarks.tsv")
    report.write(out)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: MIT
"""property.py WORK LAUNCHER REFERENCE [PLAN]: random plans under both; results as lines of tests/lib/tap.sh.

WORK has the fixture (t/f), the survey (bin/survey) and room for this program (s). See tests/property/run
for the environment.
"""

import collections
import os
import sys
import time

import check
import fixture
import generate
import launch
import options

SHOWN = 12  # differences of one plan that are printed
FAILURES = int(os.environ.get("PROPERTY_FAILURES", "5"))  # after so many it is enough


class Run:
    def __init__(self, work, ours, reference, who):
        self.who = who
        self.fixture = fixture.Fixture(os.path.join(work, "t", "f"))
        self.fixture.restore()
        os.chdir(self.fixture.top)
        self.bench = launch.Bench(os.path.join(work, "s"), self.fixture, os.path.join(work, "bin", "survey"))
        self.checker = check.Checker(self.bench, reference, ours, who)
        self.ours = ours
        self.failures = 0

    def on_kernel(self, shim, rule):
        """From now on the launcher under test runs where newer system calls fail."""
        self.who = "%s on %s" % (self.checker.who, rule)
        nnp = ["--no-nnp"] if self.checker.who == "root" else []
        self.checker.ours = [shim] + nnp + [rule, "--", self.ours]
        self.checker.old_kernel = True

    def shrink(self, plan):
        """Drops options, one at a time, as long as a difference remains."""
        plan = list(plan)
        tries = 0
        again = True
        while again and tries < 400:
            again = False
            for i in range(len(plan) - 1, -1, -1):
                less = plan[:i] + plan[i + 1 :]
                tries += 1
                if self.checker.check(less).kind == "DIFFERS":
                    plan, again = less, True
        return plan

    def examine(self, plan, where):
        """Checks one plan; a difference is printed with the least plan that shows it. The verdict."""
        verdict = self.checker.check(plan)
        if verdict.kind != "DIFFERS":
            return verdict
        self.failures += 1
        small = self.shrink(plan)
        again = self.checker.check(small)
        if again.kind != "DIFFERS":
            small, again = plan, verdict
            where += ", but not a second time"
        lines = ["%s, as %s:" % (where, self.who), "  " + options.text(plan), "least: " + options.text(small)]
        if again.detail:
            lines.append("reference " + again.detail)
        lines += again.differences[:SHOWN]
        lines.append("again: PROPERTY_PLAN=%s tests/property/run" % options.quoted(options.text(small)))
        for line in lines:
            print("  " + line, file=sys.stderr, flush=True)
        return verdict

    def many(self, name, plans, seconds, gates=True):
        """Checks plans, pairs of where it comes from and a plan; stops after FAILURES or so many seconds.

        gates: a difference is a failure. Where nobody chose the seed it floats, and is only reported.
        """
        kinds = collections.Counter()
        end = time.monotonic() + seconds
        before = self.failures
        for where, plan in plans:
            kinds[self.examine(plan, where).kind] += 1
            if self.failures - before >= FAILURES or time.monotonic() > end:
                break
        runs = sum(n for kind, n in kinds.items() if kind.endswith(", runs"))
        bad = kinds["DIFFERS"]
        total = sum(kinds.values())
        summary = ", ".join("%s %d" % k for k in sorted(kinds.items()))
        print("  %s as %s: %s" % (name, self.who, summary), file=sys.stderr)
        text = "property: %s, as %s: %d plans, %d of them run" % (name, self.who, total, runs)
        if bad and gates:
            print("not ok - %s, %d differ" % (text, bad), flush=True)
        elif bad:
            print("ok - %s # %d differ: to be looked at" % (text, bad), flush=True)
        elif total >= 50 and runs * 8 < total:
            print("not ok - %s: too few to mean anything" % text, flush=True)
        else:
            print("ok - " + text, flush=True)
        return not bad


    def report(self, name, plans):
        """What another version does otherwise, messages apart. Never a failure."""
        self.checker.compares_errors = False
        found = []
        for where, plan in plans:
            verdict = self.checker.check(plan)
            if verdict.kind == "DIFFERS":
                found.append((where, plan, verdict.differences))
        for where, plan, differences in found[:FAILURES]:
            print("  %s, as %s: %s" % (where, self.who, options.text(plan)), file=sys.stderr)
            for line in differences[:3]:
                print("    %.300s" % line, file=sys.stderr)
        print("ok - property: %s, as %s # %d differ" % (name, self.who, len(found)), flush=True)


def recorded(path):
    with open(path, encoding="ascii") as f:
        for number, line in enumerate(f, 1):
            if line.strip() and not line.startswith("#"):
                yield "%s line %d" % (os.path.basename(path), number), options.parse(line)


def seeded(base, count, overlays=False):
    for i in range(count):
        yield "seed %s:%d" % (base, i), generate.plan_of("%s:%d" % (base, i), overlays)


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    work, ours, reference = sys.argv[1:4]
    os.umask(0o027)
    run = Run(work, ours, reference, "root" if os.getuid() == 0 else "user")
    if len(sys.argv) > 4:
        run.many("the given plan", [("given", options.parse(sys.argv[4]))], 600)
        print("done")
        return run.failures > 0
    count = int(os.environ.get("PROPERTY_PLANS", "400"))
    base = os.environ["PROPERTY_SEED"]
    if os.environ.get("PROPERTY_REPORT"):
        run.report("%d random plans" % count, seeded(base, count, overlays=True))
        print("done")
        return False
    # a slow machine does less, and a long run is what somebody asked for
    seconds = 25 if count <= 400 else 1e9
    gates = "PROPERTY_FLOATS" not in os.environ
    random = "random plans (PROPERTY_SEED=%s)" % base
    run.many("plans that once differed", recorded(os.path.join(here, "plans")), seconds)
    run.many("fixed seeds", seeded("fixed", min(count, 400)), seconds)
    run.many(random, seeded(base, count), seconds, gates)
    for rule in ("5.10", "3.10"):
        run.on_kernel(os.path.join(work, "bin", "shim"), rule)
        run.many("fixed seeds", seeded("fixed", min(count, 400) // 5), seconds)
        run.many(random, seeded(base, count // 5), seconds, gates)
    print("done")
    return run.failures > 0


if __name__ == "__main__":
    sys.exit(main())

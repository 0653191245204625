#!/usr/bin/env python3
"""noisefree.py [-u USER] WORK LAUNCHER [ARG...]

What a start costs in figures that no load on the machine changes: system calls, processes, reads of
the mount table, memory. WORK is the folder that tests/bench/lib.sh prepared. Prints "NAME VALUE" lines
with the names of the table tests/bench/goals.
"""
import argparse
import os
import subprocess

import profiles

HERE = os.path.dirname(os.path.abspath(__file__))
FEW, MANY = 10, 110  # binds, to find the price of one


class Refused(Exception):
    """The launcher or a tool failed; the text says how."""


def run_tool(name, user, command, within=()):
    words = list(within) + [os.path.join(HERE, name)] + (["-u", user] if user else []) + command
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/")
    if done.returncode:
        raise Refused("%s: %s" % (name, (done.stderr or done.stdout).strip() or "failed"))
    return done.stdout.splitlines()


def count(launcher, words, user, execs=1, more=0, within=()):
    """The figures of one start, by name: calls, processes, threads, mountinfo. EXECS is 2 where
    LAUNCHER's first words are a program that executes it; MORE is how many programs it executes that are
    part of the start. WITHIN has the words of a program that runs all of that."""
    words = run_tool("syscalls", user, ["-x", str(execs), "-m", str(more)] + launcher + words,
                     within)[0].split()
    return dict(zip(words[::2], map(int, words[1::2])))


def calls(work, launcher, user):
    figures = {}
    for name in profiles.PROFILES:
        for key, value in count(launcher, work.profile(name), user).items():
            figures["%s.%s" % (key, name)] = value
    few = count(launcher, work.binds(FEW), user)
    many = count(launcher, work.binds(MANY), user)
    figures["calls.bind"] = (many["calls"] - few["calls"]) / (MANY - FEW)
    figures["mountinfo.binds"] = many["mountinfo"]
    return figures


def memory(work, launcher, user):
    """Of the full sandbox, in kB."""
    figures = {"memory.both": 0, "memory.anon": 0}
    for line in run_tool("resident", user, launcher + work.profile("full", work.sleep)):
        words = line.split()
        values = dict(zip(words[1::2], map(int, words[2::2])))
        figures["memory." + words[0]] = values["peak"]
        figures["memory.maxrss"] = values["maxrss"]
        figures["memory.both"] += values["peak"]
        figures["memory.anon"] += values["anon"]
    return figures


def main():
    parser = argparse.ArgumentParser(usage="noisefree.py [-u USER] WORK LAUNCHER [ARG...]")
    parser.add_argument("-u", metavar="USER")
    parser.add_argument("work")
    parser.add_argument("launcher", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    work = profiles.Work(args.work)
    figures = calls(work, args.launcher, args.u)
    if os.geteuid() == 0:
        figures.update(memory(work, args.launcher, args.u))
    for name, value in figures.items():
        print("%s %g" % (name, value))


if __name__ == "__main__":
    main()

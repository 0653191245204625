"""What is measured. Each part adds rows (part, launcher, case, metric, value) to the Bench."""
import os
import shutil
import subprocess

import fallbacks
import noisefree
import profiles
import running

TIMES = ("n", "min", "p10", "median", "p90", "cpu", "faults", "ratio")
# a launcher's samples of one case may take this long, and one start of it that long
CASE_BUDGET_S = 6.0
START_LIMIT_S = 20.0
STARTERS = "1,2,8"


def plain(bench):
    return ("plain/exec", 0, [], [bench.work.true])


def bases(bench, launcher, case):
    """Postern is compared with the others, everything with plain exec."""
    others = [x.key for x in bench.launchers if x.key != "postern"]
    found = ["plain/exec"]
    if launcher.key == "postern":
        found += ["%s/%s" % (key, case) for key in others]
    return found


def matrix(bench, names):
    """Every launcher with each of the named profiles."""
    commands = [plain(bench)]
    for name in names:
        for launcher in bench.launchers:
            commands.append(("%s/%s" % (launcher.key, name), 0, bases(bench, launcher, name),
                             launcher.words + bench.work.profile(name)))
    return commands


def latency(bench):
    commands = matrix(bench, profiles.PROFILES)
    commands.append(("plain/dynamic", 0, ["plain/exec"], ["/bin/true"]))
    for name, (_, words) in profiles.FLOORS.items():
        commands.append(("floor/" + name, 0, ["plain/exec"], [bench.work.bin("floor")] + words))
    # what it costs that the newest bubblewrap is started through its own dynamic linker
    loader = os.environ.get("BENCH_LOADER_CHECK", "")
    if loader:
        commands.append(("loader/full", 0, ["bookworm/full"],
                         loader.split("\t") + bench.work.profile("full")))
    bench.record("latency", bench.latency(commands), TIMES)


def binds(bench):
    commands = [plain(bench)]
    tried = {}
    rounds = max(2, bench.rounds // 4)
    for count in bench.binds:
        words = bench.work.binds(count)
        for launcher in bench.launchers:
            case = str(count)
            seconds, refusal = bench.try_once(launcher.words + words)
            tried[launcher.key] = seconds
            if refusal or seconds > START_LIMIT_S:
                bench.add("binds", launcher.key, case, "refused",
                          refusal or "%.0f s for one start: not repeated" % seconds)
                continue
            samples = min(rounds, max(2, int(CASE_BUDGET_S / seconds)))
            commands.append(("%s/%s" % (launcher.key, case), samples, ["plain/exec"],
                             launcher.words + words))
    bench.record("binds", bench.latency(commands, rounds), TIMES)


def mounts(bench):
    for extra in bench.mounts:
        found = bench.latency(matrix(bench, ("full", "tmpfs")), max(2, bench.rounds // 3),
                              extra_mounts=extra)
        bench.record("mounts.%d" % extra, found, ("n", "median", "ratio"))


def processes(bench):
    for count in (0, bench.processes):
        found = bench.latency(matrix(bench, ("full", "tmpfs")), max(2, bench.rounds // 2),
                              sleepers=count)
        bench.record("processes.%d" % count, found, ("n", "median", "ratio"))


def throughput(bench):
    options = ["-p", STARTERS, "-t", str(bench.slice_ms), "-n", str(min(3, bench.rounds))]
    found = bench.harness("throughput", matrix(bench, ("full", "all-but-net")), options)
    bench.record("throughput", found, ("rate", "cpu", "ratio"))


def memory(bench):
    for launcher in bench.launchers:
        for metric, value in noisefree.memory(bench.work, launcher.words, bench.user).items():
            bench.add("memory", launcher.key, "full", metric.split(".")[1], value)


def size(bench):
    for launcher in bench.launchers:
        # the last word is the program even behind a dynamic linker
        stripped = bench.work.folder + "/stripped"
        shutil.copyfile(launcher.words[-1], stripped)
        subprocess.run(["strip", stripped], check=True)
        bench.add("size", launcher.key, "-", "bytes", os.path.getsize(stripped))


def calls(bench):
    for launcher in bench.launchers:
        figures = noisefree.calls(bench.work, launcher.words, bench.user)
        for name, value in figures.items():
            metric, case = name.split(".")
            bench.add("calls", launcher.key, case, metric, value)


def privileged(bench):
    """The forms of postern-priv on a host that refuses user namespaces, beside the launcher alone on one
    that does not; both behind a filter of the same length."""
    commands = []
    for form, (_, host, tree, execs) in profiles.FORMS.items():
        host = bench.work.host(host, tree)
        for case in profiles.FORM_CASES:
            words = [profiles.FORM_LAUNCHER] + bench.work.profile(case)
            bases = [] if form == profiles.FORM_BASE else [profiles.FORM_BASE + "/" + case]
            if form.endswith("+pam"):
                bases.append("%s/%s" % (form[:-len("+pam")], case))
            commands.append(("%s/%s" % (form, case), 0, bases, words, host))
            found = noisefree.count(words, [], bench.user, more=execs,
                                    within=[bench.work.bin("onhost"), host])
            bench.add("privileged", form, case, "calls", found["calls"])
    bench.record("privileged", bench.latency(commands), TIMES + ("delta",))


PARTS = {
    "calls": calls,
    "memory": memory,
    "size": size,
    "latency": latency,
    "binds": binds,
    "mounts": mounts,
    "processes": processes,
    "throughput": throughput,
    "privileged": privileged,
    "fallbacks": fallbacks.measure,
    "run": running.measure,
}

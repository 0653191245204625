"""The sections of benchmarks.md. Each returns Markdown, or nothing where nothing was measured."""
import derive
import profiles
import running

STARTERS = (1, 2, 8)


def table(head, rows):
    """The first column to the left, figures to the right."""
    lines = ["| " + " | ".join(head) + " |", "|---|" + "--:|" * (len(head) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def number(value, digits=3):
    """DIGITS significant digits, or all of those before the point, with separators."""
    if value is None:
        return "–"
    places = digits - len("%d" % abs(value))
    return "{:,.{}f}".format(value, max(0, min(2, places)))


def count(value):
    if value is None:
        return "–"
    return "{:,d}".format(int(value)) if value == int(value) else number(value)


def times(us):
    """A duration with the unit that suits it."""
    if us is None:
        return "–"
    for limit, unit in ((1e3, "µs"), (1e6, "ms"), (1e9, "s")):
        if us < limit:
            return "%s %s" % (number(us / limit * 1e3), unit)
    return "%.0f s" % (us / 1e6)


def cell(data, part, launcher, case):
    ratio = data.ratio(part, launcher, case)
    if ratio is None:
        return "refused" if data.text(part, launcher, case, "refused") else "–"
    return "**%s** (%s)" % (number(ratio), times(data.get(part, launcher, case, "median")))


def peers(launchers):
    return [(key, name) for key, name in launchers if key in ("bookworm", "newest")]


def peer_heads(launchers):
    return ["%s ÷ postern" % name.split(" (")[0] for _, name in peers(launchers)]


def quotients(data, part, case, launchers):
    """Other bubblewraps ÷ postern."""
    own = data.ratio(part, "postern", case)
    cells = []
    for key, _ in peers(launchers):
        # by rounds where they ran in the same ones
        ratio = data.get(part, "postern", case, "ratio:%s/%s" % (key, case))
        cells.append(number(1 / ratio if ratio else
                            derive.quotient(data.ratio(part, key, case), own)))
    return cells


def comparison(data, part, cases, launchers, first):
    """CASES: (case, what readers see). One row for each, one column for each launcher."""
    names = [first] + [name for _, name in launchers] + peer_heads(launchers)
    rows = []
    for case, label in cases:
        cells = [cell(data, part, key, case) for key, _ in launchers]
        rows.append([label] + cells + quotients(data, part, case, launchers))
    return table(names, rows)


def head(data):
    m = data.meta
    busy = float(m("busy_before"))
    notes = [
        "# Benchmarks\n",
        "Written by `make bench`, from [benchmarks.tsv](benchmarks.tsv); change tests/bench, not this "
        "page. **Quote the ratios**: the times belong to this machine.\n",
        "- %s, %s, %s CPUs, %s GB, %s, Linux %s, %s" % (
            m("cpu"), m("architecture"), m("cpus"), m("memory_gb"), m("virtual"), m("kernel"),
            m("system")),
        "- %s, commit %s, %s" % (m("date"), m("commit"), m("compiler")),
        "- Before the run others used %.0f %% of the processors. Samples waited %.0f s for a quiet "
        "machine in total; %.0f were repeated because something else ran, %.0f were taken although "
        "it was not quiet." % (busy * 100, float(m("waited_s")), float(m("repeated")),
                               float(m("given_up"))),
    ]
    if busy > 0.05 or float(m("given_up")) > 100:
        notes.append("\n**This machine was not idle: these figures are no reference.**")
    return "\n".join(notes) + "\n"


def gap(value, op, limit):
    if derive.met(value, op, limit):
        return "met"
    if not limit:
        return "**missed**"
    return "**missed by %.0f %%**" % (abs(value / limit - 1) * 100)


def goals(data, goal_list):
    found = derive.figures(data)
    rows = []
    for name, gate, op, limit, unit, what in goal_list:
        suffix = "" if unit == "-" else " " + unit if unit != "x" else " ×"
        sign = {"<=": "≤", ">=": "≥", "==": "="}[op]
        value = found.get(name)
        rows.append([what, "%s %s%s" % (sign, limit, suffix),
                     "–" if value is None else (number if unit == "x" else count)(value) + suffix,
                     "not measured" if value is None else gap(value, op, float(limit)),
                     "yes" if gate == "yes" else "no"])
    return "## Goals\n\n" + table(["goal", "limit", "measured", "", "fails the tests"], rows)


def launch(data):
    if not data.has("latency"):
        return None
    launchers = data.launchers()
    cases = [(name, profile[0]) for name, profile in profiles.PROFILES.items()]
    text = ["## The same sandbox\n",
            "Times plain exec of the same command, and the median of the whole start. Plain exec of the "
            "static `true` takes %s, of the dynamic `/bin/true` %s.\n" % (
                times(data.get("latency", "plain", "exec", "median")),
                times(data.get("latency", "plain", "dynamic", "median"))),
            comparison(data, "latency", cases, launchers, "sandbox")]
    loader = data.get("latency", "loader", "full", "ratio:bookworm/full")
    if loader:
        text.append("Debian sid's bubblewrap needs its own C library and is started through its own "
                    "dynamic linker. The same detour changes the time of the other bubblewrap by %+.1f %%.\n"
                    % ((loader - 1) * 100))
    return "\n".join(text)


def floor(data):
    """What no launcher can do without."""
    rows = [[label, cell(data, "latency", "floor", name)] for name, (label, _) in profiles.FLOORS.items()]
    if not data.get("latency", "floor", "full", "median"):
        return None
    return ("## The kernel's part\n\nA static program that starts one process in new namespaces and waits "
            "for it, while that process does nothing: no id map, no mount, no command. Measured in the same "
            "rounds as the sandboxes above.\n\n" + table(["one process in", "× plain exec"], rows))


def binds(data):
    if not data.has("binds"):
        return None
    counts = sorted({int(key[2]) for key in data.rows
                     if key[0] == "binds" and key[1] not in ("plain", "-")})
    text = ["## Binds\n",
            "N read-only binds, files and folders in turns, in a tmpfs, with /dev, /proc and all "
            "namespaces.\n",
            comparison(data, "binds", [(str(n), "{:,}".format(n)) for n in counts],
                       data.launchers(), "N")]
    for key, name in data.launchers():
        for n in counts:
            refusal = data.text("binds", key, n, "refused")
            if refusal:
                text.append("%s at N = %d: `%s`\n" % (name, n, refusal))
    return "\n".join(text)


def varied(data, part, unit):
    """One table for each profile, over the numbers that were tried."""
    numbers = sorted({int(key[0].split(".")[1]) for key in data.rows if key[0].startswith(part + ".")})
    text = []
    for case in ("full", "tmpfs"):
        rows = []
        for n in numbers:
            name = "%s.%d" % (part, n)
            cells = [cell(data, name, key, case) for key, _ in data.launchers()]
            rows.append(["+{:,}".format(n)] + cells
                        + quotients(data, name, case, data.launchers()))
        first = "%s, %s" % (profiles.PROFILES[case][0], unit)
        text.append(table([first] + [name for _, name in data.launchers()]
                          + peer_heads(data.launchers()), rows))
    return "\n".join(text)


def mounts(data):
    if not any(key[0].startswith("mounts.") for key in data.rows):
        return None
    return ("## Mounts of the host\n\nShared, beside the %s that every measurement has.\n\n"
            % data.meta("base_mounts")
            + varied(data, "mounts", "host mounts"))


def processes(data):
    if not any(key[0].startswith("processes.") for key in data.rows):
        return None
    return ("## Processes of the host\n\nSleeping. The full sandbox keeps the host's root in place; a "
            "tmpfs as root needs pivot_root(2), which looks at every process of the host.\n\n"
            + varied(data, "processes", "host processes"))


def throughput(data):
    if not data.has("throughput"):
        return None
    head_row = ["starts per second (CPU time of each)"] + ["%d at once" % p for p in STARTERS]
    rows = []
    for case in ("full", "all-but-net"):
        for key, name in data.launchers():
            cells = []
            for p in STARTERS:
                rate = data.get("throughput", key, case, "rate:%d" % p)
                cpu = data.get("throughput", key, case, "cpu:%d" % p)
                cells.append("–" if rate is None else "**%s** (%s)" % (number(rate), times(cpu)))
            rows.append(["%s, %s" % (profiles.PROFILES[case][0], name)] + cells)
        for key, name in peers(data.launchers()):
            rows.append(["%s, postern ÷ %s" % (profiles.PROFILES[case][0], name.split(" (")[0])]
                        + [number(data.get("throughput", "postern", case,
                                           "ratio:%d:%s/%s" % (p, key, case)))
                           for p in STARTERS])
    rates = [number(data.get("throughput", "plain", "exec", "rate:%d" % p)) for p in STARTERS]
    rows.append(["plain exec"] + rates)
    return "## Starts per second\n\n" + table(head_row, rows)


def cost(data):
    """What a start costs besides time."""
    figures = [("system calls, " + profile[0], "calls", name, "calls", 1)
               for name, profile in profiles.PROFILES.items()]
    figures += [
        ("system calls per bind", "calls", "bind", "calls", 1),
        ("reads of the mount table, full sandbox", "calls", "full", "mountinfo", 1),
        ("reads of the mount table, 110 binds", "calls", "binds", "mountinfo", 1),
    ]
    figures += [("processes, " + profiles.PROFILES[name][0], "calls", name, "processes", 1)
                for name in ("full", "as-pid-1", "ro-only")]
    figures += [
        ("page faults, full sandbox, the command's 4 included", "latency", "full", "faults", 1),
        ("CPU time, full sandbox, µs", "latency", "full", "cpu", 1),
        ("launcher resident, peak, kB", "memory", "full", "launcher", 1),
        ("init resident, peak, kB", "memory", "full", "init", 1),
        ("both, without pages of files, kB", "memory", "full", "anon", 1),
        ("program, stripped, kB", "size", "-", "bytes", 1000),
    ]
    launchers = data.launchers()
    rows = []
    for label, part, case, metric, divisor in figures:
        values = [data.get(part, key, case, metric) for key, _ in launchers]
        if any(value is not None for value in values):
            rows.append([label] + [count(None if value is None else value / divisor)
                                   for value in values])
    if not rows:
        return None
    maxrss = data.get("memory", "postern", "full", "maxrss")
    note = "" if maxrss is None else (
        "\nResident memory is VmHWM while the command sleeps. ru_maxrss would say %s kB for postern: it "
        "has the memory of the process that forked the launcher in it.\n" % number(maxrss))
    return ("## What a start costs\n\nAll processes of a start together, from the launcher's first "
            "instruction to the end of launcher and init, without what the command does.\n\n"
            + table([""] + [name for _, name in launchers], rows) + note)


def privileged(data):
    """What it costs that the host refuses user namespaces."""
    if not data.has("privileged"):
        return None
    times_of, calls_of = [], []
    for form, (label, *_) in profiles.FORMS.items():
        ratios, counts = [label], [label]
        for case in profiles.FORM_CASES:
            us = times(data.get("privileged", form, case, "median"))
            ratio = data.get("privileged", form, case, "ratio:%s/%s" % (profiles.FORM_BASE, case))
            ratios.append(us if ratio is None else "**%s** (%s)" % (number(ratio), us))
            counts.append(count(data.get("privileged", form, case, "calls")))
        times_of.append(ratios)
        calls_of.append(counts)
    pam = ["%s: %s ×" % (form[:-len("+pam")],
                         number(data.get("privileged", form, "full",
                                         "ratio:%s/full" % form[:-len("+pam")])))
           for form in profiles.FORMS if form.endswith("+pam")]
    cases = [profiles.PROFILES[case][0] for case in profiles.FORM_CASES]
    return ("## Privileged starts\n\nThe launcher alone, on a host that allows user namespaces, and with "
            "postern-priv on one that refuses them: a filter of the same length on both. × is a start by "
            "the launcher alone. `pam = off`, `audit = off`, but for the rows with PAM: one "
            "`account required pam_permit.so`.\n\n"
            + table(["× the launcher alone"] + cases, times_of)
            + "\nPAM, full sandbox, × the same form without: %s. Most of that is the time in which the "
            "kernel and the dynamic linker load a program with libpam.\n\n" % ", ".join(pam)
            + table(["system calls"] + cases, calls_of)
            + "\nThose of postern-pam are in the rows with PAM.\n")


def fallback_row(data, name, label):
    cells = [label]
    for case in ("full", "binds"):
        delta = data.get("fallbacks", name, case, "delta")
        share = derive.quotient(delta, data.get("fallbacks", "bare", case, "median"))
        cells += ["–", "–"] if share is None else ["%.2f" % (1 + share), "%+.0f" % delta]
        cells += [count(data.get("fallbacks", name, case, metric)) for metric in ("calls", "mountinfo")]
    return cells


def fallbacks(data):
    if not data.has("fallbacks"):
        return None
    names = {key[1]: None for key in data.rows if key[0] == "fallbacks"}
    rows = [fallback_row(data, "bare", "everything there")]
    rows += [fallback_row(data, name, name) for name in names
             if name != "bare" and not name.startswith("neutral ")]
    rows += [fallback_row(data, name, "filter of %s, nothing missing" % name.split()[1]) for name in names
             if name.startswith("neutral ")]
    return ("## Fallbacks\n\npostern where newer system calls fail with ENOSYS, taken away by seccomp. "
            "The program that does so and its filter cost time by themselves, so each set is compared "
            "with a filter of as many calls that nobody makes; those are the last rows, compared with "
            "a start without a filter. × is of a start without a filter everywhere.\n\n"
            + table(["", "full sandbox ×", "µs", "calls", "mount table reads", "100 binds ×", "µs",
                     "calls", "mount table reads"], rows))


def run(data):
    """The command for people, over what it calls."""
    if not data.has("run"):
        return None
    presets = [["`%s`" % case, times(data.get("run", "alone", case, "median")), times(data.get("run", "run", case, "median")),
                "**%s**" % times(data.get("run", "run", case, "delta:alone/" + case)),
                number(data.get("run", "run", case, "ratio:alone/" + case))] for case in running.PRESETS]
    many = [[label, times(data.get("run", "many", case, "median")),
             "**%s**" % number(data.get("run", "many", case, "ratio:many/none")),
             times(data.get("run", "floor", case, "median")),
             number(data.get("run", "floor", case, "ratio:many/none")),
             number(data.get("run", "many", case, "ratio:floor/" + case))]
            for case, label in (("matches", "{:,} files that a pattern denies".format(running.MATCHES)),
                                ("rules", "{:,} rules `--read`".format(running.RULES)))]
    rates = [[label] + [number(data.get("run", key, "workspace", "rate:" + p)) for p in running.STARTERS.split(",")]
             for key, label in (("alone", "the launcher alone"), ("run", "`postern run`"))]
    return ("## postern run\n\nWhat `postern run` adds to a call of the launcher with the same mounts and namespaces: it reads "
            "the policy and looks at the files, and starts the last stage with the seccomp filter. In a workspace it also makes, "
            "locks, writes down and removes nine mount points for names that are missing (.git is there), which the "
            "launcher's calls here go without.\n\n"
            + table(["preset", "the launcher", "`postern run`", "added", "×"], presets)
            + "\nMany rules. × is a start in the same folder without any. Each match is one mount, and so is each of these rules, as "
            "they are in what may be written; the kernel's part is a program that does nothing but as many mounts, in the same "
            "namespaces, by descriptors. A denied directory costs one mount, whatever is in it.\n\n"
            + table(["", "time", "×", "the kernel's part", "its ×", "÷ the kernel's part"], many)
            + "\nRuns in one workspace at the same time, starts per second:\n\n"
            + table([""] + ["%s at once" % p for p in running.STARTERS.split(",")], rates))


def method(data, named):
    work = named.Work("WORK")
    lines = ["## Method\n",
             "Rounds: %s. In each, every command runs once, in shuffled order; a sample waits for a quiet "
             "machine and is repeated when something else ran; nice -20; the launchers run as a user "
             "without privilege, in a mount namespace with %s mounts. Time is from posix_spawn(3) to the "
             "end of wait4(2); ratios are medians of the ratios within a round. CPU time and page faults "
             "include init, which outlives the launcher.\n" % (data.meta("rounds"), data.meta("base_mounts")),
             "The command is a static `true` of 512 bytes without a libc. System calls are counted by "
             "`tests/bench/syscalls`, memory by `tests/bench/resident`.\n",
             "```"]
    for name in named.PROFILES:
        if name != "tmpfs":
            lines.append("%-12s bwrap %s" % (name, " ".join(work.profile(name, "true"))))
    lines.append("%-12s bwrap --tmpfs /tmp --ro-bind WORK/bin/true /true --ro-bind WORK/src/d/0 /d/0 ... "
                 "--dev /dev --proc /proc --unshare-all -- /true" % "tmpfs")
    return "\n".join(lines) + "\n```\n"

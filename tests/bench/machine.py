"""What the figures of a run belong to: the machine, the versions, the day."""
import datetime
import os
import platform
import subprocess
import sys
import time

IDLE_LOOK_S = 1.0
IDLE_LIMIT = 0.05


def first_line(path, key):
    """The value of the first line "KEY: VALUE" of a file."""
    try:
        with open(path) as file:
            for line in file:
                name, _, value = line.partition(":")
                if name.strip() == key:
                    return value.strip()
    except OSError:
        pass
    return ""


def os_name():
    with open("/etc/os-release") as file:
        values = dict(line.rstrip().split("=", 1) for line in file if "=" in line)
    return values.get("PRETTY_NAME", "unknown").strip('"')


def busy_ticks():
    with open("/proc/stat") as file:
        ticks = [int(word) for word in file.readline().split()[1:8]]
    return sum(ticks[:3]) + sum(ticks[5:7]), sum(ticks)


def busy_share():
    """How much of all processors others used during a short look: 0 to 1."""
    busy, total = busy_ticks()
    time.sleep(IDLE_LOOK_S)
    busy_after, total_after = busy_ticks()
    return (busy_after - busy) / max(1, total_after - total)


def compiler():
    command = os.environ.get("CC") or "cc"
    done = subprocess.run([command, "--version"], capture_output=True, text=True)
    return done.stdout.splitlines()[0] if done.stdout else command


def describe(bench):
    busy = busy_share()
    if busy > IDLE_LIMIT:
        print("bench: the machine is NOT idle: others use %.0f %% of its processors. Ratios hold "
              "roughly, times do not." % (busy * 100), file=sys.stderr)
    virtual = " hypervisor" in first_line("/proc/cpuinfo", "flags")
    memory_kb = int(first_line("/proc/meminfo", "MemTotal").split()[0])
    facts = {
        "date": datetime.date.today().isoformat(),
        "kernel": platform.release(),
        "architecture": platform.machine(),
        "cpu": first_line("/proc/cpuinfo", "model name") or platform.machine(),
        "cpus": os.cpu_count(),
        "virtual": "virtual machine" if virtual else "no hypervisor seen",
        "memory_gb": "%.1f" % (memory_kb / 1e6),
        "system": os_name(),
        "compiler": compiler(),
        "commit": os.environ.get("BENCH_COMMIT") or "unknown",
        "busy_before": busy,
        "rounds": bench.rounds,
        "binds": " ".join(map(str, bench.binds)),
        "base_mounts": bench.base_mounts,
        "mounts": " ".join(map(str, bench.mounts)),
        "processes": bench.processes,
        "slice_ms": bench.slice_ms,
    }
    for metric, value in facts.items():
        bench.add("meta", "-", "-", metric, value)
    for launcher in bench.launchers:
        bench.add("meta", launcher.key, "-", "name", launcher.name)

"""machines.py FILTERS: the filters for every machine that FILTERS makes some for, run here by an interpreter of their programs.

Prints a line "MACHINE FILTER CALL: what is wrong", or nothing.
"""

import re
import subprocess
import sys

AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7, "arm": 0x40000028, "riscv64": 0xC00000F3, "powerpc64le": 0xC0000015}
UNIX, INET, INET6, NETLINK, VSOCK = 1, 2, 10, 16, 40
STREAM, DGRAM = 1, 2
ALLOW, EPERM, KILL = 0x7FFF0000, 0x00050001, 0x80000000
SOCKETCALL = 102
# which libseccomp has two numbers for there
POWER = {"socket": 326, "bind": 327, "connect": 328, "socketpair": 333, "sendto": 335, "sendmmsg": 349}

# CALL, arguments: what none, none-unix, proxy, proxy-unix and host say
TABLE = [
    ("ptrace", (), "RRRRA"),
    ("process_vm_readv", (), "RRRRA"),
    ("io_uring_setup", (), "RRRRR"),
    ("connect", (), "RAAAA"),
    ("bind", (), "RAAAA"),
    ("sendto", (), "RAAAA"),
    ("sendmmsg", (), "RAAAA"),
    ("socket", (UNIX, STREAM), "AARAA"),
    ("socket", (UNIX | 7 << 32, STREAM), "AARAA"),
    ("socket", (UNIX, DGRAM), "RARAA"),
    ("socket", (INET, STREAM), "RRAAA"),
    ("socket", (INET6, DGRAM), "RRAAA"),
    ("socket", (NETLINK, DGRAM), "RRRRA"),
    ("socket", (VSOCK, STREAM), "RRRRR"),
    ("socketpair", (UNIX, STREAM), "AAAAA"),
    ("socketpair", (INET, STREAM), "RRRRA"),
    ("socketpair", (UNIX, DGRAM), "RARAA"),
]
NAMES = ("none", "none-unix", "proxy", "proxy-unix", "host")


def interpret(program, data):
    a = at = 0
    while True:
        code, jt, jf, k = program[at]
        at += 1
        kind, source = code & 7, k
        if kind == 0:  # BPF_LD | BPF_W | BPF_ABS
            a = data[k]
        elif kind == 4:  # BPF_AND
            assert code & 0xF0 == 0x50
            a &= k
        elif kind == 6:
            return k
        elif kind == 5:
            op = code & 0xF0
            if op == 0:
                at += k
                continue
            true = {0x10: a == source, 0x20: a > source, 0x30: a >= source, 0x40: a & source}[op]
            at += jt if true else jf
        else:
            raise SystemExit("unknown instruction %#x" % code)


def ask(program, audit, number, args):
    data = {0: number, 4: audit, 8: 0, 12: 0}
    for i in range(6):
        value = args[i] if i < len(args) else 0
        data[16 + 8 * i], data[20 + 8 * i] = value & 0xFFFFFFFF, value >> 32
    return interpret(program, data)


def read(text):
    programs = {}
    for name, body in re.findall(r"struct sock_filter (\w+)\[\] = \{(.*?)\};", text, re.S):
        programs[name] = [tuple(int(w, 0) for w in line.split(",")) for line in re.findall(r"\{([^}]*)\}", body)]
    filters = {name: programs[array] for name, array in re.findall(r'\{"([\w-]+)", "no", (\w+),', text)}
    return filters, {name: int(number) for number, name in re.findall(r'\{(-?\d+), "(\w+)"\}', text)}


def check(machine, text):
    filters, numbers = read(text)
    audit = AUDIT[machine]
    seen = 0
    if machine == "powerpc64le":
        numbers.update(POWER)
    for call, args, verdicts in TABLE:
        for name, verdict in zip(NAMES, verdicts):
            seen += 1
            found = ask(filters[name], audit, numbers[call], args)
            if found != {"A": ALLOW, "R": EPERM}[verdict]:
                print(machine, name, call, args, ": %#x" % found)
            if ask(filters[name], 0x12345678, numbers[call], args) != KILL:
                print(machine, name, call, ": another machine's calls do not kill")
    if machine == "powerpc64le":
        for name in NAMES:
            if ask(filters[name], audit, SOCKETCALL, (1,)) != EPERM:
                print(machine, name, "socketcall: makes sockets that nobody sees")
        if ask(filters["none"], audit, SOCKETCALL, (3,)) != EPERM:
            print(machine, "socketcall: connects")
    return seen


def main():
    seen = 0
    for machine in AUDIT:
        done = subprocess.run([sys.argv[1], machine + "-linux-gnu"], capture_output=True, text=True)
        if done.returncode or done.stderr:
            print(machine, ": there are no filters:", done.stderr)
        else:
            seen += check(machine, done.stdout)
    for machine in ("i686", "s390x"):
        done = subprocess.run([sys.argv[1], machine + "-linux-gnu"], capture_output=True, text=True)
        if done.returncode or machine not in done.stderr:
            print(machine, ": is not named as one without filters")
    print("# %d questions" % seen, file=sys.stderr)


main()

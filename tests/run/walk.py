"""walk.py [--calls] ROOT...: what this process can do with each file below the roots, one line each, in order of names.

A directory is written to by making a file in it, a file by opening it; nothing is changed. With --calls also what comes of
system calls that a filter may refuse.
"""

import ctypes
import errno
import os
import socket
import stat
import sys

MARK = ".walk-%d" % os.getpid()


def tries(path, st):
    if stat.S_ISLNK(st.st_mode):
        return "link " + os.readlink(path)
    if stat.S_ISDIR(st.st_mode):
        try:
            os.listdir(path)
            names = "list"
        except OSError as e:
            names = errno.errorcode[e.errno]
        try:
            os.close(os.open(path + "/" + MARK, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            os.unlink(path + "/" + MARK)
            return "dir %s write" % names
        except OSError:
            return "dir %s -" % names
    if not stat.S_ISREG(st.st_mode):
        return "other"
    result = []
    for word, flags in (("read", os.O_RDONLY), ("write", os.O_WRONLY)):
        try:
            fd = os.open(path, flags)
            result.append(word if flags != os.O_RDONLY or os.fstat(fd).st_size == 0 or os.read(fd, 1) else "-")
            os.close(fd)
        except OSError:
            result.append("-")
    return "file " + " ".join(result)


def walk(path):
    try:
        st = os.lstat(path)
    except OSError as e:
        print(path, errno.errorcode[e.errno])
        return
    print(path, tries(path, st))
    if stat.S_ISDIR(st.st_mode):
        try:
            names = sorted(os.listdir(path))
        except OSError:
            return
        for name in names:
            if not name.startswith(".walk-"):
                walk(path + "/" + name)


def outcome(call, *args):
    try:
        call(*args)
        return "works"
    except OSError as e:
        return errno.errorcode[e.errno]


def raw(number, *args):
    if ctypes.CDLL(None, use_errno=True).syscall(number, *args) < 0:
        raise OSError(ctypes.get_errno(), "")


def calls():
    kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET)
    for family in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_VSOCK, socket.AF_PACKET):
        for kind in kinds if family == socket.AF_UNIX else (kinds[0], kinds[1]):
            print("socket", family.name, kind.name, outcome(lambda f, k: socket.socket(f, k).close(), family, kind))
    for kind in kinds:
        print("socketpair", kind.name, outcome(socket.socketpair, socket.AF_UNIX, kind))
    one, other = socket.socketpair()
    print("send", outcome(os.write, one.fileno(), b"x"), outcome(other.recv, 1), outcome(one.sendmsg, [b"x"]))
    print("sendto", outcome(one.send, b"x"), "shutdown", outcome(one.shutdown, socket.SHUT_WR))
    print("getsockopt", outcome(one.getsockopt, socket.SOL_SOCKET, socket.SO_ERROR), "getsockname", outcome(one.getsockname))
    print("connect", outcome(one.connect, "/nowhere"), "bind", outcome(one.bind, "/nowhere/x"), "listen", outcome(one.listen))
    # x86_64 and arm64 have the same numbers from 424 on
    print("io_uring", *(outcome(raw, n, 0, 0, 0, 0, 0, 0) for n in (425, 426, 427)))
    if os.uname().machine == "x86_64":
        print("ptrace", outcome(raw, 101, 3, 0, 0, 0), "process_vm", outcome(raw, 310, 1, 0, 0, 0, 0, 1))
        print("keyctl", outcome(raw, 250, 99, 0, 0, 0, 0), "bpf", outcome(raw, 321, 99, 0, 0))


def main():
    roots = sys.argv[1:]
    if roots[0] == "--calls":
        roots.pop(0)
        calls()
    for root in roots:
        walk(root)
    print("in", os.getcwd())
    for path in ("/", "/etc", "/usr", "/dev", "/dev/shm", "/proc/sys"):
        print(path, tries(path, os.lstat(path)) if os.path.exists(path) else "absent")
    print("/dev", " ".join(n for n in sorted(os.listdir("/dev")) if n not in ("console", "core")))
    with open("/proc/self/net/dev") as f:
        print("interfaces", " ".join(sorted(line.split(":")[0].strip() for line in f if ":" in line)))
    with open("/proc/self/status") as f:
        print("".join(line for line in f if line.startswith(("Cap", "NoNewPrivs"))), end="")
    print("processes", len([n for n in os.listdir("/proc") if n.isdigit()]) < 20)
    print("ids", os.getuid(), os.getgid())


main()

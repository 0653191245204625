"""walk.py ROOT...: what this process can do with each file below the roots, one line each: r, w, x by trying, in order of names.

A directory is written to by making a file in it, a file by opening it; nothing is changed.
"""

import errno
import os
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


def main():
    for root in sys.argv[1:]:
        walk(root)
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

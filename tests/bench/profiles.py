"""The sandboxes that are measured, as words for a launcher."""
import os

DEV_PROC = ["--dev", "/dev", "--proc", "/proc"]
FULL = ["--ro-bind", "/", "/"] + DEV_PROC + ["--unshare-all"]
BINDS_OF_TMPFS = 12


class Work:
    """Paths in the folder that tests/bench/lib.sh prepared."""

    def __init__(self, folder):
        self.folder = folder
        self.true = folder + "/bin/true"
        self.sleep = folder + "/bin/sleep"

    def bin(self, name):
        return "%s/bin/%s" % (self.folder, name)

    def sources(self, count):
        """COUNT folders and files to bind, in turns; made when missing."""
        paths = []
        for i in range(count):
            path = "%s/src/%s/%d" % (self.folder, "df"[i % 2], i)
            if not os.path.exists(path):
                os.makedirs(path if i % 2 == 0 else os.path.dirname(path), exist_ok=True)
                if i % 2:
                    open(path, "w").close()
            paths.append(path)
        return paths

    def binds(self, count):
        """A tmpfs as root with the command and COUNT read-only binds."""
        words = ["--ro-bind", self.true, "/true"]
        for i, path in enumerate(self.sources(count)):
            words += ["--ro-bind", path, "/%s/%d" % ("df"[i % 2], i)]
        return words + DEV_PROC + ["--unshare-all", "--", "/true"]

    def host(self, kind, tree):
        """For c/hosts.h: user namespaces allowed or refused, and what tests/bench/run installed as TREE."""
        mounts = ["%s/forms/%s:/opt" % (self.folder, tree)]
        if tree.endswith("-pam"):
            mounts.append("%s/forms/pam.d:/etc/pam.d" % self.folder)
        return ",".join([kind] + mounts)

    def profile(self, name, command=None):
        command = command or self.true
        if name == "tmpfs":
            return ["--tmpfs", "/tmp"] + self.binds(BINDS_OF_TMPFS - 1)
        return PROFILES[name][1] + ["--", command]


# What the kernel alone asks: (what readers see, words for floor)
FLOORS = {
    "fork": ("fork", []),
    "user": ("a user namespace", ["user"]),
    "mnt": ("… and a mount namespace", ["user", "mnt"]),
    "all-but-net": ("… and pid, ipc, uts, cgroup", ["user", "mnt", "pid", "ipc", "uts", "cgroup"]),
    "net": ("… and network", ["user", "mnt", "pid", "ipc", "uts", "cgroup", "net"]),
    "full": ("… with its loopback device up",
             ["user", "mnt", "pid", "ipc", "uts", "cgroup", "net", "lo"]),
}

# NAME: (what readers see, words)
PROFILES = {
    "full": ("full sandbox", FULL),
    "as-pid-1": ("full, `--as-pid-1`", FULL + ["--as-pid-1"]),
    "all-but-net": ("all but net", FULL + ["--share-net"]),
    "ro-only": ("ro `/` only", ["--ro-bind", "/", "/"]),
    "tmpfs": ("tmpfs root, %d binds" % BINDS_OF_TMPFS, None),
}

# Where tests/priv/lib.sh, too, has the programs that look for each other there.
FORM_LAUNCHER = "/opt/postern-test/libexec/postern/bwrap"
FORM_BASE = "alone"
FORM_CASES = ("full", "all-but-net", "ro-only")

# NAME: (what readers see, the host, the tree of tests/bench/run, programs that the launcher executes)
FORMS = {
    FORM_BASE: ("the launcher alone", "allow", "none", 0),
    "beside": ("the same, a postern-priv is there", "allow", "filecaps", 0),
    "filecaps": ("filecaps", "refuse", "filecaps", 1),
    "filecaps-userns": ("filecaps-userns", "admin", "filecaps-userns", 1),
    "setuid": ("setuid", "refuse", "setuid", 1),
    "filecaps+pam": ("filecaps, PAM asked", "refuse", "filecaps-pam", 2),
    "setuid+pam": ("setuid, PAM asked", "refuse", "setuid-pam", 2),
}

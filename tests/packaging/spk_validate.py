#!/usr/bin/env python3
"""spk_validate.py [--launcher BWRAP] [--qemu QEMU] [--after VERSION] SPK [SPK]

Is SPK a package that DSM 7 installs, by Synology's rules and by ours? Prints "RULE: what is wrong" for each fault; the
status is 1 if there is one. A second SPK is another build of the same commit. Without --launcher (a bwrap that works here)
the scripts are not run, without --qemu no program is. --rules prints the
names of all rules.
"""
import argparse
import functools
import gzip
import hashlib
import io
import json
import lzma
import os
import posixpath
import re
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile

RULES = """container info sums payload privilege resource scripts behaviour icons license wizards elf starts
    reproducible""".split()
SCRIPTS = ["preinst", "postinst", "preuninst", "postuninst", "preupgrade", "postupgrade", "start-stop-status"]
WIZARDS = [f"{w}_uifile{lang}" for w in ("install", "upgrade", "uninstall") for lang in ("", "_ger")]
LIBRARY = "scripts/common.sh"
SETUP = "scripts/postern-setup"
SUMS = "scripts/SHA256SUMS"
PROGRAMS = ["bin/postern"] + [f"libexec/postern/{n}" for n in ("bwrap", "postern-battery", "postern-inside", "postern-priv")]
MEMBERS = (["INFO", "package.tgz", "PACKAGE_ICON.PNG", "PACKAGE_ICON_256.PNG", "LICENSE", "conf/privilege", "conf/resource"]
           + [f"scripts/{s}" for s in SCRIPTS] + [SETUP, SUMS] + [f"WIZARD_UIFILES/{w}" for w in WIZARDS])
FOLDERS = ["conf", "scripts", "WIZARD_UIFILES"]

# what DSM 7 knows of INFO; deprecated keys are in neither
REQUIRED = ["package", "version", "os_min_ver", "description", "arch", "maintainer", "checksum", "extractsize"]
KNOWN = set(REQUIRED) | set("""displayname maintainer_url distributor distributor_url support_url helpurl ctl_stop
    ctl_uninstall silent_install silent_upgrade silent_uninstall support_move os_max_ver exclude_arch model exclude_model
    precheckstartstop""".split())
LANGUAGES = set("enu cht chs krn ger fre ita spn jpn dan nor sve nld rus plk ptb ptg hun trk csy".split())

# ELF machine and class of each name that INFO's arch may have: Synology's families, and platforms with a kernel from 3.10
# on that are not in one
I386, X86_64, ARM, AARCH64 = (1, 3), (2, 62), (1, 40), (2, 183)
ARCHES = {"x86_64": X86_64, "armv8": AARCH64}
ARCHES.update(dict.fromkeys("alpine alpine4k armada38x monaco armv7".split(), ARM))
ARCHES.update(dict.fromkeys("""apollolake avoton braswell broadwell broadwellnk broadwellnkv2 broadwellntbap bromolow cedarview
    denverton epyc7002 geminilake geminilakenk grantley kvmx64 purley r1000 r1000nk v1000 v1000nk""".split(), X86_64))
ARCHES.update(dict.fromkeys("armada37xx rtd1296 rtd1619b".split(), AARCH64))

# what people have as /bin/sh; DSM has bash
SHELLS = ["dash", "bash --posix", "busybox ash"]
COPY = "usr/local/libexec/postern/postern-priv"
TARGET = "/var/packages/postern/target"
# what may be named as root's to type, beside the line for the Task Scheduler
ROOTS = re.compile(r"sudo ("
                   r"/usr/local/libexec/postern/postern-setup (?:en|dis)able|-i(?=,))(?![^ .\",\n])")
# what each state is to say, by the exit status of `postern-setup status --brief`
STATES = {0: ("Nothing more", "nichts weiter"), 5: ("Task Scheduler", "Aufgabenplaner"),
          6: ("another version", "anderen Version"), 7: ("older than 3.10", "älter als 3.10"), 1: ("postern doctor", "postern doctor")}

faults = []


def fault(rule, text):
    assert rule in RULES, rule
    faults.append(f"{rule}: {text}".replace("\n", " | "))


def wants(rule, truth, text):
    if not truth:
        fault(rule, text)
    return truth


def no_twice(pairs):
    keys = [k for k, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError(f"a key twice in {keys}")
    return dict(pairs)


def strict_json(data):
    def constant(name):
        raise ValueError(name)
    return json.loads(data.decode("utf-8"), object_pairs_hook=no_twice, parse_constant=constant)


def is_ustar(data):
    return len(data) > 512 and data[257:263] == b"ustar\0" and len(data) % 512 == 0


def bad_path(name):
    return name.startswith("/") or any(p in ("", ".", "..") for p in name.rstrip("/").split("/"))


def members(data, rule):
    """of a tar archive: its entries, in order; what goes for the outer one and the inner one alike"""
    tar = tarfile.open(fileobj=io.BytesIO(data), mode="r:")
    entries = tar.getmembers()
    names = [e.name for e in entries]
    wants(rule, len(names) == len(set(names)), "a name twice")
    for e in entries:
        wants(rule, not bad_path(e.name), f"{e.name}: not a plain relative path")
        wants(rule, (e.uid, e.gid) == (0, 0) and e.uname in ("", "root") and e.gname in ("", "root"), f"{e.name}: not root's")
        wants(rule, not e.pax_headers, f"{e.name}: has extended attributes")
        want = 0o755 if e.isdir() or e.mode & 0o100 else 0o644
        wants(rule, e.issym() or e.mode == want, f"{e.name}: mode {e.mode:o}")
    return tar, entries


def outer(data):
    if not wants("container", is_ustar(data), "not an uncompressed tar archive"):
        return None
    try:
        tar, entries = members(data, "container")
    except tarfile.TarError as e:
        fault("container", f"broken: {e}")
        return None
    for e in entries:
        wants("container", e.isreg() or e.isdir(), f"{e.name}: a link or a device")
        wants("container", e.name in MEMBERS + FOLDERS + [LIBRARY], f"{e.name}: not expected in a package")
    wants("container", entries and entries[0].name == "INFO", "INFO is not the first member")
    files = {e.name: tar.extractfile(e).read() for e in entries if e.isreg()}
    for name in MEMBERS:
        wants("scripts" if name.startswith("scripts/") else "container", name in files, f"{name} is missing")
    for e in entries:
        wants("scripts", not e.isreg() or (e.mode == 0o755) == (e.name == SETUP or e.name[8:] in SCRIPTS and e.name.startswith("scripts/")),
              f"{e.name}: mode {e.mode:o}")
    return files


def numbers(version):
    return [int(n) for n in re.split(r"[._-]", version)]


def info_of(data, after):
    info = {}
    for line in data.decode("utf-8").split("\n")[:-1]:
        found = re.fullmatch(r'([a-z0-9_]+)="([^"`$\\!\x00-\x1f]*)"', line)
        if not wants("info", found, f"not key=\"value\" without a character of the shell's: {line}"):
            continue
        key, value = found.groups()
        wants("info", key not in info, f"{key} twice")
        info[key] = value
        base = key[:-4] if key[-4:-3] == "_" and key[-3:] in LANGUAGES else key
        wants("info", key in KNOWN or base in ("description", "displayname"), f"{key}: deprecated, or unknown to DSM 7")
    wants("info", data.endswith(b"\n"), "the last line has no end")
    for key in REQUIRED:
        wants("info", info.get(key), f"{key} is missing")
    wants("info", not re.search(r'[:/><|=\s]', info.get("package", "")), "package: a character that DSM forbids")
    version = info.get("version", "")
    if wants("info", re.fullmatch(r"\d+([._]\d+)*-\d+", version), f"version: {version}"):
        wants("info", all(n < 2**31 for n in numbers(version)), "version: a number beyond 2147483647")
        wants("info", not after or numbers(version)[-1] > numbers(after)[-1], f"the build number of {version} is not above {after}")
    wants("info", data.find(b"\nversion=") in range(1, 4096), "version is not within the first 4096 bytes, where postern-priv looks")
    least = re.fullmatch(r"(\d+)\.(\d+)-(\d+)", info.get("os_min_ver", ""))
    wants("info", least and [int(n) for n in least.groups()] >= [7, 0, 40000], "os_min_ver: below 7.0-40000")
    for name in info.get("arch", "").split():
        wants("info", name in ARCHES, f"arch: {name} is unknown, or has a kernel below 3.10")
    wants("info", info.get("ctl_stop") == "no", "ctl_stop: there is no daemon to stop")
    wants("info", info.get("silent_uninstall") != "yes", "silent_uninstall: its wizard has a warning")
    return info


def payload(packed, info):
    kind = "gzip" if packed[:2] == b"\x1f\x8b" else "xz" if packed[:6] == b"\xfd7zXZ\0" else None
    if not wants("payload", kind, "package.tgz: neither gzip nor xz"):
        return None, set()
    try:
        data = gzip.decompress(packed) if kind == "gzip" else lzma.decompress(packed)
        tar, entries = members(data, "payload")
    except (OSError, EOFError, tarfile.TarError) as e:
        fault("payload", f"broken: {e}")
        return None, set()
    files, names = {}, {e.name for e in entries}
    for e in entries:
        wants("payload", e.isreg() or e.isdir() or e.issym(), f"{e.name}: a hard link or a device")
        if e.issym():
            to = posixpath.normpath(posixpath.join(posixpath.dirname(e.name), e.linkname))
            wants("payload", not e.linkname.startswith("/") and not to.startswith("..") and to in names,
                  f"{e.name}: a link to {e.linkname}, out of the package or to nothing")
        if e.isreg():
            files[e.name] = tar.extractfile(e).read()
    wants("payload", not any("postern-setup" in n for n in names), "postern-setup is where the package's account could change it")
    size = sum(len(f) for f in files.values())
    wants("sums", info.get("extractsize") == str((size + 1023) // 1024), f"extractsize: not that of {size} bytes")
    return files, names


def sums_of(setup, inner):
    """SHA256SUMS, which says what root may come to run or keep"""
    want = {SETUP: setup, **{f"target/{n}": inner.get(n, b"") for n in PROGRAMS}}
    return "".join(f"{hashlib.sha256(want[n]).hexdigest()}  {n}\n" for n in sorted(want)).encode()


def sums(files, inner, info):
    wants("sums", info.get("checksum") == hashlib.md5(files["package.tgz"]).hexdigest(), "checksum: not package.tgz's")
    wants("sums", sums_of(files.get(SETUP, b""), inner) == files.get(SUMS), f"{SUMS}: not those of what root may run or keep")


def privilege(data):
    try:
        conf = strict_json(data)
    except ValueError as e:
        fault("privilege", f"conf/privilege: {e}")
        return
    # what DSM 7 refuses of everybody but Synology, and what leaves an account behind: nothing else is in it at all
    wants("privilege", conf == {"defaults": {"run-as": "package"}}, "conf/privilege: more or less than run-as: package")


def resource(data, names):
    try:
        conf = strict_json(data)
    except ValueError as e:
        fault("resource", f"conf/resource: {e}")
        return
    linker = conf.get("usr-local-linker") if isinstance(conf, dict) else None
    if not wants("resource", isinstance(linker, dict) and list(conf) == ["usr-local-linker"], "conf/resource: not usr-local-linker alone"):
        return
    for path in [p for paths in linker.values() for p in paths]:
        # a file of that name in /usr/local/bin is unlinked first, whosever it is
        wants("resource", re.match("postern", posixpath.basename(path)), f"conf/resource: {path} is not our own name")
        wants("resource", path in names, f"conf/resource: {path} does not exist")
    wants("resource", set(linker) <= {"bin"}, "conf/resource: links other than programs")


def scripts(files):
    for name in [f"scripts/{s}" for s in SCRIPTS] + [LIBRARY]:
        data = files.get(name)
        if data is None:
            continue
        wants("scripts", b"\r" not in data and data.endswith(b"\n"), f"{name}: a carriage return, or no end")
        wants("scripts", name == LIBRARY or data.startswith(b"#!/bin/sh\n"), f"{name}: does not begin with #!/bin/sh")
        for checker in (*(s.split() + ["-n"] for s in SHELLS),
                        ["shellcheck", "-s", "sh", "-e", "SC1091,SC2034,SC2154", "-S", "warning", "-"]):
            said = checked(tuple(checker), data)
            wants("scripts", not said, f"{name}: {checker[0]}: {said}")


@functools.cache
def checked(checker, data):
    """what a program says against a script that it reads from standard input"""
    if not shutil.which(checker[0]):
        return ""
    done = subprocess.run(checker, input=data, capture_output=True)
    return (done.stdout + done.stderr).decode().strip() or "failed" if done.returncode else ""


class Dsm:
    """runs scripts as DSM does, in a sandbox: as a plain user, with the package's files and nothing else of its own"""

    def __init__(self, launcher, files):
        self.launcher = launcher
        self.dir = tempfile.mkdtemp(prefix="spk.")
        for name, data in files.items():
            if name.startswith("scripts/"):
                self.put(name, data)
        self.put("usr/local/bin/postern", b"")
        self.put("target/bin/postern", b"")

    def put(self, name, data):
        path = os.path.join(self.dir, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data)
        os.chmod(path, 0o755)

    def run(self, script, status, *words, state=5, copy=False, language="enu", shell="sh", release=None):
        self.put(SETUP, b'#!/bin/sh\n[ "$*" = "status --brief" ] && exit %d\nexit 99\n' % state)
        log = os.path.join(self.dir, "log")
        open(log, "w").close()
        os.chmod(log, 0o666)
        shutil.rmtree(os.path.join(self.dir, "usr/local/libexec"), ignore_errors=True)
        if copy:
            self.put(COPY, b"")
        if release:
            self.put("usr/local/bin/uname", b"#!/bin/sh\necho " + release.encode() + b"\n")
        path = ("/usr/local/bin:" if release else "") + "/usr/bin:/bin"
        environment = {"PATH": path, "SYNOPKG_PKGNAME": "postern", "SYNOPKG_PKG_STATUS": status, "SYNOPKG_PKGDEST": TARGET,
                       "SYNOPKG_TEMP_LOGFILE": "/log", "SYNOPKG_DSM_LANGUAGE": language, "SYNOPKG_DSM_VERSION_MAJOR": "7"}
        sets = [w for k, v in environment.items() for w in ("--setenv", k, v)]
        done = subprocess.run(
            [self.launcher, "--unshare-user", "--uid", "4242", "--gid", "4242", "--unshare-pid", "--unshare-net", "--tmpfs", "/",
             "--ro-bind", "/usr", "/usr", "--ro-bind", os.path.join(self.dir, "usr/local"), "/usr/local", "--dev", "/dev",
             "--ro-bind-try", "/lib", "/lib", "--ro-bind-try", "/lib64", "/lib64", "--ro-bind-try", "/bin", "/bin", "--ro-bind-try",
             "/etc/alternatives", "/etc/alternatives",
             "--bind", log, "/log", "--ro-bind", os.path.join(self.dir, "scripts"), "/var/packages/postern/scripts",
             "--ro-bind", os.path.join(self.dir, "target"), TARGET, "--remount-ro", "/", "--clearenv", *sets, "--",
             *shell.split(), f"/var/packages/postern/scripts/{script}", *words], capture_output=True, stdin=subprocess.DEVNULL)
        with open(log, encoding="utf-8") as f:
            return done.returncode, f.read(), done.stderr.decode()

    def close(self):
        shutil.rmtree(self.dir)


def behaviour(launcher, files, shells):
    dsm = Dsm(launcher, files)

    def expect(what, script, *words, code=0, says=None, silent=False, **how):
        got, text, err = dsm.run(script, *words, **how)
        # DSM shows it as HTML
        right = got == code and not re.search("[<>&]", text) and text.count("sudo ") == len(ROOTS.findall(text)) and (not silent or text == "") and (says is None or says in text)
        wants("behaviour", right, f"{what}: status {got}, window {text!r}, log {err[-300:]!r}")

    for shell in (s for s in shells if shutil.which(s.split()[0])):
        how = {"shell": shell}
        expect("preinst", "preinst", "INSTALL", silent=True, **how)
        if not shell.startswith("busybox"):  # which has a uname of its own
            expect("preinst on an old kernel", "preinst", "INSTALL", release="3.2.101", code=1, says="3.10", **how)
            expect("preinst on the least kernel", "preinst", "INSTALL", release="3.10.108", silent=True, **how)
        for state, (english, german) in STATES.items():
            for script, status in (("postinst", "INSTALL"), ("postupgrade", "UPGRADE")):
                expect(f"{script}, state {state}", script, status, state=state, says=english, **how)
                expect(f"{script}, state {state}, German", script, status, state=state, says=german, language="ger", **how)
        expect("postinst in an update", "postinst", "UPGRADE", silent=True, **how)
        expect("start by hand", "start-stop-status", "START", "start", says="Task Scheduler", **how)
        for word in ("prestart", "start", "status", "prestop", "stop"):
            for status in ("", "INSTALL", "UPGRADE", "STOP", "UNINSTALL"):
                expect(f"{word} with {status or 'nothing'}", "start-stop-status", status, word, silent=True, copy=True, **how)
        expect("status by hand", "start-stop-status", "START", "status", silent=True, **how)
        for copy in (False, True):
            for script in ("preupgrade", "preuninst", "postuninst", "preinst"):
                expect(f"{script} in an update", script, "UPGRADE", copy=copy, silent=True, **how)
        expect("preuninst without a copy", "preuninst", "UNINSTALL", silent=True, **how)
        blocked = {"code": 1, "copy": True, "says": "sudo /usr/local/libexec/postern/postern-setup disable", **how}
        expect("preuninst with a copy", "preuninst", "UNINSTALL", **blocked)
        expect("preuninst with a copy, German", "preuninst", "UNINSTALL", language="ger", **blocked)
        expect("postuninst", "postuninst", "UNINSTALL", silent=True, **how)
    dsm.close()


def icons(files):
    for name, size in (("PACKAGE_ICON.PNG", 64), ("PACKAGE_ICON_256.PNG", 256)):
        data = files[name]
        right = data[:8] == b"\x89PNG\r\n\x1a\n" and data[12:16] == b"IHDR" and data[-8:-4] == b"IEND"
        if wants("icons", right and len(data) > 33, f"{name}: not a whole PNG"):
            wants("icons", struct.unpack(">IIBB", data[16:26]) == (size, size, 8, 6), f"{name}: not {size}x{size} RGBA")


def license(data):
    try:
        wants("license", 0 < len(data) < 1 << 20 and data.decode("utf-8").strip(), "LICENSE: empty, or 1 MB and more")
    except UnicodeDecodeError:
        fault("license", "LICENSE: not UTF-8")


def wizards(files):
    for name in WIZARDS:
        data = files.get(f"WIZARD_UIFILES/{name}")
        if data is None:
            continue
        try:
            steps = strict_json(data)
            text = data.decode()
            wants("wizards", text.count("sudo ") == len(ROOTS.findall(text)), f"{name}: names another command of root's")
            keys = [s["key"] for step in steps for i in step["items"] for s in i.get("subitems", [])]
            wants("wizards", steps and all(step["step_title"] and step["items"] for step in steps), f"{name}: an empty step")
            wants("wizards", len(keys) == len(set(keys)), f"{name}: a key twice")
            wants("wizards", all("desc" in i or "subitems" in i for step in steps for i in step["items"]), f"{name}: an item says nothing")
        except (ValueError, KeyError, TypeError, AttributeError) as e:
            fault("wizards", f"{name}: {e!r}")


def elf(name, data, wanted, rule="elf"):
    little = data[5] == 1
    if not wants(rule, little and wanted == (data[4], struct.unpack_from("<H", data, 18)[0]), f"{name}: not for what INFO's arch says"):
        return
    wide = data[4] == 2
    flags = struct.unpack_from("<I", data, 48 if wide else 36)[0]
    wants(rule, wanted != ARM or not flags & 0x400, f"{name}: needs a float unit, which not every 32-bit ARM has")
    offset = struct.unpack_from("<Q" if wide else "<I", data, 32 if wide else 28)[0]
    size, count = struct.unpack_from("<HH", data, 54 if wide else 42)
    kinds = {}
    for i in range(count):
        at = offset + i * size
        kind = struct.unpack_from("<I", data, at)[0]
        kinds.setdefault(kind, []).append((struct.unpack_from("<I", data, at + (4 if wide else 24))[0],
                                           struct.unpack_from("<Q" if wide else "<I", data, at + (8 if wide else 4))[0],
                                           struct.unpack_from("<Q" if wide else "<I", data, at + (32 if wide else 16))[0]))
    wants(rule, 3 not in kinds, f"{name}: wants an interpreter")
    stack = kinds.get(0x6474e551)
    wants(rule, stack and not stack[0][0] & 1, f"{name}: an executable stack")
    wants(rule, 0x6474e552 in kinds, f"{name}: no RELRO")
    wants(rule, not any(f & 3 == 3 for f, _, _ in kinds.get(1, [])), f"{name}: a segment that is writable and executable")
    for _, at, length in kinds.get(2, []):
        word = "<qQ" if wide else "<iI"
        step = struct.calcsize(word)
        tags = [struct.unpack_from(word, data, at + o)[0] for o in range(0, length, step)]
        wants(rule, 1 not in tags, f"{name}: needs a library")


def programs(inner, info):
    machines = {ARCHES[a] for a in info.get("arch", "").split() if a in ARCHES}
    if not wants("elf", len(machines) == 1, "arch: of more than one kind of machine, or of none"):
        return {}
    found = {n: d for n, d in inner.items() if d[:4] == b"\x7fELF"}
    for name in ("bin/postern", "libexec/postern/bwrap", "libexec/postern/postern-priv", "libexec/postern/postern-inside",
                 "libexec/postern/postern-battery"):
        wants("elf", name in found, f"{name}: is missing, or no program")
    for name, data in found.items():
        elf(name, data, next(iter(machines)))
    return found


def starts(found, qemu):
    for name, says in (("bin/postern", "postern "), ("libexec/postern/bwrap", "bubblewrap ")):
        if name not in found:
            continue
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, "program")
            with open(path, "wb") as f:
                f.write(found[name])
            os.chmod(path, 0o755)
            try:
                done = subprocess.run(([qemu] if qemu else []) + [path, "--version"], capture_output=True, timeout=120, text=True)
                wants("starts", done.returncode == 0 and done.stdout.startswith(says), f"{name} --version: {done}")
            except OSError as e:
                fault("starts", f"{name}: {e}")


def validate(data, launcher=None, qemu=None, after=None, others=(), shells=SHELLS):
    """the faults of a package"""
    faults.clear()
    files = outer(data)
    if files is not None and all(m in files for m in ("INFO", "package.tgz", "conf/privilege", "conf/resource")):
        info = info_of(files["INFO"], after)
        inner, names = payload(files["package.tgz"], info)
        if inner is not None:
            sums(files, inner, info)
            resource(files["conf/resource"], names)
            found = programs(inner, info)
            if qemu is not None:
                starts(found, qemu)
        privilege(files["conf/privilege"])
        scripts(files)
        if launcher and all(f"scripts/{s}" in files for s in SCRIPTS):
            behaviour(os.path.abspath(launcher), files, shells)
        icons({"PACKAGE_ICON.PNG": b"", "PACKAGE_ICON_256.PNG": b"", **files})
        if "LICENSE" in files:
            license(files["LICENSE"])
        wizards(files)
    for name, other in others:
        wants("reproducible", other == data, f"{name} has other bytes")
    return list(faults)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("spk", nargs="*")
    words.add_argument("--launcher")
    words.add_argument("--qemu", help='"" for this machine')
    words.add_argument("--after", help="the version of the last release")
    words.add_argument("--rules", action="store_true")
    a = words.parse_args()
    if a.rules or not a.spk:
        print("\n".join(RULES) if a.rules else __doc__)
        return 0 if a.rules else 2
    found = validate(read(a.spk[0]), a.launcher, a.qemu, a.after, [(o, read(o)) for o in a.spk[1:]])
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""spk_corrupt.py SPK BWRAP [RULE]

Gives copies of SPK one fault each; RULE_NAME makes one that spk_validate.py is to find by its rule RULE, and by no other. One line
of result for each, and one for each rule; with RULE only its."""
import gzip
import hashlib
import io
import re
import sys
import tarfile

import spk_validate


class Archive:
    """entries of a tar archive in their order, as [TarInfo, bytes]"""

    def __init__(self, data):
        tar = tarfile.open(fileobj=io.BytesIO(data), mode="r:")
        self.entries = [[e, tar.extractfile(e).read() if e.isreg() else b""] for e in tar.getmembers()]
        self.format = tarfile.USTAR_FORMAT

    def at(self, name):
        return next(e for e in self.entries if e[0].name == name)

    def remove(self, name):
        self.entries.remove(self.at(name))

    def change(self, name, old, new):
        entry = self.at(name)
        changed = re.sub(old.encode(), lambda m: m.expand(new.encode()), entry[1], count=1, flags=re.M | re.S)
        assert changed != entry[1], f"{name} has nothing like {old}"
        entry[1] = changed

    def add(self, name, data=b"", kind=tarfile.REGTYPE, mode=0o644, link=""):
        info = tarfile.TarInfo(name)
        info.type, info.mode, info.linkname = kind, mode, link
        self.entries.append([info, data])

    def bytes(self):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w:", format=self.format) as tar:
            for info, data in self.entries:
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data) if info.isreg() else None)
        return out.getvalue()


class Package(Archive):
    """of which the sums are right whatever was changed, unless `honest` was taken away"""

    def __init__(self, data):
        super().__init__(data)
        self.inner = Archive(gzip.decompress(self.at("package.tgz")[1]))
        self.honest = self.true_hash = True
        self.wrap = lambda data: data

    def bytes(self):
        if self.honest and self.true_hash:
            inner = {e.name: data for e, data in self.inner.entries}
            for entry in (e for e in self.entries if e[0].name == spk_validate.SUMS):
                entry[1] = spk_validate.sums_of(self.at(spk_validate.SETUP)[1], inner)
        self.at("package.tgz")[1] = gzip.compress(self.inner.bytes(), 1)
        if self.honest:
            size = sum(len(d) for _, d in self.inner.entries)
            self.set("checksum", hashlib.md5(self.at("package.tgz")[1]).hexdigest())
            self.set("extractsize", str((size + 1023) // 1024))
        return self.wrap(super().bytes())

    def set(self, key, value):
        entry = self.at("INFO")
        entry[1] = re.sub(rf'^{key}="[^"]*"$', f'{key}="{value}"', entry[1].decode(), flags=re.M).encode()


def container_gzip(p):
    p.wrap = gzip.compress


def container_order(p):
    p.entries.append(p.entries.pop(0))


def container_absolute(p):
    p.at("LICENSE")[0].name = "/LICENSE"


def container_parent(p):
    p.add("../LICENSE")


def container_twice(p):
    p.add("LICENSE", b"another")


def container_owner(p):
    p.at("LICENSE")[0].uid = 1001


def container_link(p):
    p.remove("LICENSE")
    p.add("LICENSE", kind=tarfile.SYMTYPE, link="INFO")


def container_missing(p):
    p.remove("LICENSE")


def container_case(p):
    p.at("conf/privilege")[0].name = "conf/Privilege"
    p.add("conf/privilege", p.at("conf/Privilege")[1])


def info_twice(p):
    p.change("INFO", r'\Z', 'os_min_ver="7.0-40000"\n')


def info_missing(p):
    p.change("INFO", r'^maintainer=.*?\n', '')


def info_deprecated(p):
    p.change("INFO", r'\Z', 'startable="no"\n')


def info_dsm6(p):
    p.change("INFO", '7.0-40000', '6.1-15047')


def info_version(p):
    p.change("INFO", r'^version="([^-]*)-\d*', r'version="\1')


def info_int32(p):
    p.change("INFO", r'^version="([^-]*)-\d*', r'version="\1-2147483648')


def info_shell(p):
    p.change("INFO", '^displayname="', 'displayname="$(id)')


def info_platform(p):
    p.change("INFO", '^arch="', 'arch="armada370 ')


def info_name(p):
    p.change("INFO", '^package="', 'package="post:')


def info_late(p):
    p.change("INFO", '^version=(.*?)\n', '')
    p.change("INFO", r'\Z', f'description_fre="{"x" * 4096}"\nversion="0.1.0-1"\n')


def info_stop(p):
    p.change("INFO", '^ctl_stop="no"', 'ctl_stop="yes"')


def sums_checksum(p):
    p.bytes()
    p.honest = False
    p.set("checksum", "0" * 32)


def sums_size(p):
    p.bytes()
    p.honest = False
    p.set("extractsize", "1")


def sums_privileged(p):
    p.true_hash = False
    p.inner.change("libexec/postern/postern-priv", r'\Z', '\n')


def payload_setuid(p):
    p.inner.at("libexec/postern/postern-priv")[0].mode = 0o4755


def payload_writable(p):
    p.inner.at("bin/postern")[0].mode = 0o777


def payload_group(p):
    p.inner.at("bin/postern")[0].gid = 101


def payload_out(p):
    p.inner.add("bin/sh", kind=tarfile.SYMTYPE, mode=0o777, link="/bin/sh")


def payload_up(p):
    p.inner.add("bin/passwd", kind=tarfile.SYMTYPE, mode=0o777, link="../../etc/passwd")


def payload_device(p):
    p.inner.add("bin/null", kind=tarfile.CHRTYPE)


def payload_capabilities(p):
    p.inner.format = tarfile.PAX_FORMAT
    p.inner.at("libexec/postern/postern-priv")[0].pax_headers = {"SCHILY.xattr.security.capability": "x"}


def payload_broken(p):
    whole = p.bytes
    p.bytes = lambda: (whole(), setattr(p, "honest", False), p.at("package.tgz").__setitem__(1, b"PK\3\4"),
                       p.set("checksum", hashlib.md5(b"PK\3\4").hexdigest()), Archive.bytes(p))[-1]


def privilege_root(p):
    p.change("conf/privilege", '"package"', '"root"')


def privilege_script(p):
    p.change("conf/privilege", r'\A{', '{"ctrl-script": [{"action": "postinst", "run-as": "root"}],')


def privilege_capabilities(p):
    p.change("conf/privilege", r'\A{', '{"tool": [{"relpath": "bin/postern", "capabilities": "cap_net_raw"}],')


def privilege_user(p):
    p.change("conf/privilege", r'\A{', '{"username": "postern",')


def payload_setup(p):
    p.inner.add("libexec/postern-setup", b"#!/bin/sh\n")


def sums_setup(p):
    p.true_hash = False
    p.change("scripts/postern-setup", r'\Z', '#\n')


def privilege_twice(p):
    p.change("conf/privilege", '"run-as"', '"run-as": "root", "run-as"')


def resource_bwrap(p):
    p.change("conf/resource", 'bin/postern"', 'bin/bwrap"')


def resource_missing(p):
    p.change("conf/resource", 'bin/postern"', 'bin/postern-none"')


def resource_more(p):
    p.change("conf/resource", r'\A{', '{"data-share": {},')


def scripts_missing(p):
    p.remove("scripts/preupgrade")


def scripts_mode(p):
    p.at("scripts/postinst")[0].mode = 0o644


def scripts_crlf(p):
    p.change("scripts/postinst", '\n', '\r\n')


def scripts_bash(p):
    p.change("scripts/postinst", '#!/bin/sh', '#!/bin/bash')


def scripts_syntax(p):
    p.change("scripts/postinst", r'\Z', 'if\n')


def scripts_bashism(p):
    p.change("scripts/postinst", '^main "', 'x=(1 2)\nmain "')


def behaviour_blocks_updates(p):
    p.change("scripts/preuninst", '= UNINSTALL', '!= INSTALL')


def behaviour_never_blocks(p):
    p.change("scripts/preuninst", 'exit 1', 'exit 0')


def behaviour_status(p):
    p.change("scripts/start-stop-status", ' \\| status\\) ;;', ') ;;\n\t\tstatus) exit 3 ;;')


def behaviour_silent(p):
    p.change("scripts/common.sh", '>>"\\$SYNOPKG_TEMP_LOGFILE"', '>/dev/null')


def behaviour_english_only(p):
    p.change("scripts/common.sh", 'ger\\) told=\\$2', 'ger) told=$1')


def behaviour_fails(p):
    p.change("scripts/postinst", 'main "\\$@"', 'main "$@"\nfalse')


def behaviour_markup(p):
    p.change("scripts/common.sh", 'Nothing more', '<b>Nothing</b> more')


def behaviour_command(p):
    p.change("scripts/common.sh", 'postern-setup disable', 'postern-setup undo')


def behaviour_old_kernel(p):
    p.change("scripts/preinst", '-lt 10', '-lt 1')


def icons_size(p):
    p.at("PACKAGE_ICON.PNG")[1] = p.at("PACKAGE_ICON_256.PNG")[1]


def icons_other(p):
    p.at("PACKAGE_ICON_256.PNG")[1] = b"GIF89a" + bytes(64)


def license_text(p):
    p.at("LICENSE")[1] = b"\xff\xfe"


def license_long(p):
    p.at("LICENSE")[1] = b"x" * (1 << 20)


def wizards_json(p):
    p.change("WIZARD_UIFILES/install_uifile_ger", r'\]', '')


def wizards_command(p):
    p.change("WIZARD_UIFILES/uninstall_uifile_ger", 'libexec/postern/postern-setup disable', 'bin/postern-setup disable')


def wizards_twice(p):
    p.change("WIZARD_UIFILES/uninstall_uifile", '"desc"', '"desc": "", "desc"')


def elf_machine(p):
    here = p.at("INFO")[1].decode()
    p.set("arch", "armv8" if 'arch="x86_64"' in here else "x86_64")


def header(p, name="libexec/postern/bwrap"):
    data = bytearray(p.inner.at(name)[1])
    wide = data[4] == 2
    start = int.from_bytes(data[32:40] if wide else data[28:32], "little")
    size = int.from_bytes(data[54:56] if wide else data[42:44], "little")
    count = int.from_bytes(data[56:58] if wide else data[44:46], "little")
    return data, {int.from_bytes(data[a:a + 4], "little"): a for a in range(start, start + size * count, size)}, wide


def elf_stack(p):
    data, at, wide = header(p)
    data[at[0x6474e551] + (4 if wide else 24)] = 7
    p.inner.at("libexec/postern/bwrap")[1] = bytes(data)


def elf_interpreter(p):
    data, at, _ = header(p)
    spare = next(a for kind, a in at.items() if kind not in (1, 2, 0x6474e551, 0x6474e552))
    data[spare:spare + 4] = b"\3\0\0\0"
    p.inner.at("libexec/postern/bwrap")[1] = bytes(data)


def elf_relro(p):
    data, at, _ = header(p)
    data[at[0x6474e552]:at[0x6474e552] + 4] = bytes(4)
    p.inner.at("libexec/postern/bwrap")[1] = bytes(data)


def elf_float(p):
    data, _, _ = header(p)
    if data[18] != spk_validate.ARM[1]:
        return False
    data[37] |= 4
    p.inner.at("libexec/postern/bwrap")[1] = bytes(data)


def elf_missing(p):
    p.inner.remove("libexec/postern/postern-inside")


def starts_broken(p):
    entry = p.inner.at("libexec/postern/bwrap")
    n = len(entry[1])
    entry[1] = entry[1][:n // 8] + bytes(n * 3 // 4) + entry[1][n - n // 8:]


def reproducible_date(p):
    for entry, _ in p.entries:
        entry.mtime = 0


def result(good, name, detail):
    print("ok - " + name if good else f"not ok - {name}\n  {detail}", flush=True)
    return good


def main(spk, launcher, only=None):
    data = spk_validate.read(spk)
    good, seen = True, set()
    for name, function in list(globals().items()):
        rule, _, what = name.partition("_")
        if not what or rule not in spk_validate.RULES or (only and rule != only):
            continue
        package = Package(data)
        if function(package) is False:  # not for such a package
            continue
        faults = spk_validate.validate(package.bytes(), launcher if rule == "behaviour" else None, "" if rule == "starts" else None,
                                       others=[(spk, data)] if rule == "reproducible" else [], shells=["dash"])
        found = bool(faults) and all(f.startswith(rule + ": ") for f in faults)
        seen |= {rule} if found else set()
        good &= result(found, f"refused: {rule}: {what.replace('_', ' ')}", faults)
    for rule in [only] if only else spk_validate.RULES:
        good &= result(rule in seen, f"the rule {rule} has been seen to fail", "by no copy")
    return 0 if good else 1


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))

# SPDX-License-Identifier: MIT
"""Does postern do with a plan what the reference does, but for what docs/compat.md lists?"""

import re

import compare
from options import dest_of, has, text
from oracle import Rewriter, without_data_files

FD_ERRORS = [
    r"bwrap: Can't write data to file .*: Bad file descriptor",
    r"bwrap: Can't find source path /proc/self/fd/\d+: No such file or directory",
]
# 0.8.0 unlinks the file that it binds: nothing can be mounted on it, and it is not found again
COVERED_DATA = re.compile(r'Unable to mount source on destination: No such file|\(deleted\)" in mount table')


def filter_is_seen(plan, who, ref, ours):
    """What makes a kernel old is a seccomp filter."""
    ours["process seccomp"] = ref["process seccomp"]


class Verdict:
    def __init__(self, kind, differences=(), detail=""):
        self.kind, self.differences, self.detail = kind, list(differences), detail


class Checker:
    def __init__(self, bench, reference, ours, who):
        self.bench, self.reference, self.ours, self.who = bench, reference, ours, who
        self.old_kernel = False
        self.compares_errors = True
        self.did = None  # what ours did with the last plan as it was
        self.rewriter = Rewriter(bench, reference)

    def descriptors_first(self, plan, got):
        """descriptors-first: what is wrong with a descriptor is reported before anything else is done."""
        if got.status != 1:
            return False
        data = re.fullmatch(r"bwrap: Can't write data to file (.*): Is a directory", got.error)
        closed = not got.changes and any(re.fullmatch(p, got.error) for p in FD_ERRORS)
        seen = set()
        for option in plan:
            word = option[1] if len(option) > 2 else ""
            if not word.startswith("<") or dest_of(option) is None:
                continue
            if data and data.group(1) == dest_of(option) and word.startswith("<@"):
                return True
            if closed and (word == "<closed" or word in seen):
                return True
            seen.add(word)
        return False

    def source_dots(self, got):
        """source-dots: the kernel follows a source's dots, and may refuse where they change nothing."""
        found = re.fullmatch(r"bwrap: Can't find source path (.*): Permission denied", got.error)
        return got.status == 1 and not got.changes and found and "/." in found.group(1)

    def repeated_mounts(self, plan, ref):
        """repeated-mounts: the kernel refuses the same file system twice on one place, to mount(2)."""
        return ref.error.endswith(": Device or resource busy") and any(
            plan.count(option) > 1 for option in plan if option[0] in ("--mqueue", "--proc")
        )

    def file_fifo(self, plan, ref, got):
        """file-fifo: the reference waits for a reader."""
        if ref.status != "timeout":
            return False
        no_reader = re.fullmatch(r"bwrap: Can't create file .*: No such device or address", got.error)
        return no_reader or has(plan, "--lock-file")

    def lock_rights(self, ref, got):
        """lock-rights: the reference's init may not open what root may."""
        denied = re.fullmatch(r"bwrap: Unable to open lock file .*: Permission denied", ref.error)
        return denied and self.who == "root" and got.error != ref.error

    def sources_first(self, plan, ref, got):
        """sources-first: the reference finds a source changed by an earlier option of the plan itself; or
        ours, on old kernels, comes to a missing source later."""
        missing = ref.error.startswith("bwrap: Can't find source path ")
        if self.old_kernel and missing and ref.status == got.status == 1:
            return True
        late = re.match(r"bwrap: Can't get type of source .*: Permission denied$", ref.error)
        return late and has(plan, "--chmod", "--perms")

    def accepted(self, plan, ref, got):
        """The entry of docs/compat.md if the reference's failure alone says why they differ, else None."""
        if self.file_fifo(plan, ref, got):
            return "file-fifo"
        if self.lock_rights(ref, got):
            return "lock-rights"
        if self.repeated_mounts(plan, ref):
            return "repeated-mounts"
        if self.sources_first(plan, ref, got):
            return "sources-first"
        return None

    def differences(self, plan, ref, got, ours_error=None):
        rules = [filter_is_seen] if self.old_kernel else []
        found = compare.differences(plan, ref, got, self.who, ours_error, rules)
        return [line for line in found if self.compares_errors or not line.startswith("error: ")]

    def check(self, plan):
        """The verdict on a plan.

        The reference's processes may fail at the same time and write into each other's lines: where ours does
        the same twice, and the second time what the reference does, it is the reference that is unsteady.
        """
        first = self.check_once(plan)
        if first.kind != "DIFFERS":
            return first
        did = self.did
        second = self.check_once(plan)
        if second.kind == "DIFFERS" or not compare.alike(did, self.did):
            return first
        return Verdict("unsteady reference")

    def check_once(self, plan):
        ref = self.bench.show(self.reference, plan)
        self.did = got = self.bench.show(self.ours, plan)
        if "/proc" in ref.changes or "/proc" in got.changes:
            # root's --chmod of the host's own: neither the launchers nor the survey can rely on it
            return Verdict("closed /proc")
        found = self.differences(plan, ref, got)
        runs = ", runs" if got.ran else ", fails"
        if not found:
            return Verdict("same" + runs)
        if self.descriptors_first(plan, got):
            return Verdict("descriptors-first" + runs)
        if self.source_dots(got):
            return Verdict("source-dots" + runs)
        kind = self.accepted(plan, ref, got)
        if kind:
            return Verdict(kind + runs)
        new = self.rewriter.rewrite(plan)
        if new.must_fail:
            if got.status == 1 and re.fullmatch(new.must_fail, got.error):
                return Verdict("symlink-destinations, fails")
            return Verdict("DIFFERS", found, "must fail with " + new.must_fail)
        if new.roots:
            got = self.bench.show(self.ours, plan, roots=new.roots)
        if new.plan != plan:
            ref, found = self.again(plan, new, got)
            kind = self.accepted(new.plan, ref, got)
            if not found or kind:
                return Verdict((kind if found else "symlink-destinations") + runs)
        if COVERED_DATA.search(ref.error):
            new.plan = without_data_files(self.bench, new.plan)
            ref, found = self.again(plan, new, got)
            if not found:
                return Verdict("data-files" + runs)
        return Verdict("DIFFERS", found, "as " + text(new.plan) if new.plan != plan else "")

    def again(self, plan, new, got):
        """What the reference does with other words, and how that differs from ours."""
        ref = self.bench.show(self.reference, new.plan, plan)
        found = self.differences(plan, ref, got, new.adapt(got.error))
        if found:
            ref.error = new.without_parents(ref.error)
            found = self.differences(plan, ref, got, new.adapt(got.error))
        return ref, found

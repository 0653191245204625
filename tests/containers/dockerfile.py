#!/usr/bin/env python3
"""Rules of hadolint that apply to the Dockerfiles of the docs, and two of ours: dockerfile.py FILE...

One line for each breach, with the rule; exit status 1 if there is any. `# hadolint ignore=RULE` above an instruction holds
for that instruction, as there.
"""
import json
import re
import sys


def instructions(text):
    """(ignored rules, word, rest) of each; lines that go on are one."""
    ignored, whole = set(), ""
    for line in text.splitlines():
        if not whole and line.lstrip().startswith("#"):
            found = re.match(r"#\s*hadolint ignore=([\w,]+)", line.strip())
            ignored |= set(found.group(1).split(",")) if found else set()
            continue
        whole += line
        if whole.endswith("\\"):
            whole = whole[:-1] + " "
            continue
        if whole.strip():
            word, _, rest = whole.strip().partition(" ")
            yield ignored, word.upper(), rest.strip()
        ignored, whole = set(), ""


def of_from(rest, stages):
    image = re.split(r"\s+[Aa][Ss]\s+", rest)[0].split()[-1]
    name = re.search(r"\s[Aa][Ss]\s+(\S+)$", rest)
    if not image.startswith("$") and image not in stages and image != "scratch":
        if ":" not in image and "@" not in image:
            yield "DL3006 a base image has a tag"
        if image.endswith(":latest"):
            yield "DL3007 the tag is not latest"
    if name:
        stages.append(name.group(1))


def of_run(rest, pipefail):
    if re.search(r"(^|[;&|]\s*)cd\s", rest):
        yield "DL3003 WORKDIR, not cd"
    if re.search(r"(^|\s)sudo\s", rest):
        yield "DL3004 no sudo"
    if "apt-get install" in rest:
        if "--no-install-recommends" not in rest:
            yield "DL3015 no recommended packages"
        if not re.search(r"apt-get install.*\s(-y|--yes)\s", rest):
            yield "DL3014 apt-get -y"
        words = re.search(r"apt-get install([^&;|]*)", rest).group(1).split()
        if any(not w.startswith("-") and "=" not in w and "/" not in w for w in words):
            yield "DL3008 packages have versions"
    if "apt-get update" in rest and "rm -rf /var/lib/apt/lists/*" not in rest:
        yield "DL3009 the lists of packages are removed in the same layer"
    if re.search(r"(^|\s)apt\s", rest):
        yield "DL3027 apt-get, not apt"
    if re.search(r"[^|]\|[^|]", rest) and not pipefail:
        yield "DL4006 a pipe without pipefail"
    if re.search(r"(curl|wget).*\|\s*(ba|da)?sh", rest):
        yield "POSTERN1 nothing is piped into a shell"


def of_copy(word, rest, stages):
    source = re.search(r"--from=(\S+)", rest)
    if source and source.group(1) not in stages:
        yield "DL3022 --from names a stage"
    if word == "ADD" and not re.search(r"\.(tar|tgz|tar\.\w+)\s", rest):
        yield "DL3020 COPY, not ADD"
    if re.search(r"--chmod=0*[2-7]\d{3}", rest):
        yield "POSTERN2 a builder may lose that bit: chmod in RUN"


def check(text):
    stages, pipefail, before, user = [], False, "", ""
    for ignored, word, rest in instructions(text):
        found = []
        if word == "FROM":
            found += of_from(rest, stages)
            pipefail = False
        elif word == "SHELL":
            pipefail = "pipefail" in rest
        elif word == "RUN":
            found += of_run(rest, pipefail)
            if before == "RUN":
                found.append("DL3059 two RUN in a row")
        elif word in ("COPY", "ADD"):
            found += of_copy(word, rest, stages)
        elif word == "MAINTAINER":
            found.append("DL4000 MAINTAINER is no more")
        elif word == "USER":
            user = rest
        elif word == "WORKDIR" and not rest.startswith(("/", "$")):
            found.append("DL3000 WORKDIR is absolute")
        elif word in ("CMD", "ENTRYPOINT"):
            try:
                json.loads(rest)
            except ValueError:
                found.append("DL3025 JSON for CMD and ENTRYPOINT")
        before = word
        yield from (f for f in found if f.split()[0] not in ignored)
    if user in ("root", "0"):
        yield "DL3002 the last USER is root"


def main(files):
    bad = 0
    for file in files:
        with open(file, encoding="utf-8") as stream:
            for line in check(stream.read()):
                print(f"{file}: {line}")
                bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

#!/usr/bin/env python3
"""spdx.py DIR FILE: FILE is an SPDX 2.3 document, and says the truth about what is in DIR."""
import hashlib
import json
import os
import re
import sys

SELF = {"./sbom.spdx.json", "./SHA256SUMS"}  # the one cannot have its own sum, the other has the first's


def no_twice(pairs):
    keys = [k for k, _ in pairs]
    assert len(keys) == len(set(keys)), f"a key twice: {keys}"
    return dict(pairs)


def digest(name, path):
    with open(path, "rb") as f:
        return hashlib.new(name, f.read()).hexdigest()


def files_of(top):
    for where, _, names in os.walk(top):
        for name in names:
            path = os.path.join(where, name)
            if not os.path.islink(path):
                yield "./" + os.path.relpath(path, top), path


def main(top, file):
    with open(file, encoding="ascii") as f:
        d = json.load(f, object_pairs_hook=no_twice)
    assert d["spdxVersion"] == "SPDX-2.3" and d["dataLicense"] == "CC0-1.0"
    assert d["SPDXID"] == "SPDXRef-DOCUMENT" and re.fullmatch(r"https://[^#]+", d["documentNamespace"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", d["creationInfo"]["created"])
    assert all(re.match("(Tool|Person|Organization): ?.", c) for c in d["creationInfo"]["creators"])

    items = d["packages"] + d["files"]
    ids = [i["SPDXID"] for i in items] + ["SPDXRef-DOCUMENT"]
    assert len(ids) == len(set(ids)) and all(re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", i) for i in ids)
    for r in d["relationships"]:
        assert r["spdxElementId"] in ids and r["relatedSpdxElement"] in ids, r
    kinds = [r["relationshipType"] for r in d["relationships"]]
    assert kinds.count("DESCRIBES") == 1 and kinds.count("STATIC_LINK") == 3 and kinds.count("CONTAINS") == len(d["files"])

    for p in d["packages"]:
        for key in ("name", "versionInfo", "downloadLocation", "licenseConcluded", "licenseDeclared", "copyrightText"):
            assert p[key], (p["name"], key)
        if not p["filesAnalyzed"]:
            assert all(re.fullmatch(r"pkg:[a-z]+/\S+@\S+", r["referenceLocator"]) for r in p["externalRefs"])
    assert {"musl", "libcap2", "jansson", "gcc", "postern"} == {p["name"] for p in d["packages"]}

    there = {name: path for name, path in files_of(top) if name not in SELF}
    said = {f["fileName"]: {c["algorithm"]: c["checksumValue"] for c in f["checksums"]} for f in d["files"]}
    assert set(said) == set(there), set(said) ^ set(there)
    for name, sums in said.items():
        assert sums == {"SHA1": digest("sha1", there[name]), "SHA256": digest("sha256", there[name])}, name
    code = hashlib.sha1("".join(sorted(s["SHA1"] for s in said.values())).encode()).hexdigest()
    whole = next(p for p in d["packages"] if p["filesAnalyzed"])
    assert whole["packageVerificationCode"]["packageVerificationCodeValue"] == code


main(*sys.argv[1:])

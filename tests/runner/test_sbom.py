"""The bill of materials is SPDX 2.3 and says what the linker put in: SPDX specification, clauses 6 to 11."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from functools import cache
from typing import Any

from usage import ROOT


@cache
def first_told() -> str:
    files = ("holdfast", "libholdfast.so", "libholdfast.a", "holdfast-tls.so")
    subprocess.run(["make", "-s", *(f"build/{file}" for file in files)], cwd=ROOT, check=True, capture_output=True)
    return told()


@cache
def bill() -> Any:
    return json.loads(first_told())


def told() -> str:
    return subprocess.run([ROOT / "ci/sbom"], capture_output=True, text=True, check=True,
                          env=os.environ | {"BUILD": str(ROOT / "build")}).stdout


def linked(kind: str) -> set[str]:
    return {link["relatedSpdxElement"].removeprefix("SPDXRef-Package-") for link in bill()["relationships"]
            if link["relationshipType"] == kind}


def test_it_has_what_the_specification_demands() -> None:
    assert (bill()["spdxVersion"], bill()["dataLicense"], bill()["SPDXID"]) == ("SPDX-2.3", "CC0-1.0", "SPDXRef-DOCUMENT")
    assert re.fullmatch(r"https://\S+/holdfast-\S+-[0-9a-f]{64}", bill()["documentNamespace"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", bill()["creationInfo"]["created"])
    assert all(re.match(r"(Tool|Organization|Person): ", creator) for creator in bill()["creationInfo"]["creators"])
    for package in bill()["packages"]:
        assert {"SPDXID", "name", "downloadLocation", "filesAnalyzed", "licenseConcluded"} <= set(package)
    for file in bill()["files"]:
        assert {"SPDXID", "fileName", "checksums"} <= set(file)


def test_identifiers_are_unique_and_every_relation_has_two_ends() -> None:
    ids = ["SPDXRef-DOCUMENT", *(one["SPDXID"] for one in bill()["packages"] + bill()["files"])]
    assert len(ids) == len(set(ids)) and all(re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", one) for one in ids)
    assert {link[end] for link in bill()["relationships"] for end in ("spdxElementId", "relatedSpdxElement")} == set(ids)


def test_checksums_are_of_the_files() -> None:
    for file in bill()["files"]:
        content = (ROOT / "build" / file["fileName"]).read_bytes()
        assert {one["algorithm"]: one["checksumValue"] for one in file["checksums"]} == {
            "SHA1": hashlib.sha1(content).hexdigest(), "SHA256": hashlib.sha256(content).hexdigest()}


def test_every_library_of_the_makefile_is_in_it() -> None:
    libraries = re.findall(r"-l(\S+)", re.findall(r"^LIBRARIES = (.*)", (ROOT / "Makefile").read_text(), re.M)[0])
    assert libraries and {f"lib{name}-dev" for name in libraries} <= linked("STATIC_LINK")
    assert {"libc6", "libssl3"} <= linked("DYNAMIC_LINK")
    for package in bill()["packages"][1:]:
        name, version = package["name"], package["versionInfo"]
        assert subprocess.run(["dpkg-query", "-W", "-f", "${Version}", name], capture_output=True, text=True,
                              check=True).stdout == version


def test_the_same_again() -> None:
    assert first_told() == told()

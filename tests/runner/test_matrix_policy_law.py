"""The order of policies by what they grant, and the law on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from matrix import relations, result
from matrix.cells import spread
from matrix.grants import grants
from matrix.observe import Observation
from matrix.result import Result, expectation
from matrix.targets import choose, on_guests
from matrix_world import scenario

LESS, MORE, EQUAL, NEITHER = "less", "more", "equal", "neither"


@pytest.mark.parametrize(("one", "other", "order"), [
    ("read_only: [/usr]", "read_only: [/usr, /etc]", LESS),
    ("read_only: [/usr]", "read_only: [/usr], read_write: [/tmp]", LESS),
    ("read_only: [/usr, /tmp]", "read_only: [/usr], read_write: [/tmp]", LESS),
    ("read_only: []", "read_write: []", EQUAL),
    ("read_only: [/usr]", "read_only: [/usr], include_workdir: true", LESS),
    # What a policy calls read_only is not widened by include_workdir.
    ("read_only: [/mnt/cell/work]", "read_only: [/mnt/cell/work], include_workdir: true", EQUAL),
    ("include_workdir: true, read_only: [/usr]", "include_workdir: true, read_only: [/usr, /mnt/cell/work]", MORE),
    # A list is the whole truth, its absence the default set.
    ("", "read_only: [/usr]", NEITHER),
    ("read_only: []", "", NEITHER),
    ("", "include_workdir: true", EQUAL),
    ("include_workdir: false", "", LESS),
    # A path below another is another path: links may lead anywhere.
    ("read_only: [/usr/lib]", "read_only: [/usr]", NEITHER),
])
def test_the_order(one: str, other: str, order: str) -> None:
    left, right = (grants(f"version: 1\nfilesystem_policy: {{{part}}}\n") for part in (one, other))
    assert left and right
    assert (left <= right, right <= left) == {
        LESS: (True, False), MORE: (False, True), EQUAL: (True, True), NEITHER: (False, False)}[order]


def test_what_cannot_be_compared() -> None:
    assert grants("version: [") is None and grants("- a list") is None
    assert grants("filesystem_policy: {read_only: /usr}") is None and grants("filesystem_policy:\n") is None
    one, other = grants("version: 1\n"), grants("version: 1\nprocess: {run_as_user: root}\n")
    assert one and other and not one <= other


WORLD = """\
about: lists that grow
policy: |
  version: 1
  filesystem_policy: {${lists}}
axes:
  mode: [block]
  landlock: [omitted, hard_requirement]
  lists:
    short: "read_only: [/usr, /mnt/cell/a]"
    long: "read_only: [/usr, /mnt/cell/a, /mnt/cell/b]"
    other: "read_only: [/usr, /mnt/cell/c]"
rows: "2"
probes:
  a: read /mnt/cell/a/file
  b: read /mnt/cell/b/file
  bb: read /mnt/cell/bb/file
expect:
  - outcome: usual
    probes: {a: any, b: any, bb: any}
"""
GOOD = {"short": {"a": "ok", "b": "EACCES", "bb": "EACCES"}, "long": {"a": "ok", "b": "ok", "bb": "EACCES"},
        "other": {"a": "EACCES", "b": "EACCES", "bb": "EACCES"}}
REFUSED = {"outcome": "refused", "probes": {}}


@pytest.mark.parametrize(("where", "change", "broken"), [
    ({}, {}, set()),
    ({"lists": "long"}, {"probes": {"a": "EACCES", "b": "ok", "bb": "EACCES"}}, {"probe a"}),
    ({"lists": "long"}, {"probes": {"a": "ENOSYS", "b": "ok", "bb": "EACCES"}}, set()),
    ({"lists": "long"}, {"probes": {"a": "ok", "b": "ok", "bb": "ok"}}, {"probe bb"}),
    ({"lists": "other"}, {"probes": {"a": "ok", "b": "ok", "bb": "ok"}}, set()),
    ({"lists": "long"}, {**REFUSED, "error": "HF-EXEC-UNREACHABLE"}, {"outcome"}),
    # A listed path must be there under hard_requirement (law 6); what is no policy grants nothing.
    ({"lists": "long", "landlock": "hard_requirement"}, {**REFUSED, "error": "HF-PATH-MISSING"}, set()),
    ({"lists": "long", "landlock": "omitted"}, {**REFUSED, "error": "HF-PATH-MISSING"}, {"outcome"}),
    ({"lists": "long"}, {**REFUSED, "error": "HF-POLICY-INVALID"}, set()),
])
def test_the_law(where: Mapping[str, str], change: Mapping[str, object], broken: set[str]) -> None:
    results = []
    for cell in spread(scenario(WORLD), on_guests(choose(["2"]))):
        seen = Observation(outcome="started", exit=0, enforced=True, abi=2, probes=GOOD[cell.axes["lists"]])
        if where and where.items() <= cell.axes.items():
            seen = replace(seen, **change)  # type: ignore[arg-type]
        results.append(Result(cell, result.PASS, expectation(cell), seen))
    assert {one.of.what for one in relations.check(results) if one.law == "monotone policy"} == broken


def test_a_link_may_lead_below_what_was_added() -> None:
    world = WORLD.replace("rows:", "tree:\n  - {symlink: bb, target: b}\nrows:")
    results = [Result(cell, result.PASS, expectation(cell), Observation(
        outcome="started", enforced=True, abi=2, probes={"bb": "ok" if cell.axes["lists"] == "long" else "EACCES"}))
        for cell in spread(scenario(world), on_guests(choose(["2"])))]
    assert relations.check(results) == []

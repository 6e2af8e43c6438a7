"""Each relation by table: what it bites, and what it lets be."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace

import pytest

from matrix import junit, ktap, record, relations, result
from matrix.cells import Cell, spread
from matrix.law import Violation
from matrix.observe import Observation
from matrix.paint import Paint
from matrix.record_read import run_of
from matrix.result import Result, expectation
from matrix.run import Run
from matrix.targets import choose, on_guests, on_image
from matrix.violated import told
from matrix_world import scenario

WORLD = """\
about: all that relations look at
policy: |
  version: 1
axes:
  landlock: [omitted, empty, best_effort, hard_requirement]
  source: [yaml, pb]
probes:
  file: read /mnt/cell/secret
  net: http upstream.test 8080
  within: rename /mnt/cell/a/f /mnt/cell/a/g
  across: rename /mnt/cell/a/f /mnt/cell/b/f
expect:
  - outcome: usual
    probes: {file: any, net: any, within: any, across: any}
"""
CELLS = spread(scenario(WORLD), on_guests(choose(())))
PROBES = {"file": "EACCES", "net": "no-proxy", "within": "ok", "across": "ok"}


def good(cell: Cell) -> Observation:
    """What a runtime without fault shows there."""
    row, hard = cell.target.abi, cell.axes["landlock"] == "hard_requirement"
    number = 0 if row in ("none", "off") else int(row)
    if hard and number < 2:
        return Observation(outcome="refused", error="HF-LANDLOCK-UNAVAILABLE", exit=125)
    probes = {**PROBES, "file": "EACCES" if number else "ok", "across": "EXDEV" if number == 1 else "ok",
              "net": "http-200" if cell.axes["mode"] == "proxy" else "no-proxy"}
    limits = ("landlock",) if not number else ("refer", "truncate")[min(number - 1, 2):]
    warnings = ("degraded", *limits) if number < 2 else limits
    return Observation("started" if number > 1 else "degraded", exit=0, enforced=number > 0, abi=number, probes=probes,
                       limits=limits, warnings=warnings, stderr="".join(f"holdfast: warning: {one}\n" for one in warnings))


def seen_where(change: dict[str, object], **where: str) -> list[Result]:
    """The results of a good runtime, but for a change in the cells with those axis values (row: the kernel's)."""
    found = []
    probes = change.get("probes", {})
    assert isinstance(probes, dict)
    for cell in CELLS:
        seen = good(cell)
        if all({**cell.axes, "row": cell.target.name}[axis] == value for axis, value in where.items()):
            seen = replace(seen, **{**change, "probes": {**seen.probes, **probes}})  # type: ignore[arg-type]
        found.append(Result(cell, result.PASS, expectation(cell), seen))
    return found


def broken(results: Sequence[Result]) -> set[tuple[str, str]]:
    return {(one.law, one.of.what) for one in relations.check(results)}


def test_a_good_runtime_violates_nothing() -> None:
    assert relations.check(seen_where({}, row="nowhere")) == []


OUTCOME, FILE = ("outcome",), ("probe file",)
REFUSED = {"outcome": "refused", "error": "HF-EXEC-UNREACHABLE", "enforced": None}


@pytest.mark.parametrize(("change", "where", "laws"), [
    # A file probe that is otherwise in one mode, or at one level, or from one source.
    ({"probes": {"file": "ok"}}, {"mode": "proxy"}, {"mode"}),
    ({"probes": {"file": "ok"}}, {"landlock": "omitted", "row": "11"}, {"omission", "monotone ABI"}),
    ({"probes": {"file": "ok"}}, {"landlock": "empty", "row": "11"}, {"omission", "monotone ABI"}),
    ({"probes": {"file": "ok"}}, {"landlock": "hard_requirement", "row": "11"}, {"hard", "monotone ABI"}),
    ({"probes": {"file": "ok"}}, {"source": "pb"}, {"source"}),
    ({"probes": {"net": "http-403"}}, {"mode": "proxy", "source": "pb"}, {"source"}),
    # The network is the mode's, and nothing else's.
    ({"probes": {"net": "http-403"}}, {"mode": "proxy"}, set()),
    ({"probes": {"net": "http-403"}}, {"mode": "proxy", "landlock": "omitted"}, {"omission"}),
    # An outcome, what is enforced, what is told.
    (REFUSED, {"mode": "proxy"}, {"mode"}),
    (REFUSED, {"landlock": "omitted"}, {"omission"}),
    ({"enforced": False, "abi": None}, {"mode": "proxy", "row": "11"}, {"mode", "monotone ABI"}),
    ({"skipped": ("/absent",)}, {"mode": "proxy"}, {"mode"}),
    ({"limits": ("truncate",)}, {"mode": "proxy"}, {"mode"}),
    ({"warnings": ()}, {"landlock": "omitted", "row": "1"}, {"omission"}),
    ({"exit": 3}, {"landlock": "omitted", "row": "7"}, {"omission"}),
    # hard_requirement: what it must refuse, and what it must not.
    ({"outcome": "degraded", "enforced": True}, {"landlock": "hard_requirement", "row": "1"}, {"hard"}),
    (REFUSED, {"landlock": "hard_requirement", "row": "5"}, {"hard", "monotone ABI"}),
    ({"exit": 3}, {"landlock": "hard_requirement", "row": "7"}, {"hard"}),
    ({"enforced": False}, {}, {"hard"}),
    # The ABI.
    ({"probes": {"file": "ok"}}, {"row": "5"}, {"monotone ABI"}),
    ({"probes": {"file": "ENOENT"}}, {"row": "5"}, {"monotone ABI"}),
    ({"probes": {"file": "ENOSYS"}}, {"row": "5"}, set()),
    ({"probes": {"within": "EXDEV"}}, {"row": "1"}, {"monotone ABI"}),
    ({"probes": {"across": "EACCES"}}, {"row": "2"}, {"monotone ABI"}),
    ({"abi": 2}, {"row": "3"}, {"monotone ABI"}),
    ({"enforced": False}, {"row": "11"}, {"monotone ABI"}),
    ({"limits": ("truncate",)}, {"row": "11"}, {"monotone ABI"}),
    (REFUSED, {"row": "1"}, {"monotone ABI"}),
])
def test_each_law_bites(change: dict[str, object], where: dict[str, str], laws: set[str]) -> None:
    found = {law for law, _ in broken(seen_where(change, **where))}
    assert laws <= found if laws else not found - {"told"}
    # A lone law is violated alone, so that the laws stand each for themselves.
    assert len(laws) != 1 or found - {"hard", "monotone ABI", "monotone policy", "told"} <= laws


def test_cells_that_were_not_judged_and_other_kernels_are_left_out() -> None:
    bad = seen_where({"probes": {"file": "ok"}}, mode="proxy")
    assert relations.check([replace(one, verdict=result.HANG) for one in bad]) == []
    own = on_image("/tmp/vmlinuz", "7", "vmlinuz:7")
    strict = [Result(cell, result.PASS, expectation(cell), replace(good(cell), probes={**PROBES, "within": "EACCES"}))
              for cell in spread(scenario(WORLD), [own])]
    assert "monotone ABI" not in {law for law, _ in broken([*seen_where({}, row="nowhere"), *strict])}


def violations() -> list[Violation]:
    return relations.check(seen_where({"probes": {"file": "ok"}}, mode="proxy", row="5", landlock="omitted"))


def test_a_violation_is_told_with_its_pair_and_the_command_that_runs_both() -> None:
    lines = told(violations(), Paint(False))
    assert lines[0] == "VIOLATED mode: cells that differ in mode alone agree in everything but the network"
    assert lines[1:4] == ["  small", "    probe file: EACCES in mode=block,landlock=omitted,user=root,source=yaml/5",
                          "    probe file: ok in mode=proxy,landlock=omitted,user=root,source=yaml/5"]
    assert lines[4] == "        and so in 1 more pairs; rows 5"
    assert lines[5] == ("        again: make matrix SCENARIO=small.yaml KERNEL=5 "
                        "CELL=landlock=omitted,user=root,source=yaml")
    abi = lines[[line.startswith("VIOLATED monotone ABI") for line in lines].index(True):]
    assert abi[5] == ("        again: make matrix SCENARIO=small.yaml KERNEL='4 5' "
                      "CELL=mode=proxy,landlock=omitted,user=root,source=yaml")


def test_violations_fail_the_run_and_stand_in_its_faces() -> None:
    run = Run([*seen_where({}, row="nowhere")], violations=violations())
    assert run.status == 1 and ", 3 failed (violated relations: 3)" in run.closing
    suite = ET.fromstring(junit.text(run).partition("\n")[2]).find("testsuite[@name='relations']")
    assert suite is not None and (suite.get("tests"), suite.get("failures")) == (str(len(relations.LAWS)), "3")
    assert "\nnot ok 2 relations\n" in ktap.text(run)
    clean = replace(run, violations=[])
    assert clean.status == 0 and "\nok 2 relations\n" in ktap.text(clean)
    assert "relations" not in junit.text(replace(run, violations=None))


def test_violations_and_gaps_survive_the_record() -> None:
    bad = seen_where({"probes": {"file": "ok"}}, mode="proxy", row="5", landlock="omitted")
    run = Run(bad, violations=relations.check(bad), gaps=("one", "two"))
    back = run_of(json.loads(json.dumps(record.make(run, {}))))
    assert back.gaps == run.gaps and back.closing == run.closing
    assert told(back.violations or (), Paint(False)) == told(run.violations or (), Paint(False))

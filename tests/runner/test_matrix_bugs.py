"""The design's bug table: as data, as obtained, and the variants it is obtained from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from matrix import bug_table, result
from matrix.bug_words import WORDS, seen
from matrix.cells import Cell, spread
from matrix.ceiling import columns, compare
from matrix.observe import Observation
from matrix.result import Result, expectation, harness
from matrix.targets import choose, on_guests
from matrix.variants import Failed, apply, sync
from matrix_world import SMALL, scenario

ROOT = Path(__file__).resolve().parents[2]
TABLE = bug_table.load(ROOT / "matrix" / "bugs" / "table.yaml")

DIES = Observation(outcome="exec-failed", errno="EACCES")
STARTS = Observation(outcome="started", enforced=True)
UNCONFINED = Observation(outcome="degraded", enforced=False, warnings=("w",), stderr="holdfast: warning: w")
REFUSED = Observation(outcome="refused", error="HF-LANDLOCK-UNAVAILABLE", stderr="HF-LANDLOCK-UNAVAILABLE")
UNREACHABLE = Observation(outcome="refused", error="HF-EXEC-UNREACHABLE")


def cell(row: str, landlock: str, runtime: str = "holdfast") -> Cell:
    text = SMALL.replace("[omitted]", "[omitted, best_effort, hard_requirement]").replace('">=2"', '">=0"').replace(
        "outcome: started\n    enforced: true", "outcome: usual")
    every = spread(scenario(text), on_guests(choose([row])), [runtime])
    return next(one for one in every if one.axes["mode"] == "proxy" and one.axes["landlock"] == landlock)


def judged(one: Cell, what: Observation) -> Result:
    return Result(one, result.FAIL, expectation(one), what)


@pytest.mark.parametrize(("row", "what", "words"), [
    ("2", DIES, ["EACCES at exec"]),
    ("2", STARTS, ["starts"]),
    ("none", UNCONFINED, ["starts, says so", "starts, unconfined, says so"]),
    # Unconfined where there is Landlock is no start as the table means it.
    ("2", UNCONFINED, ["starts, says so", "starts, unconfined, says so"]),
    ("2", replace(UNCONFINED, stderr=""), ["starts, unconfined"]),
    ("none", REFUSED, ["refused", "refused, names what is missing"]),
    ("2", UNREACHABLE, ["refused, unreachable"]),
    ("none", replace(UNCONFINED, stderr=""), ["starts", "starts, unconfined"]),
])
def test_words(row: str, what: Observation, words: list[str]) -> None:
    one = judged(cell(row, "omitted"), what)
    assert {word for word, holds in WORDS.items() if holds(one)} == set(words)


def test_every_row_and_level_has_one_place() -> None:
    for row in ("none", "off", *map(str, range(1, 12))):
        for level in ("omitted", "best_effort", "hard_requirement"):
            places = [place for place in TABLE.rows if place.landlock == level and row in place.abi]
            assert len(places) == 1, (row, level)


def test_the_table_as_obtained() -> None:
    results = [judged(cell("2", "omitted", "holdfast-broken"), DIES),
               judged(cell("3", "omitted", "holdfast-broken"), STARTS),
               judged(cell("2", "omitted"), STARTS), harness(cell("3", "omitted"), result.HANG, "too long")]
    lines = bug_table.obtained(results, TABLE)
    row = next(line for line in lines if line.startswith("omitted") and ">=2" in line)
    assert "EACCES at exec (2); ! starts (3)" in row and "starts (2); ! hang: too long (3)" in row
    assert [one.cell for one in bug_table.wrong(results, TABLE)] == [results[1].cell.id, results[3].cell.id]
    assert seen(results[0]) == "EACCES at exec"


def test_a_patch_that_does_not_fit_is_loud(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.c").write_text("one\ntwo\nthree\n")
    patch = tmp_path / "p.patch"
    patch.write_text("--- a/src/a.c\n+++ b/src/a.c\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n")
    apply(patch, tmp_path)
    assert (tmp_path / "src" / "a.c").read_text() == "one\n2\nthree\n"
    with pytest.raises(Failed, match="the source has moved under it"):
        apply(patch, tmp_path)
    with pytest.raises(Failed, match="no such patch"):
        apply(tmp_path / "absent.patch", tmp_path)


def test_only_what_changed_is_touched(tmp_path: Path) -> None:
    for name in ("from", "to"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "same").write_text("s")
    (tmp_path / "from" / "new").write_text("n")
    (tmp_path / "to" / "old").write_text("o")
    before = (tmp_path / "to" / "same").stat().st_mtime_ns
    sync(tmp_path / "from", tmp_path / "to")
    assert sorted(path.name for path in (tmp_path / "to").iterdir()) == ["new", "same"]
    assert (tmp_path / "to" / "same").stat().st_mtime_ns == before


def test_ceilings_are_compared_with_the_real_rows() -> None:
    assert [(one.name, one.kernel, one.ceiling) for one in columns()] == [
        ("2", "6.1", None), ("ceiling-2", "6.12", "2"), ("6", "6.12", None), ("ceiling-6", "6.18", "6")]
    real, under = spread(scenario(SMALL), columns()[:2])[::2]
    same = [judged(real, STARTS), judged(under, STARTS)]
    assert compare(same) == (1, [])
    agreed, found = compare([same[0], judged(under, DIES)])
    assert agreed == 0 and [one.what for one in found] == ["outcome", "errno", "landlock enforced"]
    agreed, found = compare([harness(real, result.HANG, "x"), harness(under, result.HANG, "x")])
    assert agreed == 0 and found[0].what == "harness"

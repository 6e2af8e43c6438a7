"""Mutants: what a header must say, what is compiled anew, and who counts as killed."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from matrix import mutant_file, result
from matrix.cells import Cell, spread
from matrix.diagnostics import Diagnostics
from matrix.expect import Difference
from matrix.job import Stop
from matrix.mutant_build import build_all, misfits, stale_objects
from matrix.mutant_file import Mutant
from matrix.mutant_verdict import Kill, Verdict, closing, kills, lines
from matrix.mutants_job import check_control
from matrix.observe import Observation
from matrix.result import Result, expectation, harness
from matrix.targets import choose, on_guests
from matrix_world import SMALL, scenario

ROOT = Path(__file__).resolve().parents[2]
DIFF = "--- a/src/a.c\n+++ b/src/a.c\n@@ -1 +1 @@\n-one\n+two\n"
HEAD = "bug: it is one\nreport: none\nscenarios: small\n"


def parse(text: str) -> tuple[Mutant | None, list[str]]:
    diagnostics = Diagnostics("m.patch")
    found = mutant_file.parse(Path("m.patch"), text, ("small", "regressions/big"), ("none", "6", "7"), diagnostics)
    return found, [str(one) for one in diagnostics.items]


def test_a_header() -> None:
    found, faults = parse("bug: a bug that is\n  told in two lines\nreport: none\n"
                          "scenarios: small,\n  regressions/big\nrows: 6, 7\n" + DIFF)
    assert not faults
    assert found == Mutant("m", Path("m.patch"), "a bug that is told in two lines", "none",
                           ("small", "regressions/big"), ("6", "7"))
    assert found.runtime == "holdfast-m"


@pytest.mark.parametrize(("text", "fault"), [
    (DIFF, "m.patch:1:1: the header has no 'bug:' line"),
    (HEAD.replace("none", "") + DIFF, "m.patch:1:1: the header has no 'report:' line"),
    (HEAD.replace("small", "smal") + DIFF, "m.patch:3:12: no such scenario 'smal'; did you mean 'small'?"),
    (HEAD + "rows: 6, 12\n" + DIFF, "m.patch:4:7: no such kernel row '12'; known: 6, 7, none"),
    (HEAD + "row: 6\n" + DIFF, "m.patch:4:1: 'row: 6' is no header line; did you mean 'rows'?"),
    (HEAD + "bug: again\n" + DIFF, "m.patch:4:1: 'bug' stands here a second time (first: line 1)"),
    (HEAD, "m.patch:3:1: there is no patch below the header"),
    (HEAD + DIFF.replace("b/src", "b/vm"), "m.patch:5:5: b/vm/a.c is not below src/"),
])
def test_every_fault_of_a_header_has_its_line(text: str, fault: str) -> None:
    found, faults = parse(text)
    assert found is None and fault in faults


def test_an_unknown_name_is_told(tmp_path: Path) -> None:
    (tmp_path / "known.patch").write_text(HEAD + DIFF)
    found, faults = mutant_file.load(tmp_path, ["knwon"], ("small",), ())
    assert not found and [str(one) for one in faults] == ["knwon: no such mutant; did you mean 'known'?"]


def test_only_what_depends_on_the_patched_file_is_compiled(tmp_path: Path) -> None:
    for name, needs in (("a", "src/a.c src/a.h"), ("b", "src/b.c \\\n src/a.h"), ("c", "src/c.c")):
        (tmp_path / f"{name}.d").write_text(f"build/obj/{name}.o: {needs}\n")
    assert stale_objects(tmp_path, Path("src"), [Path("a.h")]) == [Path("a.o"), Path("b.o")]
    assert stale_objects(tmp_path, Path("src"), [Path("c.c")]) == [Path("c.o")]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A runtime of one line, and the Makefile's two variables."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.c").write_text("int main(void)\n{\n    return 1;\n}\n")
    (tmp_path / "Makefile").write_text("$(BUILD)/holdfast: $(BUILD)/obj/main.o\n\tcc -o $@ $^\n"
                                       "$(BUILD)/obj/%.o: $(SRC)/%.c\n\tcc -MMD -c -o $@ $<\n")
    (tmp_path / "build" / "obj").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    subprocess.run(["make", "-s", "SRC=src", "BUILD=build", "build/holdfast"], check=True)
    return tmp_path


def mutant_of(tree: Path, name: str, old: str, new: str) -> Mutant:
    path = tree / f"{name}.patch"
    path.write_text(f"{HEAD}--- a/src/main.c\n+++ b/src/main.c\n@@ -2,3 +2,3 @@\n {{\n-    return {old};\n"
                    f"+    {new};\n }}\n")
    return Mutant(name, path, "bug", "none", ("small",))


def test_mutants_are_built_beside_the_real_runtime(tree: Path) -> None:
    good = mutant_of(tree, "good", "1", "return 7")
    real = {path: path.read_bytes() for path in (tree / "build" / "obj").iterdir()}
    programs, faults = build_all([good], Path("src"), Path("build"), lambda number: None)
    assert not faults and subprocess.run([programs["holdfast-good"]], check=False).returncode == 7
    assert [path.name for path in (tree / "build" / "mutants").iterdir()] == ["good"]
    assert {path: path.read_bytes() for path in (tree / "build" / "obj").iterdir()} == real
    assert subprocess.run(["make", "-q", "SRC=src", "BUILD=build", "build/holdfast"], check=False).returncode == 0


def test_a_mutant_that_does_not_apply_or_build_is_named(tree: Path) -> None:
    moved, broken = mutant_of(tree, "moved", "2", "return 7"), mutant_of(tree, "broken", "1", "return nothing")
    _, faults = build_all([moved, broken], Path("src"), Path("build"), lambda number: None)
    assert "moved.patch does not apply: the source has moved under it" in faults[0]
    assert "broken.patch: the mutant does not build" in faults[1]
    assert [text.partition(" ")[0] for text in misfits([moved, broken], Path("src"))] == [str(moved.path)]


def test_every_mutant_of_ours_applies() -> None:
    known = {str(path.relative_to(ROOT / "scenarios").with_suffix("")) for path in (ROOT / "scenarios").rglob("*.yaml")}
    rows = {target.name for target in on_guests(choose(()))}
    found, faults = mutant_file.load(ROOT / "matrix" / "mutants", (), known, rows)
    assert not faults and len(found) >= 45
    assert misfits(found, ROOT / "src") == []


MUTANT = Mutant("m", Path("m.patch"), "it is one", "none", ("small",))


def cells(landlock: str = "omitted") -> list[Cell]:
    text = SMALL.replace("landlock: [omitted]", f"landlock: [{landlock}]")
    return [cell for cell in spread(scenario(text), on_guests(choose(["2", "6"])), ("holdfast", "holdfast-m"))
            if cell.axes["mode"] == "block"]


def passed(cell: Cell, **seen: str) -> Result:
    return Result(cell, result.PASS, expectation(cell), Observation(**{"outcome": "started", **seen}))


def failed(cell: Cell) -> Result:
    return Result(cell, result.FAIL, expectation(cell), differences=(Difference("outcome", "started", "refused"),))


def test_what_kills() -> None:
    _, mutant2, _, mutant6 = cells()
    assert kills([passed(mutant2), failed(mutant6)]) == [
        Kill("small", mutant6.id, "expectations", "outcome: expected started, got refused")]
    assert kills([harness(mutant6, result.HANG, "no end")])[0].judge == "hang"
    assert not kills([harness(mutant6, result.ERROR, "no report")])


def test_a_relation_kills_where_every_expectation_holds() -> None:
    _, omitted, _, best, *_ = cells("omitted, best_effort")
    assert kills([passed(omitted), passed(best, warnings=("w",), stderr="holdfast: warning: w\n")]) == [
        Kill("small", omitted.id, "relations", f"omission: warnings: 0; 1 in {best.id.partition('@')[0]}")]


def test_a_runtime_that_is_red_itself_stops_the_hunt() -> None:
    real2, mutant2, real6, _ = cells()
    check_control([failed(mutant2), passed(real6)])
    with pytest.raises(Stop, match=r"(?s)does not pass.*small/mode=block,.*/2: outcome: expected started") as stop:
        check_control([failed(real2), failed(mutant2)])
    assert stop.value.status == 3


def test_what_is_said_of_a_mutant() -> None:
    kill = Kill("small", "small/mode=block/6@holdfast-m", "expectations", "outcome: expected started, got refused")
    assert lines(Verdict(MUTANT, 4, [kill])) == [
        "killed    m: 1 by expectations", "          small/mode=block/6: outcome: expected started, got refused"]
    elsewhere = Verdict(MUTANT, 4, [replace(kill, scenario="other")])
    assert lines(elsewhere)[-1] == "          not by small, which m.patch names"
    assert lines(Verdict(MUTANT, 4))[:2] == ["SURVIVED  m: it is one", "          4 cells do not show it; m.patch"]


def test_the_closing_lines() -> None:
    alone, told, alive = (Verdict(MUTANT, 1, [Kill("s", "c", judge, "w")] if judge else [])
                          for judge in ("relations", "expectations", ""))
    assert closing([alone, told], True) == (["relations alone kill 1 of 2", "2 passed, 0 failed"], True)
    assert closing([alone, told, told], True) == (["relations alone kill 1 of 3: fewer than half",
                                                   "3 passed, 0 failed"], False)
    assert closing([told, alive], False) == (["1 passed, 1 failed"], False)

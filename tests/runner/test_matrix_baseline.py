"""The recorded behaviour: its file, what it judges, and what records and cells there must be."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from matrix import accept_job, baseline_gate, main_job, result
from matrix.baseline import Baseline, differing_words, load, path_of, place, recorded, renewed
from matrix.cells import Cell, spread
from matrix.check import main as check
from matrix.expect import Difference
from matrix.job import Stop
from matrix.law import Disagreement, Violation
from matrix.observe import Observation
from matrix.result import Result, expectation, harness
from matrix.run import Run
from matrix.targets import choose, on_guests, on_host
from matrix_world import SMALL, scenario

STARTED = Observation("started", exit=0, enforced=True, abi=2, probes={"hosts": "ok"})


def cells(rows: Sequence[str] = ()) -> list[Cell]:
    return spread(scenario(SMALL), on_guests(choose(rows)))


def passed(cell: Cell, seen: Observation = STARTED) -> Result:
    return Result(cell, result.PASS, expectation(cell), seen)


@pytest.mark.parametrize(("seen", "text"), [
    (STARTED, "started exit=0 abi=2 | hosts=ok"),
    (Observation("degraded", exit=7, enforced=False, abi=0), "degraded exit=7 abi=none"),
    (Observation("refused", "HF-PATH-MISSING", "ENOENT", "/x", 125),
     "refused exit=125 error=HF-PATH-MISSING errno=ENOENT"),
    (replace(STARTED, probes={"b": "a b", "a": "x=y|"}), "started exit=0 abi=2 | a=x=y| b=a%20b"),
])
def test_what_is_recorded(seen: Observation, text: str) -> None:
    assert recorded(passed(cells(["2"])[0], seen)) == text


def test_a_file_is_read_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "s.txt"
    cells_ = {"mode=block/10": "refused exit=125", "mode=block/2": "started exit=0 abi=2 | a=ok", "mode=a/11": "x"}
    path.write_text(Baseline(("first", "then"), cells_).text())
    assert path.read_text() == ("# why: first\n# why: then\nmode=a/11 x\nmode=block/2 started exit=0 abi=2 | a=ok\n"
                                "mode=block/10 refused exit=125\n")
    assert load(path) == (Baseline(("first", "then"), cells_), [])
    assert load(tmp_path / "absent.txt") == (Baseline(), [])


def test_every_fault_of_a_file_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "s.txt"
    path.write_text("a/1 x\n<<<<<<< HEAD\na/1 y\n\nnothing\n")
    assert [str(fault).removeprefix(f"{path}:") for fault in load(path)[1]] == [
        "2:1: '<<<<<<< HEAD' is no cell's record: make accept writes them", "3:1: 'a/1' is recorded twice",
        "4:1: '' is no cell's record: make accept writes them",
        "5:1: 'nothing' is no cell's record: make accept writes them"]


def test_the_words_that_differ() -> None:
    before, now = ("started exit=0 abi=2 | a=ok b=ok", "started exit=0 abi=2 | a=EACCES b=ok")
    assert differing_words(before, now) == ("a=ok", "a=EACCES")
    assert differing_words("", "started | a=ok") == ("nothing", "started a=ok")


def test_a_cell_that_is_not_as_recorded_is_red_even_if_as_expected() -> None:
    cell = cells(["2"])[0]
    judge = baseline_gate.judge({"small": Baseline((), {place(cell): "started exit=0 abi=2 | hosts=EACCES"})})
    judged = judge(passed(cell))
    assert (judged.verdict, judged.differences) == (result.FAIL, (Difference("baseline", "hosts=EACCES", "hosts=ok"),))
    assert judge(replace(passed(cell), verdict=result.KNOWN)).verdict == result.FAIL
    same = baseline_gate.judge({"small": Baseline((), {place(cell): recorded(passed(cell))})})
    assert same(passed(cell)) == passed(cell)


def test_what_the_baseline_does_not_judge() -> None:
    cell = cells(["2"])[0]
    judge = baseline_gate.judge({"small": Baseline((), {place(cell): "refused exit=125"})})
    on_the_host = spread(scenario(SMALL), on_host(choose(["2"]), "7")[0])[0]
    for one in (passed(on_the_host), passed(replace(cell, runtime="holdfast-other")), passed(cells(["3"])[0]),
                harness(cell, result.HANG, "hung"), passed(replace(cell, scenario=scenario(SMALL, "other")))):
        assert judge(one) == one


def test_renewing() -> None:
    one, other = cells(["2"])
    old = Baseline(("first",), {place(one): "refused", "gone/2": "x"})
    existing = {place(one), place(other)}
    now = renewed(old, [passed(other)], existing, "second")
    assert now == Baseline(("first", "second"), {place(one): "refused", place(other): recorded(passed(other))})
    assert renewed(now, [passed(other)], existing, "third") == now, "nothing new needs no reason"


def test_gaps(tmp_path: Path) -> None:
    found = scenario(SMALL)
    all_cells = {place(cell): "x" for cell in cells()}

    def gaps(records: dict[str, str]) -> baseline_gate.Gaps:
        return baseline_gate.gaps([found], {"small": Baseline((), records)}, tmp_path)

    assert gaps(all_cells).all == ()
    lacking = gaps({at: "x" for at in all_cells if not at.endswith("/2")}).all
    assert lacking == ('small: mode=block,landlock=omitted,user=root/2, mode=proxy,landlock=omitted,user=root/2 '
                       'are not recorded: make accept SCENARIO=small WHY="..."',)
    orphan = gaps({**all_cells, "mode=no/2": "x"}).orphans[0]
    assert orphan.startswith(f"{tmp_path}/small.txt: mode=no/2 is recorded but no cell any more: make accept")
    (tmp_path / "regressions").mkdir()
    (tmp_path / "regressions/old.txt").write_text("")
    assert gaps(all_cells).orphans == (f"{tmp_path}/regressions/old.txt: no such scenario any more: remove the file",)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two scenarios, no baseline, and cells that are run by nobody: each shows what its scenario's record would be."""
    (tmp_path / "scenarios").mkdir()
    for name in ("one", "two"):
        (tmp_path / f"scenarios/{name}.yaml").write_text(SMALL)
    monkeypatch.setattr(baseline_gate, "FOLDER", tmp_path / "baseline")

    def select(arguments: argparse.Namespace, _: object) -> argparse.Namespace:
        found, _ids = accept_job._choose(arguments)
        return argparse.Namespace(lane=None, scenarios=found,
                                  cells=[cell for one in found for cell in spread(one, on_guests(choose(())))])

    monkeypatch.setattr(accept_job.selection, "select", select)
    return tmp_path


def accept(tree: Path, *, show: Callable[[Cell], Result] = passed, why: str = "since", scenario: Sequence[str] = (),
           monkeypatch: pytest.MonkeyPatch, **chosen: object) -> int:
    def perform(cells: Sequence[Cell], lane: object, again: bool) -> Run:
        return Run([show(cell) for cell in cells])

    monkeypatch.setattr(accept_job.job, "perform", perform)
    rises = {"kernel": [], "cell": "", "lane": "vm", "build": tree, "runtime": None, **chosen}
    return accept_job.main(argparse.Namespace(scenarios=tree / "scenarios", scenario=list(scenario), why=why, **rises))


def rising(cell: Cell) -> Result:
    return passed(cell, replace(STARTED, abi=int(cell.target.abi)))


def test_accept_records_everything_and_then_a_part(tree: Path, monkeypatch: pytest.MonkeyPatch,
                                                   capsys: pytest.CaptureFixture[str]) -> None:
    assert accept(tree, show=rising, why="first", monkeypatch=monkeypatch) == 0
    first = path_of(tree / "baseline", "one").read_text()
    assert first.count("\n") == 21 and first.startswith("# why: first\nmode=block,landlock=omitted,user=root/2 started")
    (tree / "scenarios/two.yaml").unlink()
    capsys.readouterr()

    def otherwise(cell: Cell) -> Result:
        one = rising(cell)
        return replace(one, seen=replace(one.seen, probes={"hosts": "EIO"}))

    accept(tree, show=otherwise, why="it  is\nso", cell="mode=proxy", kernel=["11"], monkeypatch=monkeypatch)
    assert "mode=proxy,landlock=omitted,user=root/11: hosts=ok -> hosts=EIO" in capsys.readouterr().out
    second = path_of(tree / "baseline", "one").read_text()
    assert second.splitlines()[:2] == ["# why: first", "# why: it is so"] and second.count("EIO") == 1
    assert path_of(tree / "baseline", "two").exists()
    accept(tree, show=otherwise, why="all", monkeypatch=monkeypatch)
    assert not path_of(tree / "baseline", "two").exists()


def test_accept_refuses(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(cell: Cell) -> Result:
        return replace(rising(cell), verdict=result.FAIL)

    def hanging(cell: Cell) -> Result:
        return harness(cell, result.HANG, "hung")

    wrong: tuple[tuple[str, int, dict[str, object]], ...] = (
        ("needs a reason", 2, {"why": " "}), ("only what guests do", 2, {"lane": "host"}),
        ("nothing is recorded", 1, {"show": failing}), ("nothing is recorded", 3, {"show": hanging}),
        ("nothing is recorded", 1, {"show": passed}),  # the same ABI on every kernel breaks a relation
        ("no kernel row", 2, {"kernel": ["12"]}), ("no axis", 2, {"cell": "colour=red"}))
    for told, status, how in wrong:
        with pytest.raises(Stop, match=told) as stop:
            accept(tree, **{"show": rising, "monkeypatch": monkeypatch, **how})  # type: ignore[arg-type]
        assert stop.value.status == status
    assert not (tree / "baseline").exists()


def test_gaps_count_where_ci_is_set(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    gaps = baseline_gate.Gaps(tuple(f"{number} lacks a record" for number in range(12)), ("old: no such scenario",))
    monkeypatch.delenv("CI", raising=False)
    assert main_job._gaps(gaps) == ()
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "note: old: no such scenario" and told[-1].startswith("note: ... and 3 more") and len(told) == 11
    monkeypatch.setenv("CI", "true")
    assert main_job._gaps(gaps) == gaps.all
    run = Run([passed(cells(["2"])[0])], gaps=gaps.all[:2])
    assert (run.status, run.closing) == (1, "1 passed, 2 failed (gaps in the baseline: 2)")


def test_what_else_fails_is_counted_beside() -> None:
    one = passed(cells(["2"])[0])
    violation = Violation("mode", Disagreement(one, one, "outcome", "a", "b"))
    assert Run([one], violations=[violation], gaps=("x",)).closing == (
        "1 passed, 2 failed (violated relations: 1, gaps in the baseline: 1)")


def test_check_refuses_orphans_and_cells_without_a_record(tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("matrix.check.OURS", tree / "scenarios")
    monkeypatch.setattr("matrix.check.FOLDER", tree / "mutants")
    accept(tree, show=rising, monkeypatch=monkeypatch)
    arguments = argparse.Namespace(scenarios=tree / "scenarios", scenario=[], source=Path("src"))
    assert check(arguments) == 0
    record = path_of(tree / "baseline", "one")
    record.write_text("".join(line for line in record.open() if "/11 " not in line))
    assert check(arguments) == 2
    assert "user=root/11 are not recorded: make accept SCENARIO=one" in capsys.readouterr().err
    (tree / "scenarios/two.yaml").unlink()
    assert check(arguments) == 2
    assert "two.txt: no such scenario any more: remove the file" in capsys.readouterr().err

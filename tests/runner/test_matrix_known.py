"""Known failures: what a scenario file says of them, what becomes of their cells, and when turning green is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from matrix import baseline_gate, junit, known, ktap, record, record_read, result, table
from matrix.baseline import Baseline, place
from matrix.cells import spread
from matrix.events import CellEnd
from matrix.expect import Difference
from matrix.result import Result, harness, judge
from matrix.run import Run
from matrix.scenario import Scenario
from matrix.targets import choose, on_guests
from matrix_world import SMALL, faults, report, scenario
from results_world import AROUND, failed, passed

KNOWN = SMALL.replace("policy:", "status: known\nuntil: the proxy is asked by name\npolicy:", 1)


def as_known(one: Result) -> Result:
    return replace(one, verdict=result.KNOWN, why="known, until x") if one.verdict == result.FAIL else one


def run_of(found: Scenario, red: int, rows: tuple[str, ...] = ()) -> list[Result]:
    """All cells, the first of them red as known."""
    cells = spread(found, on_guests(choose(rows)))
    return [as_known(failed(cell)) if number < red else passed(cell) for number, cell in enumerate(cells)]


@pytest.mark.parametrize(("keys", "fault"), [
    ("status: knwon\nuntil: x\n", "s.yaml:2:9: unknown status 'knwon'; did you mean 'known'?"),
    ("status: known\n", "s.yaml:2:1: a known failure says what it waits for: until: TEXT"),
    ("until: x\n", "s.yaml:2:1: 'until' is for a failure that is known: status: known"),
    ("status: known\nuntil: ''\n", "s.yaml:3:8: 'until' says what the failure waits for, such as a report"),
])
def test_faults_have_their_place(keys: str, fault: str) -> None:
    assert faults(SMALL.replace("policy:", f"{keys}policy:", 1)) == [fault]


def test_a_red_cell_is_known_and_passes() -> None:
    cell = spread(scenario(KNOWN), on_guests(choose(["6"])))[0]
    end = CellEnd(cell.id, {"report.json": report(outcome="refused", enforced=None, error={"id": "HF-X"})}, exit=125)
    one = judge(cell, end)
    assert (one.verdict, one.why) == (result.KNOWN, "known, until the proxy is asked by name")
    assert table.letter(one) == "k" and "k red as known" in table.LEGEND
    run = Run([one, passed(cell)])
    assert (run.status, run.closing) == (0, "2 passed, 0 failed, 1 of those that passed are known to be red")
    assert list(known.told(run.results)) == [
        "known: small: 1 of 2 cells are red, until the proxy is asked by name"]


def test_a_kernel_that_complains_is_nothing_known() -> None:
    cell = spread(scenario(KNOWN), on_guests(choose(["6"])))[0]
    log = "WARNING: CPU: 0 PID: 1 at kernel/x.c:1 x+0x1/0x2\n"
    end = CellEnd(cell.id, {"report.json": report(outcome="refused", enforced=None, error={"id": "HF-X"}),
                            "kernel.log": log}, exit=125)
    assert judge(cell, end).verdict == result.FAIL


@pytest.mark.parametrize("verdict", result.HARNESS)
def test_what_the_harness_could_not_judge_is_not_known(verdict: str) -> None:
    results = run_of(scenario(KNOWN), 1)
    results[-1] = harness(results[-1].cell, verdict, "it fell over")
    run = Run(results)
    assert run.status == 3 and run.turned_green == ()


def test_turning_green_fails_a_run_of_all_cells() -> None:
    run = Run(run_of(scenario(KNOWN), 0))
    assert run.status == 1 and run.closing.endswith(" passed, 1 failed (known failures that turned green: 1)")
    assert run.turned_green == ("small: no cell is red any more, though it is known to be until the proxy is asked by "
                                "name: remove 'status' and 'until' from small.yaml",)
    assert Run(run_of(scenario(KNOWN), 1)).status == 0


def test_a_part_of_a_run_does_not_tell() -> None:
    assert Run(run_of(scenario(KNOWN), 0, ("6",))).turned_green == ()
    skipped = run_of(scenario(KNOWN), 0)
    skipped[0] = harness(skipped[0].cell, result.SKIPPED, "too new")
    assert Run(skipped).turned_green == ()
    assert Run(run_of(scenario(SMALL), 0)).turned_green == ()


def test_a_known_cell_has_a_record_like_all_others() -> None:
    found = scenario(KNOWN)
    one = run_of(found, 1)[0]
    gate = baseline_gate.judge({"small": Baseline((), {place(one.cell): "started exit=0"})})
    moved = gate(one)
    assert moved.verdict == result.FAIL and moved.differences[-1].what == known.BASELINE
    green = [replace(passed(each.cell), verdict=result.FAIL, differences=(Difference(known.BASELINE, "a", "b"),))
             for each in run_of(found, 0)]
    assert len(Run(green).turned_green) == 1


def test_every_face_tells(tmp_path: Path) -> None:
    red, green = Run(run_of(scenario(KNOWN), 1)), Run(run_of(scenario(KNOWN), 0))
    assert 'name="known" tests="1" failures="1"' in junit.text(green)
    assert "<failure" not in junit.text(red) and "known, until" in junit.text(red)
    assert " # XFAIL known, until x" in ktap.text(red) and "not ok 2 known small" in ktap.text(green)
    for number, run in enumerate((red, green)):
        path = tmp_path / f"{number}.json"
        record.write(record.make(run, AROUND), path)
        back = record_read.read(path).run
        assert (back.status, back.closing, back.turned_green) == (run.status, run.closing, run.turned_green)
        assert json.loads(path.read_text())["status"] == run.status

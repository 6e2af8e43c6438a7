"""Which red cells are run a second time, and what the two runs come to."""

from __future__ import annotations

import io
from collections.abc import Callable

from matrix import result, table
from matrix.boots import Boot
from matrix.cells import Cell, spread
from matrix.expect import Difference
from matrix.progress import Progress
from matrix.result import Result, expectation, harness
from matrix.run import Run, run
from matrix.second_run import MOST_A_ROW, MOST_ALIKE, choose, settle
from matrix.targets import Target, choose as rows
from matrix.targets import on_guests, on_host
from matrix_world import SMALL, Ended, answer, cell_ids, guest, scenario
from matrix.wire import line
from vm.kernels import Kernel


def many(count: int, *names: str) -> list[Cell]:
    values = ", ".join(f"v{number}: '{number}'" for number in range(count))
    text = SMALL.replace("axes:\n", f"axes:\n  mode: [block]\n  n: {{{values}}}\n")
    return spread(scenario(text), on_guests(rows(names or ("2",))))


def failed(cell: Cell, got: str) -> Result:
    return Result(cell, result.FAIL, expectation(cell), differences=(Difference("outcome", "started", got),))


def passed(cell: Cell) -> Result:
    return Result(cell, result.PASS, expectation(cell))


def test_only_red_cells_are_run_again() -> None:
    first, second, third, fourth = many(4)
    red = [failed(second, "refused"), harness(fourth, result.PANIC, "it fell over")]
    choice = choose([passed(first), red[0], harness(third, result.SKIPPED, "too new"), red[1]])
    assert choice.again == red and choice.untried == []


def test_what_hits_many_cells_in_the_same_way_is_not_run_again() -> None:
    cells = many(MOST_ALIKE + 2)
    alike = [failed(cell, "refused") for cell in cells[:-1]]
    other = failed(cells[-1], "exec-failed")
    choice = choose([*alike, other])
    assert choice.again == [other]
    assert {one.alone for one in choice.untried} == {"not run again: 5 cells are red in the same way"}
    assert choose(alike[1:]).again == alike[1:]


def test_panics_are_alike_whatever_their_time() -> None:
    why = "panic after 4.{0} s; console: [    1.{0}0] Kernel panic 0x{0}f"
    panics = [harness(cell, result.PANIC, why.format(number))
              for number, cell in enumerate(many(MOST_ALIKE + 1))]
    assert choose(panics).again == []


def test_a_row_is_given_no_more_than_so_many_boots() -> None:
    red = [failed(cell, f"r{number}") for number, cell in enumerate(many(MOST_A_ROW + 2, "2", "6"))]
    choice = choose(red)
    assert [one.cell.target.name for one in choice.again] == ["2"] * MOST_A_ROW + ["6"] * MOST_A_ROW
    assert {one.alone for one in choice.untried} == {"not run again: 10 cells of this row are red, 8 of them were"}


def test_what_two_runs_come_to() -> None:
    (cell,) = many(1)
    first = failed(cell, "refused")
    flaky = settle(first, passed(cell))
    assert flaky.verdict == result.FLAKY and flaky.differences == first.differences
    assert flaky.why == "passed when it was run again, alone in a fresh boot; at first: fail"
    same, other = settle(first, first), settle(first, failed(cell, "exec-failed"))
    assert (same.verdict, same.alone) == (result.FAIL, "run again alone in a fresh boot: the same")
    assert other.alone == "run again alone in a fresh boot: fail: outcome: expected started, got exec-failed"
    hung = settle(harness(cell, result.HANG, "no end within 20 s"), passed(cell))
    assert hung.why.endswith("at first: hang; no end within 20 s")


def test_flaky_is_no_success() -> None:
    (cell,) = many(1)
    flaky = settle(failed(cell, "refused"), passed(cell))
    done = Run([flaky])
    assert (done.closing, done.status, table.letter(flaky)) == ("0 passed, 1 failed", 1, "F")
    assert "F flaky" in table.LEGEND


class Crowded:
    """A lane on which a cell goes well only if it is alone in its boot; `always` never does."""

    def __init__(self, always: str = "none") -> None:
        self.always = always
        self.handed: list[list[str]] = []
        self.keys: list[str] = []

    def kernels(self) -> list[Kernel]:
        return []

    def boot(self, key: str, target: Target, silence: float) -> Boot:
        def run_cells(cells: str, on_line: Callable[[str], None]) -> Ended:
            self.handed.append(cell_ids(cells))
            self.keys.append(key)
            on_line(guest(target.native))
            for place, name in enumerate(cell_ids(cells)):
                good = (place == 0 or len(self.handed[-1]) == 1) and f"n={self.always}" not in name
                bad = [line("@begin", name), line("@end", name, f"signal={sum(map(ord, name)) % 64}")]
                for text in answer(name) if good else bad:
                    on_line(text)
            return Ended()

        return run_cells


def perform(lane: Crowded, cells: list[Cell], again: bool) -> list[Result]:
    return run(cells, lane, Progress(io.StringIO(), len(cells)), again).results


def test_a_red_cell_is_run_again_alone() -> None:
    cells = many(3)
    lane = Crowded(always="v2")
    results = perform(lane, cells, again=True)
    assert [one.verdict for one in results] == ["pass", "flaky", "error"]
    assert sorted(map(len, lane.handed)) == [1, 1, 3]
    assert results[2].alone == "run again alone in a fresh boot: the same"
    assert [one.verdict for one in perform(Crowded(), cells, again=False)] == ["pass", "error", "error"]


def test_on_the_host_each_has_files_of_its_own() -> None:
    cells = spread(scenario(SMALL.replace("axes:\n", "axes:\n  n: [a, b, c, d]\n")), on_host(rows(["2"]), "2")[0])
    lane = Crowded()
    perform(lane, cells, again=True)
    assert len(set(lane.keys)) == len(lane.keys) == 2 + 6

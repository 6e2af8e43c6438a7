"""Scenario files as pytest collects them, and cells as its items."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from matrix import job, result, selection
from matrix.cells import REAL, Cell, spread
from matrix.compile import barred_on_host
from matrix.differing import describe
from matrix.find import SUFFIX, find
from matrix.lanes import Lane
from matrix.paint import Paint
from matrix.result import Result
from matrix.targets import Target, Unfit
from vm.rows import ROWS


@dataclass
class Board:
    """What all items of a session share. `ask` waits for a cell's result."""

    folder: Path
    build: Path
    which: str  # the lane
    lane: Lane
    columns: list[Target]
    unfit: list[Unfit]
    ask: Callable[[Cell], Result] | None = None
    results: list[Result] = field(default_factory=list)

    @property
    def runtime(self) -> Path:
        return self.build / REAL


BOARD = pytest.StashKey[Board]()


def open_board(folder: Path, build: Path, which: str, kernels: list[str], own: str) -> Board:
    """`own`: the folder of a worker beside others. Raises job.Stop where nothing can be run."""
    lane = job.open_lane(which, build, {REAL: build / REAL}, own)
    columns, unfit = selection.columns_of(which, kernels, lambda: lane)
    return Board(folder, build, which, lane, columns, unfit)


class Red(Exception):
    """A cell that is not as it should be, or could not be judged."""

    def __init__(self, one: Result) -> None:
        super().__init__("\n".join(describe(one, Paint(False))))


class ScenarioFile(pytest.File):
    def collect(self) -> Iterator[CellItem]:
        board = self.config.stash[BOARD]
        found, faults = find(board.folder, [str(self.path)])
        if faults:
            raise self.CollectError(job.told(faults))
        root = os.geteuid() == 0
        for scenario in found:
            for cell in spread(scenario, board.columns):
                yield CellItem.of(self, cell, barred_on_host(cell, root) if board.which == "host" else "")
            for row in board.unfit:
                for cell in spread(scenario, [selection.out_of_reach(row)]):
                    yield CellItem.of(self, cell, row.why)


class CellItem(pytest.Item):
    """Named as in the cell's id: mode=proxy,landlock=omitted,user=root/6."""

    cell: Cell
    result: Result | None = None

    @classmethod
    def of(cls, parent: ScenarioFile, cell: Cell, barred: str) -> CellItem:
        item: CellItem = cls.from_parent(parent, name=f"{cell.point}/{cell.target.name}")
        item.cell = cell
        if barred:
            item.result = result.harness(cell, result.SKIPPED, barred)
            item.add_marker(pytest.mark.skip(reason=barred))
        return item

    def setup(self) -> None:
        """What could not be judged is no failure but an error, which pytest calls what goes wrong here."""
        ask = self.config.stash[BOARD].ask
        assert ask is not None
        self.result = ask(self.cell)
        if self.result.verdict in result.HARNESS:
            raise Red(self.result)

    def runtest(self) -> None:
        assert self.result is not None
        if self.result.verdict in result.FAILED:
            raise Red(self.result)
        if self.result.verdict == result.KNOWN:
            pytest.xfail(f"known to be red, until {self.cell.scenario.until}")

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, 0, self.cell.id


def scope(node: str, lane: str) -> str:
    """What must stay together, by the ids of pytest: the cells of a boot, and on the host's kernel of a scenario."""
    file, _, name = node.partition("::")
    row = name.rpartition("/")[2]
    boots = {row.name: row.boot for row in ROWS}
    if not file.endswith(SUFFIX):
        return node
    return file if lane == "host" else boots.get(row, row)

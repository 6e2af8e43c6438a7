"""The record of a pytest session: of what its workers ran, joined, judged by the relations, and shown in every face."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from matrix import faces, merge, merge_job, record, record_read, relations, terminal
from matrix.boots import BootRecord
from matrix.job import Stop
from matrix.paint import Paint
from matrix.pytest_items import Board
from matrix.run import Run


def make(board: Board, boots: list[BootRecord], seconds: float) -> dict[str, Any]:
    """Of one process, before any relation is judged."""
    return record.make(Run(board.results, boots, seconds), record.surroundings(board.runtime, board.lane.kernels()))


@dataclass
class Joined:
    """What came of all processes, by their names; `lines` are for the end of pytest's own summary."""

    parts: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    begun: float = field(default_factory=time.monotonic)
    lines: list[str] = field(default_factory=list)

    def add(self, name: str, text: str) -> None:
        self.parts[name] = json.loads(text)

    def finish(self, folder: Path, out: Path) -> int:
        """Writes record.json and its faces; the exit status of a run."""
        given = {Path(name): record_read.Record(data, record_read.run_of(data)) for name, data in self.parts.items()}
        first = next(iter(given))
        strange = [f"{name}: {what}" for name, one in given.items()
                   for what in merge.strange(one.data, given[first].data, first)]
        if strange:
            self.lines += ["the workers did not run the same thing, so that there is no record:", *strange]
            return 1
        try:
            outcome = merge.whole([one.run for one in given.values()], merge_job.bound(given, folder))
        except Stop as stop:
            self.lines += str(stop).splitlines()
            return stop.status
        outcome.seconds = time.monotonic() - self.begun
        outcome.violations = relations.check(outcome.results)
        around = merge.around([one.data for one in given.values()])
        record.write(record.make(outcome, around), out / "record.json")
        faces.write_all(record_read.read(out / "record.json"), out)
        self.lines += [*terminal.beside_cells(outcome, around["kernels"], Paint(False)),
                       f"{outcome.closing}; {out / 'record.json'} and its faces have it all"]
        return outcome.status


def remove(out: Path) -> None:
    """A session that is cut off leaves none rather than another's."""
    (out / "record.json").unlink(missing_ok=True)
    faces.remove_all(out)

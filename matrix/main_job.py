"""`matrix run`: the main job."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from matrix import faces, job, record_read, selection, targets, terminal
from matrix.cells import REAL
from matrix.result import Result

options = selection.options


def main(arguments: argparse.Namespace) -> int:
    out = arguments.build / "matrix"
    as_json = out / "record.json"
    as_json.unlink(missing_ok=True)  # a run that is cut off leaves none rather than another run's
    faces.remove_all(out)
    runtime = job.runtime_of(arguments)
    selected = selection.select(arguments, {REAL: runtime})
    outcome = job.perform(selected.cells, selected.lane)
    outcome.results = _by_scenario(selected.scenarios, [*outcome.results, *selected.skipped])
    job.keep(outcome, selected.lane, runtime, as_json)
    record = record_read.read(as_json)
    faces.write_all(record, out)
    terminal.show(outcome, record.data["kernels"])
    return outcome.status


def _by_scenario(chosen: Sequence[object], results: Sequence[Result]) -> list[Result]:
    """By scenario, then by kernel row, else in the order they have."""
    order = {id(scenario): number for number, scenario in enumerate(chosen)}
    rows = {name: number for number, name in enumerate(targets.row_names())}

    def place(one: Result) -> tuple[int, int]:
        return order[id(one.cell.scenario)], rows.get(one.cell.target.name, len(rows))

    return sorted(results, key=place)

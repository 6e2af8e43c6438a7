"""`matrix run`: the main job."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence

from matrix import job, junit, result, selection, targets
from matrix.cells import REAL
from matrix.differing import differing
from matrix.figures import lines as figure_lines
from matrix.paint import Paint
from matrix.result import Result
from matrix.run import Run
from matrix.table import LEGEND, tables

options = selection.options


def main(arguments: argparse.Namespace) -> int:
    as_json, as_xml = (arguments.build / "matrix" / name for name in ("record.json", "junit.xml"))
    for stale in (as_json, as_xml):  # a run that is cut off leaves none rather than another run's
        stale.unlink(missing_ok=True)
    runtime = job.runtime_of(arguments)
    selected = selection.select(arguments, {REAL: runtime})
    outcome = job.perform(selected.cells, selected.lane)
    outcome.results = _by_scenario(selected.scenarios, [*outcome.results, *selected.skipped])
    job.keep(outcome, selected.lane, runtime, as_json)
    junit.write(outcome.results, as_xml)
    show(outcome)
    print(outcome.closing)
    return outcome.status


def _by_scenario(chosen: Sequence[object], results: Sequence[Result]) -> list[Result]:
    """By scenario, then by kernel row, else in the order they have."""
    order = {id(scenario): number for number, scenario in enumerate(chosen)}
    rows = {name: number for number, name in enumerate(targets.row_names())}

    def place(one: Result) -> tuple[int, int]:
        return order[id(one.cell.scenario)], rows.get(one.cell.target.name, len(rows))

    return sorted(results, key=place)


def show(outcome: Run) -> None:
    paint = Paint.for_stream(sys.stdout)
    for line in tables(outcome.results, paint):
        print(line)
    print(LEGEND)
    for why, count in Counter(one.why for one in outcome.results if one.verdict == result.SKIPPED).items():
        print(f"{count} skipped: {why}")
    if outcome.nothing_judged:
        print("no cell was judged: all were skipped")
    print()
    for line in differing(outcome.results, paint):
        print(line)
    ends = Counter((boot.key, boot.reason) for boot in outcome.bad_boots)
    for (key, reason), count in ends.items():
        print(f"kernel {key}: {count} ended by {reason}; what the console said is in the record")
    for line in figure_lines(outcome):
        print(line)


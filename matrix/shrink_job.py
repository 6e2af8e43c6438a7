"""`matrix shrink`: cuts a scenario while one red cell of it stays red in the same way, and prints what is left."""

from __future__ import annotations

import argparse
import io
from collections.abc import Sequence
from pathlib import Path

from matrix import job, selection
from matrix.cells import REAL, Cell
from matrix.job import Stop
from matrix.progress import Progress
from matrix.result import Result
from matrix.run import run
from matrix.shrink import Shrinker, shows, size


def options(parser: argparse.ArgumentParser) -> None:
    selection.options(parser)
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the scenario there (standard output)")


def main(arguments: argparse.Namespace) -> int:
    if len(arguments.scenario) != 1:
        raise Stop("shrink takes one scenario: make shrink SCENARIO=FILE", job.USAGE)
    selected = selection.select(arguments, {REAL: job.runtime_of(arguments)})
    results = job.perform(selected.cells, selected.lane).results
    before = next(filter(shows, results), None)
    if before is None:
        captured = selected.scenarios[0].captured
        raise Stop("no cell that was run " + ("ends as it was captured" if captured else "is red: there is nothing to "
                   "shrink"), job.USAGE)

    def perform(cells: Sequence[Cell]) -> Sequence[Result]:
        return run(cells, selected.lane, Progress(io.StringIO(), len(cells))).results

    job.say(f"shrinking {before.cell.id}: {before.verdict}")
    shrinker = Shrinker(before, perform, job.say)
    smallest = shrinker.smallest()
    if smallest is None:
        raise Stop(f"{before.cell.id}: does not show the same in a scenario of that cell alone", job.HARNESS)
    text = (f"# {before.cell.id} of {before.cell.scenario.file}, shrunk: {size(smallest)} pieces left after "
            f"{shrinker.runs} runs in {shrinker.rounds} rounds\n{smallest.text()}")
    if arguments.out:
        arguments.out.write_text(text, "utf-8")
        print(f"{arguments.out}: {size(smallest)} pieces left after {shrinker.runs} runs")
    else:
        print(text, end="")
    return 0

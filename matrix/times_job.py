"""`matrix times`: how long boots and cells take, out of a record, for cutting shards."""

from __future__ import annotations

import argparse
from pathlib import Path

from matrix import job, times
from matrix.cells import spread
from matrix.job import Stop
from matrix.report_job import load
from matrix.targets import choose, on_guests


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("record", nargs="?", type=Path, default=Path("build/matrix/record.json"), metavar="RECORD",
                        help="the record of a whole run (build/matrix/record.json)")


def main(arguments: argparse.Namespace) -> int:
    run = load(arguments.record).run
    columns = on_guests(choose(()))
    cells = {cell.id for scenario in job.scenarios(arguments.scenarios, []) for cell in spread(scenario, columns)}
    if lacking := cells - {one.cell.id for one in run.results if one.cell.target.kernel != "host"}:
        raise Stop(f"{arguments.record}: {len(lacking)} of all {len(cells)} cells did not run in a guest; only a whole "
                   "run tells how long each takes", job.USAGE)
    found = times.measured(run)
    times.FILE.write_text(found.text(), "utf-8")
    print(f"{times.FILE}: {len(found.known) - 1} scenarios")
    return 0

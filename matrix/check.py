"""`matrix check`: every fault of every scenario file, and nothing run."""

from __future__ import annotations

import argparse

from matrix import job
from matrix.cells import spread
from matrix.find import find
from matrix.targets import choose, on_guests


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scenario", nargs="*", metavar="NAME_OR_FILE", help="only these (all)")


def main(arguments: argparse.Namespace) -> int:
    found, faults = find(arguments.scenarios, arguments.scenario)
    if faults:
        job.say(job.told(faults))
        return job.USAGE
    columns = on_guests(choose(()))
    print(f"{len(found)} scenarios, {sum(len(spread(scenario, columns)) for scenario in found)} cells")
    return 0

"""`matrix check`: every fault of every scenario file and of every mutant, and nothing run."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from matrix import baseline_gate, job, mutant_file
from matrix.cells import spread
from matrix.find import find, names
from matrix.mutant_build import misfits
from matrix.mutant_file import Mutant
from matrix.mutants_job import FOLDER
from matrix.scenario import Scenario
from matrix.targets import choose, on_guests, row_names

OURS = Path(__file__).resolve().parent.parent / "scenarios"  # whose names the mutants give


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scenario", nargs="*", metavar="NAME_OR_FILE", help="only these, and no mutants (all)")
    parser.add_argument("--source", type=Path, default=Path("src"), metavar="DIR", help="the runtime's source (src)")


def _baselines(scenarios: Sequence[Scenario]) -> list[str]:
    """What is wrong with the records: in themselves, without a cell, or not there."""
    baselines, faults = baseline_gate.read(scenarios, baseline_gate.FOLDER)
    return [*map(str, faults), *baseline_gate.gaps(scenarios, baselines, baseline_gate.FOLDER).all]


def main(arguments: argparse.Namespace) -> int:
    found, faults = find(arguments.scenarios, arguments.scenario)
    said = [job.told(faults)] if faults else []
    mutants: list[Mutant] = []
    if not arguments.scenario and arguments.scenarios.resolve() == OURS:
        mutants, faults = mutant_file.load(FOLDER, (), names(arguments.scenarios), row_names())
        said += [job.told(faults)] if faults else []
        said += misfits(mutants, arguments.source)
        said += [] if said else _baselines(found)  # a scenario that cannot be read would leave its record an orphan
    if said:
        job.say("\n".join(said))
        return job.USAGE
    columns = on_guests(choose(()))
    print(f"{len(found)} scenarios, {sum(len(spread(scenario, columns)) for scenario in found)} cells"
          + (f", {len(mutants)} mutants that apply" if mutants else ""))
    return 0

"""`matrix mutants`: proof that the matrix bites. Every mutant of the runtime must be killed by a scenario."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from matrix import job, mutant_file, relations, result
from matrix.cells import REAL, Cell, spread
from matrix.job import Stop
from matrix.mutant_build import build_all
from matrix.mutant_file import Mutant
from matrix.mutant_verdict import Verdict, broken, closing, kills, lines, what
from matrix.paint import is_live
from matrix.result import Result
from matrix.scenario import Scenario
from matrix.targets import Target, choose, host_abi, on_guests, on_host, row_names

MOST_TOLD = 10  # of what the runtime itself does not pass
FOLDER = Path(os.path.relpath(Path(__file__).parent / "mutants"))


class Errand(NamedTuple):
    """What is to be run to see whether a mutant dies of it."""

    mutant: Mutant
    scenario: Scenario
    columns: Sequence[Target]


def options(parser: argparse.ArgumentParser) -> None:
    job.build_options(parser)
    parser.add_argument("mutant", nargs="*", metavar="NAME", help="only this one (all)")
    parser.add_argument("--source", type=Path, default=Path("src"), metavar="DIR", help="the runtime's source (src)")


class Hunt:
    """The mutants that are hunted, the lanes they are hunted on, and what was found."""

    def __init__(self, mutants: Sequence[Mutant], programs: Mapping[str, Path], build: Path) -> None:
        self.verdicts = {mutant.runtime: Verdict(mutant) for mutant in mutants}
        self._programs, self._build = programs, build

    def run(self, lane: str, wanted: Sequence[Errand]) -> None:
        """Runs each errand, and its cells with the runtime as it is, as a control."""
        cells: dict[str, Cell] = {}
        for errand in wanted:
            for cell in spread(errand.scenario, errand.columns, (REAL, errand.mutant.runtime)):
                cells.setdefault(cell.id, cell)
        if not cells:
            return
        needed = {name: self._programs[name] for name in {cell.runtime for cell in cells.values()}}
        outcome = job.perform(list(cells.values()), job.open_lane(lane, self._build, needed))
        check_control(outcome.results)
        for name, verdict in self.verdicts.items():
            self._add(verdict, [one for one in outcome.results if one.cell.runtime == name])

    def _add(self, verdict: Verdict, results: Sequence[Result]) -> None:
        verdict.cells += len(results)
        verdict.kills += kills(results)
        verdict.unjudged += [one for one in results if one.verdict == result.ERROR]


def main(arguments: argparse.Namespace) -> int:
    scenarios = {scenario.name: scenario for scenario in job.scenarios(arguments.scenarios, ())}
    mutants, faults = mutant_file.load(FOLDER, arguments.mutant, scenarios, row_names())
    if faults or not mutants:
        raise Stop(job.told(faults) or f"{FOLDER}: no mutants", job.USAGE)
    hunt = Hunt(mutants, {REAL: job.runtime_of(arguments), **build(mutants, arguments)}, arguments.build)
    hunt_down(hunt, scenarios)
    for verdict in hunt.verdicts.values():
        for line in lines(verdict):
            print(line)
    last, well = closing(list(hunt.verdicts.values()), whole=not arguments.mutant)
    print("\n".join(last))
    return 0 if well else 1


def check_control(results: Sequence[Result]) -> None:
    """A cell that the runtime itself does not pass would kill any mutant."""
    control = [one for one in results if one.cell.runtime == REAL]
    wrong = [f"{one.cell.id}: {what(one)}" for one in control if one.verdict in result.UNSUCCESSFUL]
    wrong += [f"{one.of.left.cell.id}: {broken(one)}" for one in relations.check(control)]
    if wrong:
        more = [f"and {len(wrong) - MOST_TOLD} more"] if len(wrong) > MOST_TOLD else []
        raise Stop("\n".join(["the runtime as it is does not pass, so that no mutant can be judged; mend this first:",
                              *wrong[:MOST_TOLD], *more]), job.HARNESS)


def build(mutants: Sequence[Mutant], arguments: argparse.Namespace) -> dict[str, Path]:
    live = is_live(sys.stderr)
    if not live:
        job.say(f"building {len(mutants)} mutants")

    def done(number: int) -> None:
        if live:
            print(f"\r\x1b[Kbuilding mutants: {number}/{len(mutants)}", end="", file=sys.stderr, flush=True)

    programs, faults = build_all(mutants, arguments.source, arguments.build, done)
    if live:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    if faults:
        raise Stop("\n".join(faults), job.HARNESS)
    return programs


def hunt_down(hunt: Hunt, scenarios: Mapping[str, Scenario]) -> None:
    """First where each mutant says that it dies; what lives on, on rows that the host has not; then everywhere."""
    columns, unfit = on_host(choose(()), host_abi())
    mutants = [verdict.mutant for verdict in hunt.verdicts.values()]

    def alive() -> list[Mutant]:
        return [mutant for mutant in mutants if not hunt.verdicts[mutant.runtime].killed]

    hunt.run("host", [Errand(mutant, scenarios[name], columns)
                      for mutant in mutants if not mutant.rows for name in mutant.scenarios])
    out_of_reach = [row.name for row in unfit]
    hunt.run("vm", [Errand(mutant, scenarios[name], on_guests(choose(rows)))
                    for mutant in alive() if (rows := mutant.rows or out_of_reach) for name in mutant.scenarios])
    hunt.run("host", [Errand(mutant, scenario, columns) for mutant in alive()
                      for scenario in scenarios.values() if scenario.name not in mutant.scenarios])

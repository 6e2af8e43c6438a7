"""`matrix ceiling`: is a ceiling what the real kernel is? The same cells under ceiling 2 on 6.12 and on the real 6.1,
and under ceiling 6 on 6.18 and on the real 6.12, compared one by one."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from matrix import job, result
from matrix.cells import REAL, spread
from matrix.facts import facts
from matrix.result import Result
from matrix.targets import Target, choose, on_guests

# A row, and the row whose newer kernel is put under its ceiling.
PAIRS = (("2", "6"), ("6", "7"))


@dataclass(frozen=True)
class Disagreement:
    cell: str
    what: str
    real: str
    ceiling: str


def options(parser: argparse.ArgumentParser) -> None:
    job.build_options(parser)
    parser.add_argument("--scenario", action="append", default=[], metavar="NAME_OR_FILE", help="only this one (all)")


def columns() -> list[Target]:
    """Each real row beside its ceiling, told apart by the column's name."""
    rows = {target.name: target for target in on_guests(choose(()))}
    found = []
    for name, newer in PAIRS:
        under = rows[newer]
        found += [rows[name], replace(under, name=_ceiling_name(name), abi=name, ceiling=name)]
    return found


def _ceiling_name(row: str) -> str:
    return f"ceiling-{row}"


def _facts(one: Result) -> Mapping[str, str]:
    """What two kernels of the same ABI must agree in."""
    if one.verdict in result.HARNESS:
        return {"harness": f"{one.verdict}: {one.why}"}
    return facts(one.seen)


def compare(results: Sequence[Result]) -> tuple[int, list[Disagreement]]:
    """How many pairs of cells agree, and where the others do not. A harness error agrees with nothing."""
    pairs: dict[tuple[str, str, str], dict[bool, Result]] = {}
    for one in results:
        cell = one.cell
        pairs.setdefault((cell.scenario.name, cell.point, cell.target.abi), {})[cell.target.ceiling is None] = one
    agreed = 0
    found: list[Disagreement] = []
    for (scenario, point, abi), pair in pairs.items():
        differences = _differ(f"{scenario}/{point}/{abi}", _facts(pair[True]), _facts(pair[False]))
        found += differences
        agreed += not differences
    return agreed, found


def _differ(cell: str, real: Mapping[str, str], ceiling: Mapping[str, str]) -> list[Disagreement]:
    return [Disagreement(cell, what, real.get(what, "none"), ceiling.get(what, "none"))
            for what in dict.fromkeys((*real, *ceiling))
            if real.get(what) != ceiling.get(what) or what == "harness"]


def main(arguments: argparse.Namespace) -> int:
    chosen = job.scenarios(arguments.scenarios, arguments.scenario)
    runtime = job.runtime_of(arguments)
    lane = job.open_lane("vm", arguments.build, {REAL: runtime})
    outcome = job.perform([cell for scenario in chosen for cell in spread(scenario, columns())], lane)
    job.keep(outcome, lane, runtime, arguments.build / "matrix" / "ceiling.json")
    agreed, found = compare(outcome.results)
    for one in found:
        print(f"{one.cell}: {one.what}: the real kernel {one.real}, the ceiling {one.ceiling}")
    disagreed = len({one.cell for one in found})
    print(f"{agreed} passed, {disagreed} failed")
    if outcome.count(*result.HARNESS) or outcome.bad_boots:
        return job.HARNESS
    return 1 if disagreed else 0

"""`matrix accept`: records what cells do now as what they shall do, with the reason. The only writer of baselines.

Whole scenarios are run, however few cells are chosen, since a relation needs both cells of a pair; nothing is recorded
where an expectation fails, a relation is violated, or a cell could not be judged."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from matrix import baseline, baseline_gate, job, relations, result, selection
from matrix.cells import REAL, Cell, parse_filter, spread
from matrix.differing import differing
from matrix.find import names
from matrix.job import Stop
from matrix.paint import Paint
from matrix.result import Result
from matrix.scenario import Scenario
from matrix.targets import Unknown, choose, on_guests
from matrix.violated import told


def options(parser: argparse.ArgumentParser) -> None:
    selection.options(parser)
    parser.add_argument("--why", default="", metavar="REASON", help="why this is what the cells shall do; required")


def main(arguments: argparse.Namespace) -> int:
    why = " ".join(arguments.why.split())
    if not why:
        raise Stop('accept needs a reason: make accept SCENARIO=NAME WHY="..."', job.USAGE)
    if arguments.lane != "vm":
        raise Stop("only what guests do is recorded: leave LANE out", job.USAGE)
    everything = not (arguments.scenario or arguments.kernel or arguments.cell)
    scenarios, chosen = _choose(arguments)
    before, faults = baseline_gate.read(scenarios, baseline_gate.FOLDER)
    if faults:
        raise Stop(job.told(faults), job.USAGE)
    arguments.scenario, arguments.kernel, arguments.cell = [one.name for one in scenarios], [], ""
    selected = selection.select(arguments, {REAL: job.runtime_of(arguments)})
    outcome = job.perform(selected.cells, selected.lane, again=True)
    outcome.violations = relations.check(outcome.results)
    if outcome.count(*result.UNSUCCESSFUL) or outcome.violations:
        paint = Paint.for_stream(sys.stdout)
        print("\n".join([*differing(outcome.results, paint), *told(outcome.violations, paint), outcome.closing]))
        raise Stop("nothing is recorded: a baseline takes no cell that fails its expectation, breaks a relation or "
                   "could not be judged; mend that first", outcome.status)
    changed = _write(scenarios, before, [one for one in outcome.results if one.cell.id in chosen], why)
    if everything:
        for name, path in baseline.recorded_scenarios(baseline_gate.FOLDER).items():
            if name not in before:
                path.unlink()
                print(f"{path} removed: no such scenario any more")
    print(f"{len(chosen)} cells chosen, {changed} of them with another record than before")
    return 0


def _choose(arguments: argparse.Namespace) -> tuple[list[Scenario], set[str]]:
    """The scenarios of which a cell is chosen, and the chosen cells' ids."""
    found = job.scenarios(arguments.scenarios, arguments.scenario)
    known = names(arguments.scenarios)
    if strange := [one for one in found if one.name not in known]:
        raise Stop(f"{strange[0].file}: not below {arguments.scenarios}, so that it has no baseline", job.USAGE)
    try:
        wanted = parse_filter(arguments.cell, found)
        columns = on_guests(choose(arguments.kernel))
    except Unknown as fault:
        raise Stop(str(fault), job.USAGE) from fault
    cells: list[Cell] = [cell for scenario in found for cell in spread(scenario, columns) if cell in wanted]
    if not cells:
        raise Stop("no cell is chosen: SCENARIO, KERNEL and CELL leave none", job.USAGE)
    with_cells = {cell.scenario.name for cell in cells}
    return [one for one in found if one.name in with_cells], {cell.id for cell in cells}


def _write(scenarios: Sequence[Scenario], before: dict[str, baseline.Baseline], results: Sequence[Result],
           why: str) -> int:
    """Writes what changed, and tells each cell of it; gives their number."""
    count = 0
    columns = on_guests(choose(()))
    for scenario in scenarios:
        old = before[scenario.name]
        existing = {baseline.place(cell) for cell in spread(scenario, columns)}
        new = baseline.renewed(old, [one for one in results if one.cell.scenario.name == scenario.name], existing, why)
        if new == old:
            continue
        path = baseline.path_of(baseline_gate.FOLDER, scenario.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(new.text(), "utf-8")
        differing = [at for at in baseline.in_order(new.cells) if new.cells[at] != old.cells.get(at)]
        count += len(differing)
        print(f"{path}: {len(differing)} cells, {len(old.cells.keys() - new.cells.keys())} orphans removed")
        for at in differing if old.cells else ():
            print("    {}: {} -> {}".format(at, *baseline.differing_words(old.cells.get(at, ""), new.cells[at])))
    return count

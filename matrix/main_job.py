"""`matrix run`: the main job."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from matrix import job, junit, result, targets
from matrix.cells import REAL, parse_filter, spread
from matrix.differing import differing
from matrix.events import Listener
from matrix.figures import lines as figure_lines
from matrix.job import Stop
from matrix.lanes import Lane
from matrix.paint import Paint
from matrix.result import Result, harness
from matrix.run import Run
from matrix.table import LEGEND, tables
from matrix.targets import Target, Unfit, Unknown
from vm.kernels import Unavailable

BOOT_PATIENCE = 60.0


def options(parser: argparse.ArgumentParser) -> None:
    job.build_options(parser)
    parser.add_argument("--scenario", action="append", default=[], metavar="NAME_OR_FILE", help="only this one (all)")
    parser.add_argument("--kernel", action="append", default=[], metavar="ROW|PATH",
                        help="only this row, or a kernel image of your own (all rows)")
    parser.add_argument("--cell", default="", metavar="FILTER",
                        help="only cells with these values, such as mode=proxy,landlock=omitted; or one cell's id")
    parser.add_argument("--lane", choices=("vm", "host"), default="vm",
                        help="guests (vm), or ceilings on this machine's own kernel (host)")


def main(arguments: argparse.Namespace) -> int:
    chosen = job.scenarios(arguments.scenarios, arguments.scenario)
    runtime = job.runtime_of(arguments)
    try:
        wanted = parse_filter(arguments.cell, chosen)
        images = [str(Path(name).resolve()) for name in arguments.kernel if _is_path(name)]
        names = [name for name in arguments.kernel if not _is_path(name)]
        rows = targets.choose(names) if names or not images else ()
    except Unknown as fault:
        raise Stop(str(fault), job.USAGE) from fault
    lane = job.open_lane(arguments.lane, arguments.build, {REAL: runtime})
    unfit: list[Unfit] = []
    if arguments.lane == "host":
        if images:
            raise Stop("the host lane runs on this machine's kernel: KERNEL takes rows there", job.USAGE)
        columns, unfit = targets.on_host(rows, targets.host_abi())
    else:
        columns = targets.on_guests(rows) + [_ask(lane, path) for path in images]
    cells = [cell for scenario in chosen for cell in spread(scenario, columns) if cell in wanted]
    skipped = [harness(cell, result.SKIPPED, row.why)
               for row in unfit for scenario in chosen for cell in spread(scenario, [_out_of_reach(row)])
               if cell in wanted]
    if not cells and not skipped:
        raise Stop("no cell is chosen: SCENARIO, KERNEL and CELL leave none", job.USAGE)
    outcome = job.perform(cells, lane)
    outcome.results = _by_scenario(chosen, outcome.results + skipped)
    show(outcome, unfit)
    out = arguments.build / "matrix"
    job.keep(outcome, lane, runtime, out / "record.json")
    junit.write(outcome.results, out / "junit.xml")
    print(outcome.closing)
    return outcome.status


def _by_scenario(chosen: Sequence[object], results: Sequence[Result]) -> list[Result]:
    """By scenario, then by kernel row, else in the order they have."""
    order = {id(scenario): number for number, scenario in enumerate(chosen)}
    rows = {name: number for number, name in enumerate(targets.row_names())}

    def place(one: Result) -> tuple[int, int]:
        return order[id(one.cell.scenario)], rows.get(one.cell.target.name, len(rows))

    return sorted(results, key=place)


def _is_path(name: str) -> bool:
    return name not in targets.row_names() and ("/" in name or Path(name).is_file())


def _out_of_reach(row: Unfit) -> Target:
    return Target(row.name, row.name, None, "host", "", "host")


def _ask(lane: Lane, path: str) -> Target:
    """Boots a kernel of somebody's own with no cells, to learn its ABI."""
    if not Path(path).is_file():
        raise Stop(f"{path}: no such kernel image, and no row of the matrix either", job.USAGE)
    listener = Listener(lambda end: None)
    try:
        end = lane.boot(path, targets.on_image(path, "none", path), BOOT_PATIENCE)("", listener.line)
    except Unavailable as fault:
        raise Stop(f"unavailable: {fault}", job.USAGE) from fault
    if listener.facts is None:
        last = "\n".join(end.console.splitlines()[-5:])
        raise Stop(f"{path}: this kernel did not get as far as running anything ({end.reason}); "
                   f"its last words:\n{last}", job.HARNESS)
    return targets.on_image(path, listener.facts.abi, f"{Path(path).name}:{listener.facts.abi}")


def show(outcome: Run, unfit: Sequence[Unfit]) -> None:
    paint = Paint.for_stream(sys.stdout)
    for line in tables(outcome.results, paint):
        print(line)
    print(LEGEND)
    for row in unfit:
        print(f"row {row.name} skipped: {row.why}")
    print()
    for line in differing(outcome.results, paint):
        print(line)
    ends = Counter((boot.key, boot.reason) for boot in outcome.bad_boots)
    for (key, reason), count in ends.items():
        print(f"kernel {key}: {count} ended by {reason}; what the console said is in the record")
    for line in figure_lines(outcome):
        print(line)


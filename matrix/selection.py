"""Which cells a verb runs: SCENARIO, KERNEL, CELL and LANE, the same for every verb that takes them."""

from __future__ import annotations

import argparse
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from matrix import job, own_kernel, result, targets
from matrix.cells import Cell, parse_filter, spread
from matrix.job import Stop
from matrix.lanes import Lane
from matrix.result import Result, harness
from matrix.scenario import Scenario
from matrix.targets import Target, Unfit, Unknown


@dataclass(frozen=True)
class Selection:
    scenarios: Sequence[Scenario]
    lane: Lane
    cells: Sequence[Cell]
    skipped: Sequence[Result]  # of the rows that the lane cannot show


def options(parser: argparse.ArgumentParser) -> None:
    job.build_options(parser)
    parser.add_argument("--scenario", action="append", default=[], metavar="NAME_OR_FILE", help="only this one (all)")
    parser.add_argument("--kernel", action="append", default=[], metavar="ROW|PATH",
                        help="only this row, or a kernel image of your own (all rows)")
    parser.add_argument("--cell", default="", metavar="FILTER",
                        help="only cells with these values, such as mode=proxy,landlock=omitted; or one cell's id")
    parser.add_argument("--lane", choices=("vm", "host"), default="vm",
                        help="guests (vm), or ceilings on this machine's own kernel (host)")


def select(arguments: argparse.Namespace, runtimes: Mapping[str, Path]) -> Selection:
    """The cells of every runtime, side by side in the same boots. Stops where the choice is none."""
    chosen = job.scenarios(arguments.scenarios, arguments.scenario)
    try:
        wanted = parse_filter(arguments.cell, chosen)
    except Unknown as fault:
        raise Stop(str(fault), job.USAGE) from fault
    open_lane = functools.cache(lambda: job.open_lane(arguments.lane, arguments.build, runtimes))
    columns, unfit = columns_of(arguments.lane, arguments.kernel, open_lane)
    lane = open_lane()
    cells = [cell for scenario in chosen for cell in spread(scenario, columns, tuple(runtimes)) if cell in wanted]
    skipped = [harness(cell, result.SKIPPED, row.why)
               for row in unfit for scenario in chosen for cell in spread(scenario, [out_of_reach(row)])
               if cell in wanted]
    if not cells and not skipped:
        raise Stop("no cell is chosen: SCENARIO, KERNEL and CELL leave none", job.USAGE)
    return Selection(chosen, lane, cells, skipped)


def columns_of(lane: str, kernels: Sequence[str], open_lane: Callable[[], Lane]) -> tuple[list[Target], list[Unfit]]:
    """The columns of KERNEL on a lane, and the rows it cannot show. Opens the lane where a kernel has to be asked."""
    images = dict.fromkeys(str(Path(name).resolve()) for name in kernels if _is_path(name))
    names = [name for name in kernels if not _is_path(name)]
    try:
        rows = targets.choose(names) if names or not images else ()
    except Unknown as fault:
        raise Stop(str(fault), job.USAGE) from fault
    if lane == "host":
        if images:
            raise Stop("the host lane runs on this machine's kernel: KERNEL takes rows there", job.USAGE)
        return targets.on_host(rows, targets.host_abi())
    return targets.on_guests(rows) + targets.told_apart([own_kernel.ask(open_lane(), path) for path in images]), []


def _is_path(name: str) -> bool:
    return name not in targets.row_names() and ("/" in name or Path(name).is_file())


def out_of_reach(row: Unfit) -> Target:
    return Target(row.name, row.name, None, "host", "", "host")

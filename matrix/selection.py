"""Which cells a verb runs: SCENARIO, KERNEL, CELL and LANE, the same for every verb that takes them."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
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
        images = dict.fromkeys(str(Path(name).resolve()) for name in arguments.kernel if _is_path(name))
        names = [name for name in arguments.kernel if not _is_path(name)]
        rows = targets.choose(names) if names or not images else ()
    except Unknown as fault:
        raise Stop(str(fault), job.USAGE) from fault
    lane = job.open_lane(arguments.lane, arguments.build, runtimes)
    unfit: list[Unfit] = []
    if arguments.lane == "host":
        if images:
            raise Stop("the host lane runs on this machine's kernel: KERNEL takes rows there", job.USAGE)
        columns, unfit = targets.on_host(rows, targets.host_abi())
    else:
        columns = targets.on_guests(rows) + targets.told_apart([own_kernel.ask(lane, path) for path in images])
    cells = [cell for scenario in chosen for cell in spread(scenario, columns, tuple(runtimes)) if cell in wanted]
    skipped = [harness(cell, result.SKIPPED, row.why)
               for row in unfit for scenario in chosen for cell in spread(scenario, [_out_of_reach(row)])
               if cell in wanted]
    if not cells and not skipped:
        raise Stop("no cell is chosen: SCENARIO, KERNEL and CELL leave none", job.USAGE)
    return Selection(chosen, lane, cells, skipped)


def _is_path(name: str) -> bool:
    return name not in targets.row_names() and ("/" in name or Path(name).is_file())


def _out_of_reach(row: Unfit) -> Target:
    return Target(row.name, row.name, None, "host", "", "host")

"""What the verbs that run cells share: choosing, running, and showing."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from matrix import record
from matrix.cells import Cell
from matrix.compile import barred_on_host
from matrix.diagnostics import Diagnostic
from matrix.find import find
from matrix.lanes import GuestLane, HostLane, Lane
from matrix.payload import Missing, assemble
from matrix.progress import Progress
from matrix.result import SKIPPED, Result, harness
from matrix.run import Run, run
from matrix.scenario import Scenario

USAGE = 2
HARNESS = 3


class Stop(Exception):
    """Nothing more can be done; the message is for the person, the status for the caller."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def build_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--build", type=Path, default=Path("build"), metavar="DIR",
                        help="where things are built (build)")
    parser.add_argument("--runtime", type=Path, metavar="PATH",
                        help="the runtime to put under the matrix (BUILD/holdfast)")


def scenarios(folder: Path, wanted: Sequence[str]) -> list[Scenario]:
    """The scenarios, or a stop with every fault of every file."""
    found, faults = find(folder, wanted)
    if faults:
        raise Stop(told(faults), USAGE)
    if not found:
        raise Stop(f"{folder}: no scenario files", USAGE)
    return found


def told(faults: Sequence[Diagnostic]) -> str:
    return "\n".join(map(str, faults))


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def runtime_of(arguments: argparse.Namespace) -> Path:
    path: Path = arguments.runtime or arguments.build / "holdfast"
    return path


def open_lane(lane: str, build: Path, runtimes: Mapping[str, Path], own: str = "") -> Lane:
    """Lays the payload out and opens the lane `vm` or `host`. `own`: a folder for a process that is not alone."""
    out = build / "matrix" / own
    out.mkdir(parents=True, exist_ok=True)
    try:
        payload = assemble(build, runtimes).resolve()
    except Missing as fault:
        raise Stop(str(fault), USAGE) from fault
    if lane == "host":
        return HostLane(build, payload, out)
    return GuestLane(build, payload, out, say)


def perform(cells: Sequence[Cell], lane: Lane, again: bool = False,
            judge: Callable[[Result], Result] = lambda one: one) -> Run:
    """Runs what this user can run on this lane; the rest is skipped, with the reason. `again`, `judge`: see run."""
    barred = {cell: barred_on_host(cell, os.geteuid() == 0) for cell in cells} if isinstance(lane, HostLane) else {}
    fit = [cell for cell in cells if not barred.get(cell)]
    outcome = run(fit, lane, Progress(sys.stderr, len(fit)), again, judge)
    outcome.results += [harness(cell, SKIPPED, why) for cell, why in barred.items() if why]
    place = {cell: number for number, cell in enumerate(cells)}
    outcome.results.sort(key=lambda one: place[one.cell])
    return outcome


def keep(outcome: Run, lane: Lane, runtime: Path, path: Path) -> None:
    record.write(record.make(outcome, record.surroundings(runtime, lane.kernels())), path)

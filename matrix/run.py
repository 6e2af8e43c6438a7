"""Runs cells: one boot a kernel, biggest boots first, two at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from matrix import result
from matrix.boots import BootRecord, run_cells
from matrix.cells import Cell
from matrix.lanes import Lane
from matrix.law import Violation, breaches
from matrix.progress import Progress
from matrix.result import Result
from vm.kernels import Unavailable

AT_A_TIME = 2


@dataclass
class Run:
    """Everything that came of a run; the faces (table, JSON, JUnit) show it."""

    results: list[Result] = field(default_factory=list)
    boots: list[BootRecord] = field(default_factory=list)
    seconds: float = 0.0
    violations: list[Violation] | None = None  # of the relations; None: they were not judged

    def count(self, *verdicts: str) -> int:
        return sum(one.verdict in verdicts for one in self.results)

    @property
    def bad_boots(self) -> list[BootRecord]:
        return [boot for boot in self.boots if boot.bad]

    @property
    def closing(self) -> str:
        """`N passed, N failed`, a relation violated in a scenario counting as one; the rest only where there is some."""
        skipped, violated = self.count(result.SKIPPED), len(breaches(self.violations or ()))
        return (f"{self.count(result.PASS)} passed, {self.count(*result.UNSUCCESSFUL) + violated} failed"
                + (f" ({violated} of them relations)" if violated else "")
                + (f", {skipped} skipped" if skipped else ""))

    @property
    def nothing_judged(self) -> bool:
        return self.count(result.SKIPPED) == len(self.results)

    @property
    def status(self) -> int:
        """The exit status: 3 before 1, since a harness that failed has not judged everything."""
        if self.count(*result.HARNESS) or self.bad_boots or self.nothing_judged:
            return 3
        return 1 if self.count(result.FAIL) or self.violations else 0


def groups(cells: Sequence[Cell]) -> list[tuple[str, list[Cell]]]:
    """The cells by their boot, biggest first. The host's kernel needs no boot, so there its cells are halved."""
    by_boot: dict[str, list[Cell]] = {}
    for cell in cells:
        by_boot.setdefault(cell.target.boot, []).append(cell)
    if set(by_boot) == {"host"}:
        by_boot = {f"host-{part}": list(cells[part::AT_A_TIME]) for part in range(AT_A_TIME)}
    return sorted(((key, part) for key, part in by_boot.items() if part), key=lambda item: -len(item[1]))


def _two_at_a_time(serve: Callable[[str, list[Cell]], None], cells: Sequence[Cell]) -> None:
    pool = ThreadPoolExecutor(AT_A_TIME)
    try:
        for future in [pool.submit(serve, key, part) for key, part in groups(cells)]:
            future.result()
    except BaseException:  # Ctrl-C above all: nobody wants to wait for the guests that are left
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def run(cells: Sequence[Cell], lane: Lane, progress: Progress) -> Run:
    outcome = Run()
    lock = threading.Lock()

    def on_result(one: Result) -> None:
        with lock:
            outcome.results.append(one)
            progress.cell(one)

    def on_boot(record: BootRecord) -> None:
        with lock:
            outcome.boots.append(record)
            progress.booted(record)

    def serve(key: str, part: list[Cell]) -> None:
        with lock:
            progress.booting(key)
        silence = max(cell.scenario.time_limit for cell in part)
        try:
            run_cells(key, part, lane.boot(key, part[0].target, silence), on_result, on_boot)
        except (Unavailable, OSError) as fault:
            what = "UNAVAILABLE" if isinstance(fault, Unavailable) else "cannot be booted"
            judged = {one.cell.id for one in outcome.results}
            for cell in part:
                if cell.id not in judged:
                    on_result(result.harness(cell, result.ERROR, f"{what.lower()}: {fault}"))
            with lock:
                progress.say(f"kernel {key}: {what}: {fault}")

    begin = time.monotonic()
    with progress:
        _two_at_a_time(serve, cells)
    outcome.seconds = time.monotonic() - begin
    order = {cell.id: number for number, cell in enumerate(cells)}
    outcome.results.sort(key=lambda one: order[one.cell.id])
    return outcome

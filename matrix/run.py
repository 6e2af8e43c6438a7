"""Runs cells: one boot a kernel, biggest boots first, two at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from matrix import known, result, second_run
from matrix.boots import BootRecord, run_cells
from matrix.cells import Cell
from matrix.lanes import Lane
from matrix.law import Violation, breaches
from matrix.progress import Progress
from matrix.result import Result
from vm.kernels import Unavailable

AT_A_TIME = 2


@dataclass(frozen=True)
class Shard:
    """Which part of which whole run this is: how many cells, a digest of their ids, what they are judged by."""

    number: int
    of: int
    cells: int
    digest: str
    judges: tuple[str, ...]


@dataclass
class Run:
    """Everything that came of a run; the faces (table, JSON, JUnit) show it."""

    results: list[Result] = field(default_factory=list)
    boots: list[BootRecord] = field(default_factory=list)
    seconds: float = 0.0
    violations: list[Violation] | None = None  # of the relations; None: they were not judged
    gaps: tuple[str, ...] = ()  # between cells and records, where they count
    shard: Shard | None = None  # None: this is all of it

    def count(self, *verdicts: str) -> int:
        return sum(one.verdict in verdicts for one in self.results)

    @property
    def bad_boots(self) -> list[BootRecord]:
        return [boot for boot in self.boots if boot.bad]

    @property
    def turned_green(self) -> tuple[str, ...]:
        return known.turned_green(self.results)

    @property
    def closing(self) -> str:
        """`N passed, N failed`; a relation violated in a scenario counts as one. The rest only where there is some."""
        skipped, violated = self.count(result.SKIPPED), len(breaches(self.violations or ()))
        counts = ((violated, "violated relations"), (len(self.gaps), "gaps in the baseline"),
                  (len(self.turned_green), "known failures that turned green"))
        beside = [f"{what}: {count}" for count, what in counts if count]
        failed = self.count(*result.UNSUCCESSFUL) + violated + len(self.gaps) + len(self.turned_green)
        as_known = self.count(result.KNOWN)
        return (f"{self.count(*result.PASSED)} passed, {failed} failed"
                + (f" ({', '.join(beside)})" if beside else "")
                + (f", {as_known} of those that passed are known to be red" if as_known else "")
                + (f", {skipped} skipped" if skipped else ""))

    @property
    def nothing_judged(self) -> bool:
        """No success; of a shard only the whole can tell."""
        return self.shard is None and self.count(result.SKIPPED) == len(self.results)

    @property
    def status(self) -> int:
        """The exit status: 3 before 1, since a harness that failed has not judged everything."""
        if self.count(*result.HARNESS) or self.bad_boots or self.nothing_judged:
            return 3
        return 1 if self.count(*result.FAILED) or self.violations or self.gaps or self.turned_green else 0


def groups(cells: Sequence[Cell]) -> list[tuple[str, list[Cell]]]:
    """The cells by their boot, biggest first. The host's kernel needs no boot, so there its cells are halved."""
    by_boot: dict[str, list[Cell]] = {}
    for cell in cells:
        by_boot.setdefault(cell.target.boot, []).append(cell)
    if set(by_boot) == {"host"}:
        by_boot = {f"host-{part}": list(cells[part::AT_A_TIME]) for part in range(AT_A_TIME)}
    return sorted(((key, part) for key, part in by_boot.items() if part), key=lambda item: -len(item[1]))


def _two_at_a_time(serve: Callable[[str, list[Cell]], None], parts: Sequence[tuple[str, list[Cell]]]) -> None:
    pool = ThreadPoolExecutor(AT_A_TIME)
    try:
        for future in [pool.submit(serve, key, part) for key, part in parts]:
            future.result()
    except BaseException:  # Ctrl-C above all: nobody wants to wait for the guests that are left
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


class Server:
    """Serves parts of a run from several threads: boots, and what comes of it."""

    def __init__(self, lane: Lane, progress: Progress, judge: Callable[[Result], Result]) -> None:
        self._lane, self._progress, self._judge = lane, progress, judge
        self._lock = threading.Lock()
        self.boots: list[BootRecord] = []

    def serve(self, key: str, part: list[Cell], tell: Callable[[Result], None], counted: bool = True) -> None:
        """Tells every cell's result as it comes; a second run is not counted as progress."""
        told: set[Cell] = set()

        def on_result(one: Result) -> None:
            one = self._judge(one)
            with self._lock:
                told.add(one.cell)
                tell(one)
                if counted:
                    self._progress.cell(one)

        with self._lock:
            self._progress.booting(key)
        silence = max(cell.scenario.time_limit for cell in part)
        try:
            run_cells(key, part, self._lane.boot(key, part[0].target, silence), on_result, self._on_boot)
        except (Unavailable, OSError) as fault:
            what = "UNAVAILABLE" if isinstance(fault, Unavailable) else "cannot be booted"
            for cell in part:
                if cell not in told:
                    on_result(result.harness(cell, result.ERROR, f"{what.lower()}: {fault}"))
            with self._lock:
                self._progress.say(f"kernel {key}: {what}: {fault}")

    def _on_boot(self, record: BootRecord) -> None:
        with self._lock:
            self.boots.append(record)
            self._progress.booted(record)


def alone(cells: Sequence[Cell], host: str = "host") -> list[tuple[str, list[Cell]]]:
    """A boot for each; on the host's kernel, where names of boots are all that differs, a name for each."""
    return [(f"{host}-alone-{number}" if cell.target.boot == "host" else cell.target.boot, [cell])
            for number, cell in enumerate(cells)]


def run(cells: Sequence[Cell], lane: Lane, progress: Progress, again: bool = False,
        judge: Callable[[Result], Result] = lambda one: one) -> Run:
    """`again`: red cells are run a second time, alone. `judge` has the last word on every result."""
    server = Server(lane, progress, judge)
    results: dict[Cell, Result] = {}

    def keep(one: Result) -> None:
        results[one.cell] = one

    begin = time.monotonic()
    with progress:
        _two_at_a_time(lambda key, part: server.serve(key, part, keep), groups(cells))
        if again:
            results.update((one.cell, one) for one in second_word(server, list(results.values()), progress))
    return Run([results[cell] for cell in cells], server.boots, time.monotonic() - begin)


def second_word(server: Server, results: Sequence[Result], progress: Progress, host: str = "host") -> list[Result]:
    """The red ones of these results as they are to be told: after a second run, or with the reason for none."""
    choice = second_run.choose(results)
    if choice.again:
        progress.say(f"running {len(choice.again)} red cells again, each alone")
    second: dict[Cell, Result] = {}

    def keep(one: Result) -> None:
        second[one.cell] = one

    _two_at_a_time(lambda key, part: server.serve(key, part, keep, counted=False),
                   alone([one.cell for one in choice.again], host))
    return [*choice.untried, *(second_run.settle(one, second[one.cell]) for one in choice.again)]

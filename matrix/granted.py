"""The law of what is granted: what a plan's rules give, and a kernel without Landlock allows, every kernel allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from matrix.expect import STARTED
from matrix.law import Disagreement, by_row
from matrix.plan_paths import Rules
from matrix.probe_kinds import DENIED, crosses_directories, words
from matrix.result import Result
from matrix.targets import row_names, row_place


def granted_law(results: Sequence[Result]) -> Iterator[Disagreement]:
    """What the file's own mode denies is denied without Landlock, too, so that it is told apart."""
    for group in by_row([one for one in results if one.cell.target.name in row_names()]):
        started = [one for one in group if one.seen.outcome in STARTED]
        free = [one for one in started if not one.seen.enforced]
        if free:
            oldest = min(free, key=lambda one: row_place(one.cell.target.name))
            for held in (one for one in started if one.seen.enforced):
                yield from _denials(oldest, held)


def _denials(free: Result, held: Result) -> Iterator[Disagreement]:
    rules = Rules(held)
    for name, got in held.seen.probes.items():
        kind, *paths = words(held.cell, name)
        # ABI 1 denies every rename and link across directories (landlock(7), LANDLOCK_ACCESS_FS_REFER).
        too_old = held.seen.abi == 1 and crosses_directories(held.cell, name)
        if free.seen.probes.get(name) == "ok" and got in DENIED and not too_old and rules.grant(kind, paths):
            yield Disagreement(free, held, f"probe {name}", "ok", got)

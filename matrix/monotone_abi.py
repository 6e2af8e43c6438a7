"""The law of the kernels: more ABI never denies less."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from matrix import abi
from matrix.expect import STARTED
from matrix.law import Disagreement, by_row
from matrix.probe_kinds import DENIED, UNKNOWN, crosses_directories
from matrix.result import Result
from matrix.targets import row_names, row_place

# Refusals for what the kernel lacks: a newer one may have it.
KERNEL_LACKS = frozenset({"HF-LANDLOCK-UNAVAILABLE", "HF-LANDLOCK-ABI-TOO-OLD", "HF-NAMESPACE-UNAVAILABLE"})


def abi_law(results: Sequence[Result]) -> Iterator[Disagreement]:
    """From each row of the matrix to the next. An image of somebody's own is left out: it may be configured to deny
    what no ABI does."""
    for group in by_row([one for one in results if one.cell.target.name in row_names()]):
        group.sort(key=lambda one: row_place(one.cell.target.name))
        for older, newer in pairwise(group):
            yield from _start(older, newer)
            yield from _enforcement(older, newer)
            yield from _denials(older, newer)


def _start(older: Result, newer: Result) -> Iterator[Disagreement]:
    seen = older.seen
    denied = seen.errno in DENIED if seen.outcome == "exec-failed" else seen.error not in KERNEL_LACKS
    if seen.outcome not in STARTED and denied and newer.seen.outcome in STARTED:
        yield Disagreement(older, newer, "outcome", f"{seen.outcome} {seen.error}", str(newer.seen.outcome))


def _enforcement(older: Result, newer: Result) -> Iterator[Disagreement]:
    """Where both start: Landlock stays on, the ABI in force rises, and no limit comes that was not there."""
    here, there = older.seen, newer.seen
    if here.enforced is None or there.enforced is None:
        return
    if here.enforced and not there.enforced:
        yield Disagreement(older, newer, "landlock enforced", "yes", "no")
        return
    rises = abi.level(newer.cell.target.abi) > abi.level(older.cell.target.abi)
    if here.enforced and rises and (there.abi or 0) <= (here.abi or 0):
        yield Disagreement(older, newer, "enforced abi", str(here.abi), str(there.abi))
    added = [limit for limit in there.limits if limit not in here.limits]
    if here.enforced and added:
        yield Disagreement(older, newer, "limits", ", ".join(here.limits) or "none", ", ".join(there.limits))


def _denials(older: Result, newer: Result) -> Iterator[Disagreement]:
    for name, result in older.seen.probes.items():
        later = newer.seen.probes.get(name)
        if result in DENIED and later is not None and later not in DENIED | UNKNOWN \
                and not _excepted(older, name):
            yield Disagreement(older, newer, f"probe {name}", result, later)


def _excepted(older: Result, name: str) -> bool:
    """ABI 1 denies every rename and link across directories, since LANDLOCK_ACCESS_FS_REFER came with ABI 2
    (landlock(7))."""
    return older.cell.target.abi == "1" and crosses_directories(older.cell, name)

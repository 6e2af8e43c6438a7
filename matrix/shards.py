"""Shards: a run cut into shares of about the same time, for several machines.

A boot costs as much as dozens of cells, so boots stay whole but where one is longer than its place: each shard serves
two boots at a time, so there are twice as many places as shards, and they are filled one after the other."""

from __future__ import annotations

import argparse
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from matrix import job
from matrix.cells import Cell
from matrix.job import Stop
from matrix.result import Result
from matrix.run import AT_A_TIME, Shard
from matrix.selection import Selection
from matrix.times import Times, read


def parse(text: str) -> tuple[int, int]:
    """`2/5`, for argparse."""
    found = re.fullmatch(r"([0-9]{1,4})/([0-9]{1,4})", text)
    number, of = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= number <= of:
        raise argparse.ArgumentTypeError(f"'{text}' is no shard: I/N, such as 2/5, with I from 1 to N")
    return number, of


def cut(selected: Selection, place: tuple[int, int], judges: Iterable[str]) -> tuple[Selection, Shard]:
    """What is left of a selection for a shard; what is skipped anyway goes to the first."""
    number, of = place
    whole = [*selected.cells, *(one.cell for one in selected.skipped)]
    try:
        times = read()
    except (OSError, ValueError) as fault:
        raise Stop(str(fault), job.USAGE) from fault
    shard = Shard(number, of, len(whole), digest(cell.id for cell in whole), tuple(sorted(judges)))
    skipped: Sequence[Result] = selected.skipped if number == 1 else ()
    return replace(selected, cells=split(selected.cells, of, times)[number - 1], skipped=skipped), shard


def digest(ids: Iterable[str]) -> str:
    """Of a set of cells, whatever their order."""
    return hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()


def split(cells: Sequence[Cell], of: int, times: Times) -> list[list[Cell]]:
    """The shares; every cell is in exactly one."""
    by_boot: dict[str, list[Cell]] = {}
    for cell in cells:
        by_boot.setdefault(cell.target.boot, []).append(cell)
    places = _Places(of * AT_A_TIME, sum(times.boot(key) for key in by_boot) + sum(map(times.cell, cells)))
    for key, part in by_boot.items():
        places.fill(part, times.boot(key), times)
    order = {cell: number for number, cell in enumerate(cells)}
    # Neighbours share a boot that was cut, so they go to different shards.
    return [sorted((cell for place in places.taken[number::of] for cell in place), key=order.__getitem__)
            for number in range(of)]


class _Places:
    """Filled from the first to the last, each with a fair part of what is left."""

    def __init__(self, count: int, total: float) -> None:
        self.taken: list[list[Cell]] = [[] for _ in range(count)]
        self._at, self._left = 0, total
        self._room = total / count

    def fill(self, cells: Sequence[Cell], boot: float, times: Times) -> None:
        rest = [(cell, times.cell(cell)) for cell in cells]
        while rest:
            count = self._fitting([cost for _, cost in rest], boot)
            if not count:
                self._next()
                continue
            spent = sum(cost for _, cost in rest[:count])
            self.taken[self._at] += [cell for cell, _ in rest[:count]]
            rest = rest[count:]
            self._left -= spent + (0 if rest else boot)
            self._room -= spent + boot
            if rest:
                self._next()

    def _fitting(self, costs: Sequence[float], boot: float) -> int:
        """How many of a boot's cells go here: all, where cutting them would cost more than the overflow; none, where
        booting would take most of the room that is left."""
        if self._at == len(self.taken) - 1 or sum(costs) <= self._room:
            return len(costs)
        if self.taken[self._at] and self._room < 2 * boot:
            return 0
        count, spent = 0, boot
        while count < len(costs) and spent + costs[count] / 2 <= self._room:
            spent += costs[count]
            count += 1
        return count or (0 if self.taken[self._at] else 1)

    def _next(self) -> None:
        self._at += 1
        self._room = self._left / (len(self.taken) - self._at)

"""A red cell is run a second time, alone in a fresh boot, before it is called red. Which cells are, and what the two
runs come to together. What hits many cells in the same way is no accident, and a second run of each would take long."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from matrix import result
from matrix.boots import CONSOLE
from matrix.result import Result

MOST_ALIKE = 4
MOST_A_ROW = 8

VARYING = re.compile(r"\[ *\d+\.\d+\]|\d+\.\d+|0x[0-9a-f]+|[0-9a-f]{8,}|PID: \d+")


@dataclass(frozen=True)
class Choice:
    """`again` are to be run again; `untried` are red without, each with the reason on it."""

    again: list[Result]
    untried: list[Result]


def choose(results: Sequence[Result]) -> Choice:
    red = [one for one in results if one.verdict in result.UNSUCCESSFUL]
    alike = Counter(_kind(one) for one in red)
    of_row = Counter(one.cell.target.name for one in red if alike[_kind(one)] <= MOST_ALIKE)
    taken: Counter[str] = Counter()
    choice = Choice([], [])
    for one in red:
        row, count = one.cell.target.name, alike[_kind(one)]
        if count > MOST_ALIKE:
            choice.untried.append(replace(one, alone=f"not run again: {count} cells are red in the same way"))
        elif taken[row] == MOST_A_ROW:
            choice.untried.append(replace(one, alone=f"not run again: {of_row[row]} cells of this row are red, "
                                          f"{MOST_A_ROW} of them were"))
        else:
            taken[row] += 1
            choice.again.append(one)
    return choice


def _kind(one: Result) -> str:
    """What is wrong with it, without times, addresses and process ids; how far a guest's console came varies too."""
    why = one.why if one.verdict == result.PANIC else one.why.partition(CONSOLE)[0]
    return VARYING.sub("", "\n".join([one.verdict, why, *map(str, one.differences)]))


def settle(first: Result, second: Result) -> Result:
    """A cell that passes the second time is flaky; any other keeps what it was first, and says what it was then."""
    if second.verdict in result.PASSED:
        why = f"passed when it was run again, alone in a fresh boot; at first: {first.verdict}"
        return replace(first, verdict=result.FLAKY, why="; ".join(filter(None, (why, first.why))))
    if _kind(first) == _kind(second):
        return replace(first, alone="run again alone in a fresh boot: the same")
    then = second.why or "; ".join(f"{d.what}: expected {d.expected}, got {d.got}" for d in second.differences)
    return replace(first, alone=f"run again alone in a fresh boot: {second.verdict}: {then}")

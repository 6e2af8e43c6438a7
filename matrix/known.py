"""Scenarios that say `status: known, until: ...`: cells may be red there, and one of them has to be.

Whether one is can be told of whole scenarios only: a run of some rows or points, or of a machine that lacks rows, may
have left out the very cell. There a scenario without a red cell is green and no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from matrix import result
from matrix.cells import REAL, spread
from matrix.result import Result
from matrix.scenario import Scenario
from matrix.targets import choose, on_guests

BASELINE = "baseline"  # a difference from what is recorded, and from no expectation


def told(results: Sequence[Result]) -> Iterator[str]:
    for scenario, part in _by_scenario(results):
        count = sum(one.verdict == result.KNOWN for one in part)
        if count:
            yield f"known: {scenario.name}: {count} of {len(part)} cells are red, until {scenario.until}"


def turned_green(results: Sequence[Result]) -> tuple[str, ...]:
    """The known scenarios that ran on all of their cells and were red in none, a line each."""
    return tuple(f"{scenario.name}: no cell is red any more, though it is known to be until {scenario.until}: "
                 f"remove 'status' and 'until' from {scenario.file}"
                 for scenario, part in _by_scenario(results) if _whole(scenario, part) and all(map(_green, part)))


def _by_scenario(results: Sequence[Result]) -> list[tuple[Scenario, list[Result]]]:
    found: dict[str, tuple[Scenario, list[Result]]] = {}
    for one in results:
        if one.cell.scenario.until and one.cell.runtime == REAL:
            found.setdefault(one.cell.scenario.name, (one.cell.scenario, []))[1].append(one)
    return list(found.values())


def _whole(scenario: Scenario, part: Sequence[Result]) -> bool:
    return {cell.place for cell in spread(scenario, on_guests(choose(())))} <= {one.cell.place for one in part}


def _green(one: Result) -> bool:
    """As expected, whatever is recorded of it."""
    return one.verdict == result.PASS or (
        one.verdict == result.FAIL and all(difference.what == BASELINE for difference in one.differences))

"""What the relations share: cells grouped so that they are alike but for one thing, and two of them that disagree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from matrix.result import FLAKY, HARNESS, Result


class Disagreement(NamedTuple):
    """Two cells, the fact in which they must not differ as they do, and its value in each."""

    left: Result
    right: Result
    what: str
    left_value: str
    right_value: str


class Violation(NamedTuple):
    law: str
    of: Disagreement


# One law in one scenario: what is counted, printed and put into JUnit as one.
Breach = tuple[str, str]


def breaches(violations: Iterable[Violation]) -> dict[Breach, list[Violation]]:
    found: dict[Breach, list[Violation]] = {}
    for one in violations:
        found.setdefault((one.law, one.of.left.cell.scenario.name), []).append(one)
    return found


def comparable(one: Result) -> bool:
    return one.verdict not in (FLAKY, *HARNESS) and one.seen.outcome is not None


def by_axis(results: Sequence[Result], axis: str) -> Iterator[dict[str, Result]]:
    """The results that differ in that axis alone, by its value."""
    groups: dict[tuple[object, ...], dict[str, Result]] = {}
    for one in results:
        cell = one.cell
        if axis in cell.axes:
            others = tuple((name, value) for name, value in cell.axes.items() if name != axis)
            key = (cell.scenario.name, cell.runtime, cell.target.name, others)
            groups.setdefault(key, {})[cell.axes[axis]] = one
    yield from groups.values()


def by_row(results: Sequence[Result]) -> Iterator[list[Result]]:
    """The results that differ in the kernel alone."""
    groups: dict[tuple[object, ...], list[Result]] = {}
    for one in results:
        groups.setdefault((one.cell.scenario.name, one.cell.runtime, one.cell.point), []).append(one)
    yield from groups.values()

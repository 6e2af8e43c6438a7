"""What the relations share: cells grouped so that they are alike but for one thing, two of them that disagree, and the
facts in which any two differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from matrix.expect import STARTED
from matrix.facts import facts
from matrix.result import FLAKY, HARNESS, Result


class Disagreement(NamedTuple):
    """Two cells, the fact in which they must not differ as they do, and its value in each. Where a cell disagrees with
    itself, they are the same: `left_value` is what was told, `right_value` what was seen."""

    left: Result
    right: Result
    what: str
    left_value: str
    right_value: str

    @property
    def lone(self) -> bool:
        return self.left is self.right


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


def differ(left: Result, right: Result, but: Callable[[str], bool] = lambda fact: False) -> Iterator[Disagreement]:
    """The facts in which two cells differ. Where only one of them starts, why is all that is told."""
    here, there = facts(left.seen), facts(right.seen)
    if (left.seen.outcome in STARTED) != (right.seen.outcome in STARTED):
        yield Disagreement(left, right, "outcome", outcome(left), outcome(right))
        return
    for fact in dict.fromkeys((*here, *there)):
        if not but(fact) and here.get(fact) != there.get(fact):
            yield Disagreement(left, right, fact, here.get(fact, "no result"), there.get(fact, "no result"))


def outcome(one: Result) -> str:
    return " ".join(filter(None, (one.seen.outcome, one.seen.error, one.seen.errno)))

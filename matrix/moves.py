"""What moved between two runtimes in the same cells, and where. Pure; nothing here is judged against expectations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matrix import result
from matrix.explain import ABI, Explanation, Field, Group, Spot
from matrix.expect import STARTED
from matrix.result import Result

OUTCOME = "outcome"
ENFORCED = "landlock enforced"
LIMIT = "limit "
NONE = "none"
OR = " or "
MOST_BEFORE = 3  # that are told one by one
WHATEVER = "whatever it was"


@dataclass(frozen=True)
class Pair:
    """One cell with the runtime of the base and with this one."""

    base: Result
    this: Result

    @property
    def spot(self) -> Spot:
        cell = self.this.cell
        return Spot(cell.scenario.name, {**cell.axes, ABI: cell.target.name})

    @property
    def judged(self) -> bool:
        return not {self.base.verdict, self.this.verdict} & set(result.HARNESS)


@dataclass(frozen=True)
class Change:
    what: str
    before: str
    after: str

    @property
    def words(self) -> str:
        before = WHATEVER if self.before.count(OR) >= MOST_BEFORE else self.before
        return f"{'' if self.what == OUTCOME else f'{self.what}: '}{before} -> {self.after}"


@dataclass(frozen=True)
class Move:
    """Changes, and the cells that have all of them: in these scenarios those of the group and no other."""

    scenarios: tuple[str, ...]
    group: Group
    changes: tuple[Change, ...]
    cells: tuple[str, ...]


def pairs(results: Sequence[Result], base: str) -> list[Pair]:
    """The cells that were run with the runtime of that name and with another."""
    ran = [one for one in results if one.verdict != result.SKIPPED]
    before = {one.cell.place: one for one in ran if one.cell.runtime == base}
    return [Pair(before[one.cell.place], one) for one in ran if one.cell.runtime != base and one.cell.place in before]


def facts(one: Result) -> dict[str, str]:
    """What makes a cell's behaviour, in words. A text for people is none; that a warning was given is."""
    if one.verdict in result.HARNESS:
        return {OUTCOME: one.verdict}
    seen = one.seen
    kernel = {"kernel log": "complaints"} if seen.kernel else {}
    if seen.outcome not in STARTED:
        why = seen.error if seen.outcome == "refused" else seen.errno
        return {OUTCOME: f"{seen.outcome} {why or NONE}", "error": seen.error or NONE, "errno": seen.errno or NONE,
                "exit status": str(seen.exit), **kernel}
    return {OUTCOME: str(seen.outcome), ENFORCED: "yes" if seen.enforced else "no",
            "enforced ABI": str(seen.abi), "exit status": str(seen.exit), **kernel,
            "warning": "yes" if "warning" in seen.stderr.lower() else "no",
            "warning in the report": "yes" if seen.warnings else "no",
            **{LIMIT + right: "told" for right in seen.limits}, **{f"skipped {path}": "told" for path in seen.skipped},
            **{f"probe {name}": got for name, got in seen.probes.items()}}


def changes(pair: Pair) -> list[Change]:
    """What differs, without what only follows: probes where a side does not start, limits where one enforces none."""
    before, after = facts(pair.base), facts(pair.this)
    found = [Change(what, before.get(what, NONE), after.get(what, NONE)) for what in dict.fromkeys((*before, *after))
             if before.get(what, NONE) != after.get(what, NONE)]
    whats = {change.what for change in found}
    if OUTCOME in whats and not {before[OUTCOME], after[OUTCOME]} <= set(STARTED):
        return [change for change in found if change.what == OUTCOME]
    return [change for change in found if ENFORCED not in whats or not change.what.startswith(LIMIT)]


def moves(compared: Sequence[Pair]) -> list[Move]:
    """Everything that moved, each change at its smallest combination; changes of the same cells together, outcomes and
    what concerns most cells first."""
    spots = [pair.spot for pair in compared]
    where: dict[Change, list[int]] = {}
    for number, pair in enumerate(compared):
        for change in changes(pair):
            where.setdefault(change, []).append(number)
    found = [one for same_end, explained in _by_end(where, Field(spots))
             for one in _said(same_end, explained, spots)]
    together: dict[tuple[tuple[str, ...], str, tuple[int, ...]], tuple[Group, list[Change]]] = {}
    for names, group, change, numbers in found:
        together.setdefault((names, group.words, numbers), (group, []))[1].append(change)
    return sorted((Move(names, group, tuple(moved), tuple(compared[number].this.cell.place for number in numbers))
                   for (names, _, numbers), (group, moved) in together.items()),
                  key=lambda one: (one.changes[0].what != OUTCOME, -len(one.cells)))


def _said(same_end: Mapping[Change, Sequence[int]], explained: Sequence[Explanation], spots: Sequence[Spot],
          ) -> list[tuple[tuple[str, ...], Group, Change, tuple[int, ...]]]:
    """A line a group: the scenarios whose explanations have it, and what changed in its cells there."""
    names: dict[Group, list[str]] = {}
    for one in explained:
        for group in one.groups:
            names.setdefault(group, []).extend(one.scenarios)
    found = []
    for group, mine in names.items():
        inside = {change: [number for number in numbers if spots[number].scenario in mine and spots[number] in group]
                  for change, numbers in same_end.items()}
        here = [change for change, numbers in inside.items() if numbers]
        cells = tuple(sorted(number for numbers in inside.values() for number in numbers))
        if cells:  # an explanation taken over from another scenario may have a group that says nothing here
            change = Change(here[0].what, OR.join(change.before for change in here), here[0].after)
            found.append((tuple(dict.fromkeys(spots[number].scenario for number in cells)), group, change, cells))
    return found


def _by_end(where: Mapping[Change, Sequence[int]], field: Field,
            ) -> list[tuple[Mapping[Change, Sequence[int]], list[Explanation]]]:
    """Changes that end in the same are explained as one where that takes fewer words: whatever it was, it is X now."""
    by_end: dict[tuple[str, str], dict[Change, Sequence[int]]] = {}
    for change, numbers in where.items():
        by_end.setdefault((change.what, change.after), {})[change] = numbers
    found: list[tuple[Mapping[Change, Sequence[int]], list[Explanation]]] = []
    for same_end in by_end.values():
        apart = [field.explain(numbers) for numbers in same_end.values()]
        if len(apart) > 1:
            as_one = field.explain([number for numbers in same_end.values() for number in numbers])
            if _size(as_one) < _size([one for part in apart for one in part]):
                found.append((same_end, as_one))
                continue
        found += [({change: numbers}, part) for (change, numbers), part in zip(same_end.items(), apart)]
    return found


def _size(explained: Sequence[Explanation]) -> tuple[int, int]:
    return sum(one.terms for one in explained), sum(len(one.groups) for one in explained)

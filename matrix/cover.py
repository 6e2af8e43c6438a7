"""The smallest set of boxes that covers all marked points and no other. A box is a set of values on every axis; of an
ordered axis it takes one run of its numbers, and of what is no number any. Pure.

First every box is found that cannot grow without taking an unmarked point in (the prime implicants of a many-valued
function), then the cheapest of them that together cover: fewest terms, then fewest boxes, then fewest values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations, product
from operator import and_, or_

MOST_SETS = 50_000  # combinations of value sets; beyond, the largest axes give single values and their complements only
MOST_COMPARED = 1_000  # candidates; beyond, only those with the very same points are
MOST_WORK = 400_000  # of the search, in marks and candidates looked at; beyond, the best that was found

Point = tuple[str, ...]
Box = tuple[frozenset[str], ...]
Cost = tuple[int, int, int]


@dataclass(frozen=True)
class Axis:
    name: str
    values: tuple[str, ...]  # of an ordered axis the numbers ascend
    ordered: bool = False


@dataclass(frozen=True)
class _Candidate:
    box: Box
    marks: int  # a bit for every marked point in it
    cost: Cost


def cover(axes: Sequence[Axis], points: Mapping[Point, bool]) -> list[Box]:
    """The boxes; a point that is not given may lie in them or not. The order of `axes` is that of a point's values."""
    wanted = sorted(point for point, marked in points.items() if marked)
    bit = {point: 1 << number for number, point in enumerate(wanted)}
    if not bit:
        return []
    at_value = [{value: sum(mark for point, mark in bit.items() if point[at] == value) for value in axis.values}
                for at, axis in enumerate(axes)]
    candidates = [_Candidate(box, _marks(box, at_value), _cost(box, axes)) for box in _boxes(axes, points)]
    chosen = _Search(_undominated(candidates)).best(sum(bit.values()))
    ordered = sorted(chosen, key=lambda one: (one.cost, -one.marks.bit_count(), _key(one.box, axes)))
    return _apart([one.box for one in ordered], axes, at_value)


def terms(boxes: Sequence[Box], axes: Sequence[Axis]) -> int:
    """How many of the axes the boxes speak of, all boxes together."""
    return sum(_cost(box, axes)[0] for box in boxes)


def _marks(box: Box, at_value: Sequence[Mapping[str, int]]) -> int:
    return reduce(and_, (reduce(or_, map(marks.__getitem__, values)) for marks, values in zip(at_value, box)))


def _cost(box: Box, axes: Sequence[Axis]) -> Cost:
    said = [(values, axis) for values, axis in zip(box, axes) if len(values) < len(axis.values)]
    return len(said), 1, sum(1 if axis.ordered else len(values) for values, axis in said)


def _key(box: Box, axes: Sequence[Axis]) -> list[list[int]]:
    return [sorted(axis.values.index(value) for value in values) for values, axis in zip(box, axes)]


# Boxes.

def _classes(axis: Axis, at: int, points: Mapping[Point, bool]) -> list[tuple[str, ...]]:
    """The axis' values, those that make no difference as one; of an ordered axis only neighbours."""
    slices: dict[str, set[tuple[Point, bool]]] = {value: set() for value in axis.values}
    for point, marked in points.items():
        slices[point[at]].add((point[:at] + point[at + 1:], marked))
    found: list[tuple[str, ...]] = []
    for value in axis.values:
        like = [number for number, one in enumerate(found) if slices[one[0]] == slices[value]
                and (not axis.ordered or _neighbours(axis, one[-1], value))]
        if like:
            found[like[0]] += (value,)
        else:
            found.append((value,))
    return found


def _neighbours(axis: Axis, one: str, other: str) -> bool:
    if one.isdecimal() != other.isdecimal():
        return False
    return not one.isdecimal() or axis.values.index(other) - axis.values.index(one) == 1


def _boxes(axes: Sequence[Axis], points: Mapping[Point, bool]) -> set[Box]:
    """Boxes without an unmarked point, grown as far as they go along the ordered axis, or else the longest one."""
    classes = [_classes(axis, at, points) for at, axis in enumerate(axes)]
    last = max(range(len(axes)), key=lambda at: (axes[at].ordered, len(classes[at])))
    rest = [at for at in range(len(axes)) if at != last]
    number = {value: place for place, values in enumerate(classes[last]) for value in values}
    good: dict[tuple[str, ...], int] = {}
    bad: dict[tuple[str, ...], int] = {}
    for point, marked in points.items():
        table = good if marked else bad
        key = tuple(point[at] for at in rest)
        table[key] = table.get(key, 0) | 1 << number[point[last]]
    found = set()
    for sets in product(*_subsets([classes[at] for at in rest])):
        keys = list(product(*([values[0] for values in one] for one in sets)))
        wanted, forbidden = (reduce(or_, (table.get(key, 0) for key in keys), 0) for table in (good, bad))
        if wanted & ~forbidden:
            for line in _lines(axes[last], classes[last], wanted, forbidden):
                whole = {at: frozenset(sum(one, ())) for at, one in zip(rest, sets)} | {last: line}
                found.add(tuple(whole[at] for at in range(len(axes))))
    return found


def _subsets(axes: Sequence[Sequence[tuple[str, ...]]]) -> list[list[tuple[tuple[str, ...], ...]]]:
    sizes = [2 ** len(values) - 1 for values in axes]
    while _product(sizes) > MOST_SETS and max(sizes) > 3:
        widest = sizes.index(max(sizes))
        sizes[widest] = 0
    return [list(_every_size(values) if size else _coarse(values)) for values, size in zip(axes, sizes)]


def _product(sizes: Sequence[int]) -> int:
    return reduce(lambda one, other: one * max(other, 1), sizes, 1)


def _every_size(values: Sequence[tuple[str, ...]]) -> Iterator[tuple[tuple[str, ...], ...]]:
    for size in range(1, len(values) + 1):
        yield from combinations(values, size)


def _coarse(values: Sequence[tuple[str, ...]]) -> Iterator[tuple[tuple[str, ...], ...]]:
    for size in {1, len(values) - 1, len(values)} - {0}:
        yield from combinations(values, size)


def _lines(axis: Axis, classes: Sequence[tuple[str, ...]], wanted: int, forbidden: int) -> Iterator[frozenset[str]]:
    """The largest sets along one axis that hold something wanted and nothing forbidden."""
    free = [(values, bool(wanted >> place & 1)) for place, values in enumerate(classes) if not forbidden >> place & 1]
    loose = [one for one in free if not (axis.ordered and one[0][0].isdecimal())]
    runs: list[list[tuple[tuple[str, ...], bool]]] = [[]]
    for one in free:
        if one in loose:
            continue
        if runs[-1] and not _neighbours(axis, runs[-1][-1][0][-1], one[0][0]):
            runs.append([])
        runs[-1].append(one)
    for run in runs:
        if any(hit for _, hit in loose + run):
            yield frozenset(value for values, _ in loose + run for value in values)


# Choosing.

def _apart(boxes: Sequence[Box], axes: Sequence[Axis], at_value: Sequence[Mapping[str, int]]) -> list[Box]:
    """Takes out of each box, from the last on, the values that others cover whole, on axes it speaks of anyway."""
    found = list(boxes)
    marks = [_marks(box, at_value) for box in found]
    for number in reversed(range(len(found))):
        others = reduce(or_, marks[:number] + marks[number + 1:], 0)
        for at, axis in enumerate(axes):
            run = [value for value in axis.values if value in found[number][at]]
            if len(run) == len(axis.values):
                continue
            here = [value for value in run if at_value[at][value] & marks[number]]
            needed = {value for value in here if at_value[at][value] & marks[number] & ~others}
            kept = frozenset(value for place, value in enumerate(run) if value in needed or value not in here or (
                axis.ordered and value.isdecimal() and _between(run, place, needed)))
            if kept & set(here):
                found[number] = (*found[number][:at], kept, *found[number][at + 1:])
                marks[number] = _marks(found[number], at_value)
    return found


def _between(run: Sequence[str], place: int, needed: set[str]) -> bool:
    """Whether numbers on both sides are needed."""
    return all(any(value in needed and value.isdecimal() for value in part) for part in (run[:place], run[place + 1:]))


def _undominated(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Without those that another one makes useless: all of their points for no higher cost."""
    best: dict[int, _Candidate] = {}
    for one in sorted(candidates, key=lambda one: (one.cost, tuple(sorted(values) for values in one.box))):
        best.setdefault(one.marks, one)
    if len(best) > MOST_COMPARED:
        return list(best.values())
    kept: list[_Candidate] = []
    for one in sorted(best.values(), key=lambda one: (-one.marks.bit_count(), one.cost)):
        if not any(one.marks & ~other.marks == 0 and other.cost <= one.cost for other in kept):
            kept.append(one)
    return kept


class _Search:
    """Branch and bound; the bound is the price of marks of which no two can be had with one candidate."""

    def __init__(self, candidates: Sequence[_Candidate]) -> None:
        self._candidates = candidates
        self._holding: dict[int, list[_Candidate]] = {}
        self._work = 0
        self._best: tuple[Cost, list[_Candidate]] | None = None

    def best(self, marks: int) -> list[_Candidate]:
        for place in range(marks.bit_length()):
            self._holding[place] = [one for one in self._candidates if one.marks >> place & 1]
        self._go(marks, [], (0, 0, 0))
        assert self._best is not None  # every mark lies in a candidate
        return self._best[1]

    def _go(self, left: int, chosen: list[_Candidate], cost: Cost) -> None:
        if self._best and (self._work > MOST_WORK or _plus(cost, self._bound(left)) >= self._best[0]):
            return
        if not left:
            self._best = (cost, chosen)
            return
        hardest = min(_places(left), key=lambda place: len(self._holding[place]))
        self._work += left.bit_count() + len(self._holding[hardest])
        for one in sorted(self._holding[hardest], key=lambda one: (-(one.marks & left).bit_count(), one.cost)):
            self._go(left & ~one.marks, [*chosen, one], _plus(cost, one.cost))

    def _bound(self, left: int) -> Cost:
        bound = (0, 0, 0)
        while left:
            holding = min((self._holding[place] for place in _places(left)), key=len)
            self._work += left.bit_count() + len(holding)
            cheapest = min(one.cost for one in holding)
            bound = _plus(bound, (cheapest[0], 1, 0))
            left &= ~reduce(or_, (one.marks for one in holding))
        return bound


def _plus(one: Cost, other: Cost) -> Cost:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def _places(marks: int) -> Iterator[int]:
    while marks:
        yield (marks & -marks).bit_length() - 1
        marks &= marks - 1

"""The smallest cover, against every possible one where that can be tried."""

from __future__ import annotations

import random
import time
from itertools import combinations, product

import pytest

from matrix.cover import Axis, Box, cover, terms

MODE = Axis("mode", ("block", "proxy"))
LEVEL = Axis("level", ("a", "b", "c"))
ABI = Axis("ABI", ("none", "1", "2", "3"), True)
SMALL = (MODE, LEVEL, ABI)


def inside(point: tuple[str, ...], boxes: list[Box]) -> bool:
    return any(all(value in values for value, values in zip(point, box)) for box in boxes)


def sets(axis: Axis) -> list[frozenset[str]]:
    if not axis.ordered:
        return [frozenset(one) for size in range(1, len(axis.values) + 1) for one in combinations(axis.values, size)]
    words = [value for value in axis.values if not value.isdecimal()]
    numbers = [value for value in axis.values if value.isdecimal()]
    runs = [numbers[low:high] for low in range(len(numbers)) for high in range(low + 1, len(numbers) + 1)]
    found = [frozenset([*one, *run]) for size in range(len(words) + 1) for one in combinations(words, size)
             for run in [[], *runs]]
    return [one for one in found if one]


def fewest(marked: set[tuple[str, ...]], axes: tuple[Axis, ...]) -> tuple[int, int]:
    """Terms and boxes of the smallest cover, by trying all."""
    every = set(product(*(axis.values for axis in axes)))
    price: dict[frozenset[tuple[str, ...]], int] = {}
    for box in product(*map(sets, axes)):
        covered = frozenset(point for point in every if inside(point, [box]))
        if covered <= marked:
            price[covered] = min(price.get(covered, 99), terms([box], axes))
    best = {frozenset[tuple[str, ...]](): (0, 0)}
    for covered, cost in price.items():
        for have, (said, boxes) in list(best.items()):
            union = have | covered
            best[union] = min(best.get(union, (99, 99)), (said + cost, boxes + 1))
    return best[frozenset(marked)]


@pytest.mark.parametrize("seed", range(60))
def test_no_cover_is_smaller(seed: int) -> None:
    dice = random.Random(seed)
    axes = (MODE, Axis("ABI", ("none", "1", "2", "3"), True)) if seed % 2 else (MODE, LEVEL)
    every = list(product(*(axis.values for axis in axes)))
    marked = {point for point in every if dice.random() < 0.5}
    found = cover(axes, {point: point in marked for point in every})
    assert {point for point in every if inside(point, found)} == marked
    assert (terms(found, axes), len(found)) == (fewest(marked, axes) if marked else (0, 0))


def test_holes_may_be_covered() -> None:
    points = {("proxy", "a", "1"): True, ("block", "b", "2"): False}
    assert terms(cover(SMALL, points), SMALL) == 1


def test_boxes_do_not_overlap_needlessly() -> None:
    marked = {point: point[2] in "23" or (point[1] == "a" and point[2] == "1")
              for point in product(*(axis.values for axis in SMALL))}
    assert [tuple(map(sorted, box[1:])) for box in cover(SMALL, marked)] == [
        (["a", "b", "c"], ["2", "3"]), (["a"], ["1"])]


@pytest.mark.parametrize("chaos", [0.0, 0.3])
def test_four_thousand_cells_take_less_than_a_second(chaos: float) -> None:
    dice = random.Random(1)
    axes = (MODE, LEVEL, Axis("user", ("root", "ordinary")), Axis("own", tuple("abcdefghijklmnopqrstuvwxyz")),
            Axis("ABI", ("none", "off", *map(str, range(1, 12))), True))
    points = {point: (point[0] == "proxy" and point[4] not in ("none", "off", "1")) != (dice.random() < chaos)
              for point in product(*(axis.values for axis in axes))}
    assert len(points) == 4056
    begin = time.monotonic()
    found = cover(axes, points)
    seconds = time.monotonic() - begin
    assert all(inside(point, found) == marked for point, marked in points.items())
    if not chaos:
        assert terms(found, axes) == 2 and seconds < 1.0

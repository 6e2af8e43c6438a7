"""The smallest combination of axis values for a change, in words."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from matrix import abi
from matrix.explain import ABI, Field, Spot

ROWS = ("none", "off", *map(str, range(1, 12)))
MODES = ("block", "proxy")
LEVELS = ("omitted", "best_effort", "hard_requirement")

Moved = Callable[[str, str, int, str], bool]  # mode, level, the ABI as a number, the row


def spots(scenario: str = "s", rows: tuple[str, ...] = ROWS, own: tuple[str, ...] = ()) -> list[Spot]:
    lists = [{"list": one} for one in own] or [{}]
    return [Spot(scenario, {"mode": mode, "landlock": level, "user": "root", **one, ABI: row})
            for row in rows for mode, level in product(MODES, LEVELS) for one in lists]


def holds(spot: Spot, moved: Moved) -> bool:
    axes = spot.axes
    return moved(axes["mode"], axes["landlock"], abi.level(axes[ABI]), axes[ABI])


def words(cells: list[Spot], moved: Callable[[Spot], bool]) -> list[tuple[str, list[str]]]:
    found = Field(cells).explain([number for number, spot in enumerate(cells) if moved(spot)])
    return [(" ".join(one.scenarios), [group.words for group in one.groups]) for one in found]


@pytest.mark.parametrize(("moved", "expected"), [
    (lambda mode, level, n, row: True, ["everywhere"]),
    (lambda mode, level, n, row: mode == "proxy", ["proxy"]),
    (lambda mode, level, n, row: n >= 2, ["ABI >= 2"]),
    (lambda mode, level, n, row: n < 2, ["ABI none, off or 1"]),
    (lambda mode, level, n, row: n <= 5, ["ABI <= 5"]),
    (lambda mode, level, n, row: 1 <= n <= 5, ["ABI 1 to 5"]),
    (lambda mode, level, n, row: n in (4, 5), ["ABI 4 or 5"]),
    (lambda mode, level, n, row: n == 11, ["ABI 11"]),
    (lambda mode, level, n, row: row in ("none", "1"), ["ABI none or 1"]),
    (lambda mode, level, n, row: row == "off" or n >= 3, ["ABI off or >= 3"]),
    (lambda mode, level, n, row: n in (3, 7), ["ABI 3", "ABI 7"]),
    (lambda mode, level, n, row: level == "omitted" and mode == "proxy" and n >= 2,
     ["proxy and landlock omitted and ABI >= 2"]),
    (lambda mode, level, n, row: level != "hard_requirement" and mode == "proxy" and n >= 1,
     ["proxy and landlock omitted or best_effort and ABI >= 1"]),
    (lambda mode, level, n, row: mode == "proxy" and (n >= 2 or (n == 1 and level == "best_effort")),
     ["proxy and ABI >= 2", "proxy and landlock best_effort and ABI 1"]),
])
def test_one_scenario(moved: Moved, expected: list[str]) -> None:
    assert words(spots(), lambda spot: holds(spot, moved)) == [("s", expected)]


def test_rows_that_were_not_run_are_not_spoken_of() -> None:
    cells = spots(rows=("1", "6", "11"))
    assert words(cells, lambda spot: spot.axes[ABI] != "1") == [("s", ["ABI >= 6"])]
    assert words(cells, lambda spot: spot.axes[ABI] != "11") == [("s", ["ABI <= 6"])]


def test_axes_of_a_scenario_of_its_own() -> None:
    cells = spots(own=("one", "two", "three", "four"))
    assert words(cells, lambda spot: spot.axes["list"] == "one") == [("s", ["list one"])]
    assert words(cells, lambda spot: spot.axes["list"] != "one") == [("s", ["list not one"])]
    assert words(cells, lambda spot: spot.axes["list"] in ("one", "two") and spot.axes["mode"] == "block") == [
        ("s", ["block and list one or two"])]


def test_over_all_scenarios_where_the_common_axes_tell() -> None:
    cells = spots("a") + spots("b", own=("x", "y")) + spots("c", rows=ROWS[3:])
    assert words(cells, lambda spot: holds(spot, lambda m, lv, n, r: m == "proxy" and n >= 2)) == [
        ("a b c", ["proxy and ABI >= 2"])]


def test_over_the_scenarios_concerned() -> None:
    cells = spots("a") + spots("b", rows=ROWS[3:]) + spots("c")
    assert words(cells, lambda spot: spot.scenario != "c" and abi.level(spot.axes[ABI]) >= 2) == [("a b", ["ABI >= 2"])]


def test_by_scenario_else_and_the_same_explanation_once() -> None:
    cells = spots("a") + spots("b", own=("x", "y")) + spots("c")
    assert words(cells, lambda spot: spot.axes.get("list") == "x" if spot.scenario == "b" else (
        spot.axes["mode"] == "block")) == [("a c", ["block"]), ("b", ["list x"])]


def test_a_scenario_without_an_axis_of_the_others() -> None:
    cells = spots("a") + [Spot("b", {"mode": mode, ABI: row}) for mode in MODES for row in ROWS]
    assert words(cells, lambda spot: spot.axes["mode"] == "block") == [("a b", ["block"])]
    assert words(cells, lambda spot: spot.axes.get("landlock") == "omitted") == [("a", ["landlock omitted"])]


def test_nothing_moved() -> None:
    assert words(spots("a") + spots("b"), lambda spot: False) == []


def test_a_group_is_a_predicate() -> None:
    cells = spots("a")
    group = Field(cells).explain([n for n, one in enumerate(cells) if one.axes["mode"] == "proxy"])[0].groups[0]
    assert sum(one in group for one in cells) == 39

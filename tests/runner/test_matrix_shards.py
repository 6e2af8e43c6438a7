"""Cutting a run into shards: every cell in exactly one, the same on every machine, of about the same time."""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from matrix import times
from matrix.cells import Cell, spread
from matrix.find import find
from matrix.run import AT_A_TIME, groups
from matrix.shards import parse, split
from matrix.targets import choose, on_guests, on_host
from matrix.times import BOOT, Times
from matrix_world import SMALL, scenario

ROOT = Path(__file__).resolve().parents[2]
ALL = [cell for one in find(ROOT / "scenarios", [])[0] for cell in spread(one, on_guests(choose(())))]


def some_cells(seed: int) -> list[Cell]:
    """Some scenarios on some rows, in guests or on the host's kernel, and some of their cells left out."""
    chance = random.Random(seed)
    rows = choose(chance.sample(["2", "3", "4", "5", "6", "7", "8", "11"], chance.randint(1, 8)))
    columns = on_host(rows, "7")[0] if seed % 4 == 0 else on_guests(rows)
    found = [cell for number in range(chance.randint(1, 12))
             for cell in spread(scenario(SMALL, f"s{number}"), columns)]
    return [cell for cell in found if chance.random() < 0.9]


def some_times(seed: int) -> Times:
    """Of some scenarios and some boots; there is always something that was never measured."""
    chance = random.Random(seed)
    boots = ["6.1", "6.12", "6.18", "7.0"]
    return Times({name: {boot: chance.choice([1, 50, 4000, 60000])
                         for boot in chance.sample(boots, chance.randint(0, 4))}
                  for name in (BOOT, *(f"s{number}" for number in range(chance.randint(0, 12))))})


def cost(cells: Sequence[Cell], known: Times) -> float:
    return sum(map(known.cell, cells)) + sum(known.boot(key) for key in {cell.target.boot for cell in cells})


@pytest.mark.parametrize("seed", range(60))
def test_every_cell_is_in_exactly_one_shard_and_the_order_stays(seed: int) -> None:
    cells, known, of = some_cells(seed), some_times(seed), random.Random(seed).randint(1, 24)
    shares = split(cells, of, known)
    assert len(shares) == of
    assert Counter(cell.id for share in shares for cell in share) == Counter(cell.id for cell in cells)
    assert all(share == [cell for cell in cells if cell in set(share)] for share in shares)
    again = split(some_cells(seed), of, some_times(seed))
    assert [[cell.id for cell in share] for share in again] == [[cell.id for cell in share] for share in shares]


@pytest.mark.parametrize("of", range(2, 10))
def test_the_shards_of_the_matrix_take_about_the_same_time(of: int) -> None:
    """Of the matrix as it is, by its measured times."""
    known = times.read()
    costs = [cost(share, known) for share in split(ALL, of, known)]
    assert max(costs) < 1.35 * sum(costs) / of, costs
    assert sum(costs) < 1.25 * cost(ALL, known), "boots are cut where they need not be"


def test_both_guests_of_a_shard_are_busy() -> None:
    known = times.read()
    for share in split(ALL, 4, known):
        biggest = max(cost(part, known) for _, part in groups(share))
        assert len(groups(share)) >= AT_A_TIME and biggest < 0.75 * cost(share, known)


def test_a_boot_is_not_cut_where_booting_again_costs_more() -> None:
    cells = spread(scenario(SMALL), on_guests(choose(["2", "7"])))
    cheap = Times({BOOT: {"6.1": 5000.0, "6.18": 5000.0}, "small": {"6.1": 10.0, "6.18": 10.0}})
    shares = split(cells, 2, cheap)
    assert sorted(tuple({cell.target.boot for cell in share}) for share in shares) == [("6.1",), ("6.18",)]


def test_more_shards_than_cells_leave_some_empty() -> None:
    cells = spread(scenario(SMALL), on_guests(choose(["6"])))
    assert sorted(len(share) for share in split(cells, 5, Times())) == [0, 0, 0, 1, 1]


def test_times_are_read_as_they_were_written(tmp_path: Path) -> None:
    known = Times({BOOT: {"6.1": 2000.0}, "regressions/x": {"6.1": 7.0, "6.1-off": 9.0}})
    (tmp_path / "times.txt").write_text(known.text())
    assert times.read(tmp_path / "times.txt") == known
    (tmp_path / "times.txt").write_text("# head\nx 6.1=7\nx 6.1:7\n")
    with pytest.raises(ValueError, match=r"times.txt:3: 'x 6.1:7' is no scenario"):
        times.read(tmp_path / "times.txt")


def test_the_times_in_the_tree_are_of_rows_that_there_are() -> None:
    assert {boot for of in times.read().known.values() for boot in of} <= {cell.target.boot for cell in ALL}


@pytest.mark.parametrize("text", ["", "2", "0/2", "3/2", "1/0", "-1/2", "1/2/3", "a/b", "1/99999"])
def test_what_is_no_shard(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is no shard: I/N, such as 2/5"):
        parse(text)


def test_what_is_a_shard() -> None:
    assert parse("2/5") == (2, 5) and parse("1/1") == (1, 1)

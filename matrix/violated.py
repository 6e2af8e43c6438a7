"""The violated relations for a person: a paragraph a law and scenario, every kind of disagreement once, with a pair of
cells that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from matrix.differing import rerun
from matrix.law import Breach, Violation, breaches
from matrix.paint import Paint
from matrix.printable import printable
from matrix.relations import LAWS

MOST_SHOWN = 6  # kinds of disagreement a paragraph

def told(violations: Iterable[Violation], paint: Paint) -> list[str]:
    lines: list[str] = []
    for breach, group in breaches(violations).items():
        lines += [*describe(breach, group, paint), ""]
    return lines


def describe(breach: Breach, group: Sequence[Violation], paint: Paint) -> list[str]:
    law, scenario = breach
    return [f"{paint('VIOLATED', 'alarm')} {law}: {LAWS[law]}", f"  {paint(scenario, 'bold')}",
            *(f"    {line}" for line in kinds(group))]


def kinds(group: Sequence[Violation]) -> list[str]:
    """Every kind of disagreement with one pair of cells, or one cell, that shows it."""
    found: dict[tuple[str, str, str], list[Violation]] = {}
    for one in group:
        found.setdefault((one.of.what, one.of.left_value, one.of.right_value), []).append(one)
    lines = [line for same in list(found.values())[:MOST_SHOWN] for line in _kind(same)]
    if len(found) > MOST_SHOWN:
        lines.append(f"... and {len(found) - MOST_SHOWN} other disagreements; the record has them all")
    return lines


def _kind(same: Sequence[Violation]) -> list[str]:
    pair = same[0].of
    sides = ((pair.right_value + f", where {pair.left_value}", pair.right),) if pair.lone else \
        ((pair.left_value, pair.left), (pair.right_value, pair.right))
    lines = [printable(f"{pair.what}: {value}") + f" in {one.cell.point}/{one.cell.target.name}"
             for value, one in sides]
    if len(same) > 1:
        rows = dict.fromkeys(one.of.right.cell.target.name for one in same)
        lines.append(f"    and so in {len(same) - 1} more {'cells' if pair.lone else 'pairs'}; rows {', '.join(rows)}")
    return [*lines, f"    again: {rerun(pair.left.cell, pair.right.cell)}"]

"""What a comparison with the right runtime says of each of the design's bugs, and what it must say."""

from __future__ import annotations

from collections.abc import Sequence

from matrix.bug_table import Table, Wrong, runtime_name
from matrix.cells import REAL
from matrix.moves import OUTCOME, moves, pairs
from matrix.result import Result


def named(results: Sequence[Result], program: str) -> list[str]:
    """The outcomes of proxy mode that moved from the right runtime to that program, each with its combination."""
    compared = pairs([one for one in results if one.cell.runtime in (REAL, program)], REAL)
    modes = {pair.this.cell.place: pair.this.cell.axes["mode"] for pair in compared}
    return [f"{move.group.words}: {change.words}" for move in moves(compared) for change in move.changes
            if change.what == OUTCOME and "proxy" in {modes[cell] for cell in move.cells}]


def wrong(results: Sequence[Result], table: Table) -> list[Wrong]:
    """Combinations that are not named, and those that are named in excess."""
    found = []
    for column, expected in table.moves.items():
        got = named(results, runtime_name(column, table))
        found += [Wrong(f"moves of {column}", line, "not named") for line in expected if line not in got]
        found += [Wrong(f"moves of {column}", "not named", line) for line in got if line not in expected]
    return found

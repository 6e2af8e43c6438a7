"""What is not as it should be, cell by cell, with the command that runs one alone."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from matrix import result
from matrix.cells import Cell
from matrix.paint import Paint
from matrix.result import Result

MOST_SHOWN = 40
LAST_LINES = 4


def rerun(cell: Cell) -> str:
    """The command that runs this cell alone."""
    name, file = cell.scenario.name, cell.scenario.file
    words = [f"SCENARIO={name if file.endswith(f'scenarios/{name}.yaml') else file}",
             f"KERNEL={cell.target.kernel if '/' in cell.target.kernel else cell.target.name}", f"CELL={cell.point}"]
    lane = ["LANE=host"] if cell.target.kernel == "host" else []
    return " ".join(["make", "matrix", *(shlex.quote(word) for word in words + lane)])


def describe(one: Result, paint: Paint) -> list[str]:
    lines = [f"{paint(one.verdict.upper(), 'alarm')} {one.cell.id}"]
    if one.why:
        lines.append(f"    {one.why}")
    for difference in one.differences:
        lines.append(f"    {difference.what}: expected {difference.expected}, got {difference.got}")
    lines += [f"    stderr: {line}" for line in one.seen.stderr.splitlines()[-LAST_LINES:]]
    lines.append(f"    again: {rerun(one.cell)}")
    return lines


def differing(results: Sequence[Result], paint: Paint) -> list[str]:
    bad = [one for one in results if one.verdict in result.UNSUCCESSFUL]
    lines: list[str] = []
    told = None
    for one in bad[:MOST_SHOWN]:
        if one.cell.scenario is not told:
            told = one.cell.scenario
            lines += [paint(f"{told.name}: {told.about}", "bold"), ""]
        lines += [*describe(one, paint), ""]
    if len(bad) > MOST_SHOWN:
        lines += [f"... and {len(bad) - MOST_SHOWN} more; the record has them all", ""]
    return lines

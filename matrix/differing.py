"""What is not as it should be, cell by cell, with the command that runs one alone."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from matrix import result
from matrix.cells import Cell
from matrix.paint import Paint
from matrix.printable import printable
from matrix.result import Result

MOST_SHOWN = 40
LAST_LINES = 4
_FOR_MAKE = re.compile(r"[\w./,=:+@-]+")  # make splits at spaces and takes $ and % for its own


def rerun(cell: Cell, *others: Cell) -> str:
    """The command that runs these cells of one scenario: by the axis values they share, and on all of their kernels."""
    name, file = cell.scenario.name, cell.scenario.file
    common = (item for item in cell.axes.items() if all(item in other.axes.items() for other in others))
    targets = [one.target for one in (cell, *others)]
    kernels = dict.fromkeys(one.kernel if "/" in one.kernel else one.name for one in targets)
    parts = [("scenario", name if file.endswith(f"scenarios/{name}.yaml") else file),
             *(("kernel", kernel) for kernel in kernels),
             ("cell", ",".join(f"{axis}={value}" for axis, value in common))]
    if cell.target.kernel == "host":
        parts.append(("lane", "host"))
    parts = [(part, value) for part, value in parts if value]
    if not all(_FOR_MAKE.fullmatch(value) for _, value in parts):
        return shlex.join(["python3", "-m", "matrix", "run", *(f"--{part}={value}" for part, value in parts)])
    for_make: dict[str, str] = {}
    for part, value in parts:
        for_make[part] = f"{for_make[part]} {value}" if part in for_make else value
    return " ".join(["make matrix", *(f"{part.upper()}={shlex.quote(value)}" for part, value in for_make.items())])


def describe(one: Result, paint: Paint) -> list[str]:
    lines = [f"{paint(one.verdict.upper(), 'alarm')} {one.cell.id}"]
    if one.why:
        lines.append(f"    {printable(one.why)}")
    for difference in one.differences:
        lines.append(printable(f"    {difference.what}: expected {difference.expected}, got {difference.got}"))
    if one.alone:
        lines.append(f"    {printable(one.alone)}")
    lines += [f"    stderr: {printable(line)}" for line in one.seen.stderr.splitlines()[-LAST_LINES:]]
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

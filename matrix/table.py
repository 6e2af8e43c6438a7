"""The table of a scenario: its axes' combinations against the kernel rows, one character a cell."""

from __future__ import annotations

from collections.abc import Sequence

from matrix import result, targets
from matrix.paint import Paint
from matrix.result import Result

# A letter for what happened, small where it is as expected, capital where it is not.
LETTERS = {"started": "s", "degraded": "d", "refused": "r", "exec-failed": "x"}
OTHER_LETTERS = {result.ERROR: "E", result.HANG: "H", result.PANIC: "P", result.FLAKY: "F",
                 result.KNOWN: "k"}
SKIPPED = "-"
ABSENT = " "

LEGEND = ("s started   d degraded   r refused   x exec-failed   a capital: not as expected\n"
          "E harness error   H hang   P kernel panic   F flaky   k red as known   - skipped   blank: not run")

_COLOURS = {"s": "green", "d": "yellow", "r": "blue", "x": "magenta", "k": "yellow", SKIPPED: "dim"}


def letter(one: Result) -> str:
    if one.verdict in OTHER_LETTERS:
        return OTHER_LETTERS[one.verdict]
    if one.verdict == result.SKIPPED:
        return SKIPPED
    found = LETTERS.get(one.seen.outcome or "", "?")
    return found if one.verdict == result.PASS else found.upper()


def columns(results: Sequence[Result]) -> list[str]:
    """The kernel rows in their order, whichever a scenario names first."""
    return targets.in_order(dict.fromkeys(one.cell.target.name for one in results))


def row_label(one: Result) -> str:
    """The values of the axes, without those of one value only, and the variant."""
    axes = {axis.name: axis.values for axis in one.cell.scenario.axes}
    words = [value for name, value in one.cell.axes.items() if len(axes[name]) > 1 or name in ("mode", "landlock")]
    return " ".join(words + ([one.cell.runtime] if one.cell.runtime != "holdfast" else []))


def tables(results: Sequence[Result], paint: Paint) -> list[str]:
    """The lines of all scenarios' tables, the columns the same in each."""
    names = columns(results)
    by_scenario: dict[str, list[Result]] = {}
    for one in results:
        by_scenario.setdefault(one.cell.scenario.name, []).append(one)
    lines: list[str] = []
    for name, part in by_scenario.items():
        lines += [paint(name, "bold"), *_table(part, names, paint), ""]
    return lines


def _table(results: Sequence[Result], names: Sequence[str], paint: Paint) -> list[str]:
    grid: dict[str, dict[str, Result]] = {}
    for one in results:
        grid.setdefault(row_label(one), {})[one.cell.target.name] = one
    width = max(map(len, grid))
    lines = [" ".join(["  " + " " * width, *names])]
    for label, cells in grid.items():
        marks = (_mark(cells.get(name), len(name), paint) for name in names)
        lines.append(" ".join(["  " + label.ljust(width), *marks]).rstrip())
    return lines


def _mark(one: Result | None, width: int, paint: Paint) -> str:
    if one is None:
        return ABSENT.rjust(width)
    mark = letter(one)
    return " " * (width - 1) + paint(mark, _COLOURS.get(mark, "alarm"))

"""The run as Markdown, for the page or a comment of a pull request: what is red first, and short even if all is red."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from matrix import known, result
from matrix.differing import rerun
from matrix.law import Violation, breaches
from matrix.printable import printable
from matrix.record_read import Record
from matrix.relations import LAWS
from matrix.result import Result
from matrix.run import Run
from matrix.table import columns
from matrix.violated import kinds

MOST_BYTES = 60_000  # a comment may have 65,536 characters, a step's summary 1 MiB
MOST_TABLE = 20_000
MOST_POINTS = 6  # of a group of red cells


def text(record: Record) -> str:
    run = record.run
    bad = [one for one in run.results if one.verdict in result.UNSUCCESSFUL]
    head = [f"### {run.closing}", "", *_what(record), ""]
    table = _fitting(_table(run.results, bad), MOST_TABLE, "more scenarios with red cells")
    tail = [*([*table, ""] if bad else []), *_kernels(record.data, run.results)]
    left = MOST_BYTES - _size(head) - _size(tail)
    blocks = [*_known(run), *_relations(run.violations or ()), *_groups(bad)]
    return "\n".join([*head, *_fitting(blocks, left, "more groups of red cells"), *tail]) + "\n"


def _known(run: Run) -> list[str]:
    lines = [*(f"- **turned green**: {code(line)}" for line in run.turned_green),
             *(f"- {code(line)}" for line in known.told(run.results))]
    return ["\n".join([*lines, ""])] if lines else []


def _size(lines: Iterable[str]) -> int:
    return sum(len(line.encode()) + 1 for line in lines)


def _fitting(blocks: Sequence[str], most: int, what: str) -> list[str]:
    """The blocks that fit, and how many were left out."""
    found: list[str] = []
    left = most - 200  # for the line that says so
    for number, block in enumerate(blocks):
        left -= _size([block])
        if left < 0:
            return [*found, "", f"... and {len(blocks) - number} {what}; report.html has them all", ""]
        found.append(block)
    return found


def code(text: str) -> str:
    """A code span, in which nothing is markup (CommonMark 6.1: a fence longer than any run of backticks in it)."""
    text = printable(text)
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _what(record: Record) -> list[str]:
    data, run = record.data, record.run
    verdicts = Counter(one.verdict for one in run.results)
    runtime = data["runtime"]
    commit = f" at {code(runtime['commit'][:12])}" if runtime["commit"] else ""
    changed = ", with changes that are not committed" if runtime["changed"] else ""
    return [f"{len(run.results)} cells ({', '.join(f'{count} {verdict}' for verdict, count in verdicts.items())}) in "
            f"{run.seconds:.1f} s and {len(run.boots)} boots; {code(runtime['version'])}{commit}{changed}"]


def _groups(bad: Sequence[Result]) -> list[str]:
    """Red cells that differ in the same way, whatever their scenario, told once; the biggest group first."""
    groups: dict[tuple[Any, ...], list[Result]] = {}
    for one in bad:
        groups.setdefault((one.verdict, one.differences, one.why), []).append(one)
    return ["\n".join([
        f"**{verdict}**, {_cells(cells)}:",
        *([f"- {code(_cut(why))}"] if why else []),
        *(f"- {code(one.what)}: expected {code(_cut(one.expected))}, got {code(_cut(one.got))}" for one in differences),
        *_where(cells), f"- again: {code(rerun(cells[0].cell))}", ""])
        for (verdict, differences, why), cells in sorted(groups.items(), key=lambda group: -len(group[1]))]


def _cells(cells: Sequence[Result]) -> str:
    scenarios = len({one.cell.scenario.name for one in cells})
    return (f"{len(cells)} cell{'s' if len(cells) > 1 else ''}"
            + (f" in {scenarios} scenarios" if scenarios > 1 else ""))


def _relations(violations: Iterable[Violation]) -> list[str]:
    """One block a law and scenario, before the red cells: a violated law explains many of them."""
    return ["\n".join([f"**{law} is violated** in {code(scenario)}: {LAWS[law]}", "",
                       *(f"- {code(line.strip())}" for line in kinds(group)), ""])
            for (law, scenario), group in breaches(violations).items()]


def _cut(text: str, most: int = 300) -> str:
    return text if len(text) <= most else text[:most] + "..."


def _where(cells: Sequence[Result]) -> list[str]:
    points: dict[tuple[str, str], list[str]] = {}
    for one in cells:
        points.setdefault((one.cell.scenario.name, one.cell.point), []).append(one.cell.target.name)
    lines = [f"- {code(name)} at {code(point)} on {code(' '.join(rows))}" for (name, point), rows in points.items()]
    more = [f"- and at {len(lines) - MOST_POINTS} more points"] if len(lines) > MOST_POINTS else []
    return lines[:MOST_POINTS] + more


def _table(results: Sequence[Result], bad: Sequence[Result]) -> list[str]:
    """Scenarios with red cells by kernel rows: red ones of how many that ran, and a point where all is well."""
    rows = columns(results)
    red = Counter((one.cell.scenario.name, one.cell.target.name) for one in bad)
    of = Counter((one.cell.scenario.name, one.cell.target.name) for one in results if one.verdict != result.SKIPPED)
    lines = ["Red cells of those that ran, by scenario and kernel row:\n",
             f"| scenario | {' | '.join(_bar(printable(row)) for row in rows)} |\n|---|{'---|' * len(rows)}"]
    for name in dict.fromkeys(one.cell.scenario.name for one in bad):
        marks = (f"**{red[name, row]}**/{of[name, row]}" if red[name, row] else "." if of[name, row] else " "
                 for row in rows)
        lines.append(f"| {_bar(code(name))} | {' | '.join(marks)} |")
    return lines


def _bar(text: str) -> str:
    return text.replace("|", "\\|")


def _kernels(data: Mapping[str, Any], results: Sequence[Result]) -> list[str]:
    """Which kernel served which rows."""
    versions = {one["series"]: one["version"] for one in data["kernels"]}
    rows: dict[str, list[str]] = {}
    for target in dict.fromkeys(one.cell.target for one in results):
        kernel = versions.get(target.kernel, target.kernel)
        rows.setdefault(kernel, []).append(code(target.name) + (" (ceiling)" if target.ceiling else ""))
    lines = [f"| {_bar(code(kernel))} | {_bar(', '.join(names))} |" for kernel, names in rows.items()]
    on = data["host"]["release"]
    return ["<details><summary>Kernels</summary>", "", "| kernel | rows |", "|---|---|", *lines, "",
            f"Host: {code(on)}; {code(data['qemu'])}", "", "</details>"]

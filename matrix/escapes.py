"""`matrix escapes`: how many attempts at getting out there are, on which kernels, and what came of them, from the scenarios
in escapes/ and what is recorded of them. Nothing is run: `make check` fails where a record is not what a run shows."""

from __future__ import annotations

import argparse
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from matrix import baseline, baseline_gate, job
from matrix.control import FOLDER, OK
from matrix.cells import Cell, spread
from matrix.expect import resolve
from matrix.find import find, names
from matrix.scenario import Scenario
from matrix.targets import choose, on_guests, row_names

THROUGH = (OK, "http-200")
WIDTH = 118
MOST_TOLD = 20


@dataclass(frozen=True)
class Try:
    """One attempt in one cell."""

    cell: Cell
    attempt: str
    got: str
    expected: tuple[str, ...]

    @property
    def through(self) -> bool:
        return self.got in THROUGH


def options(parser: argparse.ArgumentParser) -> None:
    pass


def tries(scenario: Scenario, recorded: baseline.Baseline) -> Iterator[Try]:
    for cell in spread(scenario, on_guests(choose(()))):
        _, _, probes = recorded.cells.get(baseline.place(cell), "").partition(baseline.BESIDE)
        seen = dict(word.split("=", 1) for word in probes.split())
        for attempt, expected in resolve(scenario, cell.axes, cell.target.abi).probes.items():
            yield Try(cell, attempt, unquote(seen.get(attempt, "no record")), expected)


def told_rows(rows: Sequence[str]) -> str:
    """`every row`, or the rows with runs of numbers as `1-8`."""
    every = row_names()
    if set(rows) == set(every):
        return "every row"
    words: list[str] = []
    for row in (name for name in every if name in rows):
        last = words[-1].rpartition("-")[2] if words else ""
        if row.isdigit() and last.isdigit() and int(last) == int(row) - 1:
            words[-1] = f"{words[-1].partition('-')[0]}-{row}"
        else:
            words.append(row)
    return ", ".join(words)


def _wrapped(text: str, indent: str = "  ") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent + "    ", break_long_words=False,
                         break_on_hyphens=False)


def _gaps(found: Sequence[Try]) -> list[str]:
    """What got through, by scenario and the rows where it does."""
    where: dict[tuple[str, str], set[str]] = {}
    for one in found:
        if one.through:
            where.setdefault((one.cell.scenario.name, one.attempt), set()).add(one.cell.target.name)
    together: dict[tuple[str, str], list[str]] = {}
    for (scenario, attempt), rows in where.items():
        together.setdefault((scenario, told_rows(tuple(rows))), []).append(attempt)
    return [line for (scenario, rows), attempts in together.items()
            for line in _wrapped(f"{scenario} on {rows}: {', '.join(attempts)}")]


def _controls(scenarios: Sequence[Scenario]) -> list[str]:
    lines: list[str] = []
    for scenario in scenarios:
        for excuse in scenario.control or ():
            where = [*(f"{name} {' or '.join(sorted(values))}" for name, values in excuse.axes.items()),
                     *([f"rows {excuse.abi.text}"] if excuse.abi else [])]
            lines += _wrapped(f"{scenario.name}, {' and '.join(where) or 'everywhere'}: {', '.join(excuse.probes)} "
                              f"({' or '.join(excuse.results)}): {excuse.because}")
    return lines


def summary(scenarios: Sequence[Scenario], found: Sequence[Try]) -> list[str]:
    against = [one for one in found if one.got not in one.expected]
    count = Counter("denied" if not one.through else "through" for one in found if one.got in one.expected)
    cells = {one.cell.id for one in found}
    attempts = sum(len(scenario.probes) for scenario in scenarios)
    return [
        f"{attempts} attempts in {len(scenarios)} scenarios, made {len(found):,} times in {len(cells):,} cells on "
        f"{len({one.cell.target.name for one in found})} kernel rows",
        f"  denied: {count['denied']:,}",
        f"  got through where the plan says that nothing holds it, or that is no escape: {count['through']:,}",
        f"  otherwise than expected: {len(against):,}",
        *(f"    {one.cell.id}: {one.attempt} {one.got}" for one in against[:MOST_TOLD]),
        "", "What got through, and where:", *_gaps(found),
        "", "Controls that need not succeed, and why:", *_controls(scenarios),
    ]


def main(arguments: argparse.Namespace) -> int:
    wanted = [name for name in names(arguments.scenarios) if name.startswith(FOLDER)]
    scenarios, faults = find(arguments.scenarios, wanted)
    baselines, damaged = baseline_gate.read(scenarios, baseline_gate.FOLDER)
    if faults or damaged:
        job.say(job.told([*faults, *damaged]))
        return job.USAGE
    found = [one for scenario in scenarios for one in tries(scenario, baselines[scenario.name])]
    print("\n".join(summary(scenarios, found)))
    return 1 if any(one.got not in one.expected for one in found) else 0

"""The baseline as a gate: it judges cells, and tells which have no record and which records have no cell."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from matrix import result
from matrix.baseline import (Baseline, differing_words, has_place, load, missing, orphans, path_of, place, recorded,
                             recorded_scenarios)
from matrix.cells import spread
from matrix.diagnostics import Diagnostic
from matrix.expect import Difference
from matrix.job import say
from matrix.result import Result
from matrix.scenario import Scenario
from matrix.targets import choose, on_guests

FOLDER = Path(os.path.relpath(Path(__file__).parent / "baseline"))
MOST_NOTED = 10
SHOWN = 3  # cells by name of those that lack a record


@dataclass(frozen=True)
class Gaps:
    """Where records and cells do not match, a line each."""

    missing: tuple[str, ...] = ()
    orphans: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.orphans, *self.missing)


def judge(baselines: Mapping[str, Baseline]) -> Callable[[Result], Result]:
    """Makes a cell red that is not as recorded, even where it is as expected."""

    def last_word(one: Result) -> Result:
        judged = one.verdict in (*result.PASSED, result.FAIL) and one.cell.scenario.name in baselines
        if not judged or not has_place(one.cell):
            return one
        before = baselines[one.cell.scenario.name].cells.get(place(one.cell))
        now = recorded(one)
        if before is None or before == now:
            return one
        difference = Difference("baseline", *differing_words(before, now))
        return replace(one, verdict=result.FAIL, differences=(*one.differences, difference))

    return last_word


def read(scenarios: Sequence[Scenario], folder: Path) -> tuple[dict[str, Baseline], list[Diagnostic]]:
    """The baselines of these scenarios by their names."""
    found = {}
    faults: list[Diagnostic] = []
    for scenario in scenarios:
        found[scenario.name], wrong = load(path_of(folder, scenario.name))
        faults += wrong
    return found, faults


def gaps(scenarios: Sequence[Scenario], baselines: Mapping[str, Baseline], folder: Path) -> Gaps:
    """Of all scenarios that there are."""
    lacking, left = [], []
    columns = on_guests(choose(()))
    for scenario in scenarios:
        cells = spread(scenario, columns)
        if absent := missing(cells, baselines[scenario.name]):
            lacking.append(f"{scenario.name}: {_some(absent)} not recorded: "
                           f"make accept SCENARIO={scenario.name} WHY=\"...\"")
        if gone := orphans(cells, baselines[scenario.name]):
            left.append(f"{path_of(folder, scenario.name)}: {_some(gone)} recorded but no cell any more: "
                        f"make accept SCENARIO={scenario.name} WHY=\"...\"")
    names = {scenario.name for scenario in scenarios}
    left += [f"{path}: no such scenario any more: remove the file"
             for name, path in recorded_scenarios(folder).items() if name not in names]
    return Gaps(tuple(lacking), tuple(left))


def note(gaps: Sequence[str]) -> None:
    """Tells what does not count yet."""
    for line in gaps[:MOST_NOTED]:
        say(f"note: {line}")
    if len(gaps) > MOST_NOTED:
        say(f'note: ... and {len(gaps) - MOST_NOTED} more; make accept WHY="..." records all that there is')


def _some(places: Sequence[str]) -> str:
    more = f" and {len(places) - SHOWN} more are" if len(places) > SHOWN else " are" if len(places) > 1 else " is"
    return ", ".join(places[:SHOWN]) + more

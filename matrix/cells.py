"""Cells: a scenario at one point of its axes on one kernel row."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from matrix.diagnostics import suggestion
from matrix.scenario import Scenario
from matrix.targets import Target, Unknown

REAL = "holdfast"  # the runtime under test; variants of it are holdfast-NAME


@dataclass(frozen=True, eq=False)
class Cell:
    scenario: Scenario
    axes: Mapping[str, str]
    target: Target
    runtime: str = REAL

    @property
    def point(self) -> str:
        """`mode=proxy,landlock=omitted`: the place on the axes."""
        return ",".join(f"{name}={value}" for name, value in self.axes.items())

    @property
    def place(self) -> str:
        """The cell whatever its runtime."""
        return f"{self.scenario.name}/{self.point}/{self.target.name}"

    @property
    def id(self) -> str:
        return self.place + ("" if self.runtime == REAL else f"@{self.runtime}")


def points(scenario: Scenario) -> Iterator[dict[str, str]]:
    """Every combination of the axes' values, the last axis moving fastest."""
    names = [axis.name for axis in scenario.axes]
    for values in itertools.product(*(axis.values for axis in scenario.axes)):
        yield dict(zip(names, values))


def spread(scenario: Scenario, targets: Sequence[Target], runtimes: Sequence[str] = (REAL,)) -> list[Cell]:
    """All cells of a scenario on those columns that it names."""
    return [Cell(scenario, point, target, runtime)
            for target in targets if scenario.shown_on(target.abi, target.ceiling)
            for point in points(scenario) for runtime in runtimes]


@dataclass(frozen=True)
class Filter:
    """`mode=proxy,landlock=omitted`: cells that have these values; or the id of one cell."""

    axes: Mapping[str, str]
    id: str = ""

    def __contains__(self, cell: Cell) -> bool:
        if self.id:
            return cell.place == self.id
        return all(cell.axes.get(name) == value for name, value in self.axes.items())


def parse_filter(text: str, scenarios: Sequence[Scenario]) -> Filter:
    """Raises Unknown where no scenario has such an axis or value."""
    if "/" in text:
        return Filter({}, text)
    wanted: dict[str, str] = {}
    for term in filter(None, text.split(",")):
        name, equals, value = term.partition("=")
        known = {axis.name for scenario in scenarios for axis in scenario.axes}
        if not equals or name not in known:
            raise Unknown(f"no axis '{name}' in the chosen scenarios{suggestion(name, known)}")
        values = {v for scenario in scenarios for axis in scenario.axes if axis.name == name for v in axis.values}
        if value not in values:
            raise Unknown(f"axis '{name}' has no value '{value}' in the chosen scenarios{suggestion(value, values)}")
        wanted[name] = value
    return Filter(wanted)

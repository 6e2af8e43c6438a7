"""What changed cells have in common: the smallest combinations of axis values that hold for exactly these. Pure: the
change may be any that cells can have, a moved outcome as well as a red verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from matrix.cover import Axis, Box, cover

ABI = "ABI"
MODE = "mode"
PLAIN_MODES = {"block", "proxy"}  # said without the axis' name
COMMON = (MODE, "landlock", "user", ABI)  # the axes of every scenario


@dataclass(frozen=True)
class Spot:
    """A cell as far as it matters here. `axes` has the kernel row under ABI."""

    scenario: str
    axes: Mapping[str, str]


@dataclass(frozen=True)
class Group:
    """A conjunction: on each of these axes one of these values. An axis that is not named may be anything."""

    sets: tuple[tuple[str, tuple[str, ...]], ...]
    words: str

    def __contains__(self, spot: Spot) -> bool:
        return all(spot.axes.get(name) in values for name, values in self.sets)


@dataclass(frozen=True)
class Explanation:
    """In these scenarios exactly the changed cells lie in one of the groups."""

    scenarios: tuple[str, ...]
    groups: tuple[Group, ...]

    @property
    def terms(self) -> int:
        return sum(len(group.sets) for group in self.groups)


class Field:
    """All cells of a run, in which changes are to be explained."""

    def __init__(self, spots: Sequence[Spot]) -> None:
        self._spots = spots
        self._numbers: dict[str, list[int]] = {}
        for number, spot in enumerate(spots):
            self._numbers.setdefault(spot.scenario, []).append(number)

    def explain(self, changed: Collection[int]) -> list[Explanation]:
        """Explains the spots with these numbers: over all scenarios by their common axes, else over those that have any
        such spot, else by scenarios, those to which the same explanation fits together."""
        marked = set(changed)
        concerned = tuple(name for name in self._numbers if any(number in marked for number in self._numbers[name]))
        for names in dict.fromkeys((tuple(self._numbers), concerned)):
            groups = self._over(names, marked) if len(names) > 1 and marked else None
            if groups is not None:
                return [Explanation(names, groups)]
        return [Explanation(names, groups) for names, groups in self._by_scenario(concerned, marked)]

    def _over(self, names: Sequence[str], marked: set[int]) -> tuple[Group, ...] | None:
        numbers = [number for name in names for number in self._numbers[name]]
        first = [self._spots[self._numbers[name][0]].axes for name in names]
        common = [axis for axis in COMMON if all(axis in axes for axes in first)]
        return _groups([self._spots[number] for number in numbers], [number in marked for number in numbers], common)

    def _by_scenario(self, names: Sequence[str], marked: set[int],
                     ) -> Iterator[tuple[tuple[str, ...], tuple[Group, ...]]]:
        """Every scenario's own explanation, the one that fits most of them first."""
        own: dict[str, tuple[Group, ...]] = {}
        for name in names:
            part = [self._spots[number] for number in self._numbers[name]]
            groups = _groups(part, [number in marked for number in self._numbers[name]], tuple(part[0].axes))
            assert groups is not None  # no two cells of a scenario have the same place
            own[name] = groups
        fitting = {groups: [name for name in names if own[name] == groups or self._fits(groups, name, marked)]
                   for groups in dict.fromkeys(own.values())}
        left = list(names)
        while left:
            best = max(fitting, key=lambda groups: sum(name in left for name in fitting[groups]))
            together = tuple(name for name in fitting[best] if name in left)
            left = [name for name in left if name not in together]
            yield together, best

    def _fits(self, groups: Sequence[Group], name: str, marked: set[int]) -> bool:
        return all(any(self._spots[number] in group for group in groups) == (number in marked)
                   for number in self._numbers[name])


def _groups(spots: Sequence[Spot], marks: Sequence[bool], names: Sequence[str]) -> tuple[Group, ...] | None:
    """None where the axes of these names cannot tell the marked from the others."""
    places = [tuple(spot.axes[name] for name in names) for spot in spots]
    every, some = Counter(places), Counter(place for place, mark in zip(places, marks) if mark)
    if any(every[point] != count for point, count in some.items()):
        return None
    axes = [_axis(name, [point[at] for point in every]) for at, name in enumerate(names)]
    return tuple(_group(box, axes) for box in cover(axes, {point: point in some for point in every}))


def _axis(name: str, values: Sequence[str]) -> Axis:
    found = tuple(dict.fromkeys(values))
    if name != ABI:
        return Axis(name, found)
    words = [value for value in found if not value.isdecimal()]
    return Axis(name, (*words, *sorted((value for value in found if value.isdecimal()), key=int)), True)


# Words.

def _group(box: Box, axes: Sequence[Axis]) -> Group:
    sets = {axis.name: tuple(value for value in axis.values if value in values)
            for axis, values in zip(axes, box) if len(values) < len(axis.values)}
    whole = {axis.name: axis.values for axis in axes}
    words = [_words(name, values, whole[name]) for name, values in sorted(sets.items(), key=lambda one: one[0] == ABI)]
    return Group(tuple(sets.items()), " and ".join(words) or "everywhere")


def _words(name: str, values: Sequence[str], whole: Sequence[str]) -> str:
    if name == ABI:
        return f"ABI {_abi_words(values, whole)}"
    label = "" if name == MODE and set(values) <= PLAIN_MODES else f"{name} "
    if len(values) > 2 and len(values) == len(whole) - 1:
        return f"{name} not {next(value for value in whole if value not in values)}"
    return label + _either(values)


def _abi_words(values: Sequence[str], whole: Sequence[str]) -> str:
    """`none or 1`, `>= 2`, `off or >= 3`, `<= 3` where the kernels without Landlock are among them, `3 to 5`."""
    words = [value for value in values if not value.isdecimal()]
    run = [value for value in values if value.isdecimal()]
    lowest = [value for value in whole if value.isdecimal()][:1]
    if len(run) > 1 and run[:1] == lowest and len(words) == sum(not value.isdecimal() for value in whole):
        return f"<= {run[-1]}"
    if len(run) > 1 and run[-1] == whole[-1]:
        return _either([*words, f">= {run[0]}"])
    return _either([*words, *(run if len(run) < 3 else [f"{run[0]} to {run[-1]}"])])


def _either(words: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))

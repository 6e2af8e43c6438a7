"""A scenario as data: a policy, the axes to spread it over, what to do inside, and what is expected."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from matrix.abi import AbiSet
from matrix.diagnostics import Place

OUTCOMES = ("started", "degraded", "refused", "exec-failed")
USUAL = "usual"  # what the laws say of a start that nothing else is wrong with; see expect.py

MODES = ("block", "proxy")
LANDLOCKS = ("omitted", "best_effort", "hard_requirement")
# Values of the runner's own axes, the first ones being what an omitted axis means (a scenario may lack `source`).
OWN_AXES: Mapping[str, tuple[str, ...]] = {
    "mode": (*MODES, "policy"),
    "landlock": (*LANDLOCKS, "empty"),
    "user": ("root", "ordinary"),
    "source": ("yaml", "pb"),
}

CELL_DIRECTORY = "/mnt/cell"
PROBES = "${PROBES}"
HOLDFAST = "${HOLDFAST}"

_VARIABLE = re.compile(r"\$\{([A-Za-z0-9_]+)\}")


def holds(when: Mapping[str, frozenset[str]], abis: AbiSet | None, axes: Mapping[str, str], abi: str) -> bool:
    """Whether a `when` does at that place."""
    return (abis is None or abi in abis) and all(axes.get(name) in values for name, values in when.items())


@dataclass(frozen=True)
class Axis:
    """A named axis: the names of its values, and the text that each puts in the place of `${name}`."""

    name: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class TreeEntry:
    kind: str  # dir, file, symlink or readonly
    path: str  # below the cell's directory
    mode: int
    text: str  # a file's content, a link's target
    owner: tuple[int, int] | None


@dataclass(frozen=True)
class Rule:
    """`when` these axes have one of these values, this is expected. None: the rule does not say."""

    place: Place
    axes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    abi: AbiSet | None = None
    outcome: str | None = None
    error: str | None = None
    errno: str | None = None
    exit: int | None = None
    enforced: bool | None = None
    probes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stderr: tuple[str, ...] | None = None
    stdout: tuple[str, ...] | None = None
    limits: tuple[str, ...] | None = None
    skipped: tuple[str, ...] | None = None

    def matches(self, axes: Mapping[str, str], abi: str) -> bool:
        return holds(self.axes, self.abi, axes, abi)


@dataclass(frozen=True)
class Excuse:
    """`when` these axes have one of these values, the control of these probes may have one of these results, `because`."""

    place: Place
    probes: tuple[str, ...]
    results: tuple[str, ...]
    because: str
    axes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    abi: AbiSet | None = None

    def matches(self, axes: Mapping[str, str], abi: str) -> bool:
        return holds(self.axes, self.abi, axes, abi)


@dataclass(frozen=True)
class Scenario:
    name: str  # regressions/default-change
    file: str
    about: str
    report: str
    policy: str
    axes: tuple[Axis, ...]
    rows: AbiSet | None
    tree: tuple[TreeEntry, ...]
    args: tuple[str, ...]
    launcher: tuple[str, ...]  # what starts holdfast; empty: nothing does
    command: tuple[str, ...]
    probes: Mapping[str, str | tuple[str, ...]]
    rules: tuple[Rule, ...]
    time_limit: int  # seconds
    lane: str = ""  # "vm": the host lane cannot show it
    until: str = ""  # not empty: red cells are known, and expected until this
    native: bool = False  # not where a ceiling's listener answers the Landlock calls: a process tree has one listener only
    # The probes are tried without the sandbox as well, and succeed but for these; None: they are not.
    control: tuple[Excuse, ...] | None = None
    captured: bool = False  # written by `holdfast run --capture`: what is expected is what happened there

    def shown_on(self, row: str, ceiling: str | None) -> bool:
        """Ceilings without a number (`none`, `off`) have no listener."""
        return (self.rows is None or row in self.rows) and not (self.native and ceiling is not None and ceiling.isdigit())

    def substitute(self, text: str, axes: Mapping[str, str]) -> str:
        """Puts the axis values' texts, the cell's directory and a dollar sign in the place of `${name}`."""
        known = {axis.name: axis.values[axes[axis.name]] for axis in self.axes if axis.name in axes}
        return replace_variables(text, {**known, "CELL": CELL_DIRECTORY, "DOLLAR": "$"}.__getitem__)


def replace_variables(text: str, value: Callable[[str], str]) -> str:
    return _VARIABLE.sub(lambda match: value(match[1]), text)


def variables(text: str) -> set[str]:
    return set(_VARIABLE.findall(text))

"""The control of an attempt: the same probe without the sandbox, before it, in the same place. A denial proves something
where the control succeeds; where none can, `control` of the scenario says which, with what result, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from yaml.nodes import Node

from matrix import nodes
from matrix.diagnostics import Diagnostics
from matrix.nodes import Entry
from matrix.rules import read_when
from matrix.scenario import Axis, Excuse, Scenario

KEYS = ("when", "probes", "result", "because")
OK = "ok"
FOLDER = "escapes/"  # whose scenarios must have one


def read_control(entry: Entry | None, axes: Sequence[Axis], probes: Sequence[str],
                 diagnostics: Diagnostics) -> tuple[Excuse, ...] | None:
    if entry is None:
        return None
    if not probes:
        diagnostics.at(entry.key, "'control' is for probes, and there are none")
    return tuple(_excuse(node, axes, probes, diagnostics)
                 for node in nodes.sequence(entry.value, diagnostics, "control"))


def _excuse(node: Node, axes: Sequence[Axis], probes: Sequence[str], diagnostics: Diagnostics) -> Excuse:
    entries = nodes.mapping(node, diagnostics, "an item of control", KEYS)
    when, abis = read_when(entries.get("when"), axes, diagnostics)
    for key in ("probes", "result", "because"):
        if key not in entries:
            diagnostics.at(node, f"an item of control needs '{key}': which probe cannot succeed, how it ends, and why")
    names = nodes.texts(entries["probes"].value, diagnostics, "probes") if "probes" in entries else ()
    for name in names:
        nodes.known_word(name, entries["probes"].value, diagnostics, "probe", probes)
    results = nodes.texts(entries["result"].value, diagnostics, "result") if "result" in entries else ()
    because = nodes.text(entries["because"].value, diagnostics, "because") if "because" in entries else ""
    return Excuse(diagnostics.place(node), names, results, " ".join(because.split()), when, abis)


def results(scenario: Scenario, axes: Mapping[str, str], abi: str) -> dict[str, tuple[str, ...]]:
    """What the control of each probe may be at that place; nothing where there is no control."""
    if scenario.control is None:
        return {}
    found: dict[str, tuple[str, ...]] = {name: (OK,) for name in scenario.probes}
    for excuse in scenario.control:
        for name in excuse.probes if excuse.matches(axes, abi) else ():
            found[name] += excuse.results
    return found

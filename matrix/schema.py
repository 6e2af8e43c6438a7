"""From a scenario file's text to a Scenario: what keys there are, and what stands in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from yaml.nodes import MappingNode, Node, ScalarNode

from matrix import abi, control, nodes
from matrix.diagnostics import Diagnostics, Place, suggestion
from matrix.nodes import Entry
from matrix.rules import read_abi, read_rules
from matrix.scenario import HOLDFAST, LANDLOCKS, MODES, OWN_AXES, PROBES, Axis, Scenario, variables
from matrix.tree import read_tree
from matrix.verify import verify

KEYS = ("about", "report", "status", "until", "captured", "policy", "axes", "rows", "native", "lane", "tree", "args",
        "launcher", "command", "probes", "control", "expect", "time_limit")
LANES = ("vm",)
STATUSES = ("known",)
CAPTURED_KEYS = ("holdfast", "kernel", "landlock", "abi", "errata")
VARIABLES = frozenset({"CELL", "DOLLAR"})  # that every scenario has
RESERVED = ("abi", *sorted(VARIABLES), "PROBES", "HOLDFAST")
WHOLE_ITEMS = {"command": PROBES, "launcher": HOLDFAST}  # what stands for several arguments, by where it may stand
DEFAULT_TIME_LIMIT = 20
PROBE_PROGRAM = "/usr/local/bin/hf-probe"


def load(path: Path, name: str, diagnostics: Diagnostics) -> Scenario | None:
    """The scenario in a file, or None with the reasons in `diagnostics`."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeError) as fault:
        diagnostics.add(Place(diagnostics.file), f"cannot be read: {fault}")
        return None
    return parse(text, name, diagnostics)


def parse(text: str, name: str, diagnostics: Diagnostics) -> Scenario | None:
    root = nodes.compose(text, diagnostics)
    if root is None:
        return None
    entries = nodes.mapping(root, diagnostics, "the scenario", KEYS)
    for key in ("about", "policy", "expect"):
        if key not in entries and isinstance(root, MappingNode):
            diagnostics.at(root, f"key '{key}' is missing")
    policy = _text(entries, "policy", diagnostics)
    axes = _axes(entries.get("axes"), policy, diagnostics)
    probes = _probes(entries.get("probes"), diagnostics)
    scenario = Scenario(
        name=name,
        file=diagnostics.file,
        about=" ".join(_text(entries, "about", diagnostics).split()),
        report=_text(entries, "report", diagnostics),
        policy=policy,
        axes=axes,
        rows=_rows(entries.get("rows"), diagnostics),
        tree=read_tree(entries.get("tree"), diagnostics),
        args=_texts(entries, "args", diagnostics),
        launcher=_texts(entries, "launcher", diagnostics),
        command=_texts(entries, "command", diagnostics) or ((PROBE_PROGRAM, PROBES) if probes else ()),
        probes=probes,
        rules=read_rules(entries.get("expect"), axes, tuple(probes), diagnostics),
        time_limit=_time_limit(entries.get("time_limit"), diagnostics),
        lane=nodes.word(entries["lane"].value, diagnostics, "lane", LANES) if "lane" in entries else "",
        until=_until(entries, diagnostics),
        native="native" in entries and nodes.truth(entries["native"].value, diagnostics, "native"),
        captured=_captured(entries.get("captured"), diagnostics),
        control=control.read_control(entries.get("control"), axes, tuple(probes), diagnostics),
    )
    _check_command(scenario, root, entries, diagnostics)
    for key, entry in entries.items():
        _check_variables(entry.value, axes, WHOLE_ITEMS.get(key), diagnostics)
    if diagnostics:
        return None
    verify(scenario, diagnostics)
    return None if diagnostics else scenario


def _text(entries: Mapping[str, Entry], key: str, diagnostics: Diagnostics) -> str:
    return nodes.text(entries[key].value, diagnostics, key) if key in entries else ""


def _texts(entries: Mapping[str, Entry], key: str, diagnostics: Diagnostics) -> tuple[str, ...]:
    entry = entries.get(key)
    if not entry:
        return ()
    return tuple(nodes.text(item, diagnostics, f"an item of {key}")
                 for item in nodes.sequence(entry.value, diagnostics, key))


def _axes(entry: Entry | None, policy: str, diagnostics: Diagnostics) -> tuple[Axis, ...]:
    given = nodes.mapping(entry.value, diagnostics, "axes") if entry else {}
    axes = []
    for name, default in (("mode", MODES), ("landlock", LANDLOCKS), ("user", ("root",))):
        values = default
        if name in given:
            values = _words(given[name].value, name, diagnostics)
        if name == "landlock" and own_landlock(policy):
            if name in given:
                diagnostics.at(given[name].key,
                               "axis 'landlock' cannot be spread: the policy has a landlock section of its own")
            continue
        axes.append(Axis(name, {value: value for value in values}))
    if "source" in given:
        axes.append(Axis("source", {value: value for value in _words(given["source"].value, "source", diagnostics)}))
    for name, item in given.items():
        if name in OWN_AXES:
            continue
        if name in RESERVED or not name.replace("_", "").isalnum():
            diagnostics.at(item.key, f"'{name}' cannot be the name of an axis")
        axes.append(_axis(name, item.value, diagnostics))
    return tuple(axes)


def own_landlock(policy: str) -> bool:
    """Whether the policy has the section that the runner would append."""
    return any(line.startswith("landlock:") for line in policy.splitlines())


def _words(node: Node, name: str, diagnostics: Diagnostics) -> tuple[str, ...]:
    """The values of one of the runner's own axes."""
    values = tuple(nodes.word(item, diagnostics, f"value of axis '{name}'", OWN_AXES[name])
                   for item in nodes.sequence(node, diagnostics, f"axis '{name}'"))
    if len(set(values)) != len(values):
        diagnostics.at(node, f"axis '{name}' has a value twice")
    return values


def _axis(name: str, node: Node, diagnostics: Diagnostics) -> Axis:
    """An axis of the scenario's own: a map from value to text, or a list of words that are their own text."""
    if isinstance(node, MappingNode):
        items = nodes.mapping(node, diagnostics, f"axis '{name}'")
        values = {key: nodes.text(item.value, diagnostics, f"value '{key}'") for key, item in items.items()}
    else:
        values = {}
        for item in nodes.sequence(node, diagnostics, f"axis '{name}'"):
            value = nodes.text(item, diagnostics, f"a value of axis '{name}'")
            if value in values:
                diagnostics.at(item, f"axis '{name}' has the value '{value}' twice")
            values[value] = value
    for value in values:
        if not value or any(c in value for c in ",=/ "):
            diagnostics.at(node, f"'{value}' cannot be the name of a value: it becomes part of the cell's name")
    if not values:
        diagnostics.at(node, f"axis '{name}' has no values")
    return Axis(name, values)


def _rows(entry: Entry | None, diagnostics: Diagnostics) -> abi.AbiSet | None:
    return read_abi(entry.value, diagnostics, "rows") if entry else None


def _probes(entry: Entry | None, diagnostics: Diagnostics) -> dict[str, str | tuple[str, ...]]:
    probes: dict[str, str | tuple[str, ...]] = {}
    for name, item in (nodes.mapping(entry.value, diagnostics, "probes") if entry else {}).items():
        if isinstance(item.value, ScalarNode):
            probes[name] = str(item.value.value)
        else:
            probes[name] = nodes.texts(item.value, diagnostics, f"probe '{name}'")
        if not probes[name]:
            diagnostics.at(item.value, f"probe '{name}' does nothing: give a kind and its arguments")
        if not name or " " in name:
            diagnostics.at(item.key, "the name of a probe is one word")
    return probes


def _time_limit(entry: Entry | None, diagnostics: Diagnostics) -> int:
    return nodes.number(entry.value, diagnostics, "time_limit", 1, 600) if entry else DEFAULT_TIME_LIMIT


def _until(entries: Mapping[str, Entry], diagnostics: Diagnostics) -> str:
    """What `status: known` waits for; each of the two keys needs the other."""
    if "status" in entries:
        nodes.word(entries["status"].value, diagnostics, "status", STATUSES)
        if "until" not in entries:
            diagnostics.at(entries["status"].key, "a known failure says what it waits for: until: TEXT")
    elif "until" in entries:
        diagnostics.at(entries["until"].key, "'until' is for a failure that is known: status: known")
    until = " ".join(_text(entries, "until", diagnostics).split())
    if "until" in entries and not until:
        diagnostics.at(entries["until"].value, "'until' says what the failure waits for, such as a report")
    return until


def _captured(entry: Entry | None, diagnostics: Diagnostics) -> bool:
    """What is in there is for people."""
    for key, item in (nodes.mapping(entry.value, diagnostics, "captured", CAPTURED_KEYS) if entry else {}).items():
        nodes.text(item.value, diagnostics, key)
    return entry is not None


def _check_command(scenario: Scenario, root: Node, entries: Mapping[str, Entry], diagnostics: Diagnostics) -> None:
    if not scenario.command and isinstance(root, MappingNode):
        diagnostics.at(root, "neither a command nor probes are given: nothing would be run")
    if scenario.probes and "command" in entries and PROBES not in scenario.command:
        diagnostics.at(entries["command"].value, f"the command has no {PROBES}: the probes would not be run")
    if "launcher" in entries and HOLDFAST not in scenario.launcher:
        diagnostics.at(entries["launcher"].value, f"the launcher has no {HOLDFAST}: holdfast would not be run")
    if scenario.name.startswith(control.FOLDER) and "control" not in entries and isinstance(root, MappingNode):
        diagnostics.at(root, f"a scenario in {control.FOLDER} has a control, without which a denial proves nothing: "
                       "control: [] where each probe succeeds without the sandbox")
    if PROBES in scenario.command and not scenario.probes and "command" in entries:
        diagnostics.at(entries["command"].value, f"the command has {PROBES}, but there are no probes")


def _check_variables(node: Node, axes: tuple[Axis, ...], item: str | None, diagnostics: Diagnostics) -> None:
    """Every `${name}` must be an axis of the scenario, or one that all have, or be all of an `item`."""
    known = {axis.name for axis in axes} | VARIABLES
    if isinstance(node, ScalarNode):
        for name in sorted(variables(str(node.value)) - known if node.value != item else ()):
            diagnostics.at(node, f"unknown variable '${{{name}}}'{suggestion(name, known)}")
    elif isinstance(node, MappingNode):
        for _, value in node.value:
            _check_variables(value, axes, item, diagnostics)
    elif node.value:
        for below in node.value:
            _check_variables(below, axes, item, diagnostics)

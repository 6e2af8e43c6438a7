"""A scenario at one of its cells as pieces that can be left out, and the scenario file that is left then. Pure.

A policy that is a YAML map goes by its keys and items, any other by its lines."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from matrix.cells import Cell
from matrix.result import expectation
from matrix.scenario import PROBES
from matrix.schema import DEFAULT_TIME_LIMIT, PROBE_PROGRAM, own_landlock

Path = tuple[str | int, ...]  # of a piece: keys and places in lists
WIDTH = 116


@dataclass(frozen=True)
class Draft:
    """`parts` can be cut: policy, tree, probes and args; `rest` is the cell's and stays, and so does `command`, since
    one of other words is another command."""

    parts: Mapping[str, Any]
    rest: Mapping[str, Any]
    command: Sequence[str] = ()  # empty: hf-probe with the probes

    def pieces(self, depth: int) -> list[Path]:
        return list(_paths(self.parts, depth))

    def without(self, gone: Collection[Path]) -> Draft:
        return replace(self, parts=_cut(self.parts, (), frozenset(gone)))

    def text(self) -> str:
        """The scenario file."""
        parts = {name: value for name, value in self.parts.items() if value and name != "policy"}
        policy = _policy_text(self.parts["policy"])
        axes = {**({} if own_landlock(policy) else {"landlock": ["omitted"]}), **self.rest["axes"]}
        command = {"command": list(self.command)} if self.command else {}
        whole = {**{key: self.rest[key] for key in ("about", "report") if self.rest[key]},
                 "policy": policy, "axes": axes, "rows": self.rest["rows"],
                 **parts, **command, **self.rest["more"], "expect": [self._rule()]}
        return str(yaml.dump(_escaped(whole), Dumper=_Dumper, sort_keys=False, width=WIDTH, allow_unicode=True))

    def _rule(self) -> dict[str, Any]:
        """What is expected of the probes that are left."""
        rule = dict(self.rest["rule"])
        probes = {name: found for name, found in rule.pop("probes").items() if name in self.parts["probes"]}
        return {**rule, **({"probes": probes} if probes else {})}


def of(cell: Cell, by_lines: bool) -> Draft:
    scenario = cell.scenario

    def put(text: str) -> str:
        return scenario.substitute(text, cell.axes)

    text = put(scenario.policy)
    command = [word if word == PROBES else put(word) for word in scenario.command]
    parts = {
        "policy": text.splitlines() if by_lines else _plain(_compose(text)),
        "tree": [_entry(one.kind, put(one.path), put(one.text), one.mode, one.owner) for one in scenario.tree],
        "args": [put(word) for word in scenario.args],
        "probes": {name: put(probe) if isinstance(probe, str) else [put(word) for word in probe]
                   for name, probe in scenario.probes.items()},
    }
    axes = {name: [cell.axes[name]] for name in ("mode", "landlock") if name in cell.axes}
    if cell.axes["user"] != "root":
        axes["user"] = [cell.axes["user"]]
    more: dict[str, Any] = {"launcher": [put(word) for word in scenario.launcher]} if scenario.launcher else {}
    if scenario.lane:
        more["lane"] = scenario.lane
    if scenario.control is not None:
        more["control"] = [{"probes": [name], "result": list(found), "because": "as before it was cut"}
                           for name, found in expectation(cell).control.items() if len(found) > 1]
    if scenario.time_limit != DEFAULT_TIME_LIMIT:
        more["time_limit"] = scenario.time_limit
    return Draft(parts, {"about": scenario.about, "report": scenario.report, "axes": axes, "rows": cell.target.abi,
                         "more": more, "rule": _rule(cell)}, command if command != [PROBE_PROGRAM, PROBES] else ())


def has_map(cell: Cell) -> bool:
    try:
        return isinstance(_compose(cell.scenario.substitute(cell.scenario.policy, cell.axes)), MappingNode)
    except yaml.YAMLError:
        return False


def _rule(cell: Cell) -> dict[str, Any]:
    expected = expectation(cell)
    words = {"outcome": expected.outcome, "error": expected.error, "errno": expected.errno, "exit": expected.exit,
             "enforced": expected.enforced}
    lists = {"stdout": expected.stdout, "stderr": expected.stderr, "limits": expected.limits,
             "skipped": expected.skipped}
    return {**{key: value for key, value in words.items() if value is not None},
            **{key: list(value) for key, value in lists.items() if value},
            "probes": {name: found[0] if len(found) == 1 else list(found) for name, found in expected.probes.items()}}


def _entry(kind: str, path: str, text: str, mode: int, owner: tuple[int, int] | None) -> dict[str, str]:
    """An entry of `tree` as it is written."""
    entry = {kind: path}
    if kind in ("dir", "file") and mode != (0o755 if kind == "dir" else 0o644):
        entry["mode"] = f"{mode:04o}"
    if text:
        entry["content" if kind == "file" else "target"] = text
    return {**entry, **({"owner": f"{owner[0]}:{owner[1]}"} if owner else {})}


def _compose(text: str) -> Node | None:
    compose: Any = yaml.compose
    found: Node | None = compose(text, Loader=yaml.SafeLoader)
    return found


def _plain(node: Node | None) -> Any:
    """Maps and lists as such; scalars stay nodes, so that they are written as they were."""
    if isinstance(node, MappingNode):
        return {str(key.value): _plain(value) for key, value in node.value}
    return [_plain(item) for item in node.value] if isinstance(node, SequenceNode) else node


def _node(value: Any) -> Node:
    if isinstance(value, dict):
        return MappingNode("tag:yaml.org,2002:map",
                           [(ScalarNode("tag:yaml.org,2002:str", key), _node(item)) for key, item in value.items()],
                           flow_style=not value)
    if isinstance(value, list):
        return SequenceNode("tag:yaml.org,2002:seq", [_node(item) for item in value],
                            flow_style=all(isinstance(item, ScalarNode) for item in value))
    return value if isinstance(value, Node) else ScalarNode("tag:yaml.org,2002:str", str(value))


def _policy_text(policy: Any) -> str:
    if isinstance(policy, list):
        return "".join(f"{line}\n" for line in policy)
    return str(yaml.serialize(_node(policy), Dumper=yaml.SafeDumper, width=WIDTH)) if policy else ""


def _paths(value: Any, depth: int, at: Path = ()) -> Iterator[Path]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if depth == 1:
            yield (*at, key)
        else:
            yield from _paths(item, depth - 1, (*at, key))


def _cut(value: Any, at: Path, gone: frozenset[Path]) -> Any:
    if isinstance(value, dict):
        return {key: _cut(item, (*at, key), gone) for key, item in value.items() if (*at, key) not in gone}
    if isinstance(value, list):
        return [_cut(item, (*at, place), gone) for place, item in enumerate(value) if (*at, place) not in gone]
    return value


def _escaped(value: Any) -> Any:
    """Everything was put in its place: what looks like a variable is none."""
    if isinstance(value, dict):
        return {key: _escaped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_escaped(item) for item in value]
    return value.replace("${", "${DOLLAR}{") if isinstance(value, str) and value != PROBES else value


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as they are, lists of words on one line."""


def _text(dumper: yaml.SafeDumper, text: str) -> ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


def _list(dumper: yaml.SafeDumper, items: list[Any]) -> SequenceNode:
    flat = not any(isinstance(item, (dict, list)) for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=flat)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)

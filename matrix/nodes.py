"""Reading YAML by its nodes, so that every value keeps the place it stands at. Scalars are taken as they are written:
`off` is the word off and not a truth value."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from matrix.diagnostics import Diagnostics, Place, suggestion

_compose: Callable[..., Node | None] = yaml.compose  # which the stubs leave untyped


@dataclass(frozen=True)
class Entry:
    key: Node
    value: Node


def compose(text: str, diagnostics: Diagnostics) -> Node | None:
    """The document's root, or None after having said what is wrong."""
    try:
        root = _compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        place = Place(diagnostics.file, mark.line + 1, mark.column + 1) if mark else Place(diagnostics.file)
        diagnostics.add(place, f"not YAML: {fault.problem or fault.context}")
        return None
    except yaml.YAMLError as fault:
        diagnostics.add(Place(diagnostics.file), f"not YAML: {fault}")
        return None
    if root is None:
        diagnostics.add(Place(diagnostics.file), "is empty")
    return root


def mapping(node: Node, diagnostics: Diagnostics, what: str, known: Collection[str] | None = None) -> dict[str, Entry]:
    """The entries of a map; says what is unknown, doubled, or no map at all."""
    entries: dict[str, Entry] = {}
    if not isinstance(node, MappingNode):
        diagnostics.at(node, f"{what} must be a map")
        return entries
    for key, value in node.value:
        if not isinstance(key, ScalarNode):
            diagnostics.at(key, f"a key of {what} must be a word")
        elif key.value in entries:
            diagnostics.at(key, f"key '{key.value}' is given twice in {what}")
        elif known is not None and key.value not in known:
            diagnostics.at(key, f"unknown key '{key.value}' in {what}{suggestion(key.value, known)}")
        else:
            entries[key.value] = Entry(key, value)
    return entries


def sequence(node: Node, diagnostics: Diagnostics, what: str) -> list[Node]:
    if isinstance(node, SequenceNode):
        return list(node.value)
    diagnostics.at(node, f"{what} must be a list")
    return []


def text(node: Node, diagnostics: Diagnostics, what: str) -> str:
    if isinstance(node, ScalarNode):
        return str(node.value)
    diagnostics.at(node, f"{what} must be text")
    return ""


def texts(node: Node, diagnostics: Diagnostics, what: str) -> tuple[str, ...]:
    """A list of texts, or one text alone."""
    if isinstance(node, ScalarNode):
        return (str(node.value),)
    return tuple(text(item, diagnostics, f"an item of {what}") for item in sequence(node, diagnostics, what))


def word(node: Node, diagnostics: Diagnostics, what: str, known: Collection[str]) -> str:
    value = text(node, diagnostics, what)
    if isinstance(node, ScalarNode):
        known_word(value, node, diagnostics, what, known)
    return value


def known_word(value: str, node: Node, diagnostics: Diagnostics, what: str, known: Collection[str]) -> None:
    if value not in known:
        diagnostics.at(node, f"unknown {what} '{value}'{suggestion(value, known)}")


def number(node: Node, diagnostics: Diagnostics, what: str, low: int, high: int) -> int:
    value = text(node, diagnostics, what)
    if value.isdecimal() and low <= int(value) <= high:
        return int(value)
    if isinstance(node, ScalarNode):
        diagnostics.at(node, f"{what} must be a number from {low} to {high}, not '{value}'")
    return low


def truth(node: Node, diagnostics: Diagnostics, what: str) -> bool:
    return word(node, diagnostics, what, ("true", "false")) == "true"

"""What JSON has to look like, as small checks put together; each tells where the value is not so."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import Any

# Takes a value, gives its faults as (place in it, message); empty where it is as it should be.
Faults = list[tuple[str, str]]
Check = Callable[[Any], Faults]

_GOOD: Faults = []
_NAMES = {str: "text", int: "a whole number", float: "a number", bool: "true or false", dict: "an object",
          list: "a list", type(None): "null"}


def _is(value: Any) -> str:
    return _NAMES.get(type(value), type(value).__name__)


def kind(*types: type) -> Check:
    """A value of one of these types; true and false are no numbers."""
    def check(value: Any) -> Faults:
        return _GOOD if type(value) in types else [("", f"must be {wanted}, not {_is(value)}")]

    wanted = " or ".join(_NAMES[one] for one in types)
    return check


def anything(value: Any) -> Faults:
    return _GOOD


def maybe(inner: Check) -> Check:
    return lambda value: _GOOD if value is None else inner(value)


def word(known: Container[Any], what: str) -> Check:
    def check(value: Any) -> Faults:
        return _GOOD if isinstance(value, str) and value in known else [("", f"{value!r} is no {what}")]

    return check


def place(length: int, table: str) -> Check:
    """A place in a table of that length."""
    def check(value: Any) -> Faults:
        if type(value) is int and 0 <= value < length:
            return _GOOD
        return [("", f"{value!r} is no place in '{table}', which has {length}")]

    return check


def each(inner: Check) -> Check:
    """A list of such values."""
    def check(value: Any) -> Faults:
        if not isinstance(value, list):
            return [("", f"must be a list, not {_is(value)}")]
        return [(f"[{number}]{where}", what) for number, item in enumerate(value) for where, what in inner(item)]

    return check


def mapping(inner: Check) -> Check:
    """An object with any keys and such values."""
    def check(value: Any) -> Faults:
        if not isinstance(value, dict):
            return [("", f"must be an object, not {_is(value)}")]
        return [(f".{key}{where}", what) for key, item in value.items() for where, what in inner(item)]

    return check


def having(keys: Mapping[str, Check]) -> Check:
    """An object with at least these keys."""
    def check(value: Any) -> Faults:
        if not isinstance(value, dict):
            return [("", f"must be an object, not {_is(value)}")]
        found = []
        for key, inner in keys.items():
            if key not in value:
                found.append(("", f"has no '{key}'"))
            elif faults := inner(value[key]):
                found += [(f".{key}{where}", what) for where, what in faults]
        return found

    return check

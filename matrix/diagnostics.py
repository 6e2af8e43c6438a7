"""What is wrong with a file, each fault with the place it stands at, all of a run's faults together."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field

from yaml.nodes import Node


@dataclass(frozen=True, order=True)
class Place:
    """A place in a file; line and column from 1, line 0 for the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, order=True)
class Diagnostic:
    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


@dataclass
class Diagnostics:
    """The faults of one file, in the order they were found."""

    file: str
    items: list[Diagnostic] = field(default_factory=list)

    def place(self, node: Node) -> Place:
        return Place(self.file, node.start_mark.line + 1, node.start_mark.column + 1)

    def at(self, node: Node, message: str) -> None:
        self.items.append(Diagnostic(self.place(node), message))

    def add(self, place: Place, message: str) -> None:
        self.items.append(Diagnostic(place, message))

    def __bool__(self) -> bool:
        return bool(self.items)


def suggestion(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?`, or what there is to choose from."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1)
    if close:
        return f"; did you mean '{close[0]}'?"
    return f"; known: {', '.join(names)}" if names else ""

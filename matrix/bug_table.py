"""The design's bug table as data, and as obtained from the cells of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from matrix import abi
from matrix.abi import AbiSet
from matrix.bug_words import WORDS, judged, seen
from matrix.result import Result


@dataclass(frozen=True)
class TableRow:
    landlock: str
    abi: AbiSet
    words: Mapping[str, str]  # by column


@dataclass(frozen=True)
class Table:
    variants: Mapping[str, tuple[str, ...]]  # column: the patches that make it
    rows: tuple[TableRow, ...]
    moves: Mapping[str, tuple[str, ...]]  # by column: what a comparison with the right one must say of it


@dataclass(frozen=True)
class Wrong:
    """A cell that is not what the table says."""

    cell: str
    expected: str
    got: str


def load(path: Path) -> Table:
    """Raises ValueError where the table is no table."""
    data = yaml.safe_load(path.read_text("utf-8"))
    variants = {str(name): tuple(map(str, patches)) for name, patches in data["variants"].items()}
    rows = []
    for item in data["rows"]:
        words = {name: str(item[name]) for name in variants}
        unknown = set(words.values()) - set(WORDS)
        if unknown:
            raise ValueError(f"{path}: no such word: {', '.join(sorted(unknown))}")
        rows.append(TableRow(str(item["landlock"]), abi.parse(str(item["abi"])), words))
    moves = {str(name): tuple(map(str, data["moves"][name])) for name, patches in variants.items() if patches}
    return Table(variants, tuple(rows), moves)


def runtime_name(column: str, table: Table) -> str:
    """The program of a column: the runtime itself where nothing is patched."""
    return f"holdfast-{column}" if table.variants[column] else "holdfast"


def place(one: Result, table: Table) -> tuple[TableRow, str] | None:
    """The row and column that a cell belongs to."""
    column = next((name for name in table.variants if runtime_name(name, table) == one.cell.runtime), None)
    row = next((row for row in table.rows
                if row.landlock == one.cell.axes["landlock"] and one.cell.target.abi in row.abi), None)
    return (row, column) if row and column else None


def wrong(results: Sequence[Result], table: Table) -> list[Wrong]:
    found = []
    for one in results:
        where = place(one, table)
        if where is None:
            found.append(Wrong(one.cell.id, "a place in the table", "none"))
            continue
        word = where[0].words[where[1]]
        if not judged(one) or not WORDS[word](one):
            found.append(Wrong(one.cell.id, word, seen(one)))
    return found


def obtained(results: Sequence[Result], table: Table) -> list[str]:
    """The table, each place with the word it has if all of its cells are so, else with what they are."""
    places: dict[tuple[int, str], list[Result]] = {}
    for one in results:
        where = place(one, table)
        if where:
            places.setdefault((table.rows.index(where[0]), where[1]), []).append(one)
    header = ["landlock", "kernel ABI", *table.variants]
    lines = [header]
    for number, row in enumerate(table.rows):
        lines.append([row.landlock, row.abi.text,
                      *(_entry(places.get((number, column), []), row.words[column]) for column in table.variants)])
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    lines.insert(1, ["-" * width for width in widths])
    return [" | ".join(text.ljust(width) for text, width in zip(line, widths)).rstrip() for line in lines]


def _entry(cells: Sequence[Result], word: str) -> str:
    if not cells:
        return "not run"
    by_word: dict[str, list[str]] = {}
    for one in cells:
        text = word if judged(one) and WORDS[word](one) else f"! {seen(one)}"
        by_word.setdefault(text, []).append(one.cell.target.name)
    if len(by_word) == 1:
        return next(iter(by_word))
    return "; ".join(f"{text} ({','.join(rows)})" for text, rows in by_word.items())

"""A mutant: a small patch of the runtime's source, a bug of the kind that really happened, and above it a header that
says which bug and where it must die:

    bug: one listed path that is not there drops the whole ruleset
    report: OpenShell#664
    scenarios: regressions/missing-path-drops-the-ruleset
    rows: 9
    --- a/src/enforce/prepare.c

A line that begins with a blank goes on with the one above."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from matrix.diagnostics import Diagnostic, Diagnostics, Place, suggestion

SUFFIX = ".patch"
REQUIRED = ("bug", "report", "scenarios")
KEYS = (*REQUIRED, "rows")


@dataclass(frozen=True)
class Mutant:
    name: str
    path: Path
    bug: str
    report: str
    scenarios: tuple[str, ...]
    rows: tuple[str, ...] = ()

    @property
    def runtime(self) -> str:
        """Its program's name in a guest or on the host lane."""
        return f"holdfast-{self.name}"


@dataclass
class _Entry:
    line: int
    column: int
    text: str


def load(folder: Path, wanted: Sequence[str], scenarios: Collection[str],
         rows: Collection[str]) -> tuple[list[Mutant], list[Diagnostic]]:
    """The wanted mutants of a folder (all, where none is named), and everything that is wrong with any of them."""
    known = {path.stem: path for path in sorted(folder.glob(f"*{SUFFIX}"))}
    faults = [Diagnostic(Place(name), f"no such mutant{suggestion(name, known)}")
              for name in wanted if name not in known]
    found = []
    for name, path in known.items():
        if wanted and name not in wanted:
            continue
        diagnostics = Diagnostics(str(path))
        mutant = parse(path, path.read_text("utf-8"), scenarios, rows, diagnostics)
        faults += diagnostics.items
        if mutant:
            found.append(mutant)
    return found, faults


def parse(path: Path, text: str, scenarios: Collection[str], rows: Collection[str],
          diagnostics: Diagnostics) -> Mutant | None:
    lines = text.splitlines()
    end = next((number for number, line in enumerate(lines) if line.startswith("--- ")), len(lines))
    entries = _entries(lines[:end], diagnostics)
    for key in REQUIRED:
        if key not in entries or not entries[key].text:
            diagnostics.add(Place(diagnostics.file, 1, 1), f"the header has no '{key}:' line")
    _check_patch(lines, end, diagnostics)
    places = _names(entries.get("scenarios"), scenarios, "scenario", diagnostics)
    in_guests = _names(entries.get("rows"), rows, "kernel row", diagnostics)
    if diagnostics:
        return None
    return Mutant(path.stem, path, entries["bug"].text, entries["report"].text, places, in_guests)


def _entries(lines: Sequence[str], diagnostics: Diagnostics) -> dict[str, _Entry]:
    entries: dict[str, _Entry] = {}
    last: _Entry | None = None
    for number, line in enumerate(lines, 1):
        key, colon, value = line.partition(":")
        place = Place(diagnostics.file, number, 1)
        if line[:1].isspace() and last:
            last.text = f"{last.text} {line.strip()}"
        elif not colon or key not in KEYS:
            diagnostics.add(place, f"'{line.strip()}' is no header line{suggestion(key, KEYS)}")
        elif key in entries:
            diagnostics.add(place, f"'{key}' stands here a second time (first: line {entries[key].line})")
        else:
            last = entries[key] = _Entry(number, len(key) + 2 + len(value) - len(value.lstrip()), value.strip())
    return entries


def _names(entry: _Entry | None, known: Collection[str], what: str, diagnostics: Diagnostics) -> tuple[str, ...]:
    names = tuple(name.strip() for name in entry.text.split(",")) if entry else ()
    for name in names:
        if entry and name not in known:
            diagnostics.add(Place(diagnostics.file, entry.line, entry.column),
                            f"no such {what} '{name}'{suggestion(name, known)}")
    return names


def _check_patch(lines: Sequence[str], begin: int, diagnostics: Diagnostics) -> None:
    """A patch that touches anything but the runtime's source would be no mutant of it."""
    if begin == len(lines):
        diagnostics.add(Place(diagnostics.file, max(1, begin), 1), "there is no patch below the header")
    for number, line in enumerate(lines[begin:], begin + 1):
        if line.startswith(("--- ", "+++ ")) and line.split()[1].partition("/")[2].partition("/")[0] != "src":
            diagnostics.add(Place(diagnostics.file, number, 5), f"{line.split()[1]} is not below src/")

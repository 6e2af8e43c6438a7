"""The recorded behaviour of a scenario: a file of one line a cell, below `matrix/baseline`. Pure but for reading it.

    # why: first record
    mode=block,landlock=omitted,user=root/none degraded exit=0 abi=none | hosts=ok secret=ok

The order is that of points, then of kernel rows. Reasons stand above, the newest last. What differs between two runs of
the same thing (streams, times, objects' names) is not in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from matrix.cells import REAL, Cell
from matrix.diagnostics import Diagnostic, Place
from matrix.expect import STARTED
from matrix.result import Result
from matrix.targets import row_names, row_place
from matrix.wire import encode

SUFFIX = ".txt"
WHY = "# why: "
BESIDE = " | "  # between what the start showed and what the probes did


@dataclass(frozen=True)
class Baseline:
    reasons: tuple[str, ...] = ()
    cells: Mapping[str, str] = field(default_factory=dict)  # point/row -> what is recorded

    def text(self) -> str:
        lines = [WHY + reason for reason in self.reasons]
        return "".join(f"{line}\n" for line in [*lines, *(f"{at} {self.cells[at]}" for at in in_order(self.cells))])


def in_order(places: Iterable[str]) -> list[str]:
    def order(at: str) -> tuple[str, int, str]:
        point, _, row = at.rpartition("/")
        return point, row_place(row), row

    return sorted(places, key=order)


def has_place(cell: Cell) -> bool:
    """Whether a cell is of the kind that is recorded: the runtime itself, in a guest, on a row of the matrix."""
    return cell.runtime == REAL and cell.target.name in row_names() and cell.target.kernel != "host"


def place(cell: Cell) -> str:
    """A cell's name in its scenario's file."""
    return f"{cell.point}/{cell.target.name}"


def recorded(one: Result) -> str:
    """What is recorded of a cell."""
    seen = one.seen
    words = [str(seen.outcome), f"exit={seen.exit}"]
    if seen.outcome in STARTED:
        words.append(f"abi={seen.abi if seen.enforced else 'none'}")
    words += [f"{key}={value}" for key, value in (("error", seen.error), ("errno", seen.errno)) if value]
    probes = " ".join(f"{encode(name)}={encode(got)}" for name, got in sorted(seen.probes.items()))
    return " ".join(words) + (BESIDE + probes if probes else "")


def differing_words(before: str, now: str) -> tuple[str, str]:
    """The words in which two records differ."""
    old, new = ([word for word in text.split() if word != BESIDE.strip()] for text in (before, now))
    return (" ".join(word for word in old if word not in new) or "nothing",
            " ".join(word for word in new if word not in old) or "nothing")


def path_of(folder: Path, scenario: str) -> Path:
    return folder / f"{scenario}{SUFFIX}"


def load(path: Path) -> tuple[Baseline, list[Diagnostic]]:
    """The baseline in a file, an empty one where there is none, and what is wrong with its lines."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return Baseline(), []
    except (OSError, UnicodeError) as fault:
        return Baseline(), [Diagnostic(Place(str(path)), f"cannot be read: {fault}")]
    reasons: list[str] = []
    cells: dict[str, str] = {}
    faults: list[Diagnostic] = []
    for number, line in enumerate(lines, 1):
        at, space, text = line.partition(" ")
        if line.startswith(WHY):
            reasons.append(line.removeprefix(WHY))
        elif not space or "/" not in at or line.startswith(("<<<<<<<", ">>>>>>>")):
            faults.append(_fault(path, number, f"'{line}' is no cell's record: make accept writes them"))
        elif at in cells:
            faults.append(_fault(path, number, f"'{at}' is recorded twice"))
        else:
            cells[at] = text
    return Baseline(tuple(reasons), cells), faults


def _fault(path: Path, number: int, what: str) -> Diagnostic:
    return Diagnostic(Place(str(path), number, 1), what)


def recorded_scenarios(folder: Path) -> dict[str, Path]:
    return {str(path.relative_to(folder).with_suffix("")): path for path in sorted(folder.rglob(f"*{SUFFIX}"))}


def missing(cells: Iterable[Cell], baseline: Baseline) -> list[str]:
    return in_order({place(cell) for cell in cells} - baseline.cells.keys())


def orphans(cells: Iterable[Cell], baseline: Baseline) -> list[str]:
    return in_order(baseline.cells.keys() - {place(cell) for cell in cells})


def renewed(before: Baseline, results: Iterable[Result], existing: Collection[str], reason: str) -> Baseline:
    """The baseline with these results in it and without orphans; with the reason where anything changed."""
    cells = {at: text for at, text in before.cells.items() if at in existing}
    cells |= {place(one.cell): recorded(one) for one in results}
    if cells == before.cells:
        return before
    return Baseline((*(one for one in before.reasons if one != reason), reason), cells)

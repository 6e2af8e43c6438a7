"""Whether a mutant died: which cells show it, by which judge, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from matrix import relations, result
from matrix.law import Violation
from matrix.main_job import EXPECTATIONS, RELATIONS
from matrix.mutant_file import Mutant
from matrix.result import Result

# By which a cell can give a mutant away; an `error` cannot, since it says nothing about the runtime.
BY_VERDICT = {result.FAIL: EXPECTATIONS, result.HANG: "hang", result.PANIC: "panic"}


@dataclass(frozen=True)
class Kill:
    scenario: str
    cell: str
    judge: str
    what: str


@dataclass
class Verdict:
    """What is known of a mutant so far."""

    mutant: Mutant
    cells: int = 0
    kills: list[Kill] = field(default_factory=list)
    unjudged: list[Result] = field(default_factory=list)

    @property
    def killed(self) -> bool:
        return bool(self.kills)

    @property
    def by_relations(self) -> bool:
        return any(kill.judge == RELATIONS for kill in self.kills)

    @property
    def silent(self) -> list[str]:
        """The scenarios that the header names and that do not show the bug."""
        shown = {kill.scenario for kill in self.kills}
        return [name for name in self.mutant.scenarios if name not in shown]


def kills(results: Sequence[Result]) -> list[Kill]:
    """Of one runtime's results."""
    return [*(Kill(one.cell.scenario.name, one.cell.id, BY_VERDICT[one.verdict], what(one))
              for one in results if one.verdict in BY_VERDICT),
            *(Kill(one.of.left.cell.scenario.name, one.of.left.cell.id, RELATIONS, broken(one))
              for one in relations.check(results))]


def broken(violation: Violation) -> str:
    """The law, and the fact in which the other cell disagrees, or the cell with its own report."""
    law, one = violation
    if one.lone:
        return f"{law}: {one.what}: {one.right_value}, where {one.left_value}"
    return f"{law}: {one.what}: {one.left_value}; {one.right_value} in {_name(one.right)}"


def _name(one: Result) -> str:
    """The cell without the runtime's name."""
    return one.cell.id.partition("@")[0]


def what(one: Result) -> str:
    if not one.differences:
        return one.why
    first = one.differences[0]
    return f"{first.what}: expected {first.expected}, got {first.got}"


def lines(verdict: Verdict) -> list[str]:
    """What is printed of a mutant: one line, and one for each judge's first cell."""
    mutant = verdict.mutant
    if not verdict.killed:
        return [f"SURVIVED  {mutant.name}: {mutant.bug}",
                f"          {verdict.cells} cells do not show it; {mutant.path}",
                *_unjudged(verdict)]
    counts: dict[str, list[Kill]] = {}
    for kill in verdict.kills:
        counts.setdefault(kill.judge, []).append(kill)
    found = [f"killed    {mutant.name}: " + ", ".join(f"{len(found)} by {judge}" for judge, found in counts.items())]
    found += [f"          {some[0].cell.partition('@')[0]}: {some[0].what}" for some in counts.values()]
    if verdict.silent:
        found.append(f"          not by {', '.join(verdict.silent)}, which {mutant.path} names")
    return found + _unjudged(verdict)


def _unjudged(verdict: Verdict) -> list[str]:
    if not verdict.unjudged:
        return []
    first = verdict.unjudged[0]
    return [f"          {len(verdict.unjudged)} cells could not be judged, the first: {first.cell.id}: {first.why}"]


def closing(verdicts: Sequence[Verdict], whole: bool) -> tuple[list[str], bool]:
    """The last lines, and whether all is well. What relations alone kill is a share of the whole, or says nothing."""
    killed = sum(one.killed for one in verdicts)
    found, enough = [], True
    if whole:
        alone = sum(one.by_relations for one in verdicts)
        enough = 2 * alone >= len(verdicts)
        found.append(f"relations alone kill {alone} of {len(verdicts)}" + ("" if enough else ": fewer than half"))
    found.append(f"{killed} passed, {len(verdicts) - killed} failed")
    return found, enough and killed == len(verdicts)

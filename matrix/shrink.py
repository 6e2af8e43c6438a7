"""From a cell to the smallest scenario that shows the same: which failures are the same, and the rounds of cutting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from matrix import draft, result
from matrix.cells import Cell, spread
from matrix.ddmin import ddmin
from matrix.diagnostics import Diagnostics
from matrix.draft import Draft, Path
from matrix.result import Result
from matrix.schema import parse
from matrix.second_run import VARYING

DEEPEST = 8
Perform = Callable[[Sequence[Cell]], Sequence[Result]]


def is_red(one: Result) -> bool:
    return one.verdict in (result.FAIL, result.KNOWN, result.HANG, result.PANIC)


def shows(one: Result) -> bool:
    """Whether the cell shows what its scenario is about: a failure, or, where it was captured, what happened there."""
    return one.verdict == result.PASS if one.cell.scenario.captured else is_red(one)


def same(before: Result, now: Result) -> bool:
    """The same verdict, differences of the same kinds, each of them one that was there before, and the command
    complains of the same: its exit status alone would also be that of a command without its files."""
    return (_verdict(before) == _verdict(now) and _kinds(before) == _kinds(now)
            and set(now.differences) <= set(before.differences) and _complaints(before) == _complaints(now))


def _verdict(one: Result) -> str:
    return result.FAIL if one.verdict == result.KNOWN else one.verdict


def _complaints(one: Result) -> list[str]:
    """What the command says on stderr, without times, addresses and process ids; the runtime's own words come in lines
    that begin with its name or a blank."""
    return [VARYING.sub("", line) for line in one.seen.stderr.splitlines() if not line.startswith(("holdfast: ", " "))]


def _kinds(one: Result) -> set[str]:
    """What differs; of probes that one does, whichever."""
    return {"probe" if difference.what.startswith("probe ") else difference.what for difference in one.differences}


@dataclass
class Shrinker:
    before: Result
    perform: Perform
    say: Callable[[str], None]
    runs: int = 0
    rounds: int = 0

    def smallest(self) -> Draft | None:
        """None where the failure does not even stay in a scenario of that one cell."""
        for by_lines in (False, True) if draft.has_map(self.before.cell) else (True,):
            whole = draft.of(self.before.cell, by_lines)
            if self._first([whole]) is not None:
                return self._cut(self._plainest(whole))
        return None

    def _plainest(self, whole: Draft) -> Draft:
        """Without any probe, where the failure comes before the command."""
        if self.before.seen.outcome != "refused":
            return whole
        bare = replace(whole, parts={**whole.parts, "probes": {}}, command=["/bin/true"])
        return bare if self._first([bare]) is not None else whole

    def _cut(self, kept: Draft) -> Draft:
        """From the outermost pieces inwards, again and again until nothing goes any more."""
        while True:
            before = kept
            for depth in range(2, DEEPEST):
                pieces = kept.pieces(depth)
                left = ddmin(pieces, lambda candidates: self._first(
                    [kept.without(set(pieces) - set(one)) for one in candidates]))
                kept = kept.without(set(pieces) - set(left))
                if pieces:
                    self.say(f"shrink: {self.runs} runs, {size(kept)} pieces left")
            if kept == before:
                return kept

    def _first(self, candidates: Sequence[Draft]) -> int | None:
        """The first candidate that shows the same failure; those that are no valid scenario show none."""
        cells = {number: cell for number, one in enumerate(candidates) if (cell := self._cell(one, number))}
        self.rounds += bool(cells)
        self.runs += len(cells)
        results = {one.cell: one for one in self.perform(list(cells.values()))} if cells else {}
        return next((number for number, cell in cells.items() if same(self.before, results[cell])), None)

    def _cell(self, one: Draft, number: int) -> Cell | None:
        found = parse(one.text(), f"shrink/{number}", Diagnostics("shrink"))
        cells = spread(found, [self.before.cell.target], [self.before.cell.runtime]) if found else []
        return cells[0] if cells else None


def size(one: Draft) -> int:
    pieces: list[Path] = [path for depth in range(2, DEEPEST) for path in one.pieces(depth)]
    return len(pieces)

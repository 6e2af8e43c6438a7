"""The law of what fails (law 7): a start in which something fails is refused, or is in nothing another than one in
which nothing does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from matrix.law import Disagreement, by_axis, differ
from matrix.result import Result
from matrix.scenario import OWN_AXES

NOTHING = "nothing"  # the value of a scenario's own axis with which nothing fails
DENY_CALL = "deny-call"
SUCCEEDS = "ok"  # of a call that deny-call lets succeed without being made


def fault_law(results: Sequence[Result]) -> Iterator[Disagreement]:
    axes = {axis.name for one in results for axis in one.cell.scenario.axes if NOTHING in axis.values}
    for axis in sorted(axes - OWN_AXES.keys()):
        for by_value in by_axis(results, axis):
            if NOTHING in by_value:
                whole = by_value.pop(NOTHING)
                for failing in by_value.values():
                    yield from _refusal(whole, failing) if failing.seen.outcome == "refused" else differ(whole, failing)


def _refusal(whole: Result, failing: Result) -> Iterator[Disagreement]:
    """It names the error that was put in, where without that the start is not refused."""
    wanted = _errno(failing)
    if wanted and whole.seen.outcome != "refused" and failing.seen.errno != wanted:
        yield Disagreement(whole, failing, "errno", f"{wanted} was put in, of which there is nothing here",
                           str(failing.seen.errno))


def _errno(one: Result) -> str:
    """The error with which the scenario lets its first call fail, if that is what it does."""
    words = one.cell.scenario.launcher
    after = words[words.index(DENY_CALL) + 1] if DENY_CALL in words[:-1] else ""
    denials = one.cell.scenario.substitute(after, one.cell.axes)
    error = denials.partition(",")[0].partition("=")[2]
    return "" if error == SUCCEEDS else error

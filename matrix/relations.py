"""The laws between cells that hold whatever the expectations say, over the results of a run. Pure.

A law takes groups of cells that are alike but for one thing (an axis, the kernel row, the policy's lists) and names
every fact in which two of them disagree and must not. They cannot be accepted away."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from matrix.expect import STARTED
from matrix.facts import PROBE, facts
from matrix.law import Disagreement, Violation, by_axis, comparable
from matrix.monotone_abi import abi_law
from matrix.monotone_policy import policy_law
from matrix.probe_kinds import NETWORK, kind
from matrix.result import Result

SAME = ("omitted", "empty", "best_effort")  # law 3

# What each law says, for the person who reads a violation.
LAWS: Mapping[str, str] = {
    "mode": "cells that differ in mode alone agree in everything but the network",
    "omission": "landlock omitted, empty and best_effort agree in everything",
    "source": "the same policy agrees in everything, whatever source it comes from",
    "monotone ABI": "what is denied at an ABI is denied at the next one, which enforces more",
    "hard": "hard_requirement refuses what best_effort degrades, never runs without landlock, and else agrees in all",
    "monotone policy": "adding a path takes no access away, and gives none to what is not below it",
}


def check(results: Iterable[Result]) -> list[Violation]:
    """Every violation, by law and then in the order of the results."""
    known = [one for one in results if comparable(one)]
    found = {"mode": _mode, "omission": _omission, "source": _source, "monotone ABI": abi_law, "hard": _hard,
             "monotone policy": policy_law}
    return [Violation(law, one) for law, judge in found.items() for one in judge(known)]


def differ(left: Result, right: Result, but: Callable[[str], bool] = lambda fact: False) -> Iterator[Disagreement]:
    """The facts in which two cells differ. Where only one of them starts, why is all that is told."""
    here, there = facts(left.seen), facts(right.seen)
    if (left.seen.outcome in STARTED) != (right.seen.outcome in STARTED):
        yield Disagreement(left, right, "outcome", _outcome(left), _outcome(right))
        return
    for fact in dict.fromkeys((*here, *there)):
        if not but(fact) and here.get(fact) != there.get(fact):
            yield Disagreement(left, right, fact, here.get(fact, "no result"), there.get(fact, "no result"))


def _outcome(one: Result) -> str:
    return " ".join(filter(None, (one.seen.outcome, one.seen.error, one.seen.errno)))


def _mode(results: Sequence[Result]) -> Iterator[Disagreement]:
    for by_mode in by_axis(results, "mode"):
        if not {"block", "proxy"} <= by_mode.keys():
            continue
        block = by_mode["block"]

        def networks(fact: str) -> bool:
            # The exit status is the command's own, which may have asked for the network.
            if fact.startswith(PROBE):
                return kind(block.cell, fact.removeprefix(PROBE)) in NETWORK
            return fact == "exit status"

        yield from differ(block, by_mode["proxy"], networks)


def _all_agree(group: Mapping[str, Result], values: Collection[str]) -> Iterator[Disagreement]:
    found = [group[value] for value in values if value in group]
    for other in found[1:]:
        yield from differ(found[0], other)


def _omission(results: Sequence[Result]) -> Iterator[Disagreement]:
    for by_level in by_axis(results, "landlock"):
        yield from _all_agree(by_level, SAME)


def _source(results: Sequence[Result]) -> Iterator[Disagreement]:
    for by_source in by_axis(results, "source"):
        yield from _all_agree(by_source, by_source)


def _hard(results: Sequence[Result]) -> Iterator[Disagreement]:
    """`degraded` is by its definition what hard_requirement refuses; an exec that fails may fail on any kernel."""
    for by_level in by_axis(results, "landlock"):
        hard = by_level.get("hard_requirement")
        best = next((by_level[value] for value in reversed(SAME) if value in by_level), None)
        if not hard or not best:
            continue
        refused = hard.seen.outcome == "refused"
        if hard.seen.outcome in STARTED and not hard.seen.enforced:
            yield Disagreement(best, hard, "landlock enforced", *(facts(one.seen)["landlock enforced"]
                                                                  for one in (best, hard)))
        if (best.seen.outcome, refused) in (("started", True), ("degraded", False)):
            yield Disagreement(best, hard, "outcome", _outcome(best), _outcome(hard))
        elif not refused:
            yield from differ(best, hard)

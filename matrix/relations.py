"""The laws that hold whatever the expectations say, over the results of a run. Pure.

A law takes groups of cells that are alike but for one thing (an axis, the kernel row, the policy's lists) and names
every fact in which two of them disagree and must not; or it takes each cell alone, and names every fact in which what
the runtime tells of it and what its command saw disagree. They cannot be accepted away."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from matrix.expect import STARTED
from matrix.facts import PROBE, facts
from matrix.faults import fault_law
from matrix.granted import granted_law
from matrix.kept import kept_law
from matrix.law import Disagreement, Violation, by_axis, comparable, differ, outcome
from matrix.monotone_abi import abi_law
from matrix.monotone_policy import policy_law
from matrix.probe_kinds import NETWORK, kind
from matrix.result import Result
from matrix.told import told_law

SAME = ("omitted", "empty", "best_effort")  # law 3

# What each law says, for the person who reads a violation.
LAWS: Mapping[str, str] = {
    "mode": "cells that differ in mode alone agree in everything but the network",
    "omission": "landlock omitted, empty and best_effort agree in everything",
    "source": "the same policy agrees in everything, whatever source it comes from",
    "monotone ABI": "what is denied at an ABI is denied at the next one, which enforces more",
    "hard": "hard_requirement refuses what best_effort degrades, never runs without landlock, and else agrees in all",
    "monotone policy": "adding a path takes no access away, and gives none to what is not below it",
    "kept": "what the report says is held is denied to the command in that same cell",
    "granted": "what a rule of the plan gives, and no file's mode denies, is allowed on every kernel",
    "told": "report, standard error and exit status agree, and are true of policy, kernel and level",
    "fault": "a start in which something fails is refused, naming it, or is as one in which nothing fails",
}


def check(results: Iterable[Result]) -> list[Violation]:
    """Every violation, by law and then in the order of the results."""
    known = [one for one in results if comparable(one)]
    found = {"mode": _mode, "omission": _omission, "source": _source, "monotone ABI": abi_law, "hard": _hard,
             "monotone policy": policy_law, "kept": kept_law, "granted": granted_law, "told": told_law,
             "fault": fault_law}
    return [Violation(law, one) for law, judge in found.items() for one in judge(known)]


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
            yield Disagreement(best, hard, "outcome", outcome(best), outcome(hard))
        elif not refused:
            yield from differ(best, hard)

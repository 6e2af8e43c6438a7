"""The law of the policy's lists: adding a path takes no access away, and gives none to what is not below it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

from matrix.compile import directives, policy_text
from matrix.expect import STARTED
from matrix.grants import grants
from matrix.law import Disagreement
from matrix.plan_paths import is_below
from matrix.probe_kinds import DENIED, NETWORK, UNKNOWN, words
from matrix.result import Result
from matrix.scenario import CELL_DIRECTORY, OWN_AXES
from matrix.wire import encode

# What a longer list may be refused for: under hard_requirement every listed path must be there (law 6).
MISSING = "HF-PATH-MISSING"
INVALID = "HF-POLICY-INVALID"


def policy_law(results: Sequence[Result]) -> Iterator[Disagreement]:
    for group in _alike_but_for_the_policy(results):
        policies = [(one, found) for one in group if (found := grants(policy_text(one.cell)))]
        for (less, few), (more, many) in permutations(policies, 2):
            if few <= many:
                yield from _compare(less, more, few.added_by(many))


def _alike_but_for_the_policy(results: Sequence[Result]) -> Iterator[list[Result]]:
    """Cells of one scenario on one kernel which have the same tree, command and probes, and another policy."""
    several = {one.cell.scenario.name for one in results if _own_points(one) > 1}
    groups: dict[tuple[object, ...], list[Result]] = {}
    for one in results:
        cell = one.cell
        if cell.scenario.name in several:
            runners = tuple((axis, value) for axis, value in cell.axes.items() if axis in OWN_AXES)
            frame = tuple(line for line in directives(cell)[1:] if encode("policy.yaml") not in line.split(" ")[:3])
            groups.setdefault((cell.scenario.name, cell.runtime, cell.target.name, runners, frame), []).append(one)
    yield from groups.values()


def _own_points(one: Result) -> int:
    return max((len(axis.values) for axis in one.cell.scenario.axes if axis.name not in OWN_AXES), default=1)


def _compare(less: Result, more: Result, added: frozenset[str]) -> Iterator[Disagreement]:
    if less.seen.outcome not in STARTED:
        return
    if more.seen.outcome not in STARTED:
        hard = more.cell.axes.get("landlock", "hard_requirement") == "hard_requirement"
        if more.seen.error != INVALID and not (hard and more.seen.error == MISSING):
            yield Disagreement(less, more, "outcome", str(less.seen.outcome), f"{more.seen.outcome} {more.seen.error}")
        return
    for name, result in less.seen.probes.items():
        later = more.seen.probes.get(name)
        if later is None or UNKNOWN & {result, later} or (result in DENIED) == (later in DENIED):
            continue
        if later in DENIED or _is_outside(less, name, added):
            yield Disagreement(less, more, f"probe {name}", result, later)


def _is_outside(one: Result, name: str, added: frozenset[str]) -> bool:
    """Whether a probe asks for files out of the added paths only. Sure below the cell's directory, whose links are
    known: none may lie on the way."""
    kind, *paths = words(one.cell, name)
    if kind in NETWORK or not paths:
        return False
    links = [f"{CELL_DIRECTORY}/{entry.path}" for entry in one.cell.scenario.tree if entry.kind == "symlink"]
    plain = all(is_below(path, [CELL_DIRECTORY]) and ".." not in path.split("/") and not is_below(path, links)
                for path in (*paths, *added))
    return plain and not any(is_below(path, added) for path in paths)

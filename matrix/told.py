"""The law of what is told: the report, standard error and the exit status say the same of a start, and mean what the
design says that they mean."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from matrix import abi
from matrix.compile import policy_text
from matrix.expect import SETUP_FAILED, STARTED
from matrix.law import Disagreement
from matrix.observe import Observation
from matrix.record import MOST_TEXT
from matrix.result import Result

WARNING = "holdfast: warning: "
EXEC_NOT_FOUND = "HF-EXEC-NOT-FOUND"
TIMED_OUT, CANNOT_EXECUTE, NO_COMMAND = 124, 126, 127

# What hard_requirement alone refuses (law 6).
HARD_ALONE = frozenset({"HF-LANDLOCK-UNAVAILABLE", "HF-LANDLOCK-ABI-TOO-OLD", "HF-LANDLOCK-NOTHING", "HF-PATH-MISSING"})

# Launchers under which a kernel answers another ABI than its row's.
ANOTHER_KERNEL = frozenset({"abi-ceiling", "deny-call"})


def told_law(results: Sequence[Result]) -> Iterator[Disagreement]:
    for one in results:
        for what, told, seen in (*_weaker(one.seen), *_warned(one.seen), *_ended(one.seen), *_asked(one),
                                 *_newest(one)):
            yield Disagreement(one, one, what, told, seen)


Contradiction = tuple[str, str, str]  # of what; what is told; what was seen, or is told elsewhere


def _weaker(seen: Observation) -> Iterator[Contradiction]:
    """`degraded` is a start that hard_requirement would have refused, and no other."""
    if seen.outcome not in STARTED or "min_abi" not in (seen.plan or {}):
        return
    assert seen.plan
    least, left_out = int(seen.plan["min_abi"]), _listed(seen.plan) & set(seen.skipped)
    lacks = [] if seen.enforced else ["landlock is not enforced"]
    lacks += [f"ABI {seen.abi} is enforced and {least} the least"] if seen.enforced and (seen.abi or 0) < least else []
    lacks += [f"{path} of a list is left out" for path in sorted(left_out)]
    if bool(lacks) != (seen.outcome == "degraded"):
        yield "outcome", ", ".join(lacks) or "nothing is less than hard_requirement accepts", str(seen.outcome)


def _listed(plan: Mapping[str, Any]) -> set[str]:
    """The paths in the policy's own lists: those of the default set need not be there."""
    return {str(rule["path"]) for rule in plan.get("rules") or () if str(rule.get("origin")).startswith("policy")}


def _warned(seen: Observation) -> Iterator[Contradiction]:
    """Law 5. A right that is lost has a warning of its own, and that the start is degraded is one more."""
    if seen.outcome not in STARTED:
        return
    least = len(seen.limits) + (seen.outcome == "degraded")
    if len(seen.warnings) < least:
        yield "warnings", f"the start is {seen.outcome}, and lost is {', '.join(seen.limits) or 'nothing'}", \
            "; ".join(seen.warnings) or "none"
    if len(seen.stderr) < MOST_TEXT:  # of a longer one a record has the end alone
        for text in seen.warnings:
            if f"{WARNING}{text}" not in seen.stderr:
                yield "stderr", f"the report warns: {text}", "no such warning"


def _ended(seen: Observation) -> Iterator[Contradiction]:
    wanted = _status(seen)
    if wanted is not None and seen.exit != wanted:
        yield "exit status", f"the report says {seen.outcome} {seen.error or seen.ended or ''}".rstrip(), str(seen.exit)


def _status(seen: Observation) -> int | None:
    """The exit status that goes with the report. None where a started command's end is not told."""
    if seen.outcome == "refused":
        return SETUP_FAILED
    if seen.outcome == "exec-failed":
        return NO_COMMAND if seen.error == EXEC_NOT_FOUND else CANNOT_EXECUTE
    how, _, number = (seen.ended or "").partition(" ")
    return {"exited": int(number or 0), "signaled": 128 + int(number or 0), "timeout": TIMED_OUT}.get(how)


def _asked(one: Result) -> Iterator[Contradiction]:
    """Under best_effort nothing is refused that hard_requirement alone refuses; and where the command line does not say
    the mode, it is proxy where the policy has network_policies, and else block."""
    plan = one.seen.plan or {}
    if plan.get("compatibility") == "best_effort" and one.seen.error in HARD_ALONE:
        yield "error", "the plan says best_effort", str(one.seen.error)
    if plan.get("mode_origin", "command line") != "command line":
        mode = _mode_of(policy_text(one.cell))
        if plan["mode"] != mode:
            yield "mode", f"by its text the policy's is {mode}", str(plan["mode"])


@functools.lru_cache(maxsize=None)
def _mode_of(policy: str) -> str:
    read = yaml.load(policy, Loader=yaml.CSafeLoader)
    return "proxy" if isinstance(read, dict) and read.get("network_policies") else "block"


def _newest(one: Result) -> Iterator[Contradiction]:
    """Law 8, where nothing stands between the runtime and the row's kernel."""
    if one.seen.outcome not in STARTED or not one.seen.plan or ANOTHER_KERNEL & set(one.cell.scenario.launcher):
        return
    here, enforced = one.cell.target.abi, abi.level(one.cell.target.abi) > 0
    if bool(one.seen.enforced) != enforced or enforced and one.seen.abi != int(here):
        yield "enforced abi", f"the kernel has {here}", str(one.seen.abi if one.seen.enforced else "none")

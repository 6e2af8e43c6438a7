"""What is expected of a cell, out of its scenario's rules, and how what was observed differs from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from matrix import abi, control
from matrix.observe import Observation
from matrix.scenario import USUAL, Rule, Scenario

ANY = "any"  # the result of a probe that is recorded and not judged
STARTED = ("started", "degraded")
SETUP_FAILED = 125
EXEC_FAILED = (126, 127)


@dataclass(frozen=True)
class Expectation:
    outcome: str | None = None
    error: str | None = None
    errno: str | None = None
    exit: int | None = None
    enforced: bool | None = None
    abi: int | None = None  # the kernel's own, for law 8
    probes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stderr: tuple[str, ...] = ()
    stdout: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    control: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # what each probe may be without the sandbox

    @property
    def starts(self) -> bool:
        return self.outcome in STARTED


@dataclass(frozen=True)
class Difference:
    """`what` was expected to be, and what it was."""

    what: str
    expected: str
    got: str


def usual(axes: Mapping[str, str], level: str) -> Expectation:
    """A start that nothing but the kernel can be in the way of: law 6 for hard_requirement, law 5 for the others."""
    if axes.get("landlock") != "hard_requirement":
        outcome = "started" if abi.level(level) >= 2 else "degraded"
        return Expectation(outcome=outcome, enforced=level not in abi.WITHOUT)
    if level in abi.WITHOUT:
        return Expectation(outcome="refused", error="HF-LANDLOCK-UNAVAILABLE")
    if abi.level(level) < 2:
        return Expectation(outcome="refused", error="HF-LANDLOCK-ABI-TOO-OLD")
    return Expectation(outcome="started", enforced=True)


def resolve(scenario: Scenario, axes: Mapping[str, str], level: str) -> Expectation:
    """All matching rules in their order, a later one overriding key by key. A rule that gives an outcome drops what
    earlier ones said of error, errno, exit and enforced: they belong to the outcome they stood with."""
    expectation = Expectation()
    for rule in scenario.rules:
        if rule.matches(axes, level):
            expectation = _apply(expectation, rule, axes, level)
    if expectation.outcome and not expectation.starts:
        expectation = replace(expectation, probes={}, stdout=(), limits=(), skipped=())

    def put(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(scenario.substitute(text, axes) for text in texts)

    return replace(expectation, abi=abi.level(level), stderr=put(expectation.stderr), stdout=put(expectation.stdout),
                   skipped=put(expectation.skipped), control=control.results(scenario, axes, level))


def _apply(before: Expectation, rule: Rule, axes: Mapping[str, str], level: str) -> Expectation:
    after = before
    if rule.outcome == USUAL:
        base = usual(axes, level)
        after = replace(after, outcome=base.outcome, error=base.error, errno=None, exit=None, enforced=base.enforced)
    elif rule.outcome:
        after = replace(after, outcome=rule.outcome, error=None, errno=None, exit=None, enforced=None)
    return replace(
        after,
        error=rule.error if rule.error is not None else after.error,
        errno=rule.errno if rule.errno is not None else after.errno,
        exit=rule.exit if rule.exit is not None else after.exit,
        enforced=rule.enforced if rule.enforced is not None else after.enforced,
        probes={**after.probes, **rule.probes},
        stderr=rule.stderr if rule.stderr is not None else after.stderr,
        stdout=rule.stdout if rule.stdout is not None else after.stdout,
        limits=rule.limits if rule.limits is not None else after.limits,
        skipped=rule.skipped if rule.skipped is not None else after.skipped,
    )


def compare(expected: Expectation, seen: Observation) -> list[Difference]:
    """What differs; empty where the cell is as expected."""
    found = [Difference("kernel log", "no complaint", text) for text in seen.kernel]
    found += [Difference(f"control {name}", " or ".join(results), seen.control.get(name, "no result"))
              for name, results in expected.control.items() if seen.control.get(name) not in results]

    def same(what: str, want: object, got: object) -> None:
        if want is not None and want != got:
            found.append(Difference(what, _show(want), _show(got)))

    same("outcome", expected.outcome, seen.outcome)
    if expected.starts and seen.outcome not in STARTED:
        # Nothing ran: why is what matters, not each probe that has no result.
        return found + ([Difference("error", "none", _reason(seen))] if seen.error else [])
    same("error", expected.error if not expected.starts else None, seen.error)
    if expected.starts and seen.error:
        found.append(Difference("error", "none", seen.error))
    same("errno", expected.errno, seen.errno)
    same("landlock enforced", expected.enforced, seen.enforced)
    _compare_exit(expected, seen, found)
    for name, results in expected.probes.items():
        got = seen.probes.get(name, "no result")
        if got not in results and ANY not in results:
            found.append(Difference(f"probe {name}", " or ".join(results), got))
    if not expected.starts and seen.probes:
        found.append(Difference("probes", "nothing is run", ", ".join(f"{k} {v}" for k, v in seen.probes.items())))
    for what, wanted, text in (("stderr", expected.stderr, seen.stderr), ("stdout", expected.stdout, seen.stdout)):
        found += [Difference(what, f"'{part}' in it", "none of it") for part in wanted if part not in text]
    for what, wanted, have in (("limits", expected.limits, seen.limits), ("skipped", expected.skipped, seen.skipped)):
        found += [Difference(what, f"has {item}", _show(have)) for item in wanted if item not in have]
    if seen.enforced:
        same("enforced abi", expected.abi, seen.abi)
    found += _loudness(seen)
    return found


def _compare_exit(expected: Expectation, seen: Observation, found: list[Difference]) -> None:
    if expected.exit is not None:
        allowed: tuple[int, ...] = (expected.exit,)
    elif expected.starts:
        allowed = (0,)
    else:
        allowed = (SETUP_FAILED,) if expected.outcome == "refused" else EXEC_FAILED
    if seen.exit not in allowed:
        found.append(Difference("exit status", " or ".join(map(str, allowed)), _show(seen.exit)))


def _reason(seen: Observation) -> str:
    return " ".join(filter(None, (seen.error, seen.errno and f"({seen.errno})", seen.object and f"on {seen.object}")))


def _loudness(seen: Observation) -> list[Difference]:
    """Law 5, for every cell whatever its scenario says: degraded is shown to a person and told to a program."""
    found = []
    if seen.outcome == "degraded" and not seen.warnings:
        found.append(Difference("report", "a warning, since the start is degraded", "none"))
    if seen.outcome == "degraded" and "warning" not in seen.stderr.lower():
        found.append(Difference("stderr", "a warning, since the start is degraded", "none"))
    return found


def _show(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return str(value)



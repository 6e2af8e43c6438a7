"""The words of the design's bug table, and when a cell is what a word says."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from matrix import result
from matrix.abi import WITHOUT
from matrix.expect import STARTED
from matrix.result import Result

UNREACHABLE = "HF-EXEC-UNREACHABLE"
KERNEL_ERRORS = ("HF-LANDLOCK-UNAVAILABLE", "HF-LANDLOCK-ABI-TOO-OLD")


def _starts(one: Result) -> bool:
    """The command ran: confined by Landlock where the kernel has it, silently unconfined where not."""
    if one.cell.target.abi in WITHOUT:
        return _unconfined(one) and not _says_so(one)
    return one.seen.outcome in STARTED and bool(one.seen.enforced)


def _unconfined(one: Result) -> bool:
    return one.seen.outcome in STARTED and not one.seen.enforced


def _says_so(one: Result) -> bool:
    """To a program, and to a person."""
    return one.seen.outcome == "degraded" and bool(one.seen.warnings) and "warning" in one.seen.stderr.lower()


def _refused(one: Result) -> bool:
    """Before the command was looked at, because of the kernel."""
    return one.seen.outcome == "refused" and one.seen.error in KERNEL_ERRORS


WORDS: Mapping[str, Callable[[Result], bool]] = {
    "refused": _refused,
    "refused, names what is missing": lambda one: _refused(one) and str(one.seen.error) in one.seen.stderr,
    "refused, unreachable": lambda one: one.seen.outcome == "refused" and one.seen.error == UNREACHABLE,
    "EACCES at exec": lambda one: one.seen.outcome == "exec-failed" and one.seen.errno == "EACCES",
    "starts": _starts,
    "starts, unconfined": lambda one: _unconfined(one) and not _says_so(one),
    "starts, says so": lambda one: one.seen.outcome in STARTED and _says_so(one),
    "starts, unconfined, says so": lambda one: _unconfined(one) and _says_so(one),
}


def judged(one: Result) -> bool:
    """Pass or fail by the scenario does not matter here, but the harness must have got an answer."""
    return one.verdict in (result.PASS, result.FAIL)


def seen(one: Result) -> str:
    """What a cell did, where it is not what its word says."""
    if not judged(one):
        return f"{one.verdict}: {one.why}"
    match one.seen.outcome:
        case "exec-failed":
            return f"{one.seen.errno} at exec"
        case "refused":
            return f"refused, {one.seen.error}"
        case _:
            return ("starts" + ("" if one.seen.enforced else ", unconfined")
                    + (", says so" if one.seen.outcome == "degraded" and one.seen.warnings else ""))

"""The run as KTAP, a test a scenario and a subtest a cell (Documentation/dev-tools/ktap.rst of the kernel)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from matrix import result, violated
from matrix.differing import describe
from matrix.paint import Paint
from matrix.printable import printable
from matrix.result import Result
from matrix.run import Run

VERSION = "KTAP version 1"
SUBTEST = "  "
DIRECTIVES = {result.SKIPPED: "SKIP", result.KNOWN: "XFAIL", result.HANG: "TIMEOUT", result.ERROR: "ERROR", result.PANIC: "ERROR"}


def text(run: Run) -> str:
    by_scenario: dict[str, list[Result]] = {}
    for one in run.results:
        by_scenario.setdefault(one.cell.scenario.name, []).append(one)
    judged = run.violations is not None
    lines = [VERSION, f"# {run.closing}", f"1..{len(by_scenario) + judged + len(run.turned_green)}"]
    for number, (name, part) in enumerate(by_scenario.items(), 1):
        lines += _scenario(number, name, part)
    if run.violations is not None:
        lines += [f"# {printable(line.strip())}" for line in violated.told(run.violations, Paint(False)) if line]
        lines.append(f"{'not ok' if run.violations else 'ok'} {len(by_scenario) + 1} relations")
    for number, line in enumerate(run.turned_green, len(by_scenario) + judged + 1):
        lines += [f"# {printable(line)}", f"not ok {number} known {_name(line.partition(':')[0])}"]
    return "\n".join(lines) + "\n"


def _scenario(number: int, name: str, results: Sequence[Result]) -> Iterator[str]:
    yield f"{SUBTEST}{VERSION}"
    yield f"{SUBTEST}# Subtest: {_name(name)}"
    yield f"{SUBTEST}1..{len(results)}"
    for place, one in enumerate(results, 1):
        yield from (SUBTEST + line for line in _cell(place, one))
    skipped = " # SKIP every cell" if all(one.verdict == result.SKIPPED for one in results) else ""
    yield f"{_ok(results)} {number} {_name(name)}{skipped}"


def _cell(place: int, one: Result) -> Iterator[str]:
    if one.verdict in result.UNSUCCESSFUL:
        yield from (f"# {printable(line.strip())}" for line in describe(one, Paint(False)))
    directive = DIRECTIVES.get(one.verdict)
    name = _name(one.cell.id.removeprefix(f"{one.cell.scenario.name}/"))
    yield f"{_ok([one])} {place} {name}" + (f" # {directive} {printable(one.why)}".rstrip() if directive else "")


def _ok(results: Sequence[Result]) -> str:
    return "not ok" if any(one.verdict in result.UNSUCCESSFUL for one in results) else "ok"


def _name(text: str) -> str:
    """A description cannot have a hash sign in it: one begins what comes after it."""
    return printable(text).replace("#", "_")

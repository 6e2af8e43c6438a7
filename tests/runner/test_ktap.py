"""The KTAP face, read by a parser that takes what Documentation/dev-tools/ktap.rst describes and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from matrix import ktap, result
from matrix.run import Run
from results_world import cells, failed, hostile, passed, some
from matrix.result import harness

RESULT = re.compile(r"(ok|not ok) ([0-9]+) ([^#]*?)(?: # ([A-Z]+)(?: (.*))?)?")
PRINTABLE = re.compile("[ -~\xa0-\ufdff\ufffd]*")


@dataclass
class Parsed:
    name: str
    passed: bool
    directive: str
    reason: str
    diagnostics: list[str]
    subtests: list[Parsed] = field(default_factory=list)


def parse(text: str) -> list[Parsed]:
    assert text.endswith("\n")
    lines = iter(text[:-1].split("\n"))
    tests = level(next(lines), lines, "")
    assert next(lines, None) is None
    return tests


def level(first: str, lines: Iterator[str], indent: str) -> list[Parsed]:
    """The tests of one level: version, notes, plan, and as many results as it plans, numbered from 1."""
    assert first == f"{indent}KTAP version 1"
    line = next(lines)
    while line.startswith(f"{indent}# "):
        line = next(lines)
    assert (plan := re.fullmatch(rf"{indent}1\.\.([0-9]+)", line)), line
    return [result_of(lines, indent, number) for number in range(1, int(plan[1]) + 1)]


def result_of(lines: Iterator[str], indent: str, number: int) -> Parsed:
    diagnostics: list[str] = []
    subtests: list[Parsed] = []
    for line in lines:
        assert PRINTABLE.fullmatch(line), repr(line)
        if line == f"{indent}  KTAP version 1":
            subtests = level(line, lines, f"{indent}  ")
        elif line.startswith(f"{indent}# "):
            diagnostics.append(line.removeprefix(f"{indent}# "))
        else:
            found = RESULT.fullmatch(line.removeprefix(indent))
            assert line.startswith(indent) and found and int(found[2]) == number, line
            return Parsed(found[3], found[1] == "ok", found[4] or "", found[5] or "", diagnostics, subtests)
    raise AssertionError("the output ends within a test")


def test_a_test_a_scenario_and_a_subtest_a_cell() -> None:
    (only,) = parse(ktap.text(Run(some())))
    assert (only.name, only.passed, only.directive) == ("small", False, "")
    assert [(one.passed, one.directive, one.reason) for one in only.subtests] == [
        (True, "", ""), (False, "", ""), (False, "ERROR", "it fell over"), (True, "SKIP", "too new")]
    assert only.subtests[0].name == "mode=block,landlock=omitted,user=root/2"


def test_what_differs_is_told_before_the_result() -> None:
    fell = parse(ktap.text(Run([failed(cells()[0])])))[0].subtests[0]
    assert "outcome: expected started, got exec-failed" in fell.diagnostics
    assert any(line.startswith("again: make matrix ") for line in fell.diagnostics)


def test_a_scenario_passes_where_all_do_and_is_skipped_where_all_are() -> None:
    (green,) = parse(ktap.text(Run([passed(cell) for cell in cells()])))
    assert green.passed and not green.directive
    (skipped,) = parse(ktap.text(Run([harness(cell, result.SKIPPED, "x") for cell in cells()])))
    assert skipped.passed and skipped.directive == "SKIP"


def test_a_hang_is_a_timeout() -> None:
    (hung,) = parse(ktap.text(Run([harness(cells()[0], result.HANG, "no end within 20 s")])))[0].subtests
    assert (hung.passed, hung.directive, hung.reason) == (False, "TIMEOUT", "no end within 20 s")


def test_hostile_text_is_no_line_of_its_own_and_no_directive() -> None:
    (only,) = parse(ktap.text(hostile()))
    assert [one.passed for one in only.subtests] == [True, False, False, True]
    assert "\\x1b[31m\\r\\n\\x00\\ud800\\u2028\\u202e" in "".join(only.subtests[1].diagnostics)

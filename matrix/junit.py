"""The results as JUnit XML, a suite a scenario, for whatever shows such files."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence

from matrix import result
from matrix.differing import describe
from matrix.law import Violation, breaches
from matrix.paint import Paint
from matrix.relations import LAWS
from matrix.result import Result
from matrix.run import Run
from matrix.violated import describe as describe_breach

# XML 1.0 has no place for these, not even escaped (Extensible Markup Language 1.0, 2.2 Characters).
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def text(run: Run) -> str:
    root = tree(run.results)
    if run.violations is not None:
        _relations(root, run.violations)
    if run.turned_green:
        _turned_green(root, run.turned_green)
    return "<?xml version='1.0' encoding='utf-8'?>\n" + ET.tostring(root, encoding="unicode")


def tree(results: Sequence[Result]) -> ET.Element:
    by_scenario: dict[str, list[Result]] = {}
    for one in results:
        by_scenario.setdefault(one.cell.scenario.name, []).append(one)
    root = ET.Element("testsuites", _counts(results))
    for name, part in by_scenario.items():
        suite = ET.SubElement(root, "testsuite", {"name": name, **_counts(part)})
        for one in part:
            _case(suite, one)
    return root


def _relations(root: ET.Element, violations: Sequence[Violation]) -> None:
    """A suite of its own: a case a law, with every scenario that breaks it."""
    broken: dict[str, list[str]] = {}
    for breach, group in breaches(violations).items():
        broken.setdefault(breach[0], []).extend(describe_breach(breach, group, Paint(False)))
    suite = ET.SubElement(root, "testsuite", {"name": "relations", "tests": str(len(LAWS)),
                                              "failures": str(len(broken)), "errors": "0", "skipped": "0", "time": "0"})
    for law, says in LAWS.items():
        case = ET.SubElement(suite, "testcase", {"classname": "relations", "name": law, "time": "0"})
        if law in broken:
            ET.SubElement(case, "failure", {"message": says, "type": "violated"}).text = _clean("\n".join(broken[law]))
    _add(root, len(LAWS), len(broken))


def _turned_green(root: ET.Element, lines: Sequence[str]) -> None:
    """A suite of their own, too: no cell of theirs is red."""
    count = str(len(lines))
    suite = ET.SubElement(root, "testsuite", {"name": "known", "tests": count, "failures": count, "errors": "0",
                                              "skipped": "0", "time": "0"})
    for line in lines:
        case = ET.SubElement(suite, "testcase", {"classname": "known", "name": line.partition(":")[0], "time": "0"})
        ET.SubElement(case, "failure", {"message": _clean(line), "type": "turned green"})
    _add(root, len(lines), len(lines))


def _add(root: ET.Element, tests: int, failures: int) -> None:
    for name, more in (("tests", tests), ("failures", failures)):
        root.set(name, str(int(root.get(name, "0")) + more))


def _counts(results: Sequence[Result]) -> dict[str, str]:
    return {
        "tests": str(len(results)),
        "failures": str(sum(one.verdict in result.FAILED for one in results)),
        "errors": str(sum(one.verdict in result.HARNESS for one in results)),
        "skipped": str(sum(one.verdict == result.SKIPPED for one in results)),
        "time": f"{sum(one.ms for one in results) / 1000:.3f}",
    }


def _case(suite: ET.Element, one: Result) -> None:
    case = ET.SubElement(suite, "testcase", {"classname": one.cell.scenario.name, "name": _clean(one.cell.id),
                                             "time": f"{one.ms / 1000:.3f}"})
    if one.verdict == result.PASS:
        return
    if one.verdict == result.KNOWN:
        ET.SubElement(case, "system-out").text = _clean("\n".join(describe(one, Paint(False))))
        return
    kind = {result.FAIL: "failure", result.FLAKY: "failure", result.SKIPPED: "skipped"}.get(one.verdict, "error")
    reason = one.why or "; ".join(f"{d.what}: expected {d.expected}, got {d.got}" for d in one.differences)
    told = ET.SubElement(case, kind, {"message": _clean(reason)})
    if kind != "skipped":
        told.set("type", one.verdict)
        told.text = _clean("\n".join(describe(one, Paint(False))))


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)

"""What a cell showed: its report, its streams and its end, put into one value."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from matrix.kernel_log import complaints

SCHEMA = 1  # of the report
CONTROL = "control"  # the file of a cell in which the control's results are


@dataclass(frozen=True)
class Observation:
    outcome: str | None = None
    error: str | None = None
    errno: str | None = None
    object: str | None = None
    exit: int | None = None  # of holdfast itself; 128 + n where it was killed by signal n
    ended: str | None = None  # the command, by the report: `exited 0`, `signaled 9`, `timeout 15`
    enforced: bool | None = None
    abi: int | None = None
    probes: Mapping[str, str] = field(default_factory=dict)
    control: Mapping[str, str] = field(default_factory=dict)  # the probes without the sandbox
    warnings: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    stdout: str = ""
    stderr: str = ""
    plan: Mapping[str, Any] | None = field(default=None, compare=False)  # to show; what is judged stands above
    kernel: tuple[str, ...] = ()  # what the kernel complained of meanwhile


class Unreadable(Exception):
    """The cell's report is missing, or is none."""


def observe(data: Mapping[str, str], exit_status: int | None, probes: Iterable[str]) -> Observation:
    """Raises Unreadable; `data` has stdout, stderr and report.json as they were sent."""
    report = _parse(data)
    error = _part(report, "error")
    enforced, end = _part(report, "enforced"), _part(report, "exit")
    stdout = data.get("stdout", "")
    try:
        return Observation(
            outcome=str(report["outcome"]),
            error=_text(error, "id"),
            errno=_text(error, "errno"),
            object=_text(error, "object"),
            exit=exit_status,
            ended=None if not end else f"{end['kind']} {end['status']}",
            enforced=None if enforced.get("landlock") is None else bool(enforced["landlock"]),
            abi=None if enforced.get("abi") is None else int(enforced["abi"]),
            probes=_probe_results(stdout, probes),
            control=_probe_results(data.get(CONTROL, ""), probes),
            warnings=tuple(map(str, report.get("warnings") or ())),
            limits=tuple(str(limit["right"]) for limit in report.get("limits") or ()),
            skipped=tuple(str(item["path"]) for item in enforced.get("skipped") or ()),
            stdout=stdout,
            stderr=data.get("stderr", ""),
            plan=_part(report, "plan") or None,
            kernel=complaints(data.get("kernel.log", "")),
        )
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as fault:  # OverflowError: 1e999
        raise Unreadable(f"the report is not what it should be: {fault!r}") from fault


def _parse(data: Mapping[str, str]) -> dict[str, Any]:
    if "report.json" not in data:
        raise Unreadable("there is no report")
    try:
        report = json.loads(data["report.json"])
    except (ValueError, RecursionError) as fault:
        raise Unreadable(f"the report is not JSON: {fault}") from fault
    if not isinstance(report, dict) or report.get("schema") != SCHEMA:
        raise Unreadable(f"the report is of another schema than {SCHEMA}")
    return report


def _part(report: dict[str, Any], key: str) -> dict[str, Any]:
    value = report.get(key)
    if value is not None and not isinstance(value, dict):
        raise Unreadable(f"the report's {key} is no object")
    return value or {}


def _text(part: Mapping[str, Any], key: str) -> str | None:
    return None if part.get(key) is None else str(part[key])


def _probe_results(stdout: str, probes: Iterable[str]) -> dict[str, str]:
    """The lines `ID RESULT` of the known probes; whatever else is printed is not theirs."""
    known = set(probes)
    lines = (line.partition(" ") for line in stdout.splitlines())
    return {name: result for name, space, result in lines if space and name in known}

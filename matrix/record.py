"""The record of a run as JSON: everything that the faces show, and what it was run on.

What many cells share (policies, commands, streams, plans) stands once, in a table, and cells name it by its place:
4,000 cells make 3 MB. `matrix/record_shape.py` says what there is, `matrix/record_read.py` makes a run of it again.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import platform
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matrix import targets
from matrix.boots import BootRecord
from matrix.compile import command_line, policy_text
from matrix.differing import rerun
from matrix.figures import figures
from matrix.law import Violation
from matrix.result import Put, Result
from matrix.run import Run
from matrix.scenario import Scenario
from vm.kernels import Kernel

SCHEMA = 4
MOST_TEXT = 4096  # of a stream, from its end
MOST_CONSOLE = 16384  # of a console, from its end
PLAN_PARTS = ("handled", "limits", "promises")  # that many plans share
RUN_DIRECTORY = "(the run's directory)"  # its name differs in every run


def first_line(*command: str) -> str:
    """What a program says of itself; empty where it cannot be asked."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.partition("\n")[0].strip()


def surroundings(runtime: Path, kernels: Sequence[Kernel]) -> dict[str, Any]:
    commit = first_line("git", "rev-parse", "HEAD")
    return {
        "runtime": {"version": first_line(str(runtime), "--version"), "commit": commit,
                    "changed": bool(commit and first_line("git", "status", "--porcelain", "--", "src"))},
        "qemu": first_line("qemu-system-x86_64", "--version"),
        "host": {"release": platform.release(), "machine": platform.machine()},
        "kernels": [{"series": one.series, "package": one.package, "version": one.version, "sha256": one.sha256,
                     "moved_from": one.moved_from}
                    for one in kernels],
    }


class Table:
    """Values that stand once; `add` gives a value's place."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._places: dict[str, int] = {}

    def add(self, value: Any) -> int:
        key = value if isinstance(value, str) else json.dumps(value)
        place = self._places.setdefault(key, len(self.values))
        if place == len(self.values):
            self.values.append(value)
        return place


class Tables:
    """The tables of one record, filled cell by cell."""

    def __init__(self) -> None:
        self.texts, self.commands, self.expected, self.seen = Table(), Table(), Table(), Table()
        self.plans, self.rules, self.parts = Table(), Table(), Table()
        self._lists: dict[str, list[int]] = {}

    def cell(self, one: Result) -> dict[str, Any]:
        put = one.put or Put(policy_text(one.cell), tuple(command_line(one.cell)))
        return {
            "id": one.cell.id,
            "scenario": one.cell.scenario.name,
            "axes": dict(one.cell.axes),
            "row": one.cell.target.name,
            "variant": one.cell.runtime,
            "verdict": one.verdict,
            "outcome": one.seen.outcome,
            "why": one.why,
            "ms": one.ms,
            "alone": one.alone,
            "again": rerun(one.cell),
            "differences": [vars(difference) for difference in one.differences],
            "policy": self.texts.add(put.policy),
            "command": self.commands.add(list(put.command)),
            "expected": self.expected.add({**vars(one.expected)}),
            "seen": self.seen.add(self._seen(one)),
            "plan": self._plan(one.seen.plan),
        }

    def _seen(self, one: Result) -> dict[str, Any]:
        seen = {name: value for name, value in vars(one.seen).items() if name != "plan"}
        seen["warnings"] = [self.texts.add(text) for text in one.seen.warnings]
        for stream in ("stdout", "stderr"):
            seen[stream] = self.texts.add(seen[stream][-MOST_TEXT:])
        return seen

    def _plan(self, plan: Mapping[str, Any] | None) -> int | None:
        if plan is None:
            return None
        parts = {name: self.parts.add(plan[name]) for name in PLAN_PARTS if name in plan}
        return self.plans.add({**plan, **parts, "rules": self._rules(plan.get("rules"))})

    def _rules(self, given: Any) -> list[int]:
        rules = [_without_run_directory(rule) for rule in given] if isinstance(given, list) else []
        key = json.dumps(rules)
        if key not in self._lists:  # most plans have rules that another has, too
            self._lists[key] = [self.rules.add(rule) for rule in rules]
        return self._lists[key]

    def values(self) -> dict[str, list[Any]]:
        return {name: table.values for name, table in vars(self).items() if isinstance(table, Table)}


def _without_run_directory(rule: Any) -> Any:
    if isinstance(rule, dict) and rule.get("origin") == "runtime":
        return {**rule, "path": RUN_DIRECTORY}
    return rule


def _rows(run: Run) -> list[dict[str, Any]]:
    found = {one.cell.target.name: one.cell.target for one in run.results}
    return [vars(found[name]) for name in targets.in_order(found)]


def make(run: Run, around: Mapping[str, Any]) -> dict[str, Any]:
    tables = Tables()
    cells = [tables.cell(one) for one in run.results]
    return {
        "schema": SCHEMA,
        "written": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "closing": run.closing,
        "status": run.status,
        **around,
        "shard": run.shard and dataclasses.asdict(run.shard),
        "seconds": run.seconds,
        "figures": figures(run),
        "rows": _rows(run),
        "scenarios": [_scenario(one) for one in {one.cell.scenario.name: one.cell.scenario
                                                 for one in run.results}.values()],
        "boots": [_boot(one) for one in run.boots],
        "violations": None if run.violations is None else [_violation(one) for one in run.violations],
        "gaps": list(run.gaps),
        "cells": cells,
        **tables.values(),
    }


def write(record: Mapping[str, Any], path: Path) -> None:
    """A line for everything that is listed, so that a record can be read, searched and compared by lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(("{" + ",\n".join(f"{_text(key)}: {_lines(value)}" for key, value in record.items()) + "}\n")
                     .encode("utf-8", "replace"))


def _lines(value: Any) -> str:
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(map(_text, value)) + "]"
    return _text(value)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _scenario(one: Scenario) -> dict[str, Any]:
    return {"name": one.name, "file": one.file, "about": one.about, "report": one.report,
            "until": one.until, "captured": one.captured, "rows": one.rows.text if one.rows else "",
            "axes": {axis.name: list(axis.values) for axis in one.axes},
            "probes": {name: probe if isinstance(probe, str) else " ".join(probe)
                       for name, probe in one.probes.items()}}


def _boot(one: BootRecord) -> dict[str, Any]:
    return {**dataclasses.asdict(one), "console": one.console[-MOST_CONSOLE:]}


def _violation(one: Violation) -> dict[str, Any]:
    pair = one.of
    return {"law": one.law, "what": pair.what, "left": pair.left.cell.id, "left_value": pair.left_value,
            "right": pair.right.cell.id, "right_value": pair.right_value}

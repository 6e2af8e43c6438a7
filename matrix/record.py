"""The record of a run as JSON: everything that the other faces show, and what it was run on."""

from __future__ import annotations

import dataclasses
import datetime
import json
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matrix.boots import BootRecord
from matrix.figures import figures
from matrix.result import Result
from matrix.run import Run
from vm.kernels import Kernel

SCHEMA = 1
MOST_TEXT = 4096  # of a stream, from its end


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
        "kernels": [{"series": one.series, "package": one.package, "version": one.version, "sha256": one.sha256}
                    for one in kernels],
    }


def make(run: Run, around: dict[str, Any]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "written": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        **around,
        "figures": figures(run),
        "closing": run.closing,
        "boots": [_boot(one) for one in run.boots],
        "cells": [_cell(one) for one in run.results],
    }


def write(record: dict[str, Any], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _boot(one: BootRecord) -> dict[str, Any]:
    return dataclasses.asdict(one)


def _cell(one: Result) -> dict[str, Any]:
    seen = dataclasses.asdict(one.seen)
    for stream in ("stdout", "stderr"):
        seen[stream] = seen[stream][-MOST_TEXT:]
    return {
        "id": one.cell.id,
        "scenario": one.cell.scenario.name,
        "axes": dict(one.cell.axes),
        "row": one.cell.target.name,
        "abi": one.cell.target.abi,
        "kernel": one.cell.target.kernel,
        "variant": one.cell.runtime,
        "verdict": one.verdict,
        "why": one.why,
        "ms": one.ms,
        "expected": dataclasses.asdict(one.expected),
        "seen": seen,
        "differences": [dataclasses.asdict(difference) for difference in one.differences],
    }

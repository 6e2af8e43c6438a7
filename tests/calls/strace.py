"""Running something under strace, and reading what it wrote of each process."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LINE = re.compile(r"^(\w+)\((.*)\) += (\S+)(?: (E[A-Z0-9]+|\?))?.*$")


@dataclass(frozen=True)
class Call:
    name: str
    arguments: str
    result: str  # as strace prints it: a number, or a question mark
    error: str  # the errno's name, or nothing


def read(text: str) -> list[Call]:
    """The calls of one process. Signals, its end, and a call that it never came back from are none."""
    found = (LINE.match(line) for line in text.splitlines())
    return [Call(one[1], one[2], one[3], one[4] or "" if one[3] == "-1" else "") for one in found if one]


def trace(command: Sequence[str], options: Sequence[str], before: Sequence[str] = (), **started: Any) -> dict[int, list[Call]]:
    """The calls of the command's process and its children, by number. `before` is what strace itself is started by, and how."""
    with tempfile.TemporaryDirectory(prefix="hf-strace-") as folder:
        subprocess.run([*before, "strace", "-ff", *options, "-o", f"{folder}/of", *command], **started)
        logs = {int(log.suffix[1:]): log.read_text("utf-8", "replace") for log in Path(folder).iterdir()}
    return {number: read(logs[number]) for number in sorted(logs)}

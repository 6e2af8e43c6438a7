"""Parts of a start, each once in a process of its own (inside.c): rules into a ruleset, a policy's text into a plan."""

from __future__ import annotations

import statistics
import subprocess
import tempfile
from pathlib import Path

from .show import line

TIMES = 200
RULES = 1000
RULES_LIMIT = 1.5
PATHS = 200
POLICY_LIMIT = 1.0  # ms


def rules() -> list[bool]:
    """In turn, so that both find the same folders in the kernel's cache."""
    with tempfile.TemporaryDirectory(prefix="hf-bench-") as name:
        folder = Path(name)
        for number in range(RULES):
            (folder / f"folder-{number}").mkdir()
        pairs = [(inside("rules", folder), inside("bare", folder)) for _ in range(TIMES)]
    ours, bare = (statistics.median(values) / 1000 for values in zip(*pairs))
    return [line(f"build/bench/inside rules FOLDER (of {RULES} folders, a rule each)",
                 f"{ours:.2f} ms, the bare system calls {bare:.2f} ms, medians of {TIMES}", ours / bare, RULES_LIMIT, " x")]


def policy() -> list[bool]:
    lists = (("read_only", "/usr/share/package-{}/data"), ("read_write", "/var/lib/service-{}/state"))
    text = "version: 1\nfilesystem_policy:\n  include_workdir: true\n"
    for key, path in lists:
        text += f"  {key}:\n" + "".join(f"    - {path.format(number)}\n" for number in range(PATHS // len(lists)))
    with tempfile.NamedTemporaryFile("w", prefix="hf-bench-", suffix=".yaml") as file:
        file.write(text)
        file.flush()
        took = statistics.median(inside("policy", Path(file.name)) for _ in range(TIMES)) / 1000
    return [line(f"build/bench/inside policy FILE (of {PATHS} paths)", f"processor time, the median of {TIMES}", took,
                 POLICY_LIMIT, " ms")]


def inside(part: str, path: Path) -> float:
    done = subprocess.run(["build/bench/inside", part, str(path)], check=True, capture_output=True, text=True)
    return float(done.stdout)

"""What the runner's tests share: scenarios from text, and a stand-in for a guest that answers as a script says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from matrix.diagnostics import Diagnostics
from matrix.scenario import Scenario
from matrix.schema import parse
from matrix.wire import line, split

SMALL = """\
about: a small one
policy: |
  version: 1
axes:
  landlock: [omitted]
rows: ">=2"
probes:
  hosts: read /etc/hosts
expect:
  - outcome: started
    enforced: true
    probes: {hosts: ok}
"""


@dataclass
class Ended:
    """How a stand-in's guest ended."""

    reason: str = "poweroff"
    seconds: float = 2.0
    boot_seconds: float = 1.0
    console: str = ""


def report(**changes: Any) -> str:
    base = {"schema": 1, "outcome": "started", "enforced": {"landlock": True, "abi": 2, "skipped": []}, "limits": [],
            "warnings": [], "error": None}
    return json.dumps({**base, **changes})


def cell_ids(cells: str) -> list[str]:
    """The cells of a cell list."""
    return [split(text)[1] for text in cells.splitlines() if text.startswith("cell ")]


def answer(cell: str, abi: int = 2) -> list[str]:
    """The lines of a cell that went well."""
    good = report(enforced={"landlock": True, "abi": abi, "skipped": []})
    return [line("@begin", cell), line("@data", cell, "stdout", "hosts ok\n"), line("@data", cell, "report.json", good),
            line("@end", cell, "exit=0", "ms=5")]


def guest(abi: str = "2") -> str:
    return line("@guest", f"abi={abi}", "errata=0", "release=6.1.0", "uid=0")


def scenario(text: str = SMALL, name: str = "small") -> Scenario:
    diagnostics = Diagnostics(f"{name}.yaml")
    found = parse(text, name, diagnostics)
    assert found is not None, "\n".join(map(str, diagnostics.items))
    return found


def faults(text: str) -> list[str]:
    diagnostics = Diagnostics("s.yaml")
    parse(text, "s", diagnostics)
    return [str(item) for item in diagnostics.items]

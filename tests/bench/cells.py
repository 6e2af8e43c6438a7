"""What answers of the matrix take."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from .show import line

RECORD = Path("build/matrix/record.json")
CHANGED = Path("src/plan/plan.c")
CELL_LIMIT = 80.0  # ms, of a whole run over all rows: 1,500 cells in two minutes
ONE_CELL_LIMIT = 6.0
HOST_LANE_LIMIT = 15.0
OVERHEAD_LIMIT = 10.0  # percent of a whole run


def timed(command: Sequence[str]) -> float:
    begun = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - begun


def whole_run() -> list[bool]:
    took = timed(["make", "matrix"])
    figures = json.loads(RECORD.read_text("utf-8"))["figures"]
    cells = int(figures["cells"])
    whole = f"{took:.1f} s, {cells} cells, {figures['boots']} boots; a cell"
    parts = f"boots {figures['boot_seconds']:.1f} s, cells {figures['cell_seconds']:.1f} s of the guests' time; neither"
    neither = 100 * figures["neither_seconds"] / figures["guest_seconds"]
    return [line("make matrix", whole, 1000 * took / cells, CELL_LIMIT, " ms"),
            line("make matrix", parts, neither, OVERHEAD_LIMIT, " %")]


def one_cell() -> list[bool]:
    """From a changed .c file to the answer."""
    CHANGED.touch()
    command = ["make", "matrix", "SCENARIO=regressions/default-change", "KERNEL=6", "CELL=mode=proxy,landlock=omitted"]
    return [line(f"touch {CHANGED}; {' '.join(command)}", "it took", timed(command), ONE_CELL_LIMIT, " s")]


def host_lane() -> list[bool]:
    took = timed(["make", "matrix", "LANE=host"])
    cells = int(json.loads(RECORD.read_text("utf-8"))["figures"]["cells"])
    return [line("make matrix LANE=host", f"{cells} cells", took, HOST_LANE_LIMIT, " s")]

"""`make bench`: the figures of the README, each against the limit it has to keep, in one run on one machine.

Every line prints the command that was timed, the seconds it took, and the ratio of that to its limit: above 1.00 it is too
slow, and the exit status says so. The programs are built and the kernels fetched before (a warm run), and nothing else
should be running: two guests want two cores.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

RECORD = Path("build/matrix/record.json")
CHANGED = Path("src/plan/plan.c")
CELLS_LIMIT = 120.0 / 1500  # seconds a cell, of a whole run over all rows
ONE_CELL_LIMIT = 6.0
HOST_LANE_LIMIT = 15.0
OVERHEAD_LIMIT = 0.10  # of a whole run: what is neither boot nor cell
STARTS = 200


def timed(command: Sequence[str]) -> float:
    begun = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - begun


def line(command: str, took: str, ratio: float) -> bool:
    print(f"{command:<70} {took:>34}  {ratio:5.2f} of the limit", flush=True)
    return ratio <= 1


def whole_run() -> bool:
    took = timed(["make", "matrix"])
    figures = json.loads(RECORD.read_text("utf-8"))["figures"]
    cells = int(figures["cells"])
    kept = line("make matrix", f"{took:.1f} s, {cells} cells, {figures['boots']} boots", took / cells / CELLS_LIMIT)
    neither = figures["neither_seconds"] / figures["guest_seconds"]
    print(f"    summed over the guests: boot {figures['boot_seconds']:.1f} s, cells {figures['cell_seconds']:.1f} s, "
          f"neither {figures['neither_seconds']:.1f} s")
    return line("    neither boot nor cell", f"{neither:.1%}", neither / OVERHEAD_LIMIT) and kept


def one_cell() -> bool:
    """From a changed .c file to the answer."""
    CHANGED.touch()
    command = ["make", "matrix", "SCENARIO=regressions/default-change", "KERNEL=6", "CELL=mode=proxy,landlock=omitted"]
    took = timed(command)
    return line(f"touch {CHANGED}; {' '.join(command[:2])} ... KERNEL=6 CELL=...", f"{took:.1f} s", took / ONE_CELL_LIMIT)


def host_lane() -> bool:
    took = timed(["make", "matrix", "LANE=host"])
    cells = int(json.loads(RECORD.read_text("utf-8"))["figures"]["cells"])
    return line("make matrix LANE=host", f"{took:.1f} s, {cells} cells", took / HOST_LANE_LIMIT)


def median_start(command: Sequence[str]) -> float:
    times = sorted(timed(command) for _ in range(STARTS))
    return times[len(times) // 2] * 1000


def start() -> None:
    """What a start costs beyond a plain spawn; no limit is set for it here."""
    plain = median_start(["/bin/true"])
    for mode in ("block", "proxy"):
        command = ["build/holdfast", "run", "--mode", mode, "--", "/bin/true"]
        added = median_start(command) - plain
        print(f"{' '.join(command):<70} {f'adds {added:.1f} ms to {plain:.1f} ms':>34}  median of {STARTS}", flush=True)


def machine() -> str:
    model = next((text.split(":", 1)[1].strip() for text in Path("/proc/cpuinfo").read_text("utf-8").splitlines()
                  if text.startswith("model name")), "unknown processor")
    return f"{os.cpu_count()} cores of {model}, Linux {platform.release()}"


def main() -> int:
    print(machine())
    subprocess.run(["make", "programs", "kernels"], check=True, stdout=subprocess.DEVNULL)
    start()
    kept = [host_lane(), one_cell(), whole_run()]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())

"""`make bench`: the figures of the README, each against the limit that it has to keep, in one run on one machine.

Every line is the command that was timed, what it took, and that beside its limit; the exit status says whether all are kept.
Programs are built and kernels fetched before (a warm run), and nothing else should be running: two guests want two cores.
`make bench LINES=start` (or `proxy`, `load`, `tls` or `matrix`) is a part of it.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from . import calls, cells, inside, load, start, tls, who

LINES = {
    "start": (start.time_starts, calls.compare, start.memory, inside.rules, inside.policy),
    "proxy": (who.lookup,),
    "load": (load.load,),
    "tls": (tls.tls,),
    "matrix": (cells.host_lane, cells.one_cell, cells.whole_run),
}


def machine() -> str:
    model = next((text.split(":", 1)[1].strip() for text in Path("/proc/cpuinfo").read_text("utf-8").splitlines()
                  if text.startswith("model name")), "unknown processor")
    return f"{os.cpu_count()} cores of {model}, Linux {platform.release()}"


def chosen_lines(words: Sequence[str] | None = None) -> list[str]:
    parser = argparse.ArgumentParser(prog="python3 -m tests.bench")
    # argparse takes an empty list for one choice that is none of them, so that this one is told by hand (CPython issue 9625).
    parser.add_argument("lines", nargs="*", metavar="LINES", help=f"a part of it: {', '.join(LINES)}")
    chosen: list[str] = parser.parse_args(words).lines
    if unknown := set(chosen) - LINES.keys():
        parser.error(f"no such lines: {', '.join(sorted(unknown))}; known: {', '.join(LINES)}")
    return chosen or list(LINES)


def main() -> int:
    chosen = chosen_lines()
    print(machine(), flush=True)
    if "matrix" in chosen:
        subprocess.run(["make", "kernels"], check=True, stdout=subprocess.DEVNULL)
    kept = [one for name in chosen for lines in LINES[name] for one in lines()]
    print(f"{sum(kept)} of {len(kept)} limits kept")
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())

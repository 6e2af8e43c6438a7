"""The host lane: the same cells on this machine's own kernel, in namespaces instead of a guest."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from vm.guest import GuestEnd, Reason
from vm.lines import read_lines

CELLRUN = Path(__file__).resolve().parent.parent / "build" / "cellrun"


def run_host(
    cells: Path, payload: Path, on_line: Callable[[str], None], silence: float, cellrun: Path = CELLRUN
) -> GuestEnd:
    """Run the cells by `cellrun --isolate`; `console` is what it complained of."""
    reading, writing = os.pipe()
    start = time.monotonic()
    runner: subprocess.Popen[bytes] | None = None
    with tempfile.TemporaryFile() as complaints:
        try:
            # setpriv: the runner, and with its PID namespace all of the cells, goes down with this process.
            arguments = [str(cellrun), "--isolate", str(payload), str(cells), f"fd:{writing}"]
            runner = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *arguments], pass_fds=(writing,), start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=complaints, stderr=complaints,
            )  # fmt: skip
            os.close(writing)
            writing = -1
            silent, first = read_lines(reading, on_line, silence)
            if silent:
                os.killpg(runner.pid, signal.SIGKILL)
            runner.wait()
        finally:
            if runner is not None and runner.poll() is None:
                os.killpg(runner.pid, signal.SIGKILL)
                runner.wait()
            for descriptor in (reading, writing):
                if descriptor >= 0:
                    os.close(descriptor)
        end = time.monotonic()
        complaints.seek(0)
        said = complaints.read().decode(errors="replace")
    reason: Reason = "hang" if silent else "poweroff" if runner.returncode == 0 else "died"
    if reason == "died":
        said += f"\n{cellrun.name}: exit status {runner.returncode}"
    return GuestEnd(reason, end - start, (first or end) - start, said)

"""What a start costs beyond a plain spawn: beside bubblewrap, and beside the floor, which makes the same sandbox by the same
system calls and nothing else (floor.c). And what memory the supervisor takes.

Where the time of a start goes (this machine, see README.md for the figures; perf record -e page-faults -c 1, perf probe on
the steps, strace -f -c, sched_process_exec to sched_process_exit):
- Of the kernel, and of the floor as well, nine tenths: clone with a network namespace 0.4 ms, which is a third of all that is
  added; execve and the loader once more for holdfast itself 0.5 ms, most of it the processor's identification (cpuid leaves the
  virtual machine), the rest libc; init's /proc, loopback and capabilities 0.15 ms; ruleset and filter 0.1 ms; taking the
  namespaces apart 0.15 ms, for which the supervisor waits so that nothing is left when it ends.
- Of the runtime, one tenth: whether the command can be executed, and of what it needs what the policy lacks 0.06 ms (half of
  it paths, half ELF files); a program of 0.4 MB instead of 0.02, with its relocations and 40 page faults, 0.06 ms; the type of
  each path 0.01 ms; plan, warnings and the rest 0.03 ms.
"""

from __future__ import annotations

import statistics
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .show import line, said

STARTS = 300
PAUSE = 5000  # microseconds before each, in which the kernel takes the last one's namespaces apart
PLAIN = ["/bin/true"]
BLOCK = ["build/holdfast", "run", "--mode", "block", "--", *PLAIN]
PROXY = ["build/holdfast", "run", "--mode", "proxy", "--", *PLAIN]
FLOOR = ["build/bench/floor", *PLAIN]
BUBBLEWRAP = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", *PLAIN]
BUBBLEWRAP_LIMIT = 0.6
FLOOR_LIMIT = 1.15
MEMORY_LIMIT = 3.0  # MB


def medians(commands: Sequence[Sequence[str]]) -> list[float]:
    """In milliseconds, each of its command; all commands in turn in one process that does nothing else."""
    arguments: list[str] = []
    for command in commands:
        arguments += [*(["+"] if arguments else []), *command]
    done = subprocess.run(["build/bench/spawn", str(STARTS), str(PAUSE), *arguments], check=True, capture_output=True,
                          text=True)
    return [statistics.median(map(float, row.split())) / 1000 for row in done.stdout.splitlines()]


def time_starts() -> list[bool]:
    plain, block, proxy, floor, bubblewrap = medians([PLAIN, BLOCK, PROXY, FLOOR, BUBBLEWRAP])
    print(f"{said(PLAIN)}\n    {plain:.2f} ms; every start is a median of {STARTS}, in turn, {PAUSE / 1000:.0f} ms apart")
    print(f"{said(PROXY)}\n    adds {proxy - plain:.2f} ms; no limit")
    added = block - plain
    return [line(said(BLOCK), f"adds {added:.2f} ms, {said(other)} adds {took - plain:.2f} ms", added / (took - plain), limit,
                 " x")
            for other, took, limit in ((BUBBLEWRAP, bubblewrap, BUBBLEWRAP_LIMIT), (FLOOR, floor, FLOOR_LIMIT))]


def memory() -> list[bool]:
    """VmHWM: the most that the supervisor's own memory ever was in this process, libc's pages that all share included.
    ru_maxrss would count what its children took, and what the process was before its exec."""
    command = [*BLOCK[:-1], "/bin/cat"]
    most = max(peak(command) for _ in range(STARTS))
    return [line(said(command), f"VmHWM of the supervisor while the command runs, the most of {STARTS} starts", most,
                 MEMORY_LIMIT, " MB")]


def peak(command: Sequence[str]) -> float:
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdin and process.stdout
        process.stdin.write(b"\n")
        process.stdin.flush()
        process.stdout.read(1)  # it has come back: the command runs
        status = Path(f"/proc/{process.pid}/status").read_text("ascii")
        process.stdin.close()
    return next(int(row.split()[1]) for row in status.splitlines() if row.startswith("VmHWM:")) / 1024

"""What a start costs beyond a plain spawn: beside bubblewrap, and beside the floor, which makes the same sandbox by the same
system calls and nothing else (floor.c). And what memory the supervisor takes.

Where the time of a start goes, by timestamps between the steps, sched_process_exec to _exit, and page faults one by one (perf
record -e page-faults -c 1), of which each is about 1 us here:
- exec and the loader, 0.54 ms: 0.33 of it glibc's cpuid, which leaves a virtual machine and which every program pays; the rest
  is libc. 0.04 more than the floor's: 0.5 MB of text and tables, and 190 names to bind.
- the supervisor before the fork, 0.13 ms, the floor's 0.09: paths and rules 0.04; is the command there, can it be executed, do
  the rules cover it, its loader and its libraries 0.04; handles, policy, plan 0.03; warnings 0.01; signals and socket 0.01.
- clone, 0.40 ms, a quarter of all that is added: the network namespace, whose tables the kernel makes anew.
- init, 0.17 ms: lo up 0.05, mounts 0.03, capabilities 0.01, vfork and the rest; the command until its exec, 0.15 ms: the filter
  0.04 (its numbers are tried and it is compiled), execve 0.1.
- the end, 0.2 ms: init's last word, and its namespaces, which the supervisor waits for so that nothing is left of a run.

What is left of the distance to the floor is memory (2026-12-01, where all took 1.5 times as long), by two programs beside the floor
in one `build/bench/spawn 200`, six times. One is floor.c whose main first writes 15 pages of the heap and 10 of the stack: 6 %
longer, 8 us a page, which is made, copied at the fork, and taken apart twice. The other is the floor with libholdfast.o and the
verbs linked to it: 7 % longer, by relocations, names to bind, and pages mapped around each fault.
"""

from __future__ import annotations

import statistics
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .show import line, said

STARTS = 1000
PLAIN = ["/bin/true"]
BLOCK = ["build/holdfast", "run", "--mode", "block", "--", *PLAIN]
PROXY = ["build/holdfast", "run", "--mode", "proxy", "--", *PLAIN]
FLOOR = ["build/bench/floor", *PLAIN]
BUBBLEWRAP = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", *PLAIN]
BUBBLEWRAP_LIMIT = 0.6
FLOOR_LIMIT = 1.15
MEMORY_LIMIT = 3.0  # MB


def medians(commands: Sequence[Sequence[str]]) -> list[float]:
    """In milliseconds, each of its command; all started by one process that does nothing else."""
    arguments: list[str] = []
    for command in commands:
        arguments += [*(["+"] if arguments else []), *command]
    done = subprocess.run(["build/bench/spawn", str(STARTS), *arguments], check=True, capture_output=True,
                          text=True)
    return [statistics.median(map(float, row.split())) / 1000 for row in done.stdout.splitlines()]


def time_starts() -> list[bool]:
    plain, block, proxy, floor, bubblewrap = medians([PLAIN, BLOCK, PROXY, FLOOR, BUBBLEWRAP])
    print(f"{said(PLAIN)}\n    {plain:.2f} ms; every start is a median of {STARTS}, one after the other in a changing order")
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

"""Which messages are the kernel's own fault, and that they fail the cell, or, where there is none, the boot."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from matrix.kernel_log import complaints, without
from matrix.run import Run
from matrix_world import Ended, answer, guest
from test_matrix_boots import play, verdicts
from matrix.wire import line

# As they stand in the logs of 5.10 to 7.3.
FAULTS = """\
WARNING: CPU: 0 PID: 92 at mm/page_alloc.c:4922 __alloc_pages_nodemask+0x2c4/0x320
WARNING: kernel/rcu/tree.c:4130 at rcutree_report_cpu_starting+0x7f/0x90, CPU#0: swapper/0/0
WARNING: possible circular locking dependency detected
WARNING: suspicious RCU usage
BUG: kernel NULL pointer dereference, address: 0000000000000008
BUG: unable to handle page fault for address: ffffffffc0a01000
BUG: sleeping function called from invalid context at mm/slab.h:494
BUG: Bad page state in process sh  pfn:00b5c
BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0 stuck for 34s!
watchdog: BUG: soft lockup - CPU#0 stuck for 23s! [sh:84]
kernel BUG at mm/slub.c:305!
Oops: 0000 [#1] SMP NOPTI
general protection fault, probably for non-canonical address 0xdead000000000100: 0000 [#1] SMP
rcu: INFO: rcu_preempt self-detected stall on CPU
rcu: INFO: rcu_sched detected stalls on CPUs/tasks:
rcu: INFO: rcu_sched detected expedited stalls on CPUs/tasks: { 0-.... } 26 jiffies s: 1 root: 0x1/.
INFO: task sh:84 blocked for more than 120 seconds.
UBSAN: array-index-out-of-bounds in kernel/bpf/verifier.c:1
"""

HARMLESS = """\
tsc: Unable to calibrate against PIT
traps: sh[80] general protection fault ip:401136 sp:7ffe error:0 in sh[401000+1000]
sh[80]: segfault at 0 ip 000000000040113a sp 00007ffe error 4 in sh[401000+1000]
Out of memory: Killed process 84 (perl) total-vm:300000kB
acpi PNP0A03:00: fail to add MMCONFIG information, can't access extended configuration space under this bridge
process 'hf-probe' launched '/bin/true' with NULL argv: empty string added
init: no WARNING: of the kernel
"""


@pytest.mark.parametrize("text", FAULTS.splitlines())
@pytest.mark.parametrize("time", ["", "[    4.472810] ", "[   12.000001][   T84] "])
def test_a_fault_of_the_kernel(text: str, time: str) -> None:
    assert complaints(f"[    1.0] before\n{time}{text}\r\nafter\n") == (text,)


@pytest.mark.parametrize("text", HARMLESS.splitlines())
def test_no_fault_of_the_kernel(text: str) -> None:
    assert complaints(f"[    4.472810] {text}\n") == ()


def test_what_is_known_is_taken_out_as_often_as_it_is_known() -> None:
    assert without(["a", "b", "a", "c"], ["a", "c", "d"]) == ["b", "a"]


def warn(text: str, *, cell: int | None) -> Callable[..., Ended]:
    """A boot in which the kernel says `text` while a cell runs, or before the first. What a process writes to the console
    is nobody's fault."""
    def script(number: int, cells: list[str], on_line: Callable[[str], None]) -> Ended:
        if cell is None:
            on_line(line("@kernel", f"tsc: unstable\n{text}\n"))
        on_line(guest())
        for place, name in enumerate(cells):
            begin, *middle, end = answer(name)
            said = [line("@data", name, "kernel.log", f"{text}\n")] if place == cell else []
            for one in [begin, *middle, *said, end]:
                on_line(one)
        return Ended(console="[    3.1] WARNING: written by a process\n")

    return script


def test_a_warning_fails_the_cell_that_was_open() -> None:
    text = FAULTS.splitlines()[0]
    results, records, _ = play(warn(text, cell=2))
    assert verdicts(results) == ["pass", "pass", "fail", "pass"]
    (difference,) = results["v2"].differences
    assert (difference.what, difference.expected, difference.got) == ("kernel log", "no complaint", text)
    assert records[0].complaints == () and Run(list(results.values()), records).status == 1


def test_a_warning_before_the_first_cell_is_the_boots() -> None:
    text = FAULTS.splitlines()[0]
    results, records, _ = play(warn(text, cell=None))
    assert verdicts(results) == ["pass"] * 4 and records[0].complaints == (text,)
    assert Run(list(results.values()), records).status == 3


def test_a_cell_without_a_report_tells_what_the_kernel_said() -> None:
    def script(number: int, cells: list[str], on_line: Callable[[str], None]) -> Ended:
        on_line(guest())
        for name in cells:
            for one in (line("@begin", name), line("@data", name, "kernel.log", "BUG: Bad page state\n"),
                        line("@end", name, "signal=9", "ms=1")):
                on_line(one)
        return Ended()

    results, _, _ = play(script)
    assert verdicts(results) == ["error"] * 4 and "the kernel said: BUG: Bad page state" in results["v0"].why

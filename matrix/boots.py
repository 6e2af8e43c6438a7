"""One boot after another until every cell of a kernel has a result; who is blamed when a boot ends badly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from matrix import result
from matrix.cells import Cell
from matrix.compile import cell_list
from matrix.events import CellEnd, GuestFacts, Listener
from matrix.kernel_log import complaints, without
from matrix.result import ERROR, HANG, PANIC, Result

CONSOLE = "; console: "
MOST_BAD_ENDS = 12


class End(Protocol):
    """How a guest ended: vm.guest.GuestEnd, or a stand-in's."""

    @property
    def reason(self) -> str: ...
    @property
    def seconds(self) -> float: ...
    @property
    def boot_seconds(self) -> float: ...
    @property
    def console(self) -> str: ...


# Boots the cells of a list, hands every result line on, says how it ended.
Boot = Callable[[str, Callable[[str], None]], End]


@dataclass
class BootRecord:
    """One boot, for the record and the figures."""

    key: str
    reason: str
    seconds: float
    boot_seconds: float
    cell_seconds: float
    cells: int
    facts: GuestFacts | None
    console: str = ""
    noise: list[str] = field(default_factory=list)
    complaints: tuple[str, ...] = ()  # of the kernel, before the first cell

    @property
    def bad(self) -> bool:
        return self.reason != "poweroff" or bool(self.complaints)


def run_cells(key: str, cells: Sequence[Cell], boot: Boot, on_result: Callable[[Result], None],
              on_boot: Callable[[BootRecord], None]) -> None:
    """Gives every cell a result. The cell open at a bad end is blamed, those after it go on in a fresh boot."""
    left = {cell.id: cell for cell in cells}
    bad_ends = fruitless = 0
    while left:
        end, record, blamed = _once(key, left, boot, on_result)
        on_boot(record)
        for one in blamed:
            on_result(one)
        if not left:
            return
        bad_ends += 1
        # A boot that neither finished a cell nor can blame one is tried once more: the machine may have been too busy.
        fruitless = 0 if record.cells or blamed else fruitless + 1
        if bad_ends >= MOST_BAD_ENDS or fruitless > 1:
            why = f"kernel {key} ended badly {bad_ends} times, last: {describe(end)}"
            for cell in left.values():
                on_result(result.harness(cell, ERROR, why))
            return


def _once(key: str, left: dict[str, Cell], boot: Boot,
          on_result: Callable[[Result], None]) -> tuple[End, BootRecord, list[Result]]:
    spent = 0
    finished = 0
    told: list[str] = []

    def ended(cell_end: CellEnd) -> None:
        nonlocal spent, finished
        told.extend(complaints(cell_end.data.get("kernel.log", "")))
        cell = left.pop(cell_end.id, None)
        if cell is None:
            return
        spent += cell_end.ms
        finished += 1
        on_result(wrong_kernel(cell, listener.facts) or result.judge(cell, cell_end))

    listener = Listener(ended)
    end = boot(cell_list(list(left.values())), listener.line)
    record = BootRecord(key, end.reason, end.seconds, end.boot_seconds, spent / 1000, finished, listener.facts,
                        end.console, listener.noise)
    record.complaints = complaints(listener.kernel)
    blamed = []
    if listener.open and (cell := left.pop(listener.open.id, None)):
        verdict = {"panic": PANIC, "hang": HANG}.get(end.reason, ERROR)
        said = without(complaints(end.console), [*told, *record.complaints])
        blamed.append(result.harness(cell, verdict, f"the guest's end came within this cell: {describe(end, said)}"))
    return end, record, blamed


def wrong_kernel(cell: Cell, facts: GuestFacts | None) -> Result | None:
    """A cell on a kernel that answers otherwise than its row declares is an error, and no failure."""
    probed = facts.abi if facts else "nothing"
    if probed == cell.target.native:
        return None
    why = f"the kernel answers ABI {probed}, row {cell.target.name} needs {cell.target.native}"
    return result.harness(cell, ERROR, why)


def describe(end: End, complained: Sequence[str] = ()) -> str:
    """The end, and the console's word on it: what the kernel complained of and the panic's own line, else the last."""
    said = [line.strip() for line in end.console.splitlines() if line.strip()]
    last = [*complained[:2], *[line for line in said if "Kernel panic" in line][:1]] or said[-3:]
    return f"{end.reason} after {end.seconds:.1f} s" + (CONSOLE + " | ".join(last) if last else "")

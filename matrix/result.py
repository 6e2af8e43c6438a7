"""The result of a cell: pass, fail or (a failure that its scenario tells of) known where the runtime was judged, flaky
where it was both; error, hang or panic where it could not be."""

from __future__ import annotations

from dataclasses import dataclass, field

from matrix.cells import Cell
from matrix.events import CellEnd
from matrix.expect import Difference, Expectation, compare, resolve
from matrix.kernel_log import complaints
from matrix.observe import Observation, Unreadable, observe

PASS, FAIL, FLAKY, ERROR, HANG, PANIC, SKIPPED = "pass", "fail", "flaky", "error", "hang", "panic", "skipped"
KNOWN = "known"  # as `fail`, where the scenario says so
PASSED = (PASS, KNOWN)
FAILED = (FAIL, FLAKY)
HARNESS = (ERROR, HANG, PANIC)
UNSUCCESSFUL = (*FAILED, *HARNESS)
VERDICTS = (*PASSED, *UNSUCCESSFUL, SKIPPED)


@dataclass(frozen=True)
class Put:
    """What was put to the runtime."""

    policy: str
    command: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    cell: Cell
    verdict: str
    expected: Expectation
    seen: Observation = field(default_factory=Observation)
    differences: tuple[Difference, ...] = ()
    why: str = ""  # of known, flaky, error, hang, panic and skipped
    ms: int = 0
    alone: str = ""  # of a red cell: what came of a second run, or why there was none
    put: Put | None = None  # of a record read back; else what the cell itself says


def expectation(cell: Cell) -> Expectation:
    return resolve(cell.scenario, cell.axes, cell.target.abi)


def harness(cell: Cell, verdict: str, why: str, seen: Observation | None = None, ms: int = 0) -> Result:
    return Result(cell, verdict, expectation(cell), seen or Observation(), (), why, ms)


def judge(cell: Cell, end: CellEnd) -> Result:
    streams = Observation(stdout=end.data.get("stdout", ""), stderr=end.data.get("stderr", ""),
                          kernel=complaints(end.data.get("kernel.log", "")))
    kernel = "".join(f"; the kernel said: {text}" for text in streams.kernel)
    if end.setup is not None:
        return harness(cell, ERROR, f"the cell could not be set up: {end.setup}{kernel}", streams, end.ms)
    if end.timeout:
        return harness(cell, HANG, f"no end within {cell.scenario.time_limit} s{kernel}", streams, end.ms)
    status = end.exit if end.signal is None else 128 + end.signal
    try:
        seen = observe(end.data, status, cell.scenario.probes)
    except Unreadable as fault:
        how = f"exit status {end.exit}" if end.signal is None else f"signal {end.signal}"
        return harness(cell, ERROR, f"{fault} ({how}){kernel}", streams, end.ms)
    expected = expectation(cell)
    differences = tuple(compare(expected, seen))
    until = cell.scenario.until
    if differences and until and not seen.kernel:  # nobody knew of a kernel that complains
        return Result(cell, KNOWN, expected, seen, differences, f"known, until {until}", end.ms)
    return Result(cell, FAIL if differences else PASS, expected, seen, differences, "", end.ms)

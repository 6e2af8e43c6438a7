"""What a cell that does its worst costs: itself alone. Real guests, and a runtime that does what a cell's act says."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from matrix import job, lanes
from matrix.cells import REAL, spread
from matrix.progress import Progress
from matrix.result import Result
from matrix.run import Run, run
from matrix.targets import choose, on_guests

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
BUILD = Path(os.environ.get("BUILD", ROOT / "build"))
HOSTILE = f"{REAL}-hostile"
ROWS = ("none", "6")  # the oldest kernel, and one with a Landlock

# What each act ends in, and words of what is told of it.
COSTS = {
    "panic": ("panic", r"panic after .*Kernel panic - not syncing: sysrq triggered crash"),
    "warning": ("fail", r"kernel log: .*WARNING: .*mm/page_alloc\.c"),
    "poweroff": ("error", r"the guest's end came within this cell: poweroff"),
    "reset": ("error", r"the guest's end came within this cell: died .*sysrq: Resetting"),
    "spin": ("hang", "no end within 8 s"),
    "eat": ("fail", "exit status: 137"),
    "flood": ("hang", "no end within 8 s"),
    # From 6.12 on the kernel keeps a twentieth for the others, in which the cell is ended.
    "hog": ("hang", "the guest's end came within this cell: hang|no end within 8 s"),
    "kill": ("pass", ""),  # it spares itself, and the first process is not to be killed
    "closed": ("pass", ""),
    "fill": ("pass", ""),
    "empty": ("pass", ""),
}
# By which limit a fork bomb ends is the kernel's choice.
FORK = ("hang", "fail", "error")


@pytest.fixture(scope="module")
def done() -> Run:
    """All cells in as few guests as they leave whole."""
    lane = job.open_lane("vm", BUILD, {REAL: BUILD / "holdfast", HOSTILE: HERE / "runtime"})
    acts, forged = (job.scenarios(HERE / "scenarios", [name])[0] for name in ("acts", "forged-results"))
    columns = on_guests(choose(ROWS))
    cells = [*spread(acts, columns, [HOSTILE]), *spread(forged, columns)]
    before, lanes.PATIENCE = lanes.PATIENCE, 32.0
    try:
        return run(cells, lane, Progress(io.StringIO(), len(cells)))
    finally:
        lanes.PATIENCE = before


def told(one: Result) -> str:
    return "; ".join([one.why, *(f"{d.what}: {d.got}" for d in one.differences)])


def of_act(done: Run, act: str) -> list[Result]:
    found = [one for one in done.results if one.cell.axes.get("act") == act]
    assert len(found) == len(ROWS)
    return found


@pytest.mark.parametrize("act", COSTS)
def test_what_an_act_costs(done: Run, act: str) -> None:
    verdict, words = COSTS[act]
    for one in of_act(done, act):
        assert one.verdict == verdict, told(one)
        assert re.search(words, told(one)), told(one)


def test_a_fork_bomb_ends(done: Run) -> None:
    for one in of_act(done, "fork"):
        assert one.verdict in FORK, told(one)


def test_the_others_go_on(done: Run) -> None:
    for number in range(1, 7):
        for one in of_act(done, f"nothing-{number}"):
            assert one.verdict == "pass", f"{one.cell.id}: {told(one)}"


def test_a_warning_is_told_with_its_own_cell_only(done: Run) -> None:
    warned = [one.cell.axes.get("act") for one in done.results if one.seen.kernel or "WARNING" in one.why]
    assert warned == ["warning"] * len(ROWS)
    assert all(boot.complaints == () for boot in done.boots)


def test_results_cannot_be_forged(done: Run) -> None:
    forged = [one for one in done.results if one.cell.scenario.name == "forged-results"]
    assert len(forged) == 5
    for one in forged:
        assert one.verdict == "pass" and one.seen.stdout == "end\n", f"{one.cell.id}: {told(one)}: {one.seen}"


def command(scenario: str, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "matrix", "run", "--build", str(BUILD), "--runtime", str(HERE / "runtime"), "--scenarios",
         str(HERE / "scenarios"), "--scenario", scenario, "--kernel", "none", *more],
        cwd=ROOT, capture_output=True, text=True, check=False)


def marks(ended: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """The letter of each act in the table."""
    return dict(re.findall(r"^  block omitted (\S+) +(\S)$", ended.stdout, re.M))


@pytest.mark.parametrize(("act", "status", "letter"), [("panic", 3, "P"), ("warning", 1, "S"), ("reset", 3, "E")])
def test_the_exit_status_tells_them_apart(act: str, status: int, letter: str) -> None:
    ended = command("acts", "--cell", f"act={act}")
    assert ended.returncode == status and ended.stdout.endswith("0 passed, 1 failed\n"), ended.stdout + ended.stderr
    assert marks(ended) == {act: letter}
    assert "run again alone in a fresh boot: the same" in ended.stdout


def test_a_cell_that_passes_alone_is_flaky() -> None:
    ended = command("second-run")
    assert marks(ended) == {"leave": "s", "meet": "F", "never": "S", "crash": "P"}, ended.stdout + ended.stderr
    assert "passed when it was run again, alone in a fresh boot; at first: fail" in ended.stdout
    assert ended.stdout.endswith("1 passed, 3 failed\n") and ended.returncode == 3


def test_the_hostile_runtime_spares_this_machine() -> None:
    ended = subprocess.run([HERE / "runtime", "run", "--act", "echo done", "--", "true"], capture_output=True, text=True,
                           check=False)
    assert ended.returncode == 125 and ended.stdout == "" and "no guest of the matrix" in ended.stderr

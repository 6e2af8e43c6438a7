"""Killing mechanical mutants: by unit tests, then by a few cells of the host lane, by the record of a start's calls, by all
cells, by the tests of the command line and of a run's life, which know signals, terminals and time limits that no cell shows,
and at last on guests."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from matrix import job, result
from matrix.cells import REAL, Cell, spread
from matrix.job import Stop
from matrix.progress import Progress
from matrix.result import Result
from matrix.run import run
from matrix.scenario import Scenario
from matrix.targets import Target

TIME_LIMIT = 3  # seconds; a mutant that waits for ever is to cost no more
FIRST = ("exit-status-of-the-command", "regressions/default-change")
PORTION = 2  # scenarios, after which the dead are left out: one that hangs costs every cell its time
PATIENCE = 180  # seconds for the tests of a survivor, each of which takes 20 at most where the machine is its own
# Processes, mounts and signals of their own: a mutant may kill whatever it sees.
APART = ("unshare", "--pid", "--fork", "--mount", "--mount-proc", "--kill-child", "setsid", "--wait")
Tests = tuple[tuple[str, tuple[str, ...]], ...]  # each with its command
CALLS: Tests = (("calls", ("/usr/bin/python3", "-m", "tests.calls", "--first", "--build", "${BUILD}")),)
PYTEST = ("/usr/bin/python3", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider")
TESTS: Tests = (
    ("life", (*PYTEST, "tests/runner/test_run_directory.py", "tests/runner/test_launch_life.py")),
    ("library", (*PYTEST, "tests/runner/test_library.py", "-k", "test_the_caller")),
    # What is installed would be built anew from the source as it is, in the mutant's place.
    ("tls", (*PYTEST, "tests/runner/test_tls_object.py", "tests/runner/test_tls_clients.py", "-k", "not installed")),
    ("cli", ("bats", "tests/cli/run.bats", "tests/cli/verbs.bats", "tests/cli/why.bats")),
    ("fault", ("/usr/bin/python3", "-m", "tests.faults", "--quick", "--first", "--build", "${BUILD}")),
)


class Hunter:
    """Runs cells with mutants in the place of the runtime."""

    def __init__(self, scenarios: Sequence[Scenario], columns: Sequence[Target], rows: Sequence[Target], build: Path) -> None:
        self._scenarios = [dataclasses.replace(one, time_limit=min(one.time_limit, TIME_LIMIT)) for one in scenarios
                           if one.lane != "vm"]
        # Not the attempts to get out: what one changes of its guest, the next runtime finds changed.
        self._of_guests = [one for one in scenarios if one.lane == "vm" and not one.name.startswith("escapes/")]
        self._columns, self._rows, self._build = columns, rows, build

    def one(self, programs: Mapping[str, Path]) -> dict[str, str]:
        """A single cell, which most of those fail that hang everywhere."""
        cells = [spread(scenario, self._columns[-1:], tuple(programs)) for scenario in self._scenarios
                 if scenario.name == FIRST[0]]
        alone = {cell.runtime: cell for cell in reversed(cells[0])}
        return {name: cell.id for name, cell in self._given_away(programs, list(alone.values())).items()
                if self._given_away({name: programs[name]}, [cell])}

    def first(self, programs: Mapping[str, Path]) -> dict[str, str]:
        return self._cells(programs, [one for one in self._scenarios if one.name in FIRST], self._columns[-1:])

    def here(self, programs: Mapping[str, Path]) -> dict[str, str]:
        """Every scenario, on this machine's own ABI."""
        return self._cells(programs, self._scenarios, self._columns[-1:])

    def everywhere(self, programs: Mapping[str, Path]) -> dict[str, str]:
        """Every scenario, on every ceiling below it."""
        return self._cells(programs, self._scenarios, self._columns[:-1])

    def on_guests(self, programs: Mapping[str, Path]) -> dict[str, str]:
        """The scenarios that the host lane cannot show, on the oldest kernel and on the newest."""
        cells = [cell for one in self._of_guests for cell in spread(one, self._rows, tuple(programs))]
        return {name: cell.id.partition("@")[0] for name, cell in self._given_away(programs, cells, "vm").items()
                if self._given_away({name: programs[name]}, [cell], "vm")}

    def control(self, runtime: Path) -> str | None:
        """What the runtime as it is does not pass, which would kill any mutant."""
        programs = {REAL: runtime}
        return (self._cells(programs, self._scenarios, self._columns) or self.on_guests(programs)).get(REAL)

    def _cells(self, programs: Mapping[str, Path], scenarios: Iterable[Scenario],
               columns: Sequence[Target]) -> dict[str, str]:
        """The runtimes that a cell gives away, with the first such cell."""
        killed: dict[str, str] = {}
        chosen = list(scenarios)
        for number in range(0, len(chosen), PORTION):
            alive = {name: program for name, program in programs.items() if name not in killed}
            cells = [cell for one in chosen[number : number + PORTION] for cell in spread(one, columns, tuple(alive))]
            # By itself: what another mutant left behind, or a busy machine, kills none.
            killed |= {name: cell.id.partition("@")[0] for name, cell in self._given_away(alive, cells).items()
                       if self._given_away({name: programs[name]}, [cell])}
        return killed

    def _given_away(self, programs: Mapping[str, Path], cells: Sequence[Cell], lane: str = "host") -> dict[str, Cell]:
        """The first cell that gives a runtime away, by the runtime's name."""
        if not cells:
            return {}
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            outcome = run(cells, job.open_lane(lane, self._build, programs), Progress(nowhere, len(cells)))
        found: dict[str, Cell] = {}
        for one in outcome.results:
            if gives_away(one):
                found.setdefault(one.cell.runtime, one.cell)
        return found


def gives_away(one: Result) -> bool:
    """An error says nothing of the runtime, unless it is that it left no report."""
    return one.verdict in (result.FAIL, result.HANG) or (
        one.verdict == result.ERROR and one.why.startswith(("there is no report", "the report")))


def killed_by_unit_test(program: Path) -> bool:
    try:
        done = subprocess.run([program], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def killed_by_tests(ours: Mapping[str, Path], build: Path, folder: Path, tests: Tests) -> str | None:
    """Which of the tests these programs fail, each in the place of the one of its name; all else is the real build's."""
    place = folder / f"{ours['holdfast'].name}.build"
    shutil.rmtree(place, ignore_errors=True)  # of a run that was cut off
    place.mkdir()
    real = {str(one.relative_to(build)): one for part in (".", "faults", "calls") for one in (build / part).iterdir()}
    for name, program in {**real, **ours}.items():
        if program.is_file():
            (place / name).parent.mkdir(exist_ok=True)
            os.link(program, place / name)
    try:
        for name, command in tests:
            try:
                words = [word.replace("${BUILD}", str(place)) for word in command]
                done = subprocess.run([*APART, *words], env={**os.environ, "BUILD": str(place.resolve())},
                                      stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                      timeout=PATIENCE, check=False)
            except subprocess.TimeoutExpired:
                return name
            if not os.path.samefile(place / "holdfast", ours["holdfast"]):
                raise Stop(f"the {name} tests replaced the runtime, and judged another one", job.HARNESS)
            if done.returncode:
                return name
        return None
    finally:
        shutil.rmtree(place)

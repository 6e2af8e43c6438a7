"""Runs with one fault each: a call that fails, a caller that is killed, an allocation that fails."""

from __future__ import annotations

import collections
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faults.errors import KILL, errors_of
from tests.faults.judge import Seen, judge, judge_telling
from tests.faults.setting import Place, Setting

ALLOCATION = "allocation"
TELLING = "allocation of holdfast plan"
PATIENCE = 30  # seconds; fail-call ends what hangs before


@dataclass(frozen=True)
class Fault:
    call: str
    error: str
    nth: int

    @property
    def name(self) -> str:
        if self.call in (ALLOCATION, TELLING):
            return f"{self.call} {self.nth}"
        return f"{self.call} {self.nth} {'with its caller killed' if self.error == KILL else self.error}"


class Bench:
    """The programs, and a place for their runs."""

    def __init__(self, holdfast: Path, programs: Path, folder: Path) -> None:
        self.place = Place(programs / "witness", folder)
        self._fail_call = programs / "fail-call"
        # Where another user can get at them: the checkout may be in a home that is closed.
        self._holdfast = self.place.copy(holdfast)
        self._allocator = self.place.copy(programs / "failing-allocation.so")

    def faults(self, setting: Setting, quick: bool) -> Iterator[Fault]:
        """Every fault of a start, once each; quick: one error a call, and nobody killed."""
        for call, number in self._calls(setting):
            errors = errors_of(call)
            for error in errors[:1] if quick else (*errors, KILL):
                if (call, number) != ("execve", 1):  # the harness's own
                    yield Fault(call, error, number)
        for number in range(1, self._allocations(setting) + 1):
            yield Fault(ALLOCATION, "ENOMEM", number)
        for number in range(1, self._tellings(setting) + 1):
            yield Fault(TELLING, "ENOMEM", number)

    def trial(self, setting: Setting, fault: Fault) -> tuple[str, str]:
        """What a run with the fault came to, and what is wrong with that."""
        if fault.call == TELLING:
            done = self._plan(setting, {"FAIL_ALLOCATION": str(fault.nth)})
            return judge_telling(self._plan(setting, {}).stdout, done.returncode, done.stdout, done.stderr)
        return judge(fault.call, fault.error, self._faulty(setting, fault))

    def _faulty(self, setting: Setting, fault: Fault) -> Seen:
        if fault.call == ALLOCATION:
            extra = {"LD_PRELOAD": str(self._allocator), "FAIL_ALLOCATION": str(fault.nth)}
            # A call that is never made: only for what fail-call does beside.
            return self._run(setting, ["reboot", "EPERM", "0"], extra)
        return self._run(setting, [fault.call, fault.error, str(fault.nth)], {})

    def _tellings(self, setting: Setting) -> int:
        count = self.place.path / "run/count"
        self._plan(setting, {"COUNT_ALLOCATIONS": str(count)})
        return int(count.read_text())

    def _plan(self, setting: Setting, extra: dict[str, str]) -> subprocess.CompletedProcess[str]:
        policy = self.place.policy(setting)
        return subprocess.run([self._holdfast, "plan", "--json", "--policy", policy, "--workdir", self.place.path / "work"],
                              env={"LD_PRELOAD": str(self._allocator), **extra}, capture_output=True,
                              text=True, timeout=PATIENCE, check=False)

    def _run(self, setting: Setting, arguments: list[str], extra: dict[str, str]) -> Seen:
        environment = {"PATH": os.environ["PATH"], "LANG": "C", "KEPT": "kept", "XDG_RUNTIME_DIR": str(self.place.path / "run")}
        command = self.place.command(self._holdfast, setting)
        if extra:  # not for fail-call, nor for what comes between
            command = ["/usr/bin/env", *(f"{name}={value}" for name, value in extra.items()), *command]
        done = subprocess.run(
            [self._fail_call, *arguments, *(["--user", str(setting.user)] if setting.user else []), *command],
            env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=PATIENCE,
            pass_fds=(self.place.secret,), cwd=self.place.path / "work", check=False)
        left = tuple(str(one) for one in [*self._run_directories(setting)])
        for one in left:
            subprocess.run(["rm", "-rf", one], check=True)
        return Seen(done.returncode, done.stdout, done.stderr, left)

    def _run_directories(self, setting: Setting) -> list[Path]:
        return sorted((self.place.path / "run" if setting.user else Path("/run")).glob("holdfast-*"))

    def _calls(self, setting: Setting) -> list[tuple[str, int]]:
        """The calls of a start and of its end, but for the witness's own: each with its number among those of its name."""
        trace = self.place.path / "trace"
        seen = self._run(setting, ["reboot", "EPERM", "0", "--trace", str(trace)], {})
        if seen.output != "held\n":
            raise RuntimeError(f"without a fault: {setting.name}: {seen}")
        lines = [line.split() for line in trace.read_text().splitlines()]
        executing = max(number for number, (_, call) in enumerate(lines) if call == "execve")
        witness = lines[executing][0]
        counts: collections.Counter[str] = collections.Counter()
        found = []
        for number, (pid, call) in enumerate(lines):
            counts[call] += 1
            if pid != witness or number <= executing:
                found.append((call, counts[call]))
        return found

    def _allocations(self, setting: Setting) -> int:
        count = self.place.path / "run/count"
        count.unlink(missing_ok=True)
        self._run(setting, ["reboot", "EPERM", "0"],
                  {"LD_PRELOAD": str(self._allocator), "COUNT_ALLOCATIONS": str(count)})
        return int(count.read_text())

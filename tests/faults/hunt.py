"""Runs with one fault each: a call that fails, a caller that is killed, an allocation that fails."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faults.errors import KILL, errors_of, first_errors_of
from tests.faults.judge import Seen, judge, judge_telling
from tests.faults.setting import QUICK, Place, Setting
from tests.faults.told import Call, calls, outcome

ALLOCATION = "allocation"
TELLING = "allocation of holdfast plan"
PATIENCE = 30  # seconds; fail-call ends what hangs before


@dataclass(frozen=True)
class Fault:
    call: Call
    error: str

    @property
    def name(self) -> str:
        call = self.call
        if call.name in (ALLOCATION, TELLING):
            return f"{call.name} {call.nth}"
        about = f" of {call.subject}" if call.subject else ""
        return f"{call.process}: {call.name} {call.nth}{about} {'with its caller killed' if self.error == KILL else self.error}"

    @property
    def is_told(self) -> bool:
        return self.call.is_told and self.error in first_errors_of(self.call.name)


@dataclass(frozen=True)
class Trial:
    """What a run with a fault came to, what is wrong with that, and what was told, where it is one that is recorded."""

    kind: str
    wrong: str
    told: str = ""


class Bench:
    """The programs, and a place for their runs."""

    def __init__(self, holdfast: Path, programs: Path, folder: Path) -> None:
        self.place = Place(programs / "witness", folder)
        self._fail_call = programs / "fail-call"
        self._said: dict[Setting, str] = {}
        # Where another user can get at them: the checkout may be in a home that is closed.
        self._holdfast = self.place.copy(holdfast)
        self._allocator = self.place.copy(programs / "failing-allocation.so")

    def call_faults(self, setting: Setting, quick: bool) -> Iterator[Fault]:
        """Every call of a start that fails, once each; quick: by the first error, and nobody killed."""
        for call in self._calls(setting):
            for error in first_errors_of(call.name) if quick else (*errors_of(call.name), KILL):
                if (call.process, call.name) != ("supervisor", "execve"):  # the harness's own
                    yield Fault(call, error)

    def allocation_faults(self, setting: Setting) -> Iterator[Fault]:
        for name, count in ((ALLOCATION, self._allocations(setting)), (TELLING, self._tellings(setting))):
            for number in range(1, count + 1):
                yield Fault(Call("", name, "", number, number), "ENOMEM")

    def trial(self, setting: Setting, fault: Fault) -> Trial:
        call = fault.call
        if call.name == TELLING:
            done = self._plan(setting, {"FAIL_ALLOCATION": str(call.nth)})
            return Trial(*judge_telling(self._plan(setting, {}).stdout, done.returncode, done.stdout, done.stderr))
        seen = self._faulty(setting, fault)
        told = outcome(call, seen, self._usual(setting), self.place.path) if setting in QUICK and fault.is_told else ""
        return Trial(*judge(call.name, fault.error, seen), told)

    def _usual(self, setting: Setting) -> str:
        """What a run without a fault says."""
        if setting not in self._said:
            self._said[setting] = self._run(setting, ["reboot", "EPERM", "0"], {}).said
        return self._said[setting]

    def _faulty(self, setting: Setting, fault: Fault) -> Seen:
        if fault.call.name == ALLOCATION:
            extra = {"LD_PRELOAD": str(self._allocator), "FAIL_ALLOCATION": str(fault.call.nth)}
            # A call that is never made: only for what fail-call does beside.
            return self._run(setting, ["reboot", "EPERM", "0"], extra)
        return self._run(setting, [fault.call.name, fault.error, str(fault.call.nth), "--of", fault.call.process], {})

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
        self.place.restore()
        if extra:  # not for fail-call, nor for what comes between
            command = ["/usr/bin/env", *(f"{name}={value}" for name, value in extra.items()), *command]
        done = subprocess.run(
            [self._fail_call, *arguments, "--beside", setting.beside,
             *(["--user", str(setting.user)] if setting.user else []), *command],
            env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=PATIENCE,
            pass_fds=(self.place.secret,), cwd=self.place.path / "work", check=False)
        left = tuple(str(one) for one in [*self._run_directories(setting)])
        for one in left:
            subprocess.run(["rm", "-rf", one], check=True)
        return Seen(done.returncode, done.stdout, done.stderr, left)

    def _run_directories(self, setting: Setting) -> list[Path]:
        return sorted((self.place.path / "run" if setting.user else Path("/run")).glob("holdfast-*"))

    def _calls(self, setting: Setting) -> list[Call]:
        """The calls of a start and of its end."""
        trace = self.place.path / "trace"
        seen = self._run(setting, ["reboot", "EPERM", "0", "--trace", str(trace)], {})
        if seen.output not in ("held\n", "held, with the proxy\n"):
            raise RuntimeError(f"without a fault: {setting.name}: {seen}")
        return calls(trace.read_text(), self.place.path)

    def _allocations(self, setting: Setting) -> int:
        count = self.place.path / "run/count"
        count.unlink(missing_ok=True)
        self._run(setting, ["reboot", "EPERM", "0"],
                  {"LD_PRELOAD": str(self._allocator), "COUNT_ALLOCATIONS": str(count)})
        return int(count.read_text())

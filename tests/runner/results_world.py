"""Results for the tests of the faces: one of each verdict, and a run of them whose texts are as hostile as can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from matrix import record, record_read, result
from matrix.boots import BootRecord
from matrix.cells import Cell, spread
from matrix.events import GuestFacts
from matrix.expect import Difference
from matrix.observe import Observation
from matrix.result import Result, expectation, harness
from matrix.run import Run
from matrix.targets import choose, on_guests
from matrix_world import SMALL, scenario

AROUND = {"runtime": {"version": "holdfast 0.1.0", "commit": "0123456789abcdef", "changed": True}, "qemu": "QEMU 7.2",
          "host": {"release": "6.18.0", "machine": "x86_64"},
          "kernels": [{"series": "6.1", "package": "linux-image-6.1", "version": "6.1.192-2", "sha256": "00",
                       "moved_from": None}]}

# Markup of every face, a terminal's escape, ends of lines, a NUL, half a surrogate pair, and a text written backwards.
HOSTILE = ("</script><script>alert(1)</script>&amp;`b`|c|# ok 1 \x1b[31m\r\n\x00\ud800\u2028\u202e]]>"
           "\N{REPLACEMENT CHARACTER}")

PLAN = {"mode": "proxy", "landlock": True, "abi": 2, "handled": {"fs": ["execute"]}, "limits": [],
        "rules": [{"path": "/usr", "at_most": ["execute"], "origin": "baseline"},
                  {"path": "/run/holdfast-abcdef", "at_most": ["read_file"], "origin": "runtime"}]}


def cells(rows: Sequence[str] = ("2", "3"), name: str = "small") -> list[Cell]:
    return spread(scenario(SMALL, name), on_guests(choose(rows)))


def passed(cell: Cell) -> Result:
    return Result(cell, result.PASS, expectation(cell), Observation(outcome="started", exit=0), ms=5)


def failed(cell: Cell) -> Result:
    stderr = "one\ntwo\x00\nthree\nfour\nfive\n"
    seen = Observation(outcome="exec-failed", error="HF-EXEC-FAILED", exit=126, stderr=stderr)
    return Result(cell, result.FAIL, expectation(cell), seen, (Difference("outcome", "started", "exec-failed"),), ms=5)


def with_plan(one: Result) -> Result:
    return replace(one, seen=replace(one.seen, plan=PLAN))


def some() -> list[Result]:
    """Two rows by two modes: pass, fail, panic, skipped."""
    first, second, third, fourth = cells()
    return [passed(first), failed(second), harness(third, result.PANIC, "it fell over"),
            harness(fourth, result.SKIPPED, "too new")]


def hostile() -> Run:
    """`some`, with hostile text wherever a sandbox or a kernel can put text."""
    first, second, third, fourth = some()
    seen = Observation(outcome="started", exit=0, enforced=True, abi=2, probes={"hosts": HOSTILE}, warnings=(HOSTILE,),
                       skipped=(HOSTILE,), stdout=HOSTILE, stderr=HOSTILE * 3, plan=PLAN)
    boot = BootRecord("6.1", "panic", 2, 1, 0.5, 2, GuestFacts("2", "0", "6.1.0", "0"), f"Kernel panic {HOSTILE}",
                      [HOSTILE])
    return Run([replace(first, seen=seen),
                replace(second, seen=seen, differences=(Difference(HOSTILE, HOSTILE, HOSTILE),)),
                replace(third, why=HOSTILE), replace(fourth, why=HOSTILE)], [boot], 2.0)


def data(run: Run) -> dict[str, Any]:
    return record.make(run, AROUND)


def recorded(run: Run) -> record_read.Record:
    return record_read.Record(data(run), run)


def many_red(scenarios: int) -> Run:
    """Every cell red, and no two in the same way: the most that faces have to show."""
    results = []
    for number in range(scenarios):
        many = scenario(SMALL, f"regressions/a-scenario-with-a-rather-long-name-{number}")
        for cell in spread(many, on_guests(choose(()))):
            differences = (Difference("probe hosts", "ok", f"E{len(results)}"), Difference("exit status", "0", "1"))
            seen = Observation(outcome="started", exit=1, stderr=f"holdfast: {number}\n" * 20)
            results.append(Result(cell, result.FAIL, expectation(cell), seen, differences, ms=5))
    return Run(results, [], 100.0)

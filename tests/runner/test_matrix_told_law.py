"""The law of what is told: report, standard error and exit status agree, and mean what they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from matrix import relations, result
from matrix.cells import spread
from matrix.observe import Observation, observe
from matrix.record import MOST_TEXT
from matrix.result import Result, expectation
from matrix.targets import choose, on_guests
from matrix_world import report, scenario

PLAN: Mapping[str, Any] = {"min_abi": 2, "compatibility": "best_effort", "mode": "block", "mode_origin": "baseline",
                           "rules": [{"path": "/usr", "at_most": [], "origin": "policy:3:14"},
                                     {"path": "/lib32", "at_most": [], "origin": "baseline"}]}
GOOD = Observation("started", exit=0, ended="exited 0", enforced=True, abi=6, plan=PLAN)
DEGRADED = replace(GOOD, outcome="degraded", enforced=False, abi=0, limits=("landlock",),
                   warnings=("not enforced", "no file is protected"),
                   stderr="holdfast: warning: not enforced\nholdfast: warning: no file is protected\n")


def broken(seen: Observation, row: str = "6", policy: str = "version: 1", launcher: str = "") -> set[str]:
    small = scenario(f"""\
about: one cell
policy: |
  {policy}
axes: {{landlock: [omitted], mode: [policy]}}
rows: "none,6"
{launcher}
probes: {{it: read /etc/hosts}}
expect: [{{outcome: usual, probes: {{it: any}}}}]
""")
    results = [Result(cell, result.PASS, expectation(cell), seen) for cell in spread(small, on_guests(choose((row,))))]
    return {one.of.what for one in relations.check(results) if one.law == "told"}


def test_what_agrees() -> None:
    assert not broken(GOOD) and not broken(DEGRADED, "none")
    assert not broken(Observation("refused", error="HF-POLICY-INVALID", exit=125))
    assert not broken(Observation("refused", error="HF-LANDLOCK-NOTHING", exit=125,
                                  plan={**PLAN, "compatibility": "hard_requirement"}))


@pytest.mark.parametrize(("change", "what"), [
    # Degraded is what hard_requirement would have refused, no more and no less.
    ({"outcome": "degraded", "warnings": ("w",), "stderr": "holdfast: warning: w\n"}, "outcome"),
    ({"plan": {**PLAN, "min_abi": 7}}, "outcome"),
    ({"skipped": ("/usr",)}, "outcome"),
    ({"skipped": ("/lib32",)}, None),
    # What is told to a program is told to a person.
    ({"warnings": ("w",)}, "stderr"),
    ({"warnings": ("w",), "stderr": "holdfast: warning: w\n"}, None),
    ({"warnings": ("w",), "stderr": "x" * MOST_TEXT}, None),
    ({"limits": ("truncate",)}, "warnings"),
    # The exit status is the outcome's, or the command's own.
    ({"exit": 1}, "exit status"),
    ({"exit": 7, "ended": "exited 7"}, None),
    ({"exit": 9, "ended": "signaled 9"}, "exit status"),
    ({"exit": 137, "ended": "signaled 9"}, None),
    ({"exit": 143, "ended": "timeout 15"}, "exit status"),
    ({"exit": 124, "ended": "timeout 15"}, None),
    ({"outcome": "refused", "exit": 1}, "exit status"),
    ({"outcome": "exec-failed", "error": "HF-EXEC-FAILED", "exit": 125}, "exit status"),
    ({"outcome": "exec-failed", "error": "HF-EXEC-NOT-FOUND", "exit": 126}, "exit status"),
    ({"outcome": "exec-failed", "error": "HF-EXEC-NOT-FOUND", "exit": 127}, None),
    # What hard_requirement alone refuses.
    ({"outcome": "refused", "exit": 125, "error": "HF-LANDLOCK-ABI-TOO-OLD"}, "error"),
    # Law 8.
    ({"abi": 5}, "enforced abi"),
])
def test_what_does_not(change: Mapping[str, Any], what: str | None) -> None:
    found = broken(replace(GOOD, **change))
    assert what in found if what else not found


def test_a_degraded_start_says_that_it_is() -> None:
    one = replace(DEGRADED, warnings=("no file is protected",), stderr="holdfast: warning: no file is protected\n")
    assert broken(one, "none") == {"warnings"}
    assert "outcome" in broken(replace(DEGRADED, outcome="started"), "none")
    assert "enforced abi" in broken(DEGRADED, "6")


def test_where_a_launcher_stands_for_another_kernel_the_rows_abi_is_not_asked_for() -> None:
    assert not broken(DEGRADED, "6", launcher="launcher: [abi-ceiling, none, '${HOLDFAST}']")


def test_the_mode_is_the_policys_unless_the_command_line_says() -> None:
    policy = "network_policies: {up: {name: up, endpoints: [{host: upstream.test, port: 8080}]}}"
    assert broken(GOOD, policy=policy) == {"mode"}
    assert not broken(replace(GOOD, plan={**PLAN, "mode": "proxy"}), policy=policy)
    assert not broken(replace(GOOD, plan={**PLAN, "mode_origin": "command line"}), policy=policy)
    assert broken(replace(GOOD, plan={**PLAN, "mode": "proxy"})) == {"mode"}


def test_how_a_command_ended_is_read_from_the_report() -> None:
    assert observe({"report.json": report(exit={"kind": "signaled", "status": 9})}, 137, ()).ended == "signaled 9"
    assert observe({"report.json": report(exit=None)}, 125, ()).ended is None

"""The law of what fails: refused, naming it, or as where nothing fails. And that of what is granted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from matrix import relations, result
from matrix.cells import spread
from matrix.observe import Observation
from matrix.result import Result, expectation
from matrix.targets import choose, on_guests
from matrix_world import scenario

CALLS = """\
about: a call that fails
policy: |
  version: 1
axes:
  landlock: [omitted]
  mode: [block]
  call: {nothing: reboot=EPERM, user: setresuid=EAGAIN, lie: landlock_restrict_self=ok}
rows: "6"
launcher: [deny-call, "${call}", "${HOLDFAST}"]
probes: {it: read /mnt/cell/secret}
expect: [{outcome: usual, probes: {it: any}}]
"""
GOOD = Observation("started", exit=0, probes={"it": "EACCES"})
REFUSED = Observation("refused", error="HF-IDENTITY-FAILED", errno="EAGAIN", exit=125)


def faults(nothing: Observation, **failing: Observation) -> set[tuple[str, str]]:
    results = [Result(cell, result.PASS, expectation(cell), failing.get(cell.axes["call"], nothing))
               for cell in spread(scenario(CALLS), on_guests(choose(("6",))))]
    return {(one.of.right.cell.axes["call"], one.of.what) for one in relations.check(results) if one.law == "fault"}


def test_what_is_refused_for_its_fault_or_agrees() -> None:
    assert not faults(GOOD) and not faults(GOOD, user=REFUSED) and not faults(GOOD, lie=REFUSED)
    # Where the start is refused anyhow, nothing fails in it.
    assert not faults(replace(REFUSED, errno=None), user=replace(REFUSED, errno="ENOSYS"))


@pytest.mark.parametrize(("failing", "what"), [
    ({"user": replace(GOOD, probes={"it": "ok"})}, ("user", "probe it")),
    ({"lie": replace(GOOD, probes={"it": "ok"})}, ("lie", "probe it")),
    ({"user": replace(GOOD, outcome="degraded")}, ("user", "outcome")),
    ({"user": replace(REFUSED, outcome="exec-failed")}, ("user", "outcome")),
    ({"user": replace(REFUSED, errno=None)}, ("user", "errno")),
    ({"user": replace(REFUSED, errno="EPERM")}, ("user", "errno")),
])
def test_what_goes_on_weaker_or_names_something_else(failing: Mapping[str, Observation], what: tuple[str, str]) -> None:
    assert faults(GOOD, **failing) == {what}


FILES = """\
about: what is granted
policy: |
  version: 1
axes: {landlock: [omitted], mode: [block]}
rows: "none,1,6"
probes: {it: PROBE}
expect: [{outcome: usual, probes: {it: any}}]
"""
WRITABLE = ["read_file", "read_dir", "write_file", "make_reg", "make_dir", "make_sym", "remove_file", "remove_dir"]
RULES = [{"path": "/mnt/cell/own", "at_most": WRITABLE}, {"path": "/mnt/cell/given", "at_most": ["read_file"]}]
PLAN: Mapping[str, Any] = {"rules": RULES, "min_abi": 2, "mode": "block", "mode_origin": "command line"}


def denied(probe: str, row: str, free: str = "ok", got: str = "EACCES") -> bool:
    """Whether it is a breach that the probe is denied on that row, which had this result without Landlock."""
    results = []
    for cell in spread(scenario(FILES.replace("PROBE", probe)), on_guests(choose(("none", row)))):
        number = 0 if cell.target.abi == "none" else int(cell.target.abi)
        results.append(Result(cell, result.PASS, expectation(cell), Observation(
            "started", exit=0, enforced=number > 0, abi=number, probes={"it": got if number else free}, plan=PLAN)))
    return any(one.law == "granted" for one in relations.check(results))


@pytest.mark.parametrize(("probe", "row", "breach"), [
    ("read /mnt/cell/given/file", "6", True),
    ("write /mnt/cell/given/file", "6", False),
    ("create /mnt/cell/own/new", "1", True),
    ("read /mnt/cell/secret", "6", False),
    ("rename /mnt/cell/own/a/f /mnt/cell/own/b/f", "6", True),
    ("rename /mnt/cell/own/a/f /mnt/cell/own/b/f", "1", False),
    ("rename /mnt/cell/own/a/f /mnt/cell/own/a/g", "1", True),
    ("rename /mnt/cell/own/a/f /mnt/cell/given/f", "6", False),
    ("read /etc/hostname", "6", False),
])
def test_what_a_rule_gives_is_allowed(probe: str, row: str, breach: bool) -> None:
    assert denied(probe, row) == breach
    assert not denied(probe, row, free="EACCES"), "the file's own mode denies it"
    assert not denied(probe, row, got="ok")

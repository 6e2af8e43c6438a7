"""The control of a scenario: how it is written, put to hf-probe, read and judged."""

from __future__ import annotations

import pytest

from matrix.cells import spread
from matrix.compile import command_line, directives
from matrix.diagnostics import Diagnostics
from matrix.expect import compare, resolve
from matrix.observe import observe
from matrix.schema import parse
from matrix.targets import choose, on_guests
from matrix_world import SMALL, faults, report, scenario

EXCUSED = SMALL + """\
control:
  - {when: {abi: 2, mode: block}, probes: [hosts], result: [ENOENT, ENOSYS], because: no such file there}
"""
POINT = {"mode": "block", "landlock": "omitted", "user": "root"}


def differing(text: str, control: str, row: str = "2", **axes: str) -> list[str]:
    """What differs in a cell whose control printed that."""
    seen = observe({"report.json": report(), "stdout": "hosts ok\n", "control": control}, 0, ["hosts"])
    return [f"{one.what}: {one.expected}, {one.got}"
            for one in compare(resolve(scenario(text), {**POINT, **axes}, row), seen)]


def test_the_probes_are_made_before_holdfast_below_its_launcher() -> None:
    text = SMALL + 'launcher: [env, A=b, "${HOLDFAST}"]\ncontrol: []\n'
    cell = spread(scenario(text), on_guests(choose(["3"])))[0]
    assert command_line(cell)[:11] == [
        "/usr/local/bin/abi-ceiling", "3", "env", "A=b", "/usr/local/bin/hf-probe", "--control", "/mnt/cell/control",
        "hosts read /etc/hosts", "--", "/usr/local/bin/holdfast", "run"]
    assert "send control" in directives(cell)


def test_without_the_key_there_is_none() -> None:
    cell = spread(scenario(), on_guests(choose(["2"])))[0]
    assert "--control" not in command_line(cell) and "send control" not in directives(cell)
    assert differing(SMALL, "") == []


@pytest.mark.parametrize(("control", "differs"), [
    ("hosts ok\n", []),
    ("hosts EPERM\n", ["control hosts: ok, EPERM"]),
    ("", ["control hosts: ok, no result"]),
])
def test_each_probe_must_succeed(control: str, differs: list[str]) -> None:
    assert differing(SMALL + "control: []\n", control) == differs


def test_an_excuse_holds_where_it_says_and_for_what_it_says() -> None:
    assert differing(EXCUSED, "hosts ENOSYS\n") == differing(EXCUSED, "hosts ok\n") == []
    assert differing(EXCUSED, "hosts EPERM\n") == ["control hosts: ok or ENOENT or ENOSYS, EPERM"]
    assert differing(EXCUSED, "hosts ENOSYS\n", mode="proxy") == ["control hosts: ok, ENOSYS"]


def test_a_control_counts_where_nothing_starts() -> None:
    refused = SMALL.replace("outcome: started\n    enforced: true", "outcome: refused\n    error: HF-X")
    told = report(outcome="refused", enforced=None, error={"id": "HF-X"})
    seen = observe({"report.json": told, "control": ""}, 125, ["hosts"])
    found = compare(resolve(scenario(refused + "control: []\n"), POINT, "2"), seen)
    assert [one.what for one in found] == ["control hosts"]


@pytest.mark.parametrize(("control", "told"), [
    ("[{probes: host, result: EPERM, because: x}]", "unknown probe 'host'; did you mean 'hosts'?"),
    ("[{probes: hosts, because: x}]", "an item of control needs 'result'"),
    ("[{probes: hosts, result: EPERM}]", "an item of control needs 'because'"),
    ("[{result: EPERM, because: x}]", "an item of control needs 'probes'"),
    ("[{probes: hosts, result: EPERM, because: x, reason: y}]", "unknown key 'reason' in an item of control"),
    ("[{when: {abi: 1}, probes: hosts, result: EPERM, because: x}]", "this item of control matches no cell"),
    ("true", "control must be a list"),
])
def test_what_is_no_control(control: str, told: str) -> None:
    assert told in faults(SMALL + f"control: {control}\n")[0]


def test_a_control_needs_probes() -> None:
    text = SMALL.replace("probes:\n  hosts: read /etc/hosts\n", "command: [/bin/true]\n")
    text = text.replace("    probes: {hosts: ok}\n", "")
    assert "'control' is for probes, and there are none" in faults(text + "control: []\n")[0]


def test_an_escape_without_control_is_not_valid() -> None:
    for text, valid in ((SMALL, False), (SMALL + "control: []\n", True)):
        diagnostics = Diagnostics("s.yaml")
        assert (parse(text, "escapes/s", diagnostics) is not None) == valid
        assert valid or "has a control, without which a denial proves nothing" in str(diagnostics.items[0])

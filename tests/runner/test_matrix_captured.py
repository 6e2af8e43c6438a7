"""Captured scenarios: what is said of the rows at which they reproduce, and that a real one runs."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from matrix import captured, result
from matrix.cells import spread
from matrix.observe import Observation
from matrix.result import harness
from matrix.targets import choose, on_guests
from matrix_world import SMALL, faults, scenario
from results_world import failed, passed

CAPTURED = SMALL.replace("policy:", "captured: {kernel: 6.1.0, abi: 2}\npolicy:", 1)
HERE = Path(__file__).parents[2]


def test_a_line_for_each_way_in_which_it_ended() -> None:
    cells = spread(scenario(CAPTURED), on_guests(choose(["2", "3", "6", "7"])))
    assert [cell.axes["mode"] for cell in cells[:2]] == ["block", "proxy"]
    other = replace(failed(cells[4]), seen=Observation(outcome="started", exit=3))
    results = [passed(cells[0]), passed(cells[1]), passed(cells[2]), failed(cells[3]), other,
               harness(cells[5], result.HANG, "x"), harness(cells[6], result.SKIPPED, "x")]
    assert list(captured.told(results)) == [
        "reproduces at: 2, 3 (block, omitted, root); 2 (proxy, omitted, root)",
        "does not at: 3 (proxy, omitted, root): exec-failed HF-EXEC-FAILED, exit status 126",
        "does not at: 6 (block, omitted, root): started, exit status 3",
        "does not at: 6 (proxy, omitted, root): hang",
    ]
    assert list(captured.told([failed(cells[0])]))[0] == "reproduces at: no cell that was run"


def test_nothing_is_said_of_others() -> None:
    assert not list(captured.told([passed(spread(scenario(SMALL), on_guests(choose(["2"])))[0])]))


def test_two_are_told_by_name() -> None:
    two = [passed(spread(scenario(CAPTURED, name), on_guests(choose(["2"])))[0]) for name in ("one", "two")]
    assert [line.partition(" ")[0] for line in captured.told(two)] == ["one:", "two:"]


def test_unknown_keys_have_their_place() -> None:
    assert faults(CAPTURED.replace("kernel:", "kernle:")) == [
        "s.yaml:2:12: unknown key 'kernle' in captured; did you mean 'kernel'?"]


REAL = {
    "a refusal": ("", "--policy policy.yaml", "/bin/true", 125),
    "a policy that is not there": ("", "--policy absent.yaml", "/bin/true", 125),
    "a policy that is a directory": ("mkdir folder", "--policy folder", "/bin/true", 125),
    "a policy that is not UTF-8": (r"printf 'version: 1 # f\374r\000\n' > policy.yaml", "--policy policy.yaml",
                                   "/bin/true", 125),
    "a script, its environment and its file": (
        """mkdir -p home/project; cd home/project; echo 30 > data; chmod 755 ..; chmod 755 .
        printf '#!/bin/sh\nread number < data; exit $((number + OWN))\n' > tool; chmod 755 tool""",
        "--workdir home/project --capture-with environment,contents", "./tool data", 37),
}


@pytest.mark.skipif(os.geteuid() != 0, reason="as another than root the cell of a root's capture is skipped")
@pytest.mark.parametrize("setup, options, command, status", REAL.values(), ids=REAL)
def test_a_real_capture_reproduces_on_the_host_lane(tmp_path: Path, setup: str, options: str, command: str,
                                                    status: int) -> None:
    file = tmp_path / "bug.yaml"
    (tmp_path / "policy.yaml").write_text("version: 1\nfilesystem_policy:\n  read_only: [/etc]\n")
    subprocess.run(["sh", "-ec", setup], cwd=tmp_path, check=True)
    done = subprocess.run([HERE / "build/holdfast", "run", "--capture", file, *options.split(), "--", *command.split()],
                          env={**os.environ, "HOME": str(tmp_path / "home"), "OWN": "7"}, cwd=tmp_path,
                          capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    run = subprocess.run([sys.executable, "-m", "matrix", "run", "--lane", "host", "--scenario", str(file),
                          "--kernel", "2"],
                         cwd=HERE, capture_output=True, text=True, check=False)
    assert run.stdout.splitlines()[-1] == "reproduces at: 2 (policy, omitted, root)", run.stdout + file.read_text()

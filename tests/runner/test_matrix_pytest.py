"""The matrix as a pytest plugin: what its users expect of pytest, on the host lane, and boots kept by the service."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from matrix.cells import spread
from matrix.pytest_items import scope
from matrix.pytest_record import Joined
from matrix.pytest_service import Service, batches
from matrix.result import Result
from matrix.targets import choose, on_guests
from matrix_world import SMALL, scenario
from test_matrix_merge import RESULTS, shard_runs, store, tree  # noqa: F401
from test_matrix_run import StandIn

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("BUILD", ROOT / "build")).resolve()
PROGRAMS = ("holdfast", "hf-probe", "abi-ceiling", "deny-call", "hf-bait", "cellrun", "holdfast-tls.so")
RED = SMALL.replace("hosts: ok}", "hosts: EACCES}")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A tree of two scenarios, one of them red, and programs to run them."""
    (tmp_path / "scenarios" / "deep").mkdir(parents=True)
    (tmp_path / "scenarios" / "green.yaml").write_text(SMALL)
    (tmp_path / "scenarios" / "deep" / "red.yaml").write_text(RED)
    (tmp_path / "other.yaml").write_text("about: not below scenarios\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\ntestpaths = scenarios\n")
    (tmp_path / "build").mkdir()
    for name in PROGRAMS:
        (tmp_path / "build" / name).symlink_to(BUILD / name)
    return tmp_path


def run(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "matrix.pytest_plugin", "--hf-lane", "host",
         "--hf-kernel", "2", *arguments],
        cwd=place, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False)


def closing(place: Path) -> str:
    return str(json.loads((place / "build" / "matrix" / "record.json").read_bytes())["closing"])


def test_a_green_scenario(place: Path) -> None:
    done = run(place, "scenarios/green.yaml", "-v")
    assert done.returncode == 0, done.stdout + done.stderr
    for mode in ("block", "proxy"):
        assert f"scenarios/green.yaml::mode={mode},landlock=omitted,user=root/2 PASSED" in done.stdout
    assert closing(place) == "2 passed, 0 failed"
    assert {"junit.xml", "report.html", "report.ktap", "summary.md"} <= set(os.listdir(place / "build" / "matrix"))


def test_a_red_cell_is_told_as_everywhere_else(place: Path) -> None:
    done = run(place)
    assert done.returncode == 1 and "2 failed, 2 passed" in done.stdout, done.stdout + done.stderr
    assert "FAIL deep/red/mode=block,landlock=omitted,user=root/2" in done.stdout
    assert "    probe hosts: expected EACCES, got ok\n" in done.stdout
    assert "    run again alone in a fresh boot: the same\n" in done.stdout
    assert "    again: make matrix SCENARIO=deep/red KERNEL=2 CELL=mode=block,landlock=omitted,user=root LANE=host" in (
        done.stdout)
    assert "Traceback" not in done.stdout and ".py" not in done.stdout.partition("FAILURES")[2]
    assert closing(place) == "2 passed, 2 failed"


@pytest.mark.parametrize(("arguments", "ends"), [
    (["-k", "green and proxy"], "1 passed, 3 deselected"),
    (["-x"], "1 failed, 2 passed"),
    (["scenarios/green.yaml::mode=proxy,landlock=omitted,user=root/2"], "1 passed"),
    (["scenarios", "-n", "2"], "2 failed, 2 passed"),
    (["-d", "--tx", "2*popen"], "2 failed, 2 passed"),
    (["-n", "2", "--dist", "loadgroup"], "2 failed, 2 passed"),
    (["--hf-kernel", "11", "-k", "green"], "2 passed, 2 skipped, 4 deselected"),
])
def test_what_users_of_pytest_expect(place: Path, arguments: list[str], ends: str) -> None:
    done = run(place, *arguments, "-q")
    assert done.stdout.splitlines()[-1].startswith(ends), done.stdout + done.stderr
    assert done.returncode == (1 if "failed" in ends else 0)
    assert closing(place).startswith(f"{ends.partition(' passed')[0][-1]} passed, ")


def test_junit_has_a_case_a_cell(place: Path) -> None:
    run(place, "--junitxml", "out.xml", "-n", "2")
    suite = ET.parse(place / "out.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("4", "2", "0")
    names = sorted((case.get("classname") or "", case.get("name") or "") for case in suite)
    assert names[0] == ("scenarios.deep.red.yaml", "mode=block,landlock=omitted,user=root/2")
    assert all(float(case.get("time") or 99) < 20 for case in suite)


def test_what_could_not_be_judged_is_an_error_and_no_failure(place: Path) -> None:
    (place / "build" / "holdfast").unlink()
    (place / "build" / "holdfast").write_text("#!/bin/sh\nexit 0\n")
    (place / "build" / "holdfast").chmod(0o755)
    done = run(place, "-q", "-k", "green")
    assert done.returncode == 1 and done.stdout.splitlines()[-1].startswith("2 deselected, 2 errors"), done.stdout
    assert "ERROR green/mode=block,landlock=omitted,user=root/2\n    there is no report (exit status 0)" in done.stdout
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize("workers", [[], ["-n", "2"]])
def test_a_wrong_file_is_told_by_its_place(place: Path, workers: list[str]) -> None:
    (place / "scenarios" / "wrong.yaml").write_text("abuot: x\n")
    done = run(place, *workers)
    assert "scenarios/wrong.yaml:1:1: unknown key 'abuot' in the scenario; did you mean 'about'?" in done.stdout
    assert done.returncode != 0 and "Traceback" not in done.stdout


@pytest.mark.parametrize("workers", [[], ["-n", "2"]])
@pytest.mark.parametrize(("arguments", "message"), [
    (["--hf-kernel", "12"], "ERROR: no kernel row '12'; there are none, off, 1,"),
    (["--hf-build", "nowhere"], "ERROR: nowhere/holdfast is not there: build it first (make)"),
])
def test_usage_errors_are_one_line(place: Path, workers: list[str], arguments: list[str], message: str) -> None:
    done = run(place, *workers, *arguments)
    assert done.returncode == 4 and message in done.stderr and "Traceback" not in done.stderr + done.stdout


def test_a_known_failure_is_expected_to_fail(place: Path) -> None:
    known = RED.replace("policy:", "status: known\nuntil: later\npolicy:", 1)
    (place / "scenarios" / "deep" / "red.yaml").write_text(known)
    done = run(place, "-q", "-rx")
    assert done.returncode == 0 and "known to be red, until later" in done.stdout, done.stdout
    assert done.stdout.splitlines()[-1].startswith("2 passed, 2 xfailed")


def test_other_tests_are_none_of_its_business(place: Path) -> None:
    (place / "test_x.py").write_text("def test_x(): pass\n")
    done = run(place, "test_x.py", "-q", "--hf-build", "nowhere")
    assert done.returncode == 0 and "1 passed" in done.stdout and not (place / "nowhere").exists()


def test_each_kernel_is_booted_once_and_only_when_asked() -> None:
    cells = spread(scenario(SMALL), on_guests(choose(["2", "3", "6", "7"])))
    lane = StandIn()
    service = Service(lane, cells, lambda one: one, ahead=0)
    assert list(batches(cells)) == ["6.12", "6.1", "6.18"] and lane.begun == []
    assert service.result(cells[0]).verdict == "pass" and lane.begun == ["6.1"]
    assert [service.result(cell).verdict for cell in cells[:6]] == ["pass"] * 6 and lane.begun == ["6.1", "6.12"]


def test_one_more_kernel_is_booted_ahead() -> None:
    cells = spread(scenario(SMALL), on_guests(choose(["2", "6", "7"])))
    lane = StandIn(absent="7.0")
    service = Service(lane, cells, lambda one: one, ahead=1)
    assert service.result(cells[0]).verdict == "pass"
    assert service.result(cells[2]).verdict == "pass" and {"6.1", "6.12"} <= set(lane.begun)


@pytest.mark.parametrize("fault", [RuntimeError, ValueError])
def test_a_fault_within_a_boot_is_told_to_whoever_waits(fault: type[Exception]) -> None:
    cells = spread(scenario(SMALL), on_guests(choose(["2"])))

    def judge(one: Result) -> Result:
        raise fault("a fault")

    with pytest.raises(Exception, match="a fault"):
        Service(StandIn(), cells, judge, ahead=0).result(cells[0])


@pytest.mark.parametrize(("node", "lane", "what"), [
    ("scenarios/a/b.yaml::mode=block,landlock=omitted,user=root/4", "vm", "6.12"),
    ("scenarios/a/b.yaml::mode=block,landlock=omitted,user=root/off", "vm", "6.1-off"),
    ("scenarios/a/b.yaml::mode=block/vmlinuz:7#2", "vm", "vmlinuz:7#2"),
    ("scenarios/a/b.yaml::mode=block,landlock=omitted,user=root/4", "host", "scenarios/a/b.yaml"),
    ("tests/test_x.py::test_x", "vm", "tests/test_x.py::test_x"),
])
def test_what_stays_together_on_a_worker(node: str, lane: str, what: str) -> None:
    assert scope(node, lane) == what


def joined(tree: Path, change: Callable[[list[dict[str, object]]], object] = lambda made: None) -> Joined:
    found = Joined()
    for number, path in enumerate(store(tree, shard_runs(RESULTS, 2), change)):
        found.add(f"gw{number}", path.read_text())
    return found


def test_what_workers_ran_is_one_record(tree: Path) -> None:  # noqa: F811
    found = joined(tree)
    (tree / "out").mkdir()
    assert found.finish(tree / "scenarios", tree / "out") == 1
    assert found.lines[-1].startswith("10 passed, 2 failed; ") and (tree / "out" / "report.html").exists()


def test_workers_that_ran_another_runtime_make_no_record(tree: Path) -> None:  # noqa: F811
    def change(made: list[dict[str, object]]) -> None:
        made[1]["runtime"] = {"version": "holdfast 0.0.9", "commit": "fedcba", "changed": False}

    found = joined(tree, change)
    assert found.finish(tree / "scenarios", tree / "out") == 1 and not (tree / "out").exists()
    assert found.lines[1] == "gw1: ran holdfast 0.0.9 at fedcba, gw0 holdfast 0.1.0 at 0123456789abcdef"

"""`matrix report`: faces out of a stored record, by the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from matrix import faces, record
from matrix.run import Run
from results_world import data, some

ROOT = Path(__file__).resolve().parents[2]


def report(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "matrix", "report", *map(str, arguments)], cwd=ROOT, text=True,
                          capture_output=True, check=False)


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    record.write(data(Run(some(), [], 2.0)), tmp_path / "record.json")
    return tmp_path / "record.json"


def test_a_record_is_shown_as_its_run_was(stored: Path) -> None:
    done = report(stored)
    assert done.returncode == 0 and done.stderr == ""
    assert "  proxy omitted X -\n" in done.stdout and done.stdout.endswith("\n1 passed, 2 failed, 1 skipped\n")


def test_the_faces_asked_for_and_no_others(stored: Path, tmp_path: Path) -> None:
    wanted = {face: tmp_path / "out" / face for face in faces.FACES}
    done = report(stored, *(word for face, path in wanted.items() for word in (f"--{face}", path)))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert all(path.stat().st_size > 100 for path in wanted.values())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "record.json"]


def test_what_cannot_be_read_or_written_is_told_without_a_trace(stored: Path, tmp_path: Path) -> None:
    absent = report(tmp_path / "absent.json")
    assert absent.returncode == 2
    assert absent.stderr == f"{tmp_path}/absent.json: no such record; make matrix writes one\n"
    barred = report(stored, "--ktap", stored / "x")
    assert barred.returncode == 2 and "cannot be written" in barred.stderr and barred.stderr.count("\n") == 1

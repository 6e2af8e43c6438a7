"""The directory of a run: where it is made, and which of those that killed runs left are swept away."""

from __future__ import annotations

import fcntl
import os
import subprocess
import time
from pathlib import Path

import pytest

from usage import open_to_others

HOLDFAST = Path(os.environ.get("BUILD", "build")).resolve() / "holdfast"
pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="it needs root, to be another user")
ORDINARY = 65534
SETTLED = 120  # seconds; a directory of less than 60 may be one that is not locked yet


def start(place: Path, **environment: str) -> str:
    """Where a run of an ordinary user had its directory."""
    done = subprocess.run(
        ["setpriv", f"--reuid={ORDINARY}", f"--regid={ORDINARY}", "--clear-groups", HOLDFAST, "run", "--mode", "proxy", "--",
         "/bin/sh", "-c", "echo $HOLDFAST_RUN_DIRECTORY"], cwd=place, env={"PATH": os.environ["PATH"], **environment},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Path:
    open_to_others(tmp_path)
    os.chown(tmp_path, ORDINARY, ORDINARY)
    return tmp_path


def left_by_a_run(path: Path, owner: int = ORDINARY, age: float = SETTLED) -> Path:
    path.mkdir(mode=0o777)
    path.chmod(0o777)
    (path / "proxy.env").write_text("HTTPS_PROXY=\n")
    os.chown(path, owner, owner)
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def test_what_killed_runs_left_is_swept_and_nothing_else(place: Path) -> None:
    left_by_a_run(place / "holdfast-swept1")
    living = left_by_a_run(place / "holdfast-locked")
    stays = {living, left_by_a_run(place / "holdfast-young1", age=0), left_by_a_run(place / "holdfast-rooted", owner=0),
             left_by_a_run(place / "holdfast-another"), left_by_a_run(place / "somebody-others")}
    (place / "holdfast-linked").symlink_to(left_by_a_run(place / "elsewhere"))
    os.mkfifo(place / "holdfast-piped1")  # who opens it waits for a writer
    lock = os.open(living, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    start(place, XDG_RUNTIME_DIR=str(place))
    os.close(lock)
    assert {one.name for one in place.iterdir()} == {
        *(one.name for one in stays), "elsewhere", "holdfast-linked", "holdfast-piped1"}
    assert all((one / "proxy.env").exists() for one in (*stays, place / "elsewhere"))


@pytest.mark.parametrize(("environment", "parent"), [({}, "/tmp"), ({"XDG_RUNTIME_DIR": "here"}, "/tmp")])
def test_without_a_runtime_directory_it_is_a_temporary_one(place: Path, environment: dict[str, str], parent: str) -> None:
    (place / "here").mkdir(mode=0o777)
    path = Path(start(place, **environment))
    assert str(path.parent) == parent and not path.exists()


def test_the_runtime_directory_of_the_caller_is_taken(place: Path) -> None:
    assert Path(start(place, XDG_RUNTIME_DIR=str(place))).parent == place

"""A start that fails for a typical mistake names the mistake and the remedy in its first two lines."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mistakes import MISTAKES, Mistake

BUILD = Path(__file__).parents[2] / "build"
ORDINARY = 65534


def names(directory: Path) -> dict[str, str]:
    return {"HERE": str(directory), "LOADER": os.path.realpath("/lib64/ld-linux-x86-64.so.2"), "BUILD": str(BUILD)}


def filled_in(text: str, directory: Path) -> str:
    for name, value in names(directory).items():
        text = text.replace(f"${name}", value)
    return text


def start(mistake: Mistake, directory: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **names(directory), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    holdfast, before = str(BUILD / "holdfast"), ""
    if mistake.policy is not None:
        text = mistake.policy
        (directory / "policy.yaml").write_bytes(
            text if isinstance(text, bytes) else filled_in(text, directory).encode())
    subprocess.run(["sh", "-ec", mistake.setup], cwd=directory, env=env, check=True)
    if mistake.user == "ordinary" and os.geteuid() == 0:
        # The tree may lie where an ordinary user may not go.
        shutil.copy(holdfast, directory)
        holdfast, before = "./holdfast", f"setpriv --reuid {ORDINARY} --regid {ORDINARY} --clear-groups --"
    return subprocess.run(["sh", "-c", f"{before} {mistake.launcher} {holdfast} run {mistake.run}"], cwd=directory,
                          env=env, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture(name="here")
def _here() -> Iterator[Path]:
    """A folder that every user may enter, as pytest's own is not."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name).resolve()


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_the_first_two_lines_name_mistake_and_remedy(mistake: Mistake, here: Path) -> None:
    if mistake.user == "root" and os.geteuid() != 0:
        pytest.skip("needs root")
    done = start(mistake, here)
    lines = done.stderr.splitlines()
    if mistake.late:
        lines = [line for line in lines if not line.startswith("holdfast: warning: ")]
    said = "\n".join(lines[:2])
    assert done.returncode == mistake.exit, done.stderr
    assert filled_in(mistake.mistake, here) in said
    assert filled_in(mistake.remedy, here) in said


def test_there_are_many_and_each_is_another() -> None:
    assert len({mistake.name for mistake in MISTAKES}) == len(MISTAKES) >= 25

"""Runs proxy_*_inside.py in a user, mount and network namespace, where the names and the low ports are ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from proxy_world import DRIVER

HERE = Path(__file__).parent
NAMESPACES = ["unshare", "--map-root-user", "--mount", "--net"]


def can_unshare() -> bool:
    return subprocess.run([*NAMESPACES, "true"], capture_output=True).returncode == 0


@pytest.mark.skipif(not DRIVER.exists(), reason=f"{DRIVER} is not built")
@pytest.mark.skipif(not can_unshare(), reason="no user namespace can be made here")
@pytest.mark.parametrize("what", ["names", "clients"])
def test_inside(what: str) -> None:
    inside = str(HERE / f"proxy_{what}_inside.py")
    run = subprocess.run(
        [*NAMESPACES, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", inside],
        env=os.environ | {"HOLDFAST_INSIDE": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    print(run.stdout, run.stderr)
    assert run.returncode == 0, run.stdout[-4000:]

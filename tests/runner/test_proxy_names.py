"""Runs proxy_names_inside.py in a user, mount and network namespace, where the names and port 53 are ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from proxy_world import DRIVER

INSIDE = Path(__file__).with_name("proxy_names_inside.py")
NAMESPACES = ["unshare", "--map-root-user", "--mount", "--net"]


def can_unshare() -> bool:
    return subprocess.run([*NAMESPACES, "true"], capture_output=True).returncode == 0


@pytest.mark.skipif(not DRIVER.exists(), reason=f"{DRIVER} is not built")
@pytest.mark.skipif(not can_unshare(), reason="no user namespace can be made here")
def test_names() -> None:
    run = subprocess.run(
        [*NAMESPACES, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(INSIDE)],
        env=os.environ | {"HOLDFAST_INSIDE": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    print(run.stdout, run.stderr)
    assert run.returncode == 0, run.stdout[-4000:]

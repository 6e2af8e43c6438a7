"""Cells on another machine: pytest-xdist over ssh, to an sshd of the test's own on loopback."""

from __future__ import annotations

import getpass
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from matrix_world import SMALL
from test_matrix_pytest import BUILD, PROGRAMS

ROOT = Path(__file__).resolve().parents[2]
SSHD = Path("/usr/sbin/sshd")
WAIT = 20.0


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def key(path: Path) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return path


@pytest.fixture
def ssh(tmp_path: Path) -> Iterator[Path]:
    """A file for ssh -F by which `other` is reached."""
    if not SSHD.exists():
        pytest.skip("no sshd here (openssh-server)")
    port, host, user = free_port(), key(tmp_path / "host"), key(tmp_path / "user")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where it leaves its privileges
    (tmp_path / "sshd").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {host}\nAuthorizedKeysFile {user}.pub\nPidFile none\nStrictModes no\n"
        "UsePAM no\nPasswordAuthentication no\n")
    (tmp_path / "ssh").write_text(
        f"Host other\n HostName 127.0.0.1\n Port {port}\n User {getpass.getuser()}\n IdentityFile {user}\n"
        " IdentitiesOnly yes\n StrictHostKeyChecking no\n UserKnownHostsFile /dev/null\n LogLevel ERROR\n")
    server = subprocess.Popen([SSHD, "-D", "-e", "-f", tmp_path / "sshd"], stderr=subprocess.DEVNULL)
    try:
        reach(port)
        yield tmp_path / "ssh"
    finally:
        server.terminate()
        server.wait()


def reach(port: int) -> None:
    deadline = time.monotonic() + WAIT
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def lay_out(place: Path) -> Path:
    """A clone as a machine has it: the runner, two scenarios, and what was built."""
    (place / "scenarios").mkdir(parents=True)
    for name in ("one", "two"):
        (place / "scenarios" / f"{name}.yaml").write_text(SMALL)
    (place / "build").mkdir()
    for name in PROGRAMS:
        (place / "build" / name).symlink_to(BUILD / name)
    for name in ("matrix", "vm", "conftest.py", "pytest.ini"):
        (place / name).symlink_to(ROOT / name)
    return place


def test_cells_run_on_another_machine(ssh: Path, tmp_path: Path) -> None:
    here, there = lay_out(tmp_path / "here"), lay_out(tmp_path / "there")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "--hf-lane=host", "--hf-kernel=2", "-d",
         "--tx", f"ssh=other//ssh_config={ssh}//python={sys.executable}//chdir={there}"],
        cwd=here, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0 and "4 passed" in done.stdout, done.stdout + done.stderr
    record = json.loads((here / "build" / "matrix" / "record.json").read_bytes())
    assert record["closing"] == "4 passed, 0 failed" and len(record["boots"]) == 2
    assert list((there / "build" / "matrix" / "gw0").glob("cells-host-*")), "the cells did not run there"
    assert not list((here / "build" / "matrix").glob("**/cells-host-*"))

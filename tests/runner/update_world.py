"""What the tests of a run that goes on share: its policy changed by the program, and a sandbox that is told what to do."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from proxy_world import ROOT, WAIT

HOLDFAST = Path(os.environ.get("HOLDFAST", ROOT / "build" / "holdfast"))
NOBODY = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups")


def update(run: int, text: str, *options: str, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """`holdfast update` with this text in policy.yaml, which is where the faults are told to be."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        Path(folder, "policy.yaml").write_text(text)
        return subprocess.run([*before, str(HOLDFAST), "update", str(run), "--policy", "policy.yaml", *options], cwd=folder,
                              capture_output=True, text=True, timeout=WAIT + 10)


def updated(run: int, text: str) -> None:
    done = update(run, text)
    assert done.returncode == 0 and not done.stderr, done.stderr


def control_name(process: int) -> bytes:
    return f"\0holdfast/{os.stat('/proc/self/ns/pid').st_ino}/{process}".encode()


def visit(process: int) -> socket.socket:
    """A raw connection to a run's control socket."""
    client = socket.socket(socket.AF_UNIX)
    client.connect(control_name(process))
    client.settimeout(WAIT)
    return client


@dataclass
class Sandbox:
    """A shell in a sandbox, which does one line after the other."""

    process: subprocess.Popen[str]
    folder: Path

    def do(self, line: str) -> str:
        """What a command line prints."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(line + "; echo; echo DONE\n")
        self.process.stdin.flush()
        printed = []
        while (row := self.process.stdout.readline()) != "DONE\n":
            assert row, "the sandbox ended"
            printed.append(row)
        return "".join(printed).strip()

    @property
    def run(self) -> int:
        return self.process.pid


@contextmanager
def sandbox(text: str, *options: str, before: tuple[str, ...] = (), mode: str = "proxy") -> Iterator[Sandbox]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        (folder / "policy.yaml").write_text(text)
        with open(folder / "said", "w") as said:
            process = subprocess.Popen(
                [*before, str(HOLDFAST), "run", "--policy", "policy.yaml", "--mode", mode, *options, "--", "/bin/sh"],
                cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True)
        try:
            running = Sandbox(process, folder)
            running.do("true")
            yield running
            assert process.stdin
            process.stdin.close()
            assert process.wait(WAIT) == 0, (folder / "said").read_text()
        finally:
            process.kill()
            process.wait()
            assert process.stdin and process.stdout
            process.stdin.close()
            process.stdout.close()

"""What is printed on a terminal and elsewhere: the program says the same, the matrix is in colour on a terminal alone,
and nowhere under NO_COLOR."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from history_world import PROGRAMS
from usage import HOLDFAST, ROOT

ESCAPE = b"\x1b"
COLOUR = b"\x1b[1m"
POLICY = "version: 1\nlandlock: {compatibility: hard_requirement}\nfilesystem_policy: {read_only: [/no/such]}\n"


@pytest.fixture
def matrix(tmp_path: Path) -> list[str]:
    """One cell, in a build folder of its own: the last record stays."""
    for name in PROGRAMS:
        (tmp_path / name).symlink_to(ROOT / "build" / name)
    return [sys.executable, "-m", "matrix", "run", "--build", str(tmp_path), "--lane", "host", "--kernel", "none",
            "--scenario", "regressions/default-change", "--cell", "mode=block,landlock=omitted"]


def on_a_terminal(command: Sequence[str], environment: Mapping[str, str]) -> bytes:
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs,
                          env={**os.environ, "TERM": "xterm", **environment}):
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 65536):
                shown += part
        except OSError:  # EIO: nobody has the other end any more
            pass
    os.close(ours)
    return shown.replace(b"\r\n", b"\n")


def on_a_pipe(command: Sequence[str]) -> bytes:
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False).stdout


@pytest.mark.parametrize("arguments", [
    ("--help",), ("plan", "--abi", "2"), ("probe",), ("run", "--mode", "neither"),
    ("check", "{policy}"), ("run", "--policy", "{policy}", "--", "/bin/true"), ("run", "--", "/no/such"),
    ("why", "--", "/bin/ls", "/root"), ("learn", "--", "/bin/true"), ("convert", "--to", "yaml", "{policy}", "-"),
])
def test_the_program_says_the_same_everywhere(arguments: Sequence[str], tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY)
    command = [str(HOLDFAST), *(argument.format(policy=policy) for argument in arguments)]
    shown = on_a_terminal(command, {})
    assert shown == on_a_pipe(command) and ESCAPE not in shown


def test_the_matrix_is_in_colour_on_a_terminal_alone(matrix: list[str]) -> None:
    assert COLOUR in on_a_terminal(matrix, {"NO_COLOR": ""})
    assert ESCAPE not in on_a_pipe(matrix)


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb", "NO_COLOR": ""}])
def test_no_colour_where_none_is_wanted(matrix: list[str], environment: Mapping[str, str]) -> None:
    shown = on_a_terminal(matrix, environment)
    assert b"1 passed, 0 failed" in shown and b"\x1b[0m" not in shown
    assert (b"\x1b[K" in shown) == (environment.get("TERM") != "dumb")

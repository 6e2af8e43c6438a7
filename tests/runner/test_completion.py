"""What bash and zsh offer on TAB is what the program takes: its verbs, options, and the words of their values."""

from __future__ import annotations

import os
import pty
import select
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import usage

HERE = Path(__file__).parent
COMPLETIONS = usage.ROOT / "completions"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "TERM": "xterm", "HOME": "/nonexistent"}

Ask = Callable[[str], set[str]]


@pytest.fixture(params=["bash", "zsh"])
def ask(request: pytest.FixtureRequest, tmp_path: Path) -> Ask:
    """What the shell offers at the end of a line, in a folder with one file and one folder."""
    place, out = tmp_path / "place", tmp_path.parent / "offered"  # beside it zsh's dump, for all tests
    (place / "folder").mkdir(parents=True)
    (place / "file.yaml").touch()

    def bash(line: str) -> set[str]:
        return set(subprocess.run(["bash", HERE / "complete.bash", COMPLETIONS / "holdfast", line], cwd=place,
                                  env=ENVIRONMENT, capture_output=True, text=True, check=False).stdout.splitlines())

    def zsh(line: str) -> set[str]:
        out.write_text("")
        subprocess.run(["zsh", "-f", HERE / "complete.zsh", COMPLETIONS, line, out], cwd=place, env=ENVIRONMENT,
                       timeout=30, check=True)
        return set(out.read_text().splitlines())

    return {"bash": bash, "zsh": zsh}[request.param]


def test_the_verbs(ask: Ask) -> None:
    assert ask("holdfast ") | ask("holdfast --") == {*usage.VERBS, "--help", "--version"}


@pytest.mark.parametrize("verb", usage.VERBS)
def test_the_options_of_a_verb(ask: Ask, verb: str) -> None:
    long = {one for one in ask(f"holdfast {verb} -") if len(one) > 2}
    assert long == {*usage.options(verb), "--help"}


def test_a_short_option(ask: Ask) -> None:
    assert "file.yaml" in ask("holdfast learn -o f")
    assert ask("holdfast learn -o file.yaml truncat") == {"truncate"}


def values() -> list[tuple[str, str]]:
    return [(f"{verb} {option}", value) for verb in usage.VERBS
            for option, value in usage.options(verb).items() if value]


@pytest.mark.parametrize(("option", "value"), values())
def test_the_value_of_an_option(ask: Ask, option: str, value: str) -> None:
    offered = {"FILE": {"file.yaml", "folder"}, "DIR": {"folder"},
               "LIST": {"names", "environment", "contents"}}.get(value, usage.words(value))
    assert {one.rstrip("/") for one in ask(f"holdfast {option} ")} == offered
    assert {one.rstrip("/") for one in ask(f"holdfast {option}=")} == offered
    for one in sorted(offered)[:1]:
        assert {one} == {like.rstrip("/") for like in ask(f"holdfast {option}={one[:2]}")}


@pytest.mark.parametrize("verb", [verb for verb in usage.VERBS if usage.synopsis(verb).endswith(" FILE...")])
def test_files(ask: Ask, verb: str) -> None:
    assert {"file.yaml", "folder"} == {one.rstrip("/") for one in ask(f"holdfast {verb} ")}
    assert "file.yaml" in ask(f"holdfast {verb} folder f")


@pytest.mark.parametrize("verb", [verb for verb in usage.VERBS if "COMMAND" in usage.synopsis(verb)])
def test_the_command_and_its_arguments(ask: Ask, verb: str) -> None:
    file = next(option for option, value in usage.options(verb).items() if value == "FILE")
    for line in ("-- ", "", "--mode block ", "--mode=block -- ", f"{file} file.yaml --workdir folder "):
        assert ask(f"holdfast {verb} {line}truncat") == {"truncate"}, line
        assert "file.yaml" in ask(f"holdfast {verb} {line}truncate f"), line
        assert "--report" not in ask(f"holdfast {verb} {line}truncate --re"), line


def heard(terminal: int, until: bytes) -> bytes:
    heard = b""
    while until not in heard:
        assert select.select([terminal], [], [], 10)[0], heard
        heard += os.read(terminal, 4096)
    return heard


def test_by_readline_itself() -> None:
    """The function alone is asked above; here the shell splits the line and shows the answer."""
    child, terminal = pty.fork()
    if child == 0:
        os.execve("/bin/bash", ["bash", "--norc", "--noprofile", "-i"], ENVIRONMENT)
    os.write(terminal, f". {COMPLETIONS}/holdfast; echo r'eady'\n".encode())
    heard(terminal, b"ready\r\n")
    os.write(terminal, b"holdfast pl\t--mode=pr\t--j\t")
    shown = heard(terminal, b"--json")
    os.write(terminal, b"\x15exit\n")
    os.waitpid(child, 0)
    os.close(terminal)
    assert b"holdfast plan --mode=proxy --json" in shown, shown

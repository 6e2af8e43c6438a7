"""What the program says of its own command line: its verbs and, of each, the options with their values."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOLDFAST = Path(os.environ.get("BUILD", ROOT / "build")).resolve() / "holdfast"


def open_to_others(path: Path) -> None:
    """Up to the folder of temporary files: pytest's own are closed to other users, and there is one more with xdist."""
    for folder in (path, *path.parents):
        if folder == Path(tempfile.gettempdir()):
            return
        folder.chmod(folder.stat().st_mode | 0o055)


@cache
def told(*arguments: str) -> str:
    return subprocess.run([HOLDFAST, *arguments], capture_output=True, text=True, check=True).stdout


VERBS = tuple(re.findall(r"^  ([a-z]+) ", told("--help"), re.M))


def synopsis(verb: str) -> str:
    """The usage's first lines as one."""
    text = told(verb, "--help").partition("\n\n")[0]
    assert text.startswith("usage: "), text
    return " ".join(text.removeprefix("usage: ").split())


def options(verb: str) -> dict[str, str]:
    """From option to what its value is called in the usage, "" where it has none."""
    found = dict(re.findall(r"\[?(--[a-z][a-z-]*) ?([^\s\]-][^\s\]]*)?", synopsis(verb)))
    unsaid = set(re.findall(r"^  (--[a-z-]+)", told(verb, "--help"), re.M)) - set(found)
    assert not unsaid, f"holdfast {verb} --help explains {unsaid}, and has it not in its first lines"
    return found


def words(value: str) -> set[str]:
    """The words that a value can be: `N|none|off` has two, N being a number."""
    return {word for word in value.split("|") if word.islower()} if "|" in value else set()

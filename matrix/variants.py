"""Builds variants of the runtime: its source, patched, made with the same Makefile."""

from __future__ import annotations

import filecmp
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path


class Failed(Exception):
    """A patch that does not apply, or a variant that does not build; the message has the tool's own words."""


def build(name: str, patches: Sequence[Path], source: Path, folder: Path) -> Path:
    """The runtime of that name, built below `folder`. Only files whose patched text changed are compiled anew."""
    fresh = folder / "fresh"
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(source, fresh / "src")
    for patch in patches:
        apply(patch, fresh)
    sync(fresh / "src", folder / "src")
    shutil.rmtree(fresh)
    return make(f"variant {name}", folder / "src", folder)


def make(what: str, source: Path, folder: Path) -> Path:
    """The runtime of that source, built by the Makefile in `folder`. A variant may leave a function unused, which is no
    error here, whatever CI makes of warnings elsewhere."""
    program = folder / "holdfast"
    _run(["make", "--no-print-directory", "CI=", f"SRC={source}", f"BUILD={folder}", str(program)],
         f"{what} does not build")
    return program


def apply(patch: Path, folder: Path, *options: str) -> None:
    """Applies without fuzz: a patch that fits only nearly may patch the wrong place. `--dry-run` only asks."""
    if not patch.is_file():
        raise Failed(f"{patch}: no such patch")
    _run(["patch", "-p1", "--batch", "--forward", "--fuzz=0", "--no-backup-if-mismatch", "-r", "-", "-d", str(folder),
          "-i", str(patch.resolve()), *options], f"{patch} does not apply: the source has moved under it")


def changed(source: Path, target: Path) -> list[Path]:
    """The files of source that target has otherwise, or not at all."""
    return [name for name in (path.relative_to(source) for path in sorted(source.rglob("*")) if path.is_file())
            if not (target / name).is_file() or not filecmp.cmp(source / name, target / name, shallow=False)]


def sync(source: Path, target: Path) -> None:
    """Makes target the same as source, touching only what differs."""
    wanted = {path.relative_to(source) for path in source.rglob("*") if path.is_file()}
    for path in list(target.rglob("*")):
        if path.is_file() and path.relative_to(target) not in wanted:
            path.unlink()
    for name in changed(source, target):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, target / name)


def _run(command: Sequence[str], what: str) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise Failed(f"{what}:\n{done.stdout.strip()}")

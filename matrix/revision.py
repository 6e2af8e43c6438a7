"""The runtime of another revision: its src/, include/ and Makefile out of git, built with its own Makefile, the user's work
tree untouched."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from matrix.observe import SCHEMA
from matrix.variants import sync

MOST_LINES = 30  # of what a compiler says
PATIENCE = 60  # seconds for one start


class Unknown(Exception):
    """No such revision; the message says so."""


class Unbuildable(Exception):
    """A revision without a runtime that this matrix could run; the message says why, with the compiler's own words."""


@dataclass(frozen=True)
class Revision:
    name: str  # as it was asked for
    sha: str

    def __str__(self) -> str:
        return self.name if self.sha.startswith(self.name) else f"{self.name} ({self.sha[:12]})"


def git(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", "-C", str(repository), *arguments], capture_output=True, text=True, check=False,
                          errors="replace", env={**os.environ, "LC_ALL": "C"})


def resolve(name: str, repository: Path) -> Revision:
    """Raises Unknown."""
    if shutil.which("git") is None:
        raise Unknown(f"revision {name}: git is not installed")
    done = git(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if done.returncode:
        inside = git(repository, "rev-parse", "--git-dir")
        why = inside.stderr.strip() if inside.returncode else "a branch of a remote has to be fetched first (git fetch)"
        raise Unknown(f"no such revision '{name}' in {repository.resolve()}: {why}")
    return Revision(name, done.stdout.strip())


def build(revision: Revision, repository: Path, folder: Path) -> Path:
    """The revision's runtime, kept below `folder` by what it is made of: revisions that differ elsewhere share it.
    Raises Unbuildable."""
    done = git(repository, "rev-parse", f"{revision.sha}:src", f"{revision.sha}:Makefile")
    if done.returncode:
        raise Unbuildable(f"revision {revision} has no src/ and Makefile: there is no runtime to build")
    source, makefile = done.stdout.split()
    header = git(repository, "rev-parse", "--verify", "--quiet", f"{revision.sha}:include").stdout.strip()
    program = folder / source / header / makefile / "holdfast"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.is_file():
            made = _make(revision, repository, folder / "work" / makefile, bool(header))
            _require_report(made, revision)
            program.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(made, program.with_suffix(".new"))
            program.with_suffix(".new").rename(program)
    return program


def _make(revision: Revision, repository: Path, work: Path, has_header: bool) -> Path:
    """Revisions with the same Makefile are built in the same place, so that only what differs is compiled."""
    folders = ("src", "include") if has_header else ("src",)
    with tempfile.TemporaryDirectory(dir=work.parent.parent) as scratch:
        with subprocess.Popen(["git", "-C", str(repository), "archive", revision.sha, *folders, "Makefile"],
                              stdout=subprocess.PIPE) as archive:
            unpacked = subprocess.run(["tar", "-x", "-C", scratch], stdin=archive.stdout, check=False)
        if archive.returncode or unpacked.returncode:
            raise Unbuildable(f"revision {revision} cannot be read out of {repository.resolve()}")
        for name in folders:
            sync(Path(scratch) / name, work / name)
        shutil.copyfile(Path(scratch) / "Makefile", work / "Makefile")
    for linked in (work / "build").glob("*"):
        if linked.is_file():
            linked.unlink()  # make does not see that an object is no longer part of an archive
    # What make was told for this tree is not meant for that one, and its warnings are nobody's fault now.
    environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "CI")}
    made = subprocess.run(["make", "--no-print-directory", "-C", str(work), f"-j{os.cpu_count() or 1}", "SRC=src",
                           "BUILD=build", "build/holdfast"], capture_output=True, text=True, check=False,
                          env=environment)
    if made.returncode or not (work / "build" / "holdfast").is_file():
        words = "\n".join(made.stderr.strip().splitlines()[:MOST_LINES])
        raise Unbuildable(f"revision {revision} does not build:\n{words}")
    return work / "build" / "holdfast"


def _require_report(program: Path, revision: Revision) -> None:
    """Even a start that is refused writes a report; its schema is what the matrix reads cells by."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "report.json"
        try:
            subprocess.run([str(program.resolve()), "run", "--report", str(path), "--", "/bin/true"], cwd=scratch,
                           capture_output=True, check=False, timeout=PATIENCE)
            schema = json.loads(path.read_text("utf-8"))["schema"]
        except (OSError, subprocess.TimeoutExpired, ValueError, KeyError, TypeError):
            schema = "none"
    if schema != SCHEMA:
        raise Unbuildable(f"revision {revision} is from before the report this matrix reads: "
                          f"needed is schema {SCHEMA}, it has {schema}")

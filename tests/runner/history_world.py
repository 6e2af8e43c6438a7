"""A small history of the runtime's source for the tests that compare and bisect revisions: a scratch repository of its own
that holds this tree's src/, include/ and Makefile, and the commits that a test makes on top."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ("holdfast", "hf-probe", "abi-ceiling", "deny-call", "hf-bait", "cellrun", "holdfast-tls.so")
DEFAULT = ("plan/plan.c", "plan->compatibility = HF_COMPATIBILITY_BEST_EFFORT;",
           "plan->compatibility = HF_COMPATIBILITY_HARD_REQUIREMENT;")
RIGHT_AGAIN = (DEFAULT[0], DEFAULT[2], DEFAULT[1])
UNBUILDABLE = ("plan/plan.c", "/* Law 3. */", "/* Law 3. */ this_is_no_c;")


class History:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        for name in ("src", "include"):
            shutil.copytree(ROOT / name, folder / name)
        shutil.copy(ROOT / "Makefile", folder)
        (folder / "build").mkdir()
        for name in PROGRAMS:
            shutil.copy(ROOT / "build" / name, folder / "build")
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "user.name", "A Tester")
        self.git("config", "user.email", "tester@example.com")
        (folder / ".gitignore").write_text("build/\n")
        self.commit("The runtime as it is")

    def git(self, *arguments: str) -> str:
        return subprocess.run(["git", "-C", str(self.folder), *arguments], check=True, capture_output=True,
                              text=True).stdout.strip()

    def commit(self, subject: str) -> str:
        """One that changes nothing too."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", subject)
        return self.git("rev-parse", "HEAD")

    def change(self, subject: str, file: str, before: str, after: str) -> str:
        """A commit that puts one text in the place of another."""
        path = self.folder / "src" / file
        text = path.read_text()
        assert text.count(before) == 1, f"{file} has '{before}' {text.count(before)} times: the source has moved"
        path.write_text(text.replace(before, after))
        return self.commit(subject)

    def matrix(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """This tree's runner and scenarios, in that repository. -O0: what is built is not what is tested."""
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "CFLAGS": "-O0", "MAKEFLAGS": ""}
        return subprocess.run([sys.executable, "-m", "matrix", *arguments, "--scenarios", str(ROOT / "scenarios")],
                              cwd=self.folder, env=environment, capture_output=True, text=True, check=False)

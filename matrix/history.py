"""git bisect in a bare clone of its own: the user's work tree, HEAD and references stay as they are."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from enum import Enum
from pathlib import Path

from matrix.revision import Revision, git

_HERE = ("--git-dir", ".")  # whatever GIT_DIR says, as it does in a hook
_CONCLUSION = re.compile(r"^# (?:possible )?first bad commit: \[([0-9a-f]+)\]", re.MULTILINE)


class Mark(Enum):
    """What a revision is; SKIP where that cannot be told."""

    GOOD = "good"
    BAD = "bad"
    SKIP = "skip"


class Refused(Exception):
    """git would not bisect; the message is its own."""


def bisect(repository: Path, good: Revision, bad: Revision, judge: Callable[[Revision], Mark]) -> tuple[str, ...]:
    """The first bad commit; more than one where those between could not be judged. Raises Refused."""
    with tempfile.TemporaryDirectory(prefix="holdfast-bisect-") as scratch:
        clone = Path(scratch)
        _git(repository, "clone", "--quiet", "--bare", "--shared", str(repository.resolve()), scratch)
        _git(clone, *_HERE, "bisect", "start", "--no-checkout", bad.sha, good.sha)
        while not (found := _CONCLUSION.findall(_git(clone, *_HERE, "bisect", "log"))):
            sha = _git(clone, *_HERE, "rev-parse", "--verify", "BISECT_HEAD").strip()
            _git(clone, *_HERE, "bisect", judge(Revision(sha[:12], sha)).value)
    return tuple(found)


def between(repository: Path, good: Revision, bad: Revision) -> int:
    """How many commits may be the first bad one."""
    return int(git(repository, "rev-list", "--count", bad.sha, f"^{good.sha}").stdout or 0)


def describe(repository: Path, sha: str) -> list[str]:
    """`0123abcd The subject`, and who wrote it when."""
    return git(repository, "show", "--no-patch", "--format=%H %s%n%an, %ad", "--date=iso", sha).stdout.splitlines()


def _git(repository: Path, *arguments: str) -> str:
    """Its output. `git bisect skip` ends with 2 where only skipped commits are left, which its log says as well."""
    done = git(repository, *arguments)
    if done.returncode and not ("bisect" in arguments and done.returncode == 2):
        words = [word for word in arguments if word not in _HERE]
        raise Refused(f"git {' '.join(words[:2])}: {(done.stderr.strip() or done.stdout.strip())}")
    return done.stdout

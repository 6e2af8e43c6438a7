"""The first commit that turns cells red, in a small history, on this machine's own kernel."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from history_world import DEFAULT, RIGHT_AGAIN, ROOT, UNBUILDABLE, History
from matrix import abi, targets
from matrix.history import Mark, Refused, bisect
from matrix.revision import Revision, resolve

CELLS = ("--lane", "host", "--scenario", "regressions/default-change", "--kernel", "1", "--cell", "mode=proxy")
MEND = (UNBUILDABLE[0], UNBUILDABLE[2], UNBUILDABLE[1])

on_the_host = [
    pytest.mark.skipif(abi.level(targets.host_abi()) < 1, reason="this machine's kernel has no Landlock"),
    pytest.mark.skipif(not (ROOT / "build" / "cellrun").is_file(), reason="nothing is built: make programs"),
]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    made = History(tmp_path_factory.mktemp("bisect") / "tree")
    made.git("tag", "good")
    made.commit("Nothing of note")
    made.commit("Nothing more of note")
    made.change("Half a change", *UNBUILDABLE)  # the middle of the history, so that it is tried
    made.commit("Still half a change")
    made.change("Half a change undone", *MEND)
    made.git("tag", "last-good")
    made.change("The default is hard", *DEFAULT)
    made.git("tag", "culprit")
    made.commit("Nothing of note either")
    made.git("tag", "bad")
    made.change("The default is soft again", *RIGHT_AGAIN)
    made.git("tag", "mended")
    return made


def state(history: History) -> list[str]:
    """Whatever of the user's a bisection could touch."""
    folder = history.folder / ".git"
    return [history.git("rev-parse", "HEAD"), history.git("status", "--porcelain"), history.git("show-ref"),
            history.git("worktree", "list"), *sorted(path.name for path in folder.iterdir()),
            (history.folder / "src" / "plan" / "plan.c").read_text()]


class TestOnTheHost:
    pytestmark = on_the_host

    def test_the_commit_and_its_cells(self, history: History) -> None:
        before = state(history)
        done = history.matrix("bisect", "--good", "good", "--bad", "bad", *CELLS)
        assert done.returncode == 0, done.stdout + done.stderr
        lines = done.stdout.splitlines()
        assert lines[0] == f"first bad commit: {history.git('rev-parse', 'culprit')} The default is hard"
        assert re.fullmatch(r"    A Tester, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000", lines[1])
        assert "FAIL regressions/default-change/mode=proxy,landlock=omitted,user=root/1" in lines
        assert "    outcome: expected degraded, got refused" in lines
        assert lines[-1] == "1 of the 1 cells that are red with BAD are red with it"
        assert "skipped: revision " in done.stderr and "this_is_no_c" in done.stderr
        assert state(history) == before

    @pytest.mark.parametrize(("good", "bad", "words"), [
        ("culprit", "bad", ["GOOD is not good: culprit (", "fails 1 of 3 cells", "landlock=omitted"]),
        ("good", "mended", ["BAD is not bad: mended (", "passes 3 of 3 cells"]),
        ("absent", "bad", ["no such revision 'absent'"]),
    ])
    def test_wrong_ends_are_told_first(self, history: History, good: str, bad: str, words: list[str]) -> None:
        done = history.matrix("bisect", "--good", good, "--bad", bad, *CELLS)
        assert done.returncode == 2 and all(word in done.stderr for word in words), done.stderr
        assert "commits; each is judged by" not in done.stderr and not done.stdout

    def test_an_end_that_does_not_build(self, history: History) -> None:
        done = history.matrix("bisect", "--good", "last-good~1", "--bad", "bad", *CELLS)
        assert done.returncode == 3 and "does not build:\n" in done.stderr

    def test_what_only_skipped_commits_separate(self, history: History) -> None:
        history.git("checkout", "--quiet", "-b", "hidden", "good")
        history.change("Unbuildable and", *UNBUILDABLE)
        history.change("hard", *DEFAULT)
        history.change("and mended", *MEND)
        done = history.matrix("bisect", "--good", "good", "--bad", "hidden", *CELLS)
        assert done.returncode == 3, done.stdout + done.stderr
        assert done.stdout.startswith("the first bad commit is one of these;")
        assert [line[-12:].split()[-1] for line in done.stdout.splitlines()[1:]] == ["mended", "hard", "and"]


@pytest.mark.parametrize(("more", "word"), [
    (["--runtime", "x", "--scenario", "regressions/default-change"], "--runtime has no place here"),
    ([], "which cells are to be good?"),
])
def test_usage(more: list[str], word: str, history: History) -> None:
    done = history.matrix("bisect", "--good", "good", "--bad", "bad", *more)
    assert done.returncode == 2 and word in done.stderr


def marks(history: History, bad: str, *, skip: bool) -> list[str]:
    """Bisects by subjects, no runtime involved."""
    wrong = ("The default is hard", "Nothing of note either")

    def judge(which: Revision) -> Mark:
        subject = history.git("show", "-s", "--format=%s", which.sha)
        if skip or "alf a change" in subject and "undone" not in subject:
            return Mark.SKIP
        return Mark.BAD if subject in wrong else Mark.GOOD

    found = bisect(history.folder, resolve("good", history.folder), resolve(bad, history.folder), judge)
    return [history.git("show", "-s", "--format=%s", sha) for sha in found]


def test_skipping_all_leaves_all(history: History) -> None:
    assert marks(history, "bad", skip=False) == ["The default is hard"]
    assert len(marks(history, "bad", skip=True)) == 7


def test_git_dir_of_a_hook_is_not_bisected(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    before = state(history)
    monkeypatch.setenv("GIT_DIR", str(history.folder / ".git"))
    assert marks(history, "bad", skip=False) == ["The default is hard"]
    monkeypatch.delenv("GIT_DIR")
    assert state(history) == before


def test_ends_in_the_wrong_order(history: History) -> None:
    with pytest.raises(Refused, match="git bisect"):
        bisect(history.folder, resolve("bad", history.folder), resolve("good", history.folder), lambda which: Mark.BAD)


def test_make_hands_everything_on(tmp_path: Path) -> None:
    said = tmp_path / "said"
    script = tmp_path / "python"
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {said}\n')
    script.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL")}
    cells = "--scenario a --kernel 2 --cell b=c --lane host"
    for goal, expected in (("bisect", f"bisect --build build --good v1 --bad v2 {cells}"),
                           ("matrix", f"diff --base v1 --build build {cells}")):
        subprocess.run(["make", "-s", "-o", "programs", goal, f"PYTHON={script}", "GOOD=v1", "BAD=v2", "BASE=v1",
                        "SCENARIO=a", "KERNEL=2", "CELL=b=c", "LANE=host"], cwd=ROOT, env=environment, check=True)
        assert said.read_text().split()[2:] == expected.split()

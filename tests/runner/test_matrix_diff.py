"""Another revision's runtime beside this one, on this machine's own kernel."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from history_world import DEFAULT, ROOT, UNBUILDABLE, History
from matrix import abi, revision, targets

CELLS = ("--lane", "host", "--scenario", "regressions/default-change", "--kernel", "none", "--kernel", "1",
         "--kernel", "2")

pytestmark = [
    pytest.mark.skipif(abi.level(targets.host_abi()) < 2, reason="this machine's kernel has no Landlock ABI 2"),
    pytest.mark.skipif(not (ROOT / "build" / "cellrun").is_file(), reason="nothing is built: make programs"),
]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    """good, default-hard, broken-source, no-report, no-source"""
    made = History(tmp_path_factory.mktemp("diff") / "tree")
    made.git("tag", "good")
    made.change("The default is hard", *DEFAULT)
    made.git("tag", "default-hard")
    made.change("Half a change", *UNBUILDABLE)
    made.git("tag", "broken-source")
    made.change("Half a change undone", UNBUILDABLE[0], UNBUILDABLE[2], UNBUILDABLE[1])
    made.change("Another report", "report/report.c", '"schema", 1,', '"schema", 0,')
    made.git("tag", "no-report")
    made.git("rm", "--quiet", "-r", "src")
    made.commit("No source")
    made.git("tag", "no-source")
    made.git("checkout", "--quiet", "good")
    return made


def test_the_same_source_moves_nothing(history: History) -> None:
    done = history.matrix("diff", "--base", "good", *CELLS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("nothing moved since good (") and done.stdout.endswith("): the same in 18 cells\n")
    assert "building the runtime of good (" in done.stderr


def test_what_moved_is_named_and_kept(history: History) -> None:
    before = history.git("status", "--porcelain"), history.git("rev-parse", "HEAD"), history.git("stash", "list")
    done = history.matrix("diff", "--base", "default-hard", *CELLS)
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.splitlines() == [
        "landlock omitted and ABI none or 1: refused HF-LANDLOCK-UNAVAILABLE or refused HF-LANDLOCK-ABI-TOO-OLD -> "
        "degraded (4 cells)",
        "",
        f"4 of 18 cells moved since default-hard ({history.git('rev-parse', 'default-hard')[:12]})"]
    out = history.folder / "build" / "matrix"
    found = json.loads((out / "behaviour.json").read_text())
    assert found["moves"][0]["sets"] == {"landlock": ["omitted"], "ABI": ["none", "1"]} and found["moved"] == 4
    assert (out / "behaviour.md").read_text().startswith("### Behaviour: 4 of 18 cells moved since default-hard (")
    assert before == (history.git("status", "--porcelain"), history.git("rev-parse", "HEAD"),
                      history.git("stash", "list"))


def test_a_runtime_is_built_once(history: History) -> None:
    assert history.matrix("diff", "--base", "good", *CELLS).returncode == 0
    kept = {path: path.stat().st_mtime_ns for path in (history.folder / "build" / "base").rglob("holdfast")}
    assert kept and history.matrix("diff", "--base", "good", *CELLS).returncode == 0
    assert kept == {path: path.stat().st_mtime_ns for path in kept}


@pytest.mark.parametrize(("base", "status", "words"), [
    ("absent", 2, ["no such revision 'absent'", "has to be fetched first"]),
    ("--all", 2, ["no such revision '--all'"]),
    ("broken-source", 3, ["revision broken-source (", ") does not build:\n", "plan.c", "this_is_no_c"]),
    ("no-report", 3, ["is from before the report this matrix reads: needed is schema 1, it has 0"]),
    ("no-source", 3, ["has no src/ and Makefile: there is no runtime to build"]),
])
def test_a_base_that_cannot_be_had(history: History, base: str, status: int, words: list[str]) -> None:
    done = history.matrix("diff", f"--base={base}", *CELLS)
    assert done.returncode == status, done.stdout + done.stderr
    assert all(word in done.stderr for word in words) and "Traceback" not in done.stderr, done.stderr
    assert not (history.folder / "build" / "matrix" / "behaviour.json").exists()


def test_outside_of_a_repository(tmp_path: Path) -> None:
    with pytest.raises(revision.Unknown, match="not a git repository"):
        revision.resolve("HEAD", tmp_path)

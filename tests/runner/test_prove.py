"""`make prove` runs what has not passed yet for this source, and writes down what did."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.prove import __main__ as prove
from tests.prove.steps import LAST, STEPS, Step

ROOT = Path(__file__).resolve().parents[2]
COUNTS = Step("counts", ("sh", "-c", "echo run >> build/runs; echo begun; echo 3 of 3"), LAST)
COMMIT = "git -c user.name=a -c user.email=a@example.org commit -qm text"
FAILS = Step("fails", ("sh", "-c", "echo what is wrong; exit 4"), LAST)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tests").mkdir()
    (tmp_path / ".gitignore").write_text("build/\n")
    subprocess.run(["git", "init", "-q"], check=True)
    commit("first")
    return tmp_path


def commit(text: str) -> None:
    Path("source").write_text(text)
    subprocess.run(["git", "add", "-A"], check=True)
    subprocess.run(COMMIT.split(), check=True)


def proven(*steps: Step) -> bool:
    return prove.prove(steps, Path("build/prove"))


def runs() -> int:
    return len(Path("build/runs").read_text().splitlines())


def test_what_passed_is_not_run_again_until_the_source_changes(tree: Path) -> None:
    assert proven(COUNTS) and proven(COUNTS) and runs() == 1
    commit("another")
    assert proven(COUNTS) and runs() == 2


def test_the_record_is_written_and_committing_it_changes_nothing(tree: Path) -> None:
    assert proven(COUNTS)
    head = subprocess.run(["git", "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout
    row = (tree / prove.RECORD).read_text().splitlines()[-1]
    assert row.startswith("| counts | 3 of 3 | 0 | 20") and row.endswith(f" {head[:12]} |"), row
    commit("first")
    assert proven(COUNTS) and runs() == 1


def test_a_row_is_of_the_commit_that_was_there_at_the_beginning(tree: Path) -> None:
    head = subprocess.run(["git", "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout
    moves = Step("moves", ("sh", "-c", f"{COMMIT} --allow-empty; echo 1"), LAST)
    assert proven(moves)
    assert (tree / prove.RECORD).read_text().splitlines()[-1].endswith(f" {head[:12]} |")


def test_rows_of_what_another_build_ran_stay(tree: Path) -> None:
    other = Step("other", COUNTS.command, LAST)
    assert prove.prove((other, COUNTS), Path("build/elsewhere"), ["other"])
    elsewhere = (tree / prove.RECORD).read_text().splitlines()[-1]
    assert prove.prove((other, COUNTS), Path("build/prove"), ["counts"])
    rows = (tree / prove.RECORD).read_text().splitlines()[-2:]
    assert rows[0] == elsewhere and rows[1].startswith("| counts | 3 of 3 |"), rows


def test_a_step_that_fails_is_told_and_tried_again_and_the_others_run(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not proven(FAILS, COUNTS)
    out = capsys.readouterr().out
    assert "what is wrong\nprove: 1/2 fails: failed with 4" in out and "1 passed, 1 failed: fails\n" in out
    assert "fails" not in (tree / prove.RECORD).read_text()
    assert not proven(FAILS, COUNTS) and runs() == 1


MEETS = """trap 'rm build/{0}' EXIT; echo met > build/{0}
for i in $(seq 100); do [ ! -e build/{1} ] || {{ sleep 0.3; exit 0; }}; {2}; done; exit 1"""


@pytest.mark.parametrize("cores, beside", [({0, 1}, True), ({0}, False)])
def test_steps_that_need_one_core_run_beside_each_other(cores: set[int], beside: bool, tree: Path,
                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: cores)
    wait = "sleep 0.1" if beside else "sleep 0.001"
    one, other = (Step(mine, ("sh", "-c", MEETS.format(mine, its, wait)), LAST, one_core=True)
                  for mine, its in (("one", "other"), ("other", "one")))
    assert proven(one, other, COUNTS) is beside and runs() == 1


def test_steps_that_do_not_say_so_run_by_themselves(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    one, other = (Step(mine, ("sh", "-c", MEETS.format(mine, its, "sleep 0.001")), LAST)
                  for mine, its in (("one", "other"), ("other", "one")))
    assert not proven(one, other)


def test_what_is_committed_meanwhile_is_not_what_was_proven(tree: Path) -> None:
    change = f"echo another > source; {COMMIT} -a; echo 1"
    with pytest.raises(prove.Refused, match="has changed while changes ran"):
        proven(Step("changes", ("sh", "-c", change), LAST), COUNTS)
    assert not (tree / prove.RECORD).exists()


def test_when_it_is_stopped_what_runs_is(tree: Path) -> None:
    stops = Step("stops", ("sh", "-c", f"echo $$ > build/pid; sleep 0.5; kill -INT {os.getpid()}; exec sleep 60"), LAST)
    begun = time.monotonic()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # which a worker of xdist ignores
    try:
        with pytest.raises(KeyboardInterrupt):
            proven(stops, COUNTS)
    finally:
        signal.signal(signal.SIGINT, before)
    assert time.monotonic() - begun < 30 and not (tree / "build/runs").exists()
    assert not Path(f"/proc/{Path('build/pid').read_text().strip()}").exists()


def test_nothing_is_proven_of_what_is_not_committed(tree: Path) -> None:
    Path("source").write_text("changed")
    with pytest.raises(prove.Refused, match="commit or stash"):
        proven(COUNTS)


def test_long_ones_say_how_far_they_are(tree: Path, monkeypatch: pytest.MonkeyPatch,
                                        capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(prove, "EVERY", 0.2)
    assert proven(Step("long", ("sh", "-c", "echo 7 of 9; sleep 1"), LAST))
    assert "prove: 1/1 long: 0 min: 7 of 9\n" in capsys.readouterr().out


def test_figures_are_the_lines_that_a_step_names() -> None:
    log = "sanitized: address: unit: status 0\nnoise\nsanitized: address: cli: status 0\n"
    step = next(step for step in STEPS if step.name == "sanitized-address")
    assert prove.figures(step, log) == "sanitized: address: unit: status 0; sanitized: address: cli: status 0"
    assert prove.figures(COUNTS, "one\ntwo\n\n") == "two"


def test_each_step_can_be_run() -> None:
    targets = (ROOT / "Makefile").read_text()
    for step in STEPS:
        if step.command[0] == "make":
            assert f"\n{step.command[2]}:" in targets, step
        else:
            assert (ROOT / step.command[0]).stat().st_mode & 0o100, step

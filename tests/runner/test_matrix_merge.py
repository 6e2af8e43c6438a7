"""Shards' records joined: the same as the run in one, judged as a whole, or refused with the reason."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from matrix import record
from matrix.boots import BootRecord
from matrix.cells import Cell, spread
from matrix.events import GuestFacts
from matrix.observe import Observation
from matrix.relations import check
from matrix.result import Result
from matrix.run import Run, Shard
from matrix.shards import digest, split
from matrix.targets import choose, on_guests
from matrix.times import Times
from matrix_world import SMALL, scenario
from results_world import AROUND, failed, passed

ROOT = Path(__file__).resolve().parents[2]
JUDGES = ("baseline", "expectations", "relations")
Change = Callable[[list[dict[str, Any]]], object]



def cells(rows: Sequence[str], name: str) -> list[Cell]:
    return spread(replace(scenario(SMALL, name), file=f"scenarios/{name}.yaml"), on_guests(choose(rows)))


RESULTS = [failed(cell) if cell.target.name == "6" and cell.scenario.name == "b" else passed(cell)
           for name in ("a", "b") for cell in cells(("2", "6", "7"), name)]


def seconds(number: int) -> float:
    return 10.0 + number


def shard_runs(results: Sequence[Result], of: int) -> list[Run]:
    by_cell = {one.cell: one for one in results}
    runs = []
    for number, share in enumerate(split([one.cell for one in results], of, Times()), 1):
        boots = [BootRecord(key, "poweroff", 2.0, 1.0, 0.5, 1, GuestFacts("2", "0", "6.1.0", "0"))
                 for key in dict.fromkeys(cell.target.boot for cell in share)]
        shard = Shard(number, of, len(by_cell), digest(cell.id for cell in by_cell), JUDGES)
        mine = [by_cell[cell] for cell in share]
        runs.append(Run(mine, boots, seconds(number), check(mine), shard=shard))
    return runs


def around() -> dict[str, Any]:
    return {**AROUND, "runtime": {"version": "holdfast 0.1.0", "commit": "0123456789abcdef", "changed": False}}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The scenarios that the records are of."""
    (tmp_path / "scenarios").mkdir()
    for name in "ab":
        (tmp_path / "scenarios" / f"{name}.yaml").write_text(SMALL)
    return tmp_path


def store(tree: Path, runs: Sequence[Run], change: Change = lambda made: None) -> list[Path]:
    made = [json.loads(json.dumps(record.make(run, around()))) for run in runs]
    change(made)
    paths = []
    for number, data in enumerate(made, 1):
        paths.append(tree / f"{number}.json")
        record.write(data, paths[-1])
    return paths


def merge(tree: Path, *paths: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "matrix", "merge", "--scenarios", str(tree / "scenarios"), "--build",
                           str(tree), *map(str, paths)], cwd=ROOT, capture_output=True, text=True, check=False)


def merged(tree: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((tree / "matrix" / "record.json").read_bytes())
    return found


@pytest.mark.parametrize("of", [1, 2, 3, 5, 16])
def test_the_merged_record_is_that_of_the_run_in_one(of: int, tree: Path) -> None:
    done = merge(tree, *reversed(store(tree, shard_runs(RESULTS, of))))
    assert done.returncode == 1 and done.stderr == "", done.stderr
    assert done.stdout.endswith("\n10 passed, 2 failed\n") and "shard" not in done.stdout
    found, whole = merged(tree), json.loads(json.dumps(record.make(Run(RESULTS, [], violations=[]), around())))
    ours = {"written", "seconds", "figures", "boots", "scenarios"}
    assert {key: found[key] for key in found.keys() - ours} == {key: whole[key] for key in whole.keys() - ours}
    assert found["seconds"] == seconds(of) and len(found["boots"]) >= min(of, 3)
    assert [one["name"] for one in found["scenarios"]] == ["a", "b"]
    names = {path.name for path in (tree / "matrix").iterdir()}
    assert names == {"record.json", "junit.xml", "report.ktap", "report.html", "summary.md"}


def test_relations_are_judged_between_shards(tree: Path) -> None:
    """The two modes of each cell lie in different shards, and differ in what they do with files."""
    leaky = Observation(outcome="started", exit=0, enforced=True, abi=2, probes={"hosts": "EACCES"})
    tight = replace(leaky, probes={"hosts": "ok"})
    results = [replace(passed(cell), seen=tight if cell.axes["mode"] == "block" else leaky)
               for cell in cells(("2",), "a")]
    runs = shard_runs(results, 2)
    assert [run.violations for run in runs] == [[], []]
    done = merge(tree, *store(tree, runs))
    assert done.returncode == 1 and "VIOLATED mode" in done.stdout, done.stdout + done.stderr
    assert [one["law"] for one in merged(tree)["violations"]] == ["mode"]


def test_shards_in_the_build_folder_are_found(tree: Path) -> None:
    for path, name in zip(store(tree, shard_runs(RESULTS, 2)), ("shard-1-of-2.json", "shard-2-of-2.json")):
        (tree / "matrix").mkdir(exist_ok=True)
        path.rename(tree / "matrix" / name)
    assert merge(tree).stdout.endswith("\n10 passed, 2 failed\n")


def test_what_machines_may_differ_in_is_kept_of_each(tree: Path) -> None:
    def change(made: list[dict[str, Any]]) -> None:
        made[0]["host"]["release"], made[1]["qemu"] = "6.1.0", "QEMU 9"
        made[0]["kernels"] = []

    assert merge(tree, *store(tree, shard_runs(RESULTS, 2), change)).returncode == 1
    found = merged(tree)
    assert (found["host"]["release"], found["qemu"]) == ("6.1.0, 6.18.0", "QEMU 7.2, QEMU 9")
    assert [one["series"] for one in found["kernels"]] == ["6.1"]


@pytest.mark.parametrize(("change", "message"), [
    (lambda made: made.pop(), "shard 3 of 3 is missing"),
    (lambda made: made.__delitem__(slice(0, 2)), "shard 1, 2 of 3 is missing"),
    (lambda made: made.append(made[1]), "4.json: is shard 2 of 3, as "),
    (lambda made: made[1].update(shard=None), "2.json: is no shard's record: make matrix SHARD=I/N writes those"),
    (lambda made: made[1]["shard"].update(of=4), "2.json: is one of 4 shards, "),
    (lambda made: made[1]["shard"].update(digest="0", cells=7), "2.json: is of a run of 7 cells, "),
    (lambda made: made[1]["shard"].update(judges=["relations"]), "2.json: was judged by relations, "),
    (lambda made: made[2]["runtime"].update(commit="fedcba"), "3.json: ran holdfast 0.1.0 at fedcba, "),
    (lambda made: made[2]["runtime"].update(changed=True), "3.json: its runtime had changes that are not committed"),
    (lambda made: made[2]["kernels"][0].update(version="6.1.9"), "3.json: kernel 6.1 is version 6.1.9, in "),
    (lambda made: [one.update(native="9") for one in made[1]["rows"]], "row 2 is native 9, in "),
    (lambda made: made[0].update(cells=made[0]["cells"][1:], violations=[]),
     "the 11 cells of all shards are not the 12 of the run"),
    (lambda made: made[1]["commands"][0].append("x"), "was made with another scenarios/"),
    (lambda made: made[1]["expected"][0].update(exit=9), "was made with another scenarios/"),
])
def test_what_cannot_be_merged_is_refused_with_the_reason(change: Change, message: str, tree: Path) -> None:
    (tree / "matrix").mkdir()
    (tree / "matrix" / "record.json").write_text("of before")
    done = merge(tree, *store(tree, shard_runs(RESULTS, 3), change))
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("nothing is merged:\n") and message in done.stderr, done.stderr
    assert (tree / "matrix" / "record.json").read_text() == "of before"


def test_a_cell_in_two_shards_is_refused(tree: Path) -> None:
    runs = shard_runs(RESULTS, 2)
    runs[1].results.append(runs[0].results[0])
    done = merge(tree, *store(tree, runs))
    assert done.returncode == 2 and "2.json: has 1 cells of another shard: a/mode=" in done.stderr


def test_a_scenario_that_is_gone_is_told(tree: Path) -> None:
    (tree / "scenarios" / "b.yaml").unlink()
    done = merge(tree, *store(tree, shard_runs(RESULTS, 2)))
    assert done.returncode == 2 and "scenarios/b.yaml: no such scenario" in done.stderr


def test_nothing_to_merge(tree: Path) -> None:
    done = merge(tree)
    assert (done.returncode, done.stderr) == (2, f"{tree}/matrix: no shard's record there: make matrix SHARD=I/N "
                                                 "writes them\n")

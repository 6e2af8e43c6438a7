"""The record: written, read back, and made the same run again; everything that is wrong with one is told."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from matrix import record
from matrix.observe import observe
from matrix.record_read import Unreadable, read, run_of
from matrix.run import Run
from matrix_world import report
from results_world import AROUND, HOSTILE, data, hostile, passed, some
from results_world import cells as some_cells


def written(made: Any, folder: Path) -> Path:
    record.write(made, folder / "deep" / "record.json")
    return folder / "deep" / "record.json"


def test_a_run_read_back_is_the_run(tmp_path: Path) -> None:
    run = Run(some(), [], 2.0)
    back = read(written(data(run), tmp_path)).run
    assert back.closing == run.closing and back.status == run.status and back.seconds == 2.0
    for one, was in zip(back.results, run.results, strict=True):
        assert (one.cell.id, one.verdict, one.expected, one.seen, one.differences, one.why, one.ms, one.alone) == (
            was.cell.id, was.verdict, was.expected, was.seen, was.differences, was.why, was.ms, was.alone)
        assert one.cell.target == was.cell.target and one.cell.scenario.about == was.cell.scenario.about


def test_a_record_of_a_run_read_back_is_the_record() -> None:
    made = data(hostile())
    again = record.make(run_of(json.loads(json.dumps(made))), AROUND)
    again["written"] = made["written"]
    assert json.loads(json.dumps(again)) == json.loads(json.dumps(made))


def test_what_was_put_to_the_runtime_is_in_it() -> None:
    made = data(Run(some()))
    cell = made["cells"][1]
    assert made["texts"][cell["policy"]] == "version: 1\n"
    assert made["commands"][cell["command"]][:5] == ["/usr/local/bin/holdfast", "run", "--policy",
                                                     "/mnt/cell/policy.yaml", "--mode"]
    assert cell["axes"] == {"mode": "proxy", "landlock": "omitted", "user": "root"}


def test_what_cells_share_stands_once() -> None:
    made = data(Run([passed(cell) for cell in some_cells(("2", "6", "7", "8"))]))
    assert len(made["cells"]) == 8 and len(made["seen"]) == 1 and len(made["commands"]) == 2
    assert len(made["texts"]) == 2  # the policy, and streams without a text


def test_the_directory_of_a_run_does_not_make_plans_differ() -> None:
    made = data(hostile())
    assert [rule["path"] for rule in made["rules"]] == ["/usr", "(the run's directory)"]
    assert len(made["plans"]) == 1 and made["plans"][0]["rules"] == [0, 1]


@pytest.mark.parametrize("odd", [
    {"error": {"id": 5, "errno": [1], "object": {}}},
    {"enforced": {"landlock": 1, "abi": 2.0}},
    {"plan": {"rules": 7, "handled": "all", "limits": None}},
    {"plan": {"rules": [1, None, "x", {"origin": "runtime"}]}},
    {"warnings": [1, None], "limits": [{"right": 5}]},
])
def test_a_runtime_that_reports_oddly_still_makes_a_record(odd: dict[str, Any], tmp_path: Path) -> None:
    seen = observe({"report.json": report(**odd), "stdout": "", "stderr": ""}, 0, ())
    run = Run([replace(one, seen=seen) for one in some()])
    assert read(written(data(run), tmp_path)).run.results[0].seen == seen


def test_hostile_text_comes_back_but_for_halves_of_surrogates(tmp_path: Path) -> None:
    back = read(written(data(hostile()), tmp_path)).run
    assert back.results[0].seen.stdout == HOSTILE.replace("\ud800", "?")
    assert back.boots[0].console.startswith("Kernel panic </script>")


def test_streams_and_consoles_are_cut_from_their_beginning() -> None:
    run = hostile()
    run.boots[0].console = "x" * 20000 + "the end"
    assert data(run)["boots"][0]["console"].endswith("the end")
    assert len(data(run)["boots"][0]["console"]) == record.MOST_CONSOLE


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(("change", "message"), [
    (lambda r: r.pop("texts"), "the record has no 'texts'"),
    (lambda r: r.update(cells=None), "cells must be a list, not null"),
    (lambda r: r["cells"][2].update(verdict="fine"), "cells[2].verdict 'fine' is no verdict"),
    (lambda r: r["cells"][2].pop("why"), "cells[2] has no 'why'"),
    (lambda r: r["cells"][0].update(policy=99), "cells[0].policy 99 is no place in 'texts', which has "),
    (lambda r: r["cells"][0].update(seen=True), "cells[0].seen True is no place in 'seen'"),
    (lambda r: r["cells"][0].update(ms="5"), "cells[0].ms must be a whole number, not text"),
    (lambda r: r["cells"][0].update(scenario="other"), "cells[0].scenario 'other' is no scenario"),
    (lambda r: r["cells"][0].update(row="12"), "cells[0].row '12' is no row"),
    (lambda r: r["seen"][0].update(stdout=-1), "seen[0].stdout -1 is no place"),
    (lambda r: r["boots"].append({}), "boots[0] has no 'key'"),
    (lambda r: r.update(kernels={}), "kernels must be a list, not an object"),
    (lambda r: r["scenarios"].clear(), "cells[0].scenario 'small' is no scenario"),
    (lambda r: r["rows"].append("12"), "rows[2] must be an object, not text"),
])
def test_what_is_wrong_with_a_record_is_told_by_its_place(change: Change, message: str, tmp_path: Path) -> None:
    made = copy.deepcopy(json.loads(json.dumps(data(Run(some())))))
    change(made)
    path = written(made, tmp_path)
    with pytest.raises(Unreadable) as told:
        read(path)
    assert f"{path}: {message}" in str(told.value)


@pytest.mark.parametrize(("content", "message"), [
    (None, "no such record; make matrix writes one"),
    ("", "this is not JSON"),
    ('{"schema": 4, "cells": [', "or one that was cut off"),
    ("[]", "a record has schema 4, this has null"),
    ('{"schema": 1}', "a record has schema 4, this has 1; run make matrix again with this version"),
    ('{"schema": 4}', "the record has no 'texts'"),
])
def test_what_is_no_record(content: str | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(Unreadable, match="r.json: ") as told:
        read(path)
    assert message in str(told.value)


def test_many_faults_are_told_in_one_go_but_not_all(tmp_path: Path) -> None:
    made = json.loads(json.dumps(data(Run(some() * 10))))
    for cell in made["cells"]:
        cell["verdict"] = "fine"
    with pytest.raises(Unreadable) as told:
        read(written(made, tmp_path))
    assert str(told.value).count("is no verdict") == 10 and str(told.value).endswith("and 30 more")

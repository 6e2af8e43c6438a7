"""`matrix run`: the main job."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace

from matrix import faces, job, record_read, relations, result, selection, targets, terminal
from matrix.cells import REAL
from matrix.diagnostics import suggestion
from matrix.result import Result

EXPECTATIONS, RELATIONS = "expectations", "relations"
JUDGES = (EXPECTATIONS, RELATIONS)


def options(parser: argparse.ArgumentParser) -> None:
    selection.options(parser)
    parser.add_argument("--judge", type=_judges, default=frozenset(JUDGES), metavar="JUDGE,...",
                        help=f"which judges are on: some of {', '.join(JUDGES)} (all)")


def _judges(text: str) -> frozenset[str]:
    chosen = text.split(",")
    if wrong := [word for word in chosen if word not in JUDGES]:
        raise argparse.ArgumentTypeError(f"no judge '{wrong[0]}'{suggestion(wrong[0], JUDGES)}")
    return frozenset(chosen)


def main(arguments: argparse.Namespace) -> int:
    out = arguments.build / "matrix"
    as_json = out / "record.json"
    as_json.unlink(missing_ok=True)  # a run that is cut off leaves none rather than another run's
    faces.remove_all(out)
    runtime = job.runtime_of(arguments)
    selected = selection.select(arguments, {REAL: runtime})
    outcome = job.perform(selected.cells, selected.lane, again=EXPECTATIONS in arguments.judge)
    outcome.results = _by_scenario(selected.scenarios, [*outcome.results, *selected.skipped])
    if EXPECTATIONS not in arguments.judge:
        outcome.results = [unjudged(one) for one in outcome.results]
    if RELATIONS in arguments.judge:
        outcome.violations = relations.check(outcome.results)
    job.keep(outcome, selected.lane, runtime, as_json)
    record = record_read.read(as_json)
    faces.write_all(record, out)
    terminal.show(outcome, record.data["kernels"])
    return outcome.status


def unjudged(one: Result) -> Result:
    """Without what its expectations say of it."""
    return replace(one, verdict=result.PASS, differences=()) if one.verdict == result.FAIL else one


def _by_scenario(chosen: Sequence[object], results: Sequence[Result]) -> list[Result]:
    """By scenario, then by kernel row, else in the order they have."""
    order = {id(scenario): number for number, scenario in enumerate(chosen)}
    rows = {name: number for number, name in enumerate(targets.row_names())}

    def place(one: Result) -> tuple[int, int]:
        return order[id(one.cell.scenario)], rows.get(one.cell.target.name, len(rows))

    return sorted(results, key=place)

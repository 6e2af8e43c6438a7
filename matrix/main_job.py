"""`matrix run`: the main job."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from matrix import (baseline_gate, faces, job, record_read, relations, result, selection, shards, targets,
                    terminal)
from matrix.baseline import Baseline
from matrix.cells import REAL
from matrix.diagnostics import suggestion
from matrix.find import names
from matrix.job import Stop
from matrix.result import Result
from matrix.scenario import Scenario

EXPECTATIONS, BASELINE, RELATIONS = "expectations", "baseline", "relations"
JUDGES = (EXPECTATIONS, BASELINE, RELATIONS)


def options(parser: argparse.ArgumentParser) -> None:
    selection.options(parser)
    parser.add_argument("--judge", type=_judges, default=frozenset(JUDGES), metavar="JUDGE,...",
                        help=f"which judges are on: some of {', '.join(JUDGES)} (all)")
    parser.add_argument("--shard", type=shards.parse, metavar="I/N",
                        help="only this share of the cells, and no faces: merge joins all N records")


def _judges(text: str) -> frozenset[str]:
    chosen = text.split(",")
    if wrong := [word for word in chosen if word not in JUDGES]:
        raise argparse.ArgumentTypeError(f"no judge '{wrong[0]}'{suggestion(wrong[0], JUDGES)}")
    return frozenset(chosen)


def main(arguments: argparse.Namespace) -> int:
    out = arguments.build / "matrix"
    as_json = out / ("shard-{}-of-{}.json".format(*arguments.shard) if arguments.shard else "record.json")
    as_json.unlink(missing_ok=True)  # a run that is cut off leaves none rather than another run's
    faces.remove_all(out)
    runtime = job.runtime_of(arguments)
    selected = selection.select(arguments, {REAL: runtime})
    shard = None
    if arguments.shard:
        selected, shard = shards.cut(selected, arguments.shard, arguments.judge)
    whole = arguments.lane == "vm" and not (arguments.scenario or arguments.kernel or arguments.cell)
    baselines = baselines_of(arguments, selected.scenarios)
    outcome = job.perform(selected.cells, selected.lane, again=arguments.judge != {RELATIONS},
                          judge=last_word(arguments.judge, baselines))
    outcome.results = _by_scenario(selected.scenarios, [*outcome.results, *selected.skipped])
    if RELATIONS in arguments.judge:
        outcome.violations = relations.check(outcome.results)
    if whole and BASELINE in arguments.judge:
        outcome.gaps = _gaps(baseline_gate.gaps(selected.scenarios, baselines, baseline_gate.FOLDER))
    outcome.shard = shard
    job.keep(outcome, selected.lane, runtime, as_json)
    record = record_read.read(as_json)
    if shard is None:
        faces.write_all(record, out)
    terminal.show(outcome, record.data["kernels"])
    return outcome.status


def baselines_of(arguments: argparse.Namespace, scenarios: Sequence[Scenario]) -> dict[str, Baseline]:
    """Of the scenarios that are the tree's own; none where the baseline is no judge."""
    if BASELINE not in arguments.judge:
        return {}
    known = names(arguments.scenarios)
    found, faults = baseline_gate.read([one for one in scenarios if one.name in known], baseline_gate.FOLDER)
    if faults:
        raise Stop(job.told(faults), job.USAGE)
    return found


def _gaps(found: baseline_gate.Gaps) -> tuple[str, ...]:
    """What counts as failed: all of it for CI, none while somebody is still at work."""
    if os.environ.get("CI"):
        return found.all
    baseline_gate.note(found.all)
    return ()


def last_word(judges: Collection[str], baselines: Mapping[str, Baseline]) -> Callable[[Result], Result]:
    recorded = baseline_gate.judge(baselines)
    return lambda one: recorded(one if EXPECTATIONS in judges else unjudged(one))


def unjudged(one: Result) -> Result:
    """Without what its expectations say of it; a kernel that complains is none of theirs."""
    failed = one.verdict == result.FAIL and not one.seen.kernel
    return replace(one, verdict=result.PASS, differences=()) if failed else one


def _by_scenario(chosen: Sequence[object], results: Sequence[Result]) -> list[Result]:
    """By scenario, then by kernel row, else in the order they have."""
    order = {id(scenario): number for number, scenario in enumerate(chosen)}
    return sorted(results, key=lambda one: (order[id(one.cell.scenario)], targets.row_place(one.cell.target.name)))

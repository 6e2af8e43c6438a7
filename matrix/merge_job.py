"""`matrix merge`: the records of all shards joined into one, which is judged as a whole and shown in every face.

Relations need pairs whose halves ran in different shards, so they are judged here, on this tree's scenarios."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from matrix import faces, job, merge, record, record_read, relations, terminal
from matrix.find import find, names
from matrix.job import Stop
from matrix.main_job import RELATIONS
from matrix.record_read import Record
from matrix.report_job import load
from matrix.result import Result

MOST_TOLD = 10


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("record", nargs="*", type=Path, metavar="RECORD",
                        help="a shard's record (all shard-*.json of the build folder's matrix)")
    parser.add_argument("--build", type=Path, default=Path("build"), metavar="DIR",
                        help="where record.json and its faces are written: DIR/matrix (build)")


def main(arguments: argparse.Namespace) -> int:
    out = arguments.build / "matrix"
    paths = arguments.record or sorted(out.glob("shard-*.json"))
    if not paths:
        raise Stop(f"{out}: no shard's record there: make matrix SHARD=I/N writes them", job.USAGE)
    given = {path: load(path) for path in paths}
    _stop(merge.faults(given))
    runs = [one.run for one in given.values()]
    outcome = merge.whole(runs, bound(given, arguments.scenarios))
    (out / "record.json").unlink(missing_ok=True)
    faces.remove_all(out)
    outcome.gaps = tuple(dict.fromkeys(gap for run in runs for gap in run.gaps))
    shard = runs[0].shard
    if shard and RELATIONS in shard.judges:
        outcome.violations = relations.check(outcome.results)
    record.write(record.make(outcome, merge.around([one.data for one in given.values()])), out / "record.json")
    merged = record_read.read(out / "record.json")
    faces.write_all(merged, out)
    terminal.show(outcome, merged.data["kernels"])
    return outcome.status


def _stop(faults: Sequence[str]) -> None:
    if faults:
        more = [f"and {len(faults) - MOST_TOLD} more"] if len(faults) > MOST_TOLD else []
        raise Stop("\n".join(["nothing is merged:", *faults[:MOST_TOLD], *more]), job.USAGE)


def bound(given: Mapping[Path, Record], folder: Path) -> list[Result]:
    """All results, each with this tree's scenario, by which alone relations can be judged."""
    known = names(folder)
    files = {one.cell.scenario.name: one.cell.scenario.file for record in given.values() for one in record.run.results}
    wanted = [name if name in known else file for name, file in files.items()]
    found, faults = find(folder, wanted) if wanted else ([], [])
    if faults:
        raise Stop(job.told(faults), job.USAGE)
    scenarios = {one.name: one for one in found}
    results, other = [], {}
    for path, record_ in given.items():
        for one in record_.run.results:
            if found_one := merge.bound(one, scenarios[one.cell.scenario.name]):
                results.append(found_one)
            else:
                other[path, one.cell.scenario.file] = (
                    f"{path}: was made with another {one.cell.scenario.file} than is here: merge with the revision "
                    "that the shards had")
    _stop(list(other.values()))
    return results

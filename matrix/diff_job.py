"""`matrix diff`: what a change does. Another revision's runtime and this one in the same cells of the same guests, and
only what moved between them. Nothing is judged against expectations."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from matrix import behaviour, job, record, revision, selection
from matrix.cells import REAL
from matrix.job import Stop
from matrix.moves import moves, pairs
from matrix.paint import Paint

BASE = "holdfast-base"  # the program's name in the guest
MOVED = 1


def options(parser: argparse.ArgumentParser) -> None:
    selection.options(parser)
    parser.add_argument("--base", required=True, metavar="REV", help="the revision to compare this tree's runtime with")


def main(arguments: argparse.Namespace) -> int:
    out = arguments.build / "matrix"
    as_json, as_markdown = out / "behaviour.json", out / "behaviour.md"
    for stale in (as_json, as_markdown):
        stale.unlink(missing_ok=True)
    runtime = job.runtime_of(arguments)
    base, program = base_runtime(arguments.base, arguments.build)
    selected = selection.select(arguments, {BASE: program, REAL: runtime})
    if not selected.cells:
        raise Stop(f"no cell that is chosen can be run here: {selected.skipped[0].why}", job.HARNESS)
    outcome = job.perform(selected.cells, selected.lane)
    job.keep(outcome, selected.lane, runtime, out / "behaviour-record.json")
    compared = pairs(outcome.results, BASE)
    data = behaviour.make({"name": base.name, "sha": base.sha}, compared, moves(compared))
    record.write(data, as_json)
    as_markdown.write_text(behaviour.markdown(data), "utf-8")
    for line in behaviour.terminal(data, Paint.for_stream(sys.stdout)):
        print(line)
    if data["moves"]:
        print()
    print(behaviour.closing(data))
    if data["unjudged"] or outcome.bad_boots or not compared:
        return job.HARNESS
    return MOVED if data["moved"] else 0


def base_runtime(name: str, build: Path) -> tuple[revision.Revision, Path]:
    try:
        base = revision.resolve(name, Path())
        job.say(f"building the runtime of {base}")
        return base, revision.build(base, Path(), build / "base")
    except revision.Unknown as fault:
        raise Stop(str(fault), job.USAGE) from fault
    except revision.Unbuildable as fault:
        raise Stop(str(fault), job.HARNESS) from fault

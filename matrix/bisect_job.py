"""`matrix bisect`: the first commit whose runtime turns cells red. This tree's scenarios and runner, each revision's
runtime; a step is one cell."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from matrix import history, job, result, revision, selection
from matrix.cells import REAL
from matrix.differing import describe
from matrix.history import Mark
from matrix.job import Stop
from matrix.paint import Paint
from matrix.result import Result
from matrix.revision import Revision, Unbuildable

REPOSITORY = Path()
MOST_TOLD = 10


def options(parser: argparse.ArgumentParser) -> None:
    selection.options(parser)
    parser.add_argument("--good", required=True, metavar="REV", help="a revision whose runtime passes the cells")
    parser.add_argument("--bad", required=True, metavar="REV", help="a later one whose runtime does not")


def main(arguments: argparse.Namespace) -> int:
    if arguments.runtime:
        raise Stop("bisect builds the runtime of each revision: --runtime has no place here", job.USAGE)
    if not arguments.scenario:
        raise Stop("which cells are to be good? SCENARIO=NAME says so (and CELL, KERNEL, LANE)", job.USAGE)
    good, bad = resolved(arguments.good), resolved(arguments.bad)
    red = ends(good, bad, arguments)
    one = narrowed(arguments, cell=red[0].cell.place, kernel=[_kernel(red[0])])
    job.say(f"{history.between(REPOSITORY, good, bad)} commits; each is judged by {red[0].cell.place}")
    try:
        found = history.bisect(REPOSITORY, good, bad, lambda which: step(which, one))
    except history.Refused as fault:
        raise Stop(str(fault), job.USAGE) from fault
    return tell(found, red, arguments)


def narrowed(arguments: argparse.Namespace, **choice: object) -> argparse.Namespace:
    return argparse.Namespace(**{**vars(arguments), **choice})


def resolved(name: str) -> Revision:
    try:
        return revision.resolve(name, REPOSITORY)
    except revision.Unknown as fault:
        raise Stop(str(fault), job.USAGE) from fault


def ends(good: Revision, bad: Revision, arguments: argparse.Namespace) -> list[Result]:
    """The cells that BAD turns red; stops where they are not red there, or already with GOOD."""
    try:
        before, after = results(good, arguments), results(bad, arguments)
    except Unbuildable as fault:
        raise Stop(str(fault), job.HARNESS) from fault
    told = [one for one in before if mark(one) is not Mark.GOOD]
    if told:
        raise Stop(f"GOOD is not good: {good} fails {len(told)} of {len(before)} cells\n{_list(told)}\n"
                   "take an older revision, or cells that it passes (CELL=..., KERNEL=...)", job.USAGE)
    red = [one for one in after if mark(one) is Mark.BAD]
    if not red:
        unclear = [one for one in after if mark(one) is Mark.SKIP]
        raise Stop(f"BAD is not bad: {bad} passes {len(after) - len(unclear)} of {len(after)} cells"
                   + (f", and none of the others can be judged\n{_list(unclear)}" if unclear else ""), job.USAGE)
    return red


def results(which: Revision, arguments: argparse.Namespace) -> list[Result]:
    """The chosen cells with that revision's runtime. Raises Unbuildable."""
    program = revision.build(which, REPOSITORY, arguments.build / "base")
    selected = selection.select(arguments, {REAL: program})
    outcome = job.perform(selected.cells, selected.lane, again=True)
    ran = [one for one in outcome.results if one.verdict != result.SKIPPED]
    if not ran:
        why = [*selected.skipped, *outcome.results][0].why
        raise Stop(f"no cell that is chosen can be run here: {why}", job.HARNESS)
    return ran


def mark(one: Result) -> Mark:
    """A cell that never ends, or takes the kernel with it, is as bad as one that differs."""
    if one.verdict in (result.ERROR, result.FLAKY):
        return Mark.SKIP
    return Mark.BAD if one.differences or one.verdict in result.HARNESS else Mark.GOOD


def step(which: Revision, arguments: argparse.Namespace) -> Mark:
    try:
        one = results(which, arguments)[0]
    except Unbuildable as fault:
        job.say(f"{which}: skipped: {fault}")
        return Mark.SKIP
    found = mark(one)
    job.say(f"{which}: {'skipped: ' + one.why if found is Mark.SKIP else found.value}")
    return found


def tell(commits: Sequence[str], red: Sequence[Result], arguments: argparse.Namespace) -> int:
    """The commit, and which of BAD's red cells are red with it already."""
    if len(commits) > 1:
        print("the first bad commit is one of these; not all of them could be judged:")
        for sha in commits:
            print("    " + history.describe(REPOSITORY, sha)[0])
        return job.HARNESS
    print("first bad commit: " + "\n    ".join(history.describe(REPOSITORY, commits[0])) + "\n")
    wanted = {one.cell.place for one in red}
    kernels = narrowed(arguments, kernel=list(dict.fromkeys(map(_kernel, red))))
    mine = [one for one in results(Revision(commits[0][:12], commits[0]), kernels)
            if one.cell.place in wanted and mark(one) is Mark.BAD]
    for one in mine[:MOST_TOLD]:
        print("\n".join(describe(one, Paint.for_stream(sys.stdout))) + "\n")
    print(f"{len(mine)} of the {len(red)} cells that are red with BAD are red with it")
    return 0


def _kernel(one: Result) -> str:
    return one.cell.target.kernel if "/" in one.cell.target.kernel else one.cell.target.name


def _list(told: Sequence[Result]) -> str:
    lines = [f"    {one.cell.place}: {one.why or one.verdict}" for one in told[:MOST_TOLD]]
    return "\n".join(lines + ([f"    and {len(told) - MOST_TOLD} more"] if len(told) > MOST_TOLD else []))

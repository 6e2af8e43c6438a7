"""`matrix bugs`: the design's table of bugs, obtained from variants of the runtime on every kernel row, in one boot a
kernel; and what a comparison of each variant with the right runtime says."""

from __future__ import annotations

import argparse
from pathlib import Path

from matrix import bug_moves, bug_table, job, result
from matrix.bug_table import Table, runtime_name
from matrix.cells import REAL, spread
from matrix.job import Stop
from matrix.targets import choose, on_guests, on_host, host_abi
from matrix.variants import Failed, build

HERE = Path(__file__).parent / "bugs"
SCENARIO = "regressions/default-change"


def options(parser: argparse.ArgumentParser) -> None:
    job.build_options(parser)
    parser.add_argument("--source", type=Path, default=Path("src"), metavar="DIR", help="the runtime's source (src)")
    parser.add_argument("--lane", choices=("vm", "host"), default="vm",
                        help="guests, or ceilings on this machine's kernel")


def build_variants(table: Table, source: Path, build_folder: Path) -> dict[str, Path]:
    """Every column's runtime by its program name, without the one that is not patched."""
    found = {}
    for column, patches in table.variants.items():
        if patches:
            job.say(f"building {column}: {' '.join(patches)}")
            found[runtime_name(column, table)] = build(column, [HERE / f"{patch}.patch" for patch in patches], source,
                                                       build_folder / "bugs" / column)
    return found


def main(arguments: argparse.Namespace) -> int:
    table = bug_table.load(HERE / "table.yaml")
    runtime = job.runtime_of(arguments)
    try:
        variants = build_variants(table, arguments.source, arguments.build)
    except Failed as fault:
        raise Stop(str(fault), job.HARNESS) from fault
    lane = job.open_lane(arguments.lane, arguments.build, {REAL: runtime, **variants})
    rows = choose(())
    columns = on_host(rows, host_abi())[0] if arguments.lane == "host" else on_guests(rows)
    scenario = job.scenarios(arguments.scenarios, [SCENARIO])[0]
    outcome = job.perform(spread(scenario, columns, (REAL, *variants)), lane)
    job.keep(outcome, lane, runtime, arguments.build / "matrix" / "bugs.json")
    proxied = [one for one in outcome.results if one.cell.axes["mode"] == "proxy"]
    for line in bug_table.obtained(proxied, table):
        print(line)
    for column in table.moves:
        print(f"\n{column}, with right as its base:")
        for line in bug_moves.named(outcome.results, runtime_name(column, table)):
            print(f"    {line}")
    wrong = bug_table.wrong(proxied, table) + bug_moves.wrong(outcome.results, table)
    print()
    for one in wrong:
        print(f"{one.cell}: expected {one.expected}, got {one.got}")
    judged = len(proxied) + sum(map(len, table.moves.values()))
    print(f"{judged - len(wrong)} passed, {len(wrong)} failed")
    if outcome.count(*result.HARNESS) or outcome.bad_boots:
        return job.HARNESS
    return 1 if wrong else 0

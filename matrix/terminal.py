"""The run on the terminal: tables, what differs, and where the time went."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from matrix import captured, known, result, violated
from matrix.differing import differing
from matrix.figures import lines as figure_lines
from matrix.paint import Paint
from matrix.run import Run
from matrix.table import LEGEND, tables


def show(outcome: Run, kernels: Sequence[Mapping[str, Any]]) -> None:
    """`kernels`: as the record has them."""
    paint = Paint.for_stream(sys.stdout)
    for line in tables(outcome.results, paint):
        print(line)
    print(LEGEND)
    for why, count in Counter(one.why for one in outcome.results if one.verdict == result.SKIPPED).items():
        print(f"{count} skipped: {why}")
    if outcome.nothing_judged:
        print("no cell was judged: all were skipped")
    print()
    for line in (*differing(outcome.results, paint), *beside_cells(outcome, kernels, paint)):
        print(line)
    if outcome.shard:
        print("shard {number} of {of}: {0} of {cells} cells; make merge joins the records of all shards".format(
            len(outcome.results), **vars(outcome.shard)))
    for line in figure_lines(outcome):
        print(line)
    print(outcome.closing)
    for line in captured.told(outcome.results):
        print(line)


def beside_cells(outcome: Run, kernels: Sequence[Mapping[str, Any]], paint: Paint) -> Iterator[str]:
    """What is wrong, or has moved, and is no cell's own."""
    yield from violated.told(outcome.violations or (), paint)
    for boot in outcome.bad_boots:
        for complaint in boot.complaints:
            yield f"kernel {boot.key}: its log had, before any cell: {complaint}"
    yield from known.told(outcome.results)
    for line in outcome.turned_green:
        yield f"{paint('KNOWN', 'alarm')} {line}"
    for gap in outcome.gaps:
        yield f"{paint('BASELINE', 'alarm')} {gap}"
    ends = Counter((boot.key, boot.reason) for boot in outcome.bad_boots if boot.reason != "poweroff")
    for (key, reason), count in ends.items():
        yield f"kernel {key}: {count} ended by {reason}; what the console said is in the record"
    for kernel in kernels:
        if kernel["moved_from"]:
            yield "kernel {series} has moved from {moved_from} to {version}: python3 -m vm update".format_map(kernel)

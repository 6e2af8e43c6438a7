"""Where a captured scenario reproduces: what is expected of it is what happened on somebody's machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from matrix import result
from matrix.result import Result

HERE = "reproduces at"


def told(results: Sequence[Result]) -> Iterator[str]:
    """A line for each way in which it ended, the captured one first; with the scenario's name if there are several."""
    parts: dict[str, list[Result]] = {}
    for one in results:
        if one.cell.scenario.captured and one.verdict != result.SKIPPED:
            parts.setdefault(one.cell.scenario.name, []).append(one)
    for name, part in parts.items():
        before = f"{name}: " if len(parts) > 1 else ""
        ways = _ways(part)
        yield before + f"{HERE}: {_places(ways.pop(HERE, []))}"
        yield from (f"{before}does not at: {_places(cells)}: {way}" for way, cells in ways.items())


def _ways(results: Sequence[Result]) -> dict[str, list[Result]]:
    found: dict[str, list[Result]] = {}
    for one in results:
        found.setdefault(HERE if one.verdict in result.PASSED else _way(one), []).append(one)
    return found


def _way(one: Result) -> str:
    if one.verdict != result.FAIL:
        return one.verdict
    seen = one.seen
    ended = " ".join(filter(None, (seen.outcome, seen.error, seen.errno)))
    return f"{ended}, exit status {seen.exit}"


def _places(results: Sequence[Result]) -> str:
    """`1, 2 (block, omitted); 6 (proxy, omitted)`."""
    rows: dict[str, list[str]] = {}
    for one in results:
        rows.setdefault(", ".join(one.cell.axes.values()), []).append(one.cell.target.name)
    return "; ".join(f"{', '.join(names)} ({point})" for point, names in rows.items()) or "no cell that was run"

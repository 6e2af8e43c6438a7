"""The records of all shards made one run again. Pure. Where they disagree that is told, and nothing is merged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any

from matrix.compile import command_line, policy_text
from matrix.record_read import Record
from matrix.result import Put, Result, expectation
from matrix.run import Run, Shard
from matrix.scenario import Scenario
from matrix.shards import digest
from matrix.targets import row_place

# What all shards must have been given alike, in the user's words.
SAME_CELLS = "SCENARIO, KERNEL, CELL and LANE must be the same for all shards"


@dataclass(frozen=True)
class Part:
    path: Path
    record: Record

    @property
    def shard(self) -> Shard:
        assert self.record.run.shard is not None
        return self.record.run.shard


def faults(given: Mapping[Path, Record]) -> list[str]:
    """Why these records are not all shards of one run, each once; empty where they are."""
    strange = [f"{path}: is no shard's record: make matrix SHARD=I/N writes those"
               for path, record in given.items() if record.run.shard is None]
    parts = [Part(path, record) for path, record in given.items() if record.run.shard]
    if strange or not parts:
        return strange
    first, *others = parts
    found = [f"{part.path}: {what}" for part in others for what in _unlike(first, part)]
    if len(parts) > 1:
        found += [f"{part.path}: its runtime had changes that are not committed, so that nobody can tell whether "
                  "all shards had the same: commit them" for part in parts if part.record.data["runtime"]["changed"]]
    return found or [*_twice(parts), *_lacking(parts)]


def _unlike(first: Part, part: Part) -> Iterator[str]:
    here, there = part.record.data, first.record.data
    if part.shard.of != first.shard.of:
        yield f"is one of {part.shard.of} shards, {first.path} one of {first.shard.of}"
    elif part.shard.digest != first.shard.digest:
        yield (f"is of a run of {part.shard.cells} cells, {first.path} of one of {first.shard.cells} and not the same: "
               f"{SAME_CELLS}")
    if part.shard.judges != first.shard.judges:
        yield (f"was judged by {', '.join(part.shard.judges)}, {first.path} by {', '.join(first.shard.judges)}: JUDGE "
               "must be the same for all shards")
    yield from strange(here, there, first.path)


def strange(here: Mapping[str, Any], there: Mapping[str, Any], other_path: Path) -> Iterator[str]:
    """In what the record `here` cannot be of one run with `there`, which is called `other_path`."""
    if here["runtime"] != there["runtime"]:
        yield f"ran {_runtime(here)}, {other_path} {_runtime(there)}"
    for what, names in (("kernels", "series"), ("rows", "name")):
        known = {one[names]: one for one in there[what]}
        for one in here[what]:
            other = known.get(one[names], one)
            if one != other:
                yield f"{what[:-1]} {one[names]} is {_differing(one, other)}, in {other_path} {_differing(other, one)}"


def _runtime(data: Mapping[str, Any]) -> str:
    return f"{data['runtime']['version']} at {data['runtime']['commit'] or 'no commit'}"


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in one.items() if other.get(key) != value)


def _twice(parts: Sequence[Part]) -> Iterator[str]:
    shards: dict[int, Part] = {}
    cells: dict[str, Part] = {}
    for part in parts:
        before = shards.setdefault(part.shard.number, part)
        if before is not part:
            yield f"{part.path}: is shard {part.shard.number} of {part.shard.of}, as {before.path} is"
            continue
        again = [one.cell.id for one in part.record.run.results if cells.setdefault(one.cell.id, part) is not part]
        if again:
            yield f"{part.path}: has {len(again)} cells of another shard: {again[0]} is in {cells[again[0]].path}, too"


def _lacking(parts: Sequence[Part]) -> Iterator[str]:
    shard = parts[0].shard
    there = {part.shard.number for part in parts}
    if absent := [str(number) for number in range(1, shard.of + 1) if number not in there]:
        yield f"shard {', '.join(absent)} of {shard.of} is missing"
        return
    ids = {one.cell.id for part in parts for one in part.record.run.results}
    if digest(ids) != shard.digest:
        yield f"the {len(ids)} cells of all shards are not the {shard.cells} of the run"


def bound(one: Result, scenario: Scenario) -> Result | None:
    """The result with the scenario itself instead of what a record says of it; None where it ran another."""
    found = replace(one, cell=replace(one.cell, scenario=scenario))
    same = (one.cell.axes.keys() == {axis.name for axis in scenario.axes}
            and all(one.cell.axes[axis.name] in axis.values for axis in scenario.axes)
            and one.put == Put(policy_text(found.cell), tuple(command_line(found.cell)))
            and one.expected == expectation(found.cell))
    return found if same else None


def in_order(results: Sequence[Result]) -> list[Result]:
    """The order of an undivided run."""
    def order(one: Result) -> tuple[PurePath, int, list[int]]:
        cell = one.cell
        return (PurePath(cell.scenario.name), row_place(cell.target.name),
                [list(axis.values).index(cell.axes[axis.name]) for axis in cell.scenario.axes])

    return sorted(results, key=order)


def whole(runs: Sequence[Run], results: Sequence[Result]) -> Run:
    """Machines run side by side, so that the slowest says how long it took."""
    return Run(in_order(results), [boot for run in runs for boot in run.boots], max(run.seconds for run in runs))


def around(datas: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the whole was run on: every kernel once, and every machine's own."""
    def each(*keys: str) -> str:
        values = []
        for value in datas:
            for key in keys:
                value = value[key]
            values.append(str(value))
        return ", ".join(dict.fromkeys(values))

    kernels = {one["series"]: one for data in datas for one in data["kernels"]}
    return {"runtime": datas[0]["runtime"], "qemu": each("qemu"),
            "host": {"release": each("host", "release"), "machine": each("host", "machine")},
            "kernels": [kernels[series] for series in sorted(kernels)]}

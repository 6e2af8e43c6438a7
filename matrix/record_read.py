"""A record read back: checked, and made a run of again, which all faces show."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matrix import abi, record_shape
from matrix.boots import BootRecord
from matrix.cells import Cell
from matrix.events import GuestFacts
from matrix.expect import Difference, Expectation
from matrix.law import Disagreement, Violation
from matrix.observe import Observation
from matrix.record import PLAN_PARTS, SCHEMA
from matrix.result import Put, Result
from matrix.run import Run, Shard
from matrix.scenario import Axis, Scenario
from matrix.targets import Target

MOST_TOLD = 10


class Unreadable(Exception):
    """No record, or not one of ours; the message says what is wrong with it, each fault a line."""


@dataclass(frozen=True)
class Record:
    """`data` as it is written, `run` made of it."""

    data: Mapping[str, Any]
    run: Run


def read(path: Path) -> Record:
    try:
        data = json.loads(path.read_bytes())
    except FileNotFoundError as fault:
        raise Unreadable(f"{path}: no such record; make matrix writes one") from fault
    except OSError as fault:
        raise Unreadable(f"{path}: cannot be read: {fault.strerror}") from fault
    except ValueError as fault:
        raise Unreadable(f"{path}: this is not JSON, so no record, or one that was cut off: {fault}") from fault
    schema = data.get("schema") if isinstance(data, dict) else None
    if schema != SCHEMA:
        raise Unreadable(f"{path}: a record has schema {SCHEMA}, this has {json.dumps(schema)}; "
                         "run make matrix again with this version")
    faults = [f"{path}: {where.lstrip('.') or 'the record'} {what}" for where, what in record_shape.faults(data)]
    if faults:
        more = [f"{path}: and {len(faults) - MOST_TOLD} more"] if len(faults) > MOST_TOLD else []
        raise Unreadable("\n".join(faults[:MOST_TOLD] + more))
    return Record(data, run_of(data))


def run_of(data: Mapping[str, Any]) -> Run:
    """The run of a record that was checked."""
    scenarios = {one["name"]: _scenario(one) for one in data["scenarios"]}
    rows = {one["name"]: Target(**_fields(Target, one)) for one in data["rows"]}
    tables = _Tables(data)
    results = [tables.result(cell, scenarios[cell["scenario"]], rows[cell["row"]]) for cell in data["cells"]]
    violations = data["violations"] and _violations(data["violations"], {one.cell.id: one for one in results})
    shard = data["shard"] and Shard(**_fields(Shard, _tuples(data["shard"])))
    return Run(results, [_boot(one) for one in data["boots"]], data["seconds"], violations, tuple(data["gaps"]), shard)


def _violations(found: Sequence[Mapping[str, str]], results: Mapping[str, Result]) -> list[Violation]:
    return [Violation(one["law"], Disagreement(results[one["left"]], results[one["right"]], one["what"],
                                               one["left_value"], one["right_value"])) for one in found]


def _scenario(one: Mapping[str, Any]) -> Scenario:
    """What faces show of a scenario; its policy and rules are with the cells, as put and as expected."""
    axes = tuple(Axis(name, {value: value for value in values}) for name, values in one["axes"].items())
    return Scenario(one["name"], one["file"], one["about"], one["report"], policy="", axes=axes,
                    rows=abi.parse(one["rows"]) if one["rows"] else None, tree=(), args=(), launcher=(), command=(),
                    probes=one["probes"], rules=(), time_limit=0, until=one["until"], captured=one["captured"])


def _boot(one: Mapping[str, Any]) -> BootRecord:
    facts = one["facts"] and GuestFacts(**_fields(GuestFacts, _tuples(one["facts"])))
    fields: dict[str, Any] = {**_fields(BootRecord, one), "facts": facts, "complaints": tuple(one["complaints"])}
    return BootRecord(**fields)


def _fields(kind: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a dataclass's fields; what else there may be is another's."""
    return {name: values[name] for name in kind.__dataclass_fields__ if name in values}


def _tuples(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(_tuples, value))
    return {key: _tuples(item) for key, item in value.items()} if isinstance(value, dict) else value


class _Tables:
    """The record's tables as values, each made once."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        texts = self.texts = data["texts"]
        self.commands = [tuple(words) for words in data["commands"]]
        self.expected = [Expectation(**_fields(Expectation, _tuples(one))) for one in data["expected"]]
        self.seen = [{**_fields(Observation, _tuples(one)), "warnings": tuple(texts[at] for at in one["warnings"]),
                      "stdout": texts[one["stdout"]], "stderr": texts[one["stderr"]]} for one in data["seen"]]
        self.plans = [{**plan, **{name: data["parts"][plan[name]] for name in PLAN_PARTS if name in plan},
                       "rules": [data["rules"][at] for at in plan["rules"]]} for plan in data["plans"]]

    def result(self, cell: Mapping[str, Any], scenario: Scenario, row: Target) -> Result:
        plan = None if cell["plan"] is None else self.plans[cell["plan"]]
        return Result(Cell(scenario, cell["axes"], row, cell["variant"]), cell["verdict"],
                      self.expected[cell["expected"]], Observation(**self.seen[cell["seen"]], plan=plan),
                      tuple(Difference(**one) for one in cell["differences"]), cell["why"], cell["ms"],
                      cell["alone"], Put(self.texts[cell["policy"]], self.commands[cell["command"]]))

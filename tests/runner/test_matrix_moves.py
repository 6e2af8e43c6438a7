"""What moved between two runtimes, and that every row of the design's bug table is named by its smallest
combination."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from matrix import abi, behaviour, bug_moves, bug_table, result
from matrix.bug_table import Table, runtime_name
from matrix.cells import Cell, spread
from matrix.moves import Change, Pair, changes, moves, pairs
from matrix.observe import Observation
from matrix.paint import Paint
from matrix.result import Result, expectation, harness
from matrix.targets import choose, on_guests
from matrix_world import SMALL, scenario

ROOT = Path(__file__).resolve().parents[2]
TABLE = bug_table.load(ROOT / "matrix" / "bugs" / "table.yaml")
BASE, THIS = "holdfast-base", "holdfast"
EVERYWHERE = SMALL.replace("[omitted]", "[omitted, best_effort, hard_requirement]").replace('">=2"', '">=0"').replace(
    "outcome: started\n    enforced: true", "outcome: usual")

STARTS = Observation(outcome="started", enforced=True, abi=2, exit=0, probes={"hosts": "ok"})
LOUD = Observation(outcome="degraded", enforced=False, exit=0, warnings=("w",), stderr="holdfast: warning: w",
                   probes={"hosts": "ok"})
DIES = Observation(outcome="exec-failed", error="HF-EXEC-FAILED", errno="EACCES", exit=126)
NO_LANDLOCK = Observation(outcome="refused", error="HF-LANDLOCK-UNAVAILABLE", errno="ENOSYS", exit=125)
TOO_OLD = replace(NO_LANDLOCK, error="HF-LANDLOCK-ABI-TOO-OLD")
UNREACHABLE = replace(NO_LANDLOCK, error="HF-EXEC-UNREACHABLE")


def judged(cell: Cell, seen: Observation) -> Result:
    return Result(cell, result.PASS, expectation(cell), seen)


def two(before: Observation, after: Observation) -> Pair:
    base, this = spread(scenario(), on_guests(choose(["2"])), [BASE, THIS])[:2]
    return Pair(judged(base, before), judged(this, after))


@pytest.mark.parametrize(("before", "after", "told"), [
    (STARTS, STARTS, []),
    (STARTS, DIES, ["started -> exec-failed EACCES"]),
    (NO_LANDLOCK, TOO_OLD, ["refused HF-LANDLOCK-UNAVAILABLE -> refused HF-LANDLOCK-ABI-TOO-OLD"]),
    (NO_LANDLOCK, replace(NO_LANDLOCK, errno="EPERM"), ["errno: ENOSYS -> EPERM"]),
    (DIES, replace(DIES, exit=127), ["exit status: 126 -> 127"]),
    (STARTS, replace(STARTS, probes={"hosts": "EACCES"}), ["probe hosts: ok -> EACCES"]),
    (STARTS, replace(STARTS, probes={}), ["probe hosts: ok -> none"]),
    (STARTS, replace(STARTS, abi=1), ["enforced ABI: 2 -> 1"]),
    (STARTS, replace(STARTS, skipped=("/x",)), ["skipped /x: none -> told"]),
    (replace(STARTS, limits=("refer", "truncate")), replace(STARTS, limits=("refer",)),
     ["limit truncate: told -> none"]),
    (DIES, replace(DIES, kernel=("WARNING: x",)), ["kernel log: none -> complaints"]),
    # Where nothing is enforced any more, that no right is lost to the kernel only follows.
    (replace(STARTS, limits=("refer",)), replace(STARTS, enforced=False), ["landlock enforced: yes -> no"]),
    (LOUD, replace(LOUD, stderr="", warnings=()), ["warning: yes -> no", "warning in the report: yes -> no"]),
    # How a warning is worded is no behaviour.
    (LOUD, replace(LOUD, stderr="holdfast: warning: x", warnings=("x",)), []),
])
def test_changes_of_a_cell(before: Observation, after: Observation, told: list[str]) -> None:
    assert [change.words for change in changes(two(before, after))] == told


def test_a_harness_error_is_no_outcome_and_not_judged() -> None:
    pair = two(STARTS, STARTS)
    hung = Pair(pair.base, harness(pair.this.cell, result.HANG, "no end within 20 s"))
    assert [change.words for change in changes(hung)] == ["started -> hang"] and not hung.judged
    data = behaviour.make({"name": "main", "sha": "0" * 40}, [hung], moves([hung]))
    assert data["unjudged"] == [{"cell": pair.this.cell.place, "base": "pass", "this": "hang: no end within 20 s"}]
    assert behaviour.closing(data).endswith("; 1 cell could not be judged")


def test_many_that_end_in_the_same() -> None:
    assert Change("outcome", "a or b", "c").words == "a or b -> c"
    assert Change("outcome", "a or b or c or d", "e").words == "whatever it was -> e"


def right(cell: Cell) -> Observation:
    """What the design says of the right runtime."""
    level = abi.level(cell.target.abi)
    if cell.axes["landlock"] == "hard_requirement" and level < 2:
        return TOO_OLD if level else NO_LANDLOCK
    if level >= 2:
        return STARTS
    return replace(LOUD, enforced=level == 1)


def bugged(cell: Cell, column: str, table: Table) -> Observation:
    """What the table says of a variant in proxy mode; in block mode its default and its silence are wrong too."""
    mine = right(cell)
    if cell.axes["mode"] == "proxy":
        row = next(row for row in table.rows if row.landlock == cell.axes["landlock"] and cell.target.abi in row.abi)
        match row.words[column]:
            case "EACCES at exec":
                return DIES
            case "refused, unreachable":
                return UNREACHABLE
            case "refused":
                return TOO_OLD if cell.target.abi == "1" else NO_LANDLOCK
    elif cell.axes["landlock"] == "omitted" and "default-hard" in table.variants[column] and mine.outcome == "degraded":
        return TOO_OLD if cell.target.abi == "1" else NO_LANDLOCK
    return replace(mine, outcome="started") if mine.outcome == "degraded" else mine


@pytest.mark.parametrize("column", [name for name, patches in TABLE.variants.items() if patches])
def test_every_row_of_the_bug_table_is_named(column: str) -> None:
    program = runtime_name(column, TABLE)
    cells = spread(scenario(EVERYWHERE), on_guests(choose(())), [THIS, program])
    results = [judged(one, right(one) if one.runtime == THIS else bugged(one, column, TABLE)) for one in cells]
    assert sorted(bug_moves.named(results, program)) == sorted(TABLE.moves[column])
    assert bug_moves.wrong(results, replace(TABLE, moves={column: TABLE.moves[column]})) == []
    moved = {cell for move in moves(pairs(results, THIS)) for cell in move.cells}
    for one in cells:
        if one.axes["mode"] == "proxy" and one.runtime == program:
            row = next(row for row in TABLE.rows if row.landlock == one.axes["landlock"] and one.target.abi in row.abi)
            same = row.words["right"].removesuffix(", names what is missing") == row.words[column]
            assert (one.place in moved) != same, one.place


def test_what_is_not_named_is_wrong() -> None:
    cells = spread(scenario(EVERYWHERE), on_guests(choose(())), [THIS, "holdfast-broken"])
    results = [judged(one, right(one)) for one in cells]
    faults = bug_moves.wrong(results, replace(TABLE, moves={"broken": TABLE.moves["broken"]}))
    assert [one.expected for one in faults] == list(TABLE.moves["broken"]) and faults[0].got == "not named"


def data() -> dict[str, object]:
    """Two scenarios; in one of them proxy mode dies, and block mode loses a protection."""
    results = []
    for name in ("one", "two"):
        for cell in spread(scenario(EVERYWHERE, name), on_guests(choose(["2", "6"])), [BASE, THIS]):
            seen = STARTS
            if cell.runtime == THIS and name == "one":
                loose = replace(STARTS, enforced=False, probes={"hosts": "EIO"})
                seen = DIES if cell.axes["mode"] == "proxy" else loose
            results.append(judged(cell, seen))
    compared = pairs(results, BASE)
    return behaviour.make({"name": "v1", "sha": "0123456789abcdef"}, compared, moves(compared))


def test_on_the_terminal() -> None:
    found = data()
    assert behaviour.terminal(found, Paint(False)) == [
        "proxy: started -> exec-failed EACCES (6 cells)",
        "    in one",
        "block (6 cells):",
        "    landlock enforced: yes -> no",
        "    probe hosts: ok -> EIO",
        "    in one",
    ]
    assert behaviour.closing(found) == "12 of 24 cells moved since v1 (0123456789ab)"


def test_as_markdown_and_json() -> None:
    found = json.loads(json.dumps(data()))
    assert behaviour.markdown(found) == """\
### Behaviour: 12 of 24 cells moved since v1 (0123456789ab)

- `proxy` (6 cells), in `one`
  - `started -> exec-failed EACCES`
- `block` (6 cells), in `one`
  - `landlock enforced: yes -> no`
  - `probe hosts: ok -> EIO`
"""
    assert found["moves"][0]["sets"] == {"mode": ["proxy"]} and len(found["moves"][0]["cells"]) == 6
    nothing = behaviour.make({"name": "v1", "sha": "0123456789abcdef"}, [two(STARTS, STARTS)], [])
    assert behaviour.markdown(nothing) == (
        "### Behaviour: nothing moved since v1 (0123456789ab): the same in 1 cell\n\n")

"""A change's behaviour as JSON, and the faces made of that: for the terminal, and for a forge's job page or a pull
request's comment."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from matrix.markdown import code
from matrix.moves import Move, Pair
from matrix.paint import Paint

SCHEMA = 1
WIDTH = 120
MOST_MOVES = 60  # of a Markdown list; the JSON has all


def make(base: Mapping[str, str], compared: Sequence[Pair], moved: Sequence[Move]) -> dict[str, Any]:
    """`base` is the revision as asked for (`name`) and its `sha`. A cell may stand in more than one move."""
    return {
        "schema": SCHEMA,
        "base": dict(base),
        "scenarios": list(dict.fromkeys(pair.spot.scenario for pair in compared)),
        "cells": len(compared),
        "moved": len({cell for one in moved for cell in one.cells}),
        "moves": [{
            "where": one.group.words,
            "sets": {name: list(values) for name, values in one.group.sets},
            "scenarios": list(one.scenarios),
            "changes": [{"what": change.what, "before": change.before, "after": change.after, "words": change.words}
                        for change in one.changes],
            "cells": list(one.cells),
        } for one in moved],
        "unjudged": [{"cell": pair.this.cell.place, "base": f"{pair.base.verdict}: {pair.base.why}".rstrip(": "),
                      "this": f"{pair.this.verdict}: {pair.this.why}".rstrip(": ")}
                     for pair in compared if not pair.judged],
    }


def closing(data: Mapping[str, Any]) -> str:
    """`12 of 390 cells moved since main (0123456789ab)`."""
    base = data["base"]
    name = base["name"] if base["sha"].startswith(base["name"]) else f"{base['name']} ({base['sha'][:12]})"
    moved = f"{data['moved']} of {count(data['cells'])} moved since {name}" if data["moved"] else (
        f"nothing moved since {name}: the same in {count(data['cells'])}")
    unjudged = len(data["unjudged"])
    return moved + (f"; {count(unjudged)} could not be judged" if unjudged else "")


def terminal(data: Mapping[str, Any], paint: Paint) -> list[str]:
    """`proxy and ABI >= 2: started -> exec-failed EACCES (6 cells)`, and below it in which scenarios, if not in all."""
    lines: list[str] = []
    for move in data["moves"]:
        changes = [change["words"] for change in move["changes"]]
        cells = f"({count(len(move['cells']))})"
        where = paint(move["where"], "bold")
        if len(changes) == 1:
            lines.append(f"{where}: {changes[0]} {cells}")
        else:
            lines += [f"{where} {cells}:", *(f"    {change}" for change in changes)]
        if inside := _inside(move["scenarios"], data["scenarios"]):
            lines += textwrap.wrap(inside, WIDTH, initial_indent="    ",
                                   subsequent_indent="       ", break_long_words=False, break_on_hyphens=False)
    for one in data["unjudged"]:
        lines.append(f"{paint('not judged', 'alarm')} {one['cell']}: base {one['base']}; this {one['this']}")
    return lines


def markdown(data: Mapping[str, Any]) -> str:
    """The same as a heading and a list, for a job's page."""
    lines = [f"### Behaviour: {closing(data)}", ""]
    for move in data["moves"][:MOST_MOVES]:
        inside = _inside([code(name) for name in move["scenarios"]], [code(name) for name in data["scenarios"]])
        lines.append(f"- {code(move['where'])} ({count(len(move['cells']))}){inside and f', {inside}'}")
        lines += [f"  - {code(change['words'])}" for change in move["changes"]]
    if len(data["moves"]) > MOST_MOVES:
        lines.append(f"- ... and {len(data['moves']) - MOST_MOVES} more; behaviour.json has them all")
    if data["unjudged"]:
        lines += ["", "Not judged:", ""]
        lines += [f"- {code(one['cell'])}: base {code(one['base'])}, this {code(one['this'])}"
                  for one in data["unjudged"][:MOST_MOVES]]
    return "\n".join(lines) + "\n"


def _inside(some: Sequence[str], every: Sequence[str]) -> str:
    """`in a, b`, or `in all but c` where that is shorter; nothing where it is all of them."""
    others = [name for name in every if name not in some]
    if not others:
        return ""
    return f"in all but {', '.join(others)}" if len(others) < len(some) else f"in {', '.join(some)}"


def count(cells: int) -> str:
    return "1 cell" if cells == 1 else f"{cells} cells"

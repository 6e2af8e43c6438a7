"""The run as one HTML file that needs no other: the files of matrix/html/ joined, and the record as data in them."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matrix import result
from matrix.cells import REAL
from matrix.record import Table
from matrix.record_read import Record
from matrix.relations import LAWS
from matrix.table import LEGEND, letter

HERE = Path(__file__).parent / "html"
SCRIPTS = ("data.js", "dom.js", "filter.js", "rows.js", "grid.js", "relations.js", "detail.js", "app.js")
SHOWN = ("written", "closing", "status", "seconds", "runtime", "host", "kernels", "rows", "scenarios", "boots",
         "violations", "texts", "commands", "expected", "seen", "plans", "rules", "parts")
_PART = re.compile("@([A-Z]+)@")


def text(record: Record) -> str:
    style = (HERE / "style.css").read_text("utf-8")
    script = '"use strict";\n' + "\n".join((HERE / name).read_text("utf-8") for name in SCRIPTS)
    parts = {"TITLE": html.escape(f"{record.run.closing} - Holdfast matrix"), "POLICY": _policy(style, script),
             "STYLE": style, "SCRIPT": script, "RECORD": embedded(_data(record))}
    return _PART.sub(lambda match: parts[match[1]], (HERE / "page.html").read_text("utf-8"))


def embedded(data: Mapping[str, Any]) -> str:
    """JSON that can stand in a script element: without a `<` nothing in it can end or open one."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _policy(style: str, script: str) -> str:
    """Nothing is fetched, and no script or style but the page's own is taken (Content Security Policy Level 3)."""
    def digest(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    return (f"default-src 'none'; img-src data:; style-src {digest(style)}; script-src {digest(script)}; "
            "base-uri 'none'; form-action 'none'")


def _data(record: Record) -> dict[str, Any]:
    """The record with what every cell repeats in tables, too, and with what only Python knows to say."""
    scenarios = {one["name"]: place for place, one in enumerate(record.data["scenarios"])}
    rows = {one["name"]: place for place, one in enumerate(record.data["rows"])}
    points = Table()
    cells = [{**cell, "scenario": scenarios[cell["scenario"]], "row": rows[cell["row"]], "letter": letter(one),
              "point": points.add(cell["axes"])}
             for cell, one in zip(record.data["cells"], record.run.results, strict=True)]
    # By columns, since the names of its values are half of a cell.
    columns = {name: [cell[name] for cell in cells] for name in (cells[0] if cells else ())
               if name not in ("axes", "outcome")}
    return {**{name: record.data[name] for name in SHOWN}, "cells": columns, "points": points.values, "real": REAL,
            "red": result.UNSUCCESSFUL, "laws": LAWS, "legend": re.split(r" {2,}|\n", LEGEND)}

"""Every promise of a plan has a scenario on every kernel row, and scenarios/README.md has the table of them."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from vm.rows import ROWS

ROOT = Path(__file__).resolve().parents[2]
TABLE = re.compile(r"^\| `(\w+)` \| ([^|]+) \|", re.MULTILINE)


def scenarios_of() -> dict[str, list[str]]:
    text = (ROOT / "scenarios/README.md").read_text()
    section = text[text.index("## Which scenario shows which promise"):].partition("\n## Probes")[0]
    return {promise: cell.split(", ") for promise, cell in TABLE.findall(section)}


def test_the_table_has_the_promises_of_a_plan() -> None:
    plan = subprocess.run([ROOT / "build/holdfast", "plan", "--json"], capture_output=True, check=True).stdout
    assert list(scenarios_of()) == [one["promise"] for one in json.loads(plan)["promises"]]


@pytest.mark.parametrize(("promise", "names"), scenarios_of().items())
def test_a_promise_is_shown_on_every_row(promise: str, names: list[str]) -> None:
    for name in names:
        recorded = (ROOT / f"matrix/baseline/{name}.txt").read_text()
        assert {line.split()[0].rpartition("/")[2] for line in recorded.splitlines() if line[:1] != "#"} \
            == {row.name for row in ROWS}, f"{promise}: {name}"

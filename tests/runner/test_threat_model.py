"""The threat model says what the plan promises, and names a scenario for it that there is."""

from __future__ import annotations

import json
import re
import subprocess

from usage import HOLDFAST, ROOT

PAGE = (ROOT / "doc" / "threat-model.md").read_text("utf-8")
ROWS = re.findall(r"^\| (`.*`) \| .* \| (\S+) \|$", PAGE, re.M)


def test_each_promise_of_the_plan_has_a_row() -> None:
    plan = json.loads(subprocess.run([HOLDFAST, "plan", "--json"], capture_output=True, check=True).stdout)
    assert sorted(name for cell, _ in ROWS for name in re.findall(r"`(\w+)`", cell)) == \
        sorted(promise["promise"] for promise in plan["promises"])


def test_each_scenario_that_is_named_is_there() -> None:
    named = {scenario for _, scenario in ROWS} | set(re.findall(r"\(([a-z0-9/]+(?:-[a-z0-9]+)+)\)", PAGE))
    assert len(named) > 15
    assert {name for name in named if not (ROOT / "scenarios" / f"{name}.yaml").is_file()} == set()


def test_it_is_a_page() -> None:
    assert len(PAGE.splitlines()) <= 75

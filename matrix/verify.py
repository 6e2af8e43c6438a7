"""What can be wrong with a scenario as a whole: a cell without expectation, a rule without cell, a policy that lets the
command write its own report."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from matrix.abi import WITHOUT
from matrix.cells import points
from matrix.diagnostics import Diagnostics, Place
from matrix.expect import resolve
from matrix.scenario import Scenario
from vm.rows import ROWS


def verify(scenario: Scenario, diagnostics: Diagnostics) -> None:
    rows = [row.name for row in ROWS if scenario.shown_on(row.name, row.ceiling)]
    if not rows:
        diagnostics.add(Place(scenario.file), "'rows' leaves no kernel row")
    cells = [(point, row) for row in rows for point in points(scenario)]
    for rule in scenario.rules:
        if not any(rule.matches(point, row) for point, row in cells):
            diagnostics.add(rule.place, "this rule matches no cell")
    for excuse in scenario.control or ():
        if not any(excuse.matches(point, row) for point, row in cells):
            diagnostics.add(excuse.place, "this item of control matches no cell")
    lacking: dict[str, list[str]] = {}
    for point, row in cells:
        for lack in _lacks(scenario, point, row):
            lacking.setdefault(lack, []).append(",".join(f"{k}={v}" for k, v in point.items()) + f"/{row}")
    for lack, where in lacking.items():
        more = f" (and {len(where) - 1} more)" if len(where) > 1 else ""
        diagnostics.add(Place(scenario.file), f"cell {scenario.name}/{where[0]}{more} {lack}")
    _check_policy(scenario, diagnostics)


def _lacks(scenario: Scenario, point: Mapping[str, str], row: str) -> list[str]:
    expected = resolve(scenario, point, row)
    if expected.outcome is None:
        return ["has no expectation: no rule gives its outcome"]
    if expected.outcome == "refused" and expected.error is None:
        return ["is expected to be refused, but by which error is not said"]
    if not expected.starts:
        return []
    lacks = [f"has no expectation for probe '{name}'" for name in scenario.probes if name not in expected.probes]
    if expected.enforced and row in WITHOUT:
        lacks.append("is expected to enforce Landlock where there is none")
    return lacks


def _check_policy(scenario: Scenario, diagnostics: Diagnostics) -> None:
    """The report lies in the cell's own directory, which therefore must not be writable inside. A policy that is no
    YAML is the runtime's to refuse."""
    for point in points(scenario):
        try:
            policy = yaml.load(scenario.substitute(scenario.policy, point), Loader=yaml.CSafeLoader)
        except yaml.YAMLError:
            continue
        section = policy.get("filesystem_policy") if isinstance(policy, dict) else None
        paths = section.get("read_write") if isinstance(section, dict) else None
        for path in paths if isinstance(paths, list) else ():
            if str(path).rstrip("/") in ("/mnt/cell", "/mnt"):
                diagnostics.add(Place(scenario.file), f"read_write '{path}' would let the command write its own "
                                "report; use ${CELL}/work or another directory below")
                return

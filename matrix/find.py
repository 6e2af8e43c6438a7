"""Finding scenario files: by name below scenarios/, or anywhere by path."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from matrix.diagnostics import Diagnostic, Diagnostics, Place, suggestion
from matrix.scenario import Scenario
from matrix.schema import load

SUFFIX = ".yaml"
# A name is part of the cells' ids and of the commands that run one again.
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*(/[a-z0-9][a-z0-9-]*)*")


def names(folder: Path) -> dict[str, Path]:
    """Every scenario of a folder by its name."""
    return {str(path.relative_to(folder).with_suffix("")): path for path in sorted(folder.rglob(f"*{SUFFIX}"))}


def misnamed(folder: Path) -> list[Diagnostic]:
    """Files of a folder that are meant as scenarios and whose names say otherwise."""
    faults = []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in (SUFFIX, ".yml"):
            continue
        if path.suffix != SUFFIX:
            faults.append(Diagnostic(Place(str(path)), f"is not read: a scenario's name ends in {SUFFIX}"))
        elif not _NAME.fullmatch(str(path.relative_to(folder).with_suffix(""))):
            faults.append(Diagnostic(Place(str(path)), "the name must be lower-case letters, digits and hyphens"))
    return faults


def find(folder: Path, wanted: Sequence[str]) -> tuple[list[Scenario], list[Diagnostic]]:
    """The wanted scenarios (all, where none is named), and everything that is wrong with any of them."""
    known = names(folder)
    chosen: dict[str, Path] = {}
    faults = [] if wanted else misnamed(folder)
    for name in wanted:
        path = Path(name)
        if name in known:
            chosen[name] = known[name]
        elif path.suffix == SUFFIX and path.is_file():
            inside = folder.resolve() in path.resolve().parents
            chosen[str(path.resolve().relative_to(folder.resolve()).with_suffix("")) if inside else path.stem] = path
        elif path.is_file():
            faults.append(Diagnostic(Place(name), f"is not read: a scenario's name ends in {SUFFIX}"))
        else:
            faults.append(Diagnostic(Place(name), f"no such scenario{suggestion(name, known)}"))
    scenarios = []
    for name, path in (chosen if wanted else known).items():
        diagnostics = Diagnostics(str(path))
        scenario = load(path, name, diagnostics)
        faults += diagnostics.items
        if scenario:
            scenarios.append(scenario)
    return scenarios, faults

"""What holds of any bytes that are read as a scenario: it can be spread into cells, or its faults are told, each with a place."""

from __future__ import annotations

from pathlib import Path

from matrix.cells import spread
from matrix.diagnostics import Diagnostics
from matrix.schema import load
from matrix.targets import choose, on_guests

COLUMNS = on_guests(choose(("6",)))
FILE = Path("/dev/shm/holdfast-fuzzed-scenario.yaml")


def check(text: bytes) -> None:
    FILE.write_bytes(text)
    diagnostics = Diagnostics("fuzz.yaml")
    scenario = load(FILE, "fuzz", diagnostics)
    assert scenario is None or not diagnostics.items, "a scenario with faults was let through"
    assert scenario or diagnostics.items, "neither a scenario nor a fault"
    for one in diagnostics.items:
        assert one.message and str(one).startswith("fuzz.yaml"), one
    if scenario:
        spread(scenario, COLUMNS)

"""The long runs, shortest first, and the lines of each that are its figures."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Step(NamedTuple):
    name: str
    command: tuple[str, ...]
    figures: str  # a regular expression of the lines that are kept
    one_core: bool = False  # and no more, so that others of its kind may run beside it


LAST = r".*\S.*\Z"
# One step each, since each takes a quarter of an hour.
FUZZED = sorted(file.stem for file in (Path(__file__).parents[1] / "fuzz").glob("*.c"))

STEPS = (
    Step("lint", ("make", "-s", "lint"), LAST),
    Step("sanitized-thread", ("tests/sanitized", "thread"), r"sanitized: \w+: (?!build).*"),
    Step("sanitized-address", ("tests/sanitized", "address"), r"sanitized: \w+: (?!build).*"),
    Step("faults", ("make", "-s", "faults"), r"\d+ runs with a fault.*|\d+ passed, \d+ failed"),
    Step("hostile", ("make", "-s", "hostile"), LAST),
    Step("mutants", ("make", "-s", "mutants"), LAST),
    Step("coverage", ("make", "-s", "coverage"), r"all .*"),
    *(Step(f"fuzz-{name}", ("make", "-s", "fuzz", f"TARGET={name}", "SECONDS=900"),
           r"stat::number_of_executed_units.*|.*DONE.*", one_core=True) for name in FUZZED),
    Step("mutate", ("make", "-s", "mutate"), LAST),
)

"""The long runs, shortest first, and the lines of each that are its figures."""

from __future__ import annotations

from typing import NamedTuple


class Step(NamedTuple):
    name: str
    command: tuple[str, ...]
    figures: str  # a regular expression of the lines that are kept


LAST = r".*\S.*\Z"

STEPS = (
    Step("lint", ("make", "-s", "lint"), LAST),
    Step("sanitized-thread", ("tests/sanitized", "thread"), r"sanitized: \w+: (?!build).*"),
    Step("sanitized-address", ("tests/sanitized", "address"), r"sanitized: \w+: (?!build).*"),
    Step("faults", ("make", "-s", "faults"), r"\d+ runs with a fault.*|\d+ passed, \d+ failed"),
    Step("hostile", ("make", "-s", "hostile"), LAST),
    Step("mutants", ("make", "-s", "mutants"), LAST),
    Step("coverage", ("make", "-s", "coverage"), r"all .*"),
    Step("fuzz", ("make", "-s", "fuzz", "SECONDS=900"), r"\w+:|stat::number_of_executed_units.*|.*DONE.*"),
    Step("mutate", ("make", "-s", "mutate"), LAST),
)

"""Which Landlock ABIs a condition means. `none`, `off` and `blocked` have a name of their own and count as 0 in
comparisons: `<3` holds for none, off, blocked, 1 and 2; `>=1` for every kernel that has Landlock."""

from __future__ import annotations

import re
from dataclasses import dataclass

WITHOUT = ("none", "off", "blocked")

_COMPARISON = re.compile(r"(>=|<=|<|>)([0-9]+)")
_RANGE = re.compile(r"([0-9]+)-([0-9]+)")


def level(abi: str) -> int:
    """The number to compare an ABI's name by."""
    return 0 if abi in WITHOUT else int(abi)


@dataclass(frozen=True)
class AbiSet:
    """A comma-separated list of alternatives: a name (`none`, `6`), a comparison (`>=2`) or a range (`1-3`)."""

    text: str

    def __contains__(self, abi: str) -> bool:
        return any(_holds(term.strip(), abi) for term in self.text.split(","))


def parse(text: str) -> AbiSet:
    """Raises ValueError with the term that is none."""
    for term in text.split(","):
        term = term.strip()
        if not (term in WITHOUT or term.isdecimal() or _COMPARISON.fullmatch(term) or _RANGE.fullmatch(term)):
            raise ValueError(term)
    return AbiSet(text)


def _holds(term: str, abi: str) -> bool:
    if comparison := _COMPARISON.fullmatch(term):
        here, there = level(abi), int(comparison[2])
        return {">=": here >= there, "<=": here <= there, "<": here < there, ">": here > there}[comparison[1]]
    if between := _RANGE.fullmatch(term):
        return int(between[1]) <= level(abi) <= int(between[2])
    return term == abi

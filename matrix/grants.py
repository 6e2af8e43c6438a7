"""What a policy's text grants of files, put into an order: more paths in a list, or the same path with more rights."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import yaml

from matrix.compile import WORK
from matrix.scenario import CELL_DIRECTORY

WORKDIR = f"{CELL_DIRECTORY}/{WORK}"


@dataclass(frozen=True)
class Grants:
    rest: str  # everything of the policy that is not about paths
    listed: bool  # law 4: a list that is given, be it empty, is the whole truth, and no part of the default set
    read_only: frozenset[str]
    read_write: frozenset[str]

    def __le__(self, other: Grants) -> bool:
        """Whether the other grants all of this, and nothing but paths differs."""
        return (self.rest == other.rest and self.listed == other.listed and self.read_write <= other.read_write
                and self.read_only <= other.read_only | other.read_write)

    def added_by(self, other: Grants) -> frozenset[str]:
        return (other.read_write - self.read_write) | (other.read_only - self.read_only - self.read_write)


@functools.lru_cache(maxsize=None)
def grants(policy: str) -> Grants | None:
    """None where the text is no policy that can be compared; the runtime says what is wrong with it."""
    try:
        read = yaml.load(policy, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return None
    section = read.pop("filesystem_policy", {}) if isinstance(read, dict) else None
    if not isinstance(section, dict):
        return None
    read_only, read_write = (_paths(section.get(key, [])) for key in ("read_only", "read_write"))
    if read_only is None or read_write is None:
        return None
    listed = "read_only" in section or "read_write" in section
    # Law 4; and a policy that calls the working directory read_only never has it widened.
    if section.get("include_workdir", not listed) is True and WORKDIR not in read_only:
        read_write |= {WORKDIR}
    return Grants(repr(sorted(read.items())), listed, read_only, read_write)


def _paths(value: Any) -> frozenset[str] | None:
    if isinstance(value, list) and all(isinstance(path, str) for path in value):
        return frozenset(value)
    return None

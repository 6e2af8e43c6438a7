"""What a cell showed, as facts to compare: no streams, and nothing that differs between two runs of the same thing."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from matrix.observe import Observation

PROBE = "probe "  # before a probe's name


def facts(seen: Observation) -> Mapping[str, str]:
    """Every fact by its name. Of the warnings only their number: their texts name places in the policy's file."""
    found = {
        "outcome": _word(seen.outcome),
        "error": _word(seen.error),
        "errno": _word(seen.errno),
        "exit status": _word(seen.exit),
        "landlock enforced": {True: "yes", False: "no", None: "none"}[seen.enforced],
        "enforced abi": _word(seen.abi),
        "limits": ", ".join(seen.limits) or "none",
        "skipped": ", ".join(seen.skipped) or "none",
        "warnings": str(len(seen.warnings)),
    }
    return MappingProxyType({**found, **{PROBE + name: got for name, got in seen.probes.items()}})


def _word(value: object) -> str:
    return "none" if value is None else str(value)

"""A line of the bench: the command, what it took, and that as a ratio beside its limit."""

from __future__ import annotations

import shlex
from collections.abc import Sequence


def line(command: str, took: str, value: float, limit: float, unit: str = "") -> bool:
    """Prints it; true where the value is within the limit."""
    kept = value <= limit
    over = "" if kept else "   OVER THE LIMIT"
    print(f"{command}\n    {took}: {value:.2f}{unit}, at most {limit:.2f}{unit}{over}", flush=True)
    return kept


def at_least(command: str, took: str, value: float, limit: float, unit: str = "") -> bool:
    """The same where more is better."""
    kept = value >= limit
    under = "" if kept else "   UNDER THE LIMIT"
    print(f"{command}\n    {took}: {value:.2f}{unit}, at least {limit:.2f}{unit}{under}", flush=True)
    return kept


def said(command: Sequence[str]) -> str:
    return shlex.join(command)

"""Delta debugging (Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002): the pieces without
which a failure goes away, by leaving out ever smaller parts. Pure; whoever calls tests candidates, several at a time,
since those of one round do not depend on each other and can share a boot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

Piece = TypeVar("Piece")

# Takes what each candidate keeps; gives the place of the first that still fails, or None.
First = Callable[[Sequence[Sequence[Piece]]], int | None]


def ddmin(pieces: Sequence[Piece], first: First[Piece]) -> list[Piece]:
    """What is left when no single piece can go any more. `pieces` as they are fail."""
    kept = list(pieces)
    parts = 1  # at first all of them
    while kept:
        candidates = [[*kept[:begin], *kept[end:]] for begin, end in _cuts(len(kept), parts)]
        found = first(candidates)
        if found is not None:
            kept = candidates[found]
            parts = min(max(parts - 1, 1), len(kept))
        elif parts >= len(kept):
            break
        else:
            parts = min(parts * 2, len(kept))
    return kept


def _cuts(length: int, parts: int) -> list[tuple[int, int]]:
    return [(length * part // parts, length * (part + 1) // parts) for part in range(parts)]

"""What a terminal can do, and colour: where it can, and NO_COLOR is not set (no-color.org)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TextIO

_CODES = {"green": "32", "yellow": "33", "blue": "34", "magenta": "35", "dim": "2", "bold": "1", "alarm": "1;7;31"}


def is_live(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether what is printed there can be coloured and printed over: a terminal, and not one that says it is dumb."""
    return stream.isatty() and environment.get("TERM") != "dumb"


class Paint:
    def __init__(self, on: bool) -> None:
        self._on = on

    @classmethod
    def for_stream(cls, stream: TextIO, environment: Mapping[str, str] = os.environ) -> Paint:
        return cls(is_live(stream, environment) and not environment.get("NO_COLOR"))

    def __call__(self, text: str, colour: str) -> str:
        return f"\x1b[{_CODES[colour]}m{text}\x1b[0m" if self._on else text

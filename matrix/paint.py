"""Colour, on a terminal only and where NO_COLOR is not set."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TextIO

_CODES = {"green": "32", "yellow": "33", "blue": "34", "magenta": "35", "dim": "2", "bold": "1", "alarm": "1;7;31"}


class Paint:
    def __init__(self, on: bool) -> None:
        self._on = on

    @classmethod
    def for_stream(cls, stream: TextIO, environment: Mapping[str, str] = os.environ) -> Paint:
        return cls(stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb")

    def __call__(self, text: str, colour: str) -> str:
        return f"\x1b[{_CODES[colour]}m{text}\x1b[0m" if self._on else text

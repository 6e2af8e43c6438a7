"""Result lines as they come, from a pipe and from a guest's memory, until the end or too long a silence."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable

# Memory does not wake anybody up: this often it is looked at.
LOOK_SECONDS = 0.01


class Lines:
    """Cuts bytes into lines and knows when the first and the last of them came."""

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self._on_line = on_line
        self._held = b""
        self.first: float | None = None
        self.last: float | None = None

    def feed(self, data: bytes) -> None:
        """Hand on every line that is whole."""
        *lines, self._held = (self._held + data).split(b"\n")
        if lines:
            self.last = time.monotonic()
            self.first = self.first or self.last
        for line in lines:
            self._on_line(line.rstrip(b"\r").decode(errors="replace"))

    def end(self) -> None:
        """A line that was cut off is handed on too: it says how far the other side came."""
        if self._held:
            self._on_line(self._held.decode(errors="replace"))
        self._held = b""


def read_lines(
    pipe: int, on_line: Callable[[str], None], silence: float, memory: Callable[[], bytes] | None = None
) -> tuple[bool, float | None]:
    """Hand on every line until `pipe` closes; (gone silent, when the first line came by time.monotonic). A guest that
    has begun to answer by memory answers by nothing else: what its serial port says then is no result."""
    start = time.monotonic()
    shared = Lines(on_line)
    serial = Lines(lambda line: None if shared.first else on_line(line))
    while True:
        last = max(start, shared.last or serial.last or start)
        left = last + silence - time.monotonic()
        ready = select.select([pipe], [], [], max(0, min(left, LOOK_SECONDS) if memory else left))[0]
        data = os.read(pipe, 65536) if ready else b""
        serial.feed(data)
        if memory is not None:
            # After the pipe has closed too: what a guest wrote before it died is all there.
            shared.feed(memory())
        if ready and not data or not ready and left <= 0:
            serial.end()
            shared.end()
            first = min((moment for moment in (serial.first, shared.first) if moment is not None), default=None)
            return not ready, first

"""What a person sees while it goes: one line that is rewritten on a terminal, a line a boot elsewhere."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import TextIO

from matrix import result
from matrix.boots import BootRecord
from matrix.paint import is_live
from matrix.result import Result

EVERY = 0.2  # seconds between two drawings of the line


class Progress:
    """Not thread-safe by itself: its owner calls it under a lock, the clock's thread only redraws."""

    def __init__(self, stream: TextIO, total: int) -> None:
        self._stream, self._total = stream, total
        self._live = is_live(stream)
        self._done = 0
        self._bad = 0
        self._running: list[str] = []
        self._begin = time.monotonic()
        self._stop = threading.Event()
        self._clock = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Progress:
        if self._live:
            self._clock.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._stop.set()
        if self._live:
            self._clock.join()
            self._clear()

    def say(self, text: str) -> None:
        if self._live:
            self._clear()
        print(text, file=self._stream, flush=True)

    def cell(self, one: Result) -> None:
        self._done += 1
        self._bad += one.verdict in result.UNSUCCESSFUL

    def booting(self, key: str) -> None:
        self._running.append(key)

    def booted(self, record: BootRecord) -> None:
        if record.key in self._running and record.reason == "poweroff":
            self._running.remove(record.key)
        if self._live and record.reason == "poweroff":
            return
        self.say(f"kernel {record.key}: {record.cells} cells in {record.seconds:.1f} s"
                 + ("" if record.reason == "poweroff" else f", ended by {record.reason}"))

    def _tick(self) -> None:
        while not self._stop.wait(EVERY):
            bad = f", {self._bad} failed" if self._bad else ""
            running = ", ".join(list(self._running))
            elapsed = time.monotonic() - self._begin
            self._stream.write(f"\r\x1b[K{self._done}/{self._total} cells{bad}; kernels {running}; {elapsed:.0f} s")
            self._stream.flush()

    def _clear(self) -> None:
        self._stream.write("\r\x1b[K")
        self._stream.flush()

"""The cells of a pytest session, served: those of a kernel in one boot, begun when the first is asked for."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Sequence

from matrix.cells import Cell
from matrix.lanes import Lane
from matrix.progress import Progress
from matrix.result import UNSUCCESSFUL, Result
from matrix.run import AT_A_TIME, Server, second_word


def batches(cells: Sequence[Cell]) -> dict[str, list[Cell]]:
    """By boot, the biggest first; on the host's kernel, which needs none, by scenario."""
    found: dict[str, list[Cell]] = {}
    for cell in cells:
        found.setdefault(key_of(cell), []).append(cell)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def key_of(cell: Cell) -> str:
    return "host-" + cell.scenario.name.replace("/", "_") if cell.target.boot == "host" else cell.target.boot


class Service:
    """Results for whoever waits for them. A cell that is red is run again before it is told; see second_run."""

    def __init__(self, lane: Lane, cells: Sequence[Cell], judge: Callable[[Result], Result], ahead: int) -> None:
        """`ahead`: how many batches are begun beside the one that is asked for."""
        self._progress = Progress(io.StringIO(), len(cells))  # pytest shows its own
        self.server = Server(lane, self._progress, judge)
        self._batches, self._ahead = batches(cells), ahead
        self._begun: set[str] = set()
        self._slots = threading.Semaphore(AT_A_TIME)
        self._changed = threading.Condition()
        self._results: dict[Cell, Result] = {}
        self._faults: dict[str, BaseException] = {}

    def result(self, cell: Cell) -> Result:
        """Waits for it."""
        asked, keys = key_of(cell), list(self._batches)
        place = keys.index(asked)
        for key in keys[place:place + 1 + self._ahead]:
            self._begin(key)
        with self._changed:
            while cell not in self._results:
                if asked in self._faults:
                    raise self._faults[asked]
                self._changed.wait()
            return self._results[cell]

    def _begin(self, key: str) -> None:
        if key not in self._begun:
            self._begun.add(key)
            # Nobody waits for it at the end: guests go down with this process.
            threading.Thread(target=self._serve, args=(key,), daemon=True).start()

    def _serve(self, key: str) -> None:
        red: list[Result] = []

        def tell(one: Result) -> None:
            if one.verdict in UNSUCCESSFUL:
                red.append(one)
            else:
                self._release(one)

        try:
            with self._slots:
                self.server.serve(key, self._batches[key], tell)
                for one in second_word(self.server, red, self._progress, key):
                    self._release(one)
        except BaseException as fault:  # told to whoever waits
            with self._changed:
                self._faults[key] = fault
                self._changed.notify_all()

    def _release(self, one: Result) -> None:
        with self._changed:
            self._results[one.cell] = one
            self._changed.notify_all()

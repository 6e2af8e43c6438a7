"""Result lines as they come in, put together into what each cell did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from matrix import wire

CUT = "!cut"


@dataclass
class CellEnd:
    """How a cell ended, as cellrun tells it: exactly one of exit, signal, timeout and setup."""

    id: str
    data: dict[str, str] = field(default_factory=dict)
    exit: int | None = None
    signal: int | None = None
    timeout: bool = False
    setup: str | None = None
    ms: int = 0


@dataclass
class GuestFacts:
    abi: str
    errata: str
    release: str
    uid: str
    lacks: tuple[str, ...] = ()  # what a cell needs of a kernel and this one has not


class Listener:
    """Takes the lines of one boot. `open` is the cell that has begun and not ended."""

    def __init__(self, on_end: Callable[[CellEnd], None]) -> None:
        self._on_end = on_end
        self.open: CellEnd | None = None
        self.facts: GuestFacts | None = None
        self.done = False
        self.noise: list[str] = []
        self.kernel = ""  # what the kernel said before the first cell

    def line(self, text: str) -> None:
        try:
            ended = self._take(wire.split(text))
        except (ValueError, IndexError, KeyError):
            self.noise.append(text)
            return
        if ended:  # what judging it raises is no noise of the guest's
            self._on_end(ended)

    def _take(self, fields: list[str]) -> CellEnd | None:
        """The cell that this line ends."""
        match fields:
            case ["@guest", *rest]:
                facts = wire.settings(rest)
                self.facts = GuestFacts(facts["abi"], facts.get("errata", "none"), facts.get("release", ""),
                                        facts.get("uid", ""), tuple(filter(None, facts.get("lacks", "").split(","))))
            case ["@kernel", text]:
                self.kernel += text
            case ["@begin", cell]:
                self.open = CellEnd(cell)
            case ["@data", cell, name, content] if self.open and cell == self.open.id:
                self.open.data[name.removesuffix(CUT)] = content
            case ["@end", cell, *rest] if self.open and cell == self.open.id:
                ended, self.open = self.open, None
                return _how(ended, wire.settings(rest))
            case ["@done"]:
                self.done = True
            case _:
                self.noise.append(" ".join(fields))
        return None


def _how(cell: CellEnd, how: dict[str, str]) -> CellEnd:
    cell.ms = int(how.get("ms", "0"))
    cell.exit = int(how["exit"]) if "exit" in how else None
    cell.signal = int(how["signal"]) if "signal" in how else None
    cell.timeout = "timeout" in how
    cell.setup = how.get("setup")
    return cell

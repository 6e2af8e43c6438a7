"""How long a boot and a cell take, as measured: a file in git, by which shards are cut alike on every machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

from matrix.cells import Cell
from matrix.run import Run

FILE = Path(__file__).parent / "times.txt"
HEAD = ("# Milliseconds of a boot, and of a cell of each scenario, by boot. Only the shards' sizes depend on them;\n"
        "# `make times` writes them anew from the last record.\n")
BOOT = "(boot)"
UNKNOWN = 50.0


@dataclass(frozen=True)
class Times:
    """By scenario (BOOT for booting), then by boot."""

    known: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def boot(self, key: str) -> float:
        """On the host's own kernel there is nothing to boot. A kernel that is not known takes what others take."""
        boots = self.known.get(BOOT, {})
        return 0.0 if key == "host" else boots.get(key) or _mean(boots.values())

    def cell(self, cell: Cell) -> float:
        """One of a scenario that is not known takes what a cell takes on average."""
        of_scenario = self.known.get(cell.scenario.name, {})
        return of_scenario.get(cell.target.boot) or _mean(of_scenario.values()) or self._average

    @property
    def _average(self) -> float:
        return _mean(_mean(times.values()) for name, times in self.known.items() if name != BOOT) or UNKNOWN

    def text(self) -> str:
        return HEAD + "".join(
            f"{name} {' '.join(f'{boot}={ms:.0f}' for boot, ms in sorted(times.items()))}\n"
            for name, times in sorted(self.known.items()))


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return fmean(found) if found else 0.0


def measured(run: Run) -> Times:
    """Of a run's boots and cells."""
    found: dict[str, dict[str, list[float]]] = {}
    for boot in run.boots:
        found.setdefault(BOOT, {}).setdefault(boot.key, []).append(boot.boot_seconds * 1000)
    for one in run.results:
        if one.ms:
            found.setdefault(one.cell.scenario.name, {}).setdefault(one.cell.target.boot, []).append(one.ms)
    return Times({name: {boot: fmean(values) for boot, values in times.items()} for name, times in found.items()})


def read(path: Path = FILE) -> Times:
    """Raises ValueError with the line that is none."""
    known: dict[str, dict[str, float]] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        name, *pairs = line.split()
        if name.startswith("#"):
            continue
        try:
            known[name] = {boot: float(ms) for boot, ms in (pair.rsplit("=", 1) for pair in pairs)}
        except ValueError as fault:
            raise ValueError(f"{path}:{number}: '{line}' is no scenario with BOOT=MILLISECONDS; "
                             "make times writes this file") from fault
    return Times(known)

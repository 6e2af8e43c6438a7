"""Where the time went."""

from __future__ import annotations

from matrix.run import Run


def figures(run: Run) -> dict[str, float]:
    """Sums over all boots beside the wall time; `neither` is what a guest spent on neither boot nor cells."""
    boot = sum(one.boot_seconds for one in run.boots)
    cells = sum(one.cell_seconds for one in run.boots)
    guests = sum(one.seconds for one in run.boots)
    count = sum(one.cells for one in run.boots)
    return {
        "boots": len(run.boots),
        "cells": count,
        "wall_seconds": run.seconds,
        "guest_seconds": guests,
        "boot_seconds": boot,
        "cell_seconds": cells,
        "neither_seconds": max(0.0, guests - boot - cells),
        "cells_per_second": count / run.seconds if run.seconds else 0.0,
    }


def lines(run: Run) -> list[str]:
    found = figures(run)
    share = 100 / found["guest_seconds"] if found["guest_seconds"] else 0.0
    return [
        f"{found['boots']:.0f} boots, {found['cells']:.0f} cells in {found['wall_seconds']:.1f} s "
        f"({found['cells_per_second']:.1f} cells/s)",
        f"summed over the boots {found['guest_seconds']:.1f} s: "
        + ", ".join(f"{what} {found[f'{what}_seconds']:.1f} s ({found[f'{what}_seconds'] * share:.0f} %)"
                    for what in ("boot", "cell", "neither")),
    ]

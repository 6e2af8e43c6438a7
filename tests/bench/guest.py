"""Tunnels that are held by the proxy of a run in a guest (guest.c), which has what descriptors and memory it takes."""

from __future__ import annotations

import tempfile
from pathlib import Path

from vm import guest, image, kernels

BUILD = Path("build")
KERNEL = "6.12"
MEMORY_MB = 1024
SILENCE = 300.0  # seconds: without KVM a connect takes some milliseconds
PROGRAMS = ("holdfast", "bench/load", "bench/upstream")


def held_in_a_guest(few: int, many: int) -> tuple[int, int, int, int, int]:
    """How many were there and what memory the proxy had, in KiB, of both; and how many carried a byte at last."""
    said: list[str] = []
    files: dict[str, Path | bytes] = {f"/usr/local/bin/{Path(name).name}": BUILD / name for name in PROGRAMS}
    files["/init"] = BUILD / "bench/guest"
    with tempfile.TemporaryDirectory(prefix="hf-bench-") as folder:
        kernel = kernels.Store(BUILD).ensure(KERNEL, print)
        parts = (image.archive(BUILD, image.BASE), image.overlay(files))
        end = guest.run_guest(kernel, parts, f"-- {few} {many}", Path(folder) / "console", said.append, SILENCE, MEMORY_MB)
    rows = [row.split() for row in said]
    if [row[0] for row in rows if row] != ["held", "held", "back"]:
        raise RuntimeError(f"the guest ended ({end.reason}) with {said}:\n{end.console}")
    (_, first, at_first), (_, last, at_last), (_, back) = rows
    return int(first), int(at_first), int(last), int(at_last), int(back)

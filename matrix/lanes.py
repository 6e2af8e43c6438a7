"""Where cells are run: in guests, or on this machine's own kernel."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from matrix import payload as payloads
from matrix.boots import Boot, End
from matrix.targets import Target
from vm import guest, host, image, kernels

# A cell may be silent up to its own time limit; the guest gets this much more before it is called hung.
PATIENCE = 40.0

Say = Callable[[str], None]


class Lane(Protocol):
    def boot(self, key: str, target: Target, silence: float) -> Boot:
        """The boot that serves a key. Raises vm.kernels.Unavailable where the kernel cannot be had."""

    def kernels(self) -> list[kernels.Kernel]:
        """The kernels used so far, for the record."""


class GuestLane:
    def __init__(self, build: Path, payload: Path, out: Path, say: Say) -> None:
        self._build, self._payload, self._out, self._say = build, payload, out, say
        self._lock = threading.Lock()
        self._store = kernels.Store(build)
        self._archives: dict[str, Path] = {}
        self._kernels: dict[str, kernels.Kernel] = {}
        self._count: dict[str, int] = {}

    def boot(self, key: str, target: Target, silence: float) -> Boot:
        with self._lock:  # fetched once, by the first who comes
            if target.kernel not in self._kernels:
                self._kernels[target.kernel] = self._kernel(target.kernel)
            kernel = self._kernels[target.kernel]

        def run(cells: str, on_line: Callable[[str], None]) -> End:
            name = self._name(key)
            files = payloads.files(self._payload)
            files["/cells"] = cells.encode()
            parts: list[Path | bytes] = [*map(self._archive, image.needed(cells)), image.overlay(files)]
            return guest.run_guest(kernel, parts, target.cmdline, self._out / f"{name}.console", on_line,
                                   silence + PATIENCE)

        return run

    def _archive(self, name: str) -> Path:
        with self._lock:
            if name not in self._archives:
                self._archives[name] = image.archive(self._build, name)
            return self._archives[name]

    def _kernel(self, which: str) -> kernels.Kernel:
        """A series of the lock file, or an image of somebody's own."""
        return kernels.from_path(Path(which), self._build) if "/" in which else self._store.ensure(which, self._say)

    def _name(self, key: str) -> str:
        """`boot-6.1`, `boot-6.1.2` for a second one."""
        with self._lock:
            count = self._count[key] = self._count.get(key, 0) + 1
        name = "boot-" + key.strip("/").replace("/", "_")
        return name if count == 1 else f"{name}.{count}"

    def kernels(self) -> list[kernels.Kernel]:
        return [kernel for _, kernel in sorted(self._kernels.items())]


class HostLane:
    def __init__(self, build: Path, payload: Path, out: Path) -> None:
        self._build, self._payload, self._out = build, payload, out

    def boot(self, key: str, target: Target, silence: float) -> Boot:
        def run(cells: str, on_line: Callable[[str], None]) -> End:
            path = self._out / f"cells-{key}"
            path.write_text(cells)
            return host.run_host(path, self._payload, on_line, silence + PATIENCE, self._build / "cellrun")

        return run

    def kernels(self) -> list[kernels.Kernel]:
        return []

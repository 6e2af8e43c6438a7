"""The columns of the matrix: a kernel row as a boot serves it, on the vm lane or on the host's own kernel."""

from __future__ import annotations

import ctypes
import errno
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from matrix import abi
from vm.rows import ROWS, Row

_LANDLOCK_CREATE_RULESET = 444
_CREATE_RULESET_VERSION = 1


@dataclass(frozen=True)
class Target:
    """One column. `native` is what the kernel of the boot answers without a ceiling."""

    name: str
    abi: str
    ceiling: str | None
    boot: str
    native: str
    kernel: str  # the series, a path to an image, or "host"
    cmdline: str = ""


@dataclass(frozen=True)
class Unfit:
    """A row that this lane cannot show, and why."""

    name: str
    why: str


class Unknown(Exception):
    """No such row; the message says which there are."""


def row_names() -> tuple[str, ...]:
    return tuple(row.name for row in ROWS)


def row_place(name: str) -> int:
    """Of a row among the matrix's; a kernel of somebody's own comes after them."""
    names = row_names()
    return names.index(name) if name in names else len(names)


def in_order(names: Iterable[str]) -> list[str]:
    return sorted(names, key=row_place)


def choose(names: Sequence[str]) -> tuple[Row, ...]:
    """The rows of that name, all of them for an empty choice."""
    unknown = [name for name in names if name not in row_names()]
    if unknown:
        raise Unknown(f"no kernel row '{unknown[0]}'; there are {', '.join(row_names())}")
    return tuple(row for row in ROWS if not names or row.name in names)


def on_guests(rows: Sequence[Row]) -> list[Target]:
    return [Target(row.name, row.name, row.ceiling, row.boot, row.kernel_answers, row.series, row.cmdline)
            for row in rows]


def on_image(path: str, answers: str, column: str) -> Target:
    """A kernel image of somebody's own, after it was asked for its ABI."""
    return Target(column, answers, None, path, answers, path)


def told_apart(columns: Sequence[Target]) -> list[Target]:
    """Images of one file name and ABI stay columns of their own."""
    seen = Counter[str]()
    found = []
    for column in columns:
        seen[column.name] += 1
        number = seen[column.name]
        found.append(column if number == 1 else replace(column, name=f"{column.name}#{number}"))
    return found


def on_host(rows: Sequence[Row], host: str) -> tuple[list[Target], list[Unfit]]:
    """The rows as ceilings on this machine's kernel, and those that lie above it."""
    fit: list[Target] = []
    unfit: list[Unfit] = []
    for row in rows:
        if abi.level(row.name) > abi.level(host):
            unfit.append(Unfit(row.name, f"this machine's kernel has Landlock ABI {host}"))
        elif host in abi.WITHOUT and row.name != host:
            unfit.append(Unfit(row.name, f"this machine's kernel has no Landlock ({host})"))
        else:
            ceiling = None if row.name == host else row.name
            fit.append(Target(row.name, row.name, ceiling, "host", host, "host"))
    return fit, unfit


def host_abi() -> str:
    """What this machine's kernel answers to landlock_create_ruleset(NULL, 0, VERSION); see landlock(7)."""
    libc = ctypes.CDLL(None, use_errno=True)
    answer = libc.syscall(_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), _CREATE_RULESET_VERSION)
    if answer > 0:
        return str(answer)
    return {errno.ENOSYS: "none", errno.EOPNOTSUPP: "off"}.get(ctypes.get_errno(), "blocked")

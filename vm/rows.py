"""The thirteen kernel rows of the matrix: which kernel, which command line, which ABI ceiling.

A row is what a program sees of Landlock. Where no distribution carries such a kernel any more, a newer one runs under
an ABI ceiling (`abi-ceiling LEVEL COMMAND`). Rows which share kernel and command line share a boot.
"""

from __future__ import annotations

from dataclasses import dataclass

# Landlock is compiled into Debian's kernels and switched on by CONFIG_LSM; naming the list without it gives EOPNOTSUPP.
# (Documentation/admin-guide/LSM/index.rst; capability is always there.)
LSM_WITHOUT_LANDLOCK = "lsm=lockdown,yama,integrity"


@dataclass(frozen=True)
class Row:
    """One row: `ceiling` is the LEVEL given to abi-ceiling, None where the kernel itself is the row."""

    name: str
    series: str
    ceiling: str | None
    cmdline: str

    @property
    def boot(self) -> str:
        """The key of the boot this row shares with others."""
        return f"{self.series}-off" if self.cmdline == LSM_WITHOUT_LANDLOCK else self.series

    @property
    def kernel_answers(self) -> str:
        """What the kernel itself answers when asked without a ceiling: none, off, or the ABI."""
        if self.cmdline == LSM_WITHOUT_LANDLOCK:
            return "off"
        return next(row.name for row in ROWS if row.boot == self.boot and row.ceiling is None)


ROWS: tuple[Row, ...] = (
    Row("none", "5.10", None, ""),
    Row("off", "6.1", None, LSM_WITHOUT_LANDLOCK),
    Row("1", "6.1", "1", ""),
    Row("2", "6.1", None, ""),
    Row("3", "6.12", "3", ""),
    Row("4", "6.12", "4", ""),
    Row("5", "6.12", "5", ""),
    Row("6", "6.12", None, ""),
    Row("7", "6.18", None, ""),
    Row("8", "7.0", None, ""),
    Row("9", "7.1", None, ""),
    Row("10", "7.2", None, ""),
    Row("11", "7.3", None, ""),
)


def boots() -> dict[str, tuple[Row, ...]]:
    """The boots in the order of the rows, each with the rows it serves."""
    found: dict[str, tuple[Row, ...]] = {}
    for row in ROWS:
        found[row.boot] = (*found.get(row.boot, ()), row)
    return found


def series() -> tuple[str, ...]:
    """Every kernel series that a row needs, once, oldest first."""
    return tuple(dict.fromkeys(row.series for row in ROWS))

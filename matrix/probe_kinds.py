"""What the results of probes mean to the relations: which kinds ask for the network, and which results are a denial."""

from __future__ import annotations

from matrix.cells import Cell

# Law 1 leaves these to the mode. A kind that is not named here must be the same in both.
NETWORK = frozenset({"tcp-connect", "tcp-bind", "tcp-by", "reach", "udp-send", "socket", "http", "http-why", "request",
                     "proxy-env", "netns-interfaces", "env"})

# Results by which a policy says no. SIGSYS is seccomp's; no-proxy and http-4xx are the network's.
DENIED = frozenset({"EACCES", "EPERM", "EXDEV", "signal=31", "no-proxy", "http-403"})

# Results by which a kernel or a proxy says that it does not know what is asked: neither a denial nor an access.
UNKNOWN = frozenset({"ENOSYS", "EAFNOSUPPORT", "EPROTONOSUPPORT", "ESOCKTNOSUPPORT", "signal=11", "http-400"})


def words(cell: Cell, name: str) -> tuple[str, ...]:
    """A probe's kind and arguments in that cell."""
    probe = cell.scenario.probes[name]
    parts = probe.split() if isinstance(probe, str) else probe
    return tuple(cell.scenario.substitute(part, cell.axes) for part in parts)


def kind(cell: Cell, name: str) -> str:
    return words(cell, name)[0]


def crosses_directories(cell: Cell, name: str) -> bool:
    """A rename or link from one directory to another."""
    match words(cell, name):
        case ["rename" | "link", source, target]:
            return source.rpartition("/")[0] != target.rpartition("/")[0]
    return False

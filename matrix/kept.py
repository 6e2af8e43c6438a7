"""The law of the runtime's word: what its report says that something holds is denied to the command in that same cell.

The report lists the promises of a sandbox, and of each what holds it here (`promises` of its plan). The probes try what
a promise forbids. Both come from the runtime and its command alone, so this needs no expectation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from matrix.expect import STARTED
from matrix.law import Disagreement
from matrix.plan_hosts import Endpoints
from matrix.plan_paths import Rules
from matrix.probe_kinds import DENIED, UNKNOWN, words
from matrix.result import Result

LANDLOCK, SECCOMP, PROXY = "landlock", "seccomp", "proxy"

# Calls that are there: libraries need them, and a number that no call has is answered as a kernel does.
LET_THROUGH = frozenset({"memfd_create", "no-such-call"})
CALLS = {"tiocsti": "terminal_input", "tioclinux": "terminal_input", "ptrace": "tracing", "process_vm_readv": "tracing",
         "process_vm_writev": "tracing", "pidfd_getfd": "tracing"}

# Attempts at getting out (vm/probe/attempt_*.c): the promise that forbids them, and by which means.
ATTEMPTS = {attempt: (promise, means) for (promise, means), attempts in {
    ("tracing", "process namespace"): "ptrace-attach ptrace-seize memory-read memory-write memory-file its-descriptor",
    ("processes", "process namespace"): "its-root its-directory its-descriptors its-program its-environment"
                                        " its-namespace limits priority io-priority affinity",
    ("signals", "process namespace"): "signal signal-thread signal-queued signal-by-pidfd signal-as-owner",
    ("shared_memory", "IPC namespace"): "shared-memory shared-memory-by-number semaphores message-queue posix-queue",
    ("terminal_input", SECCOMP): "type-into-terminal type-by-dirty-command paste-into-terminal",
    ("system_calls", SECCOMP): "mount-in-user-namespace user-namespace-by-clone user-namespace-by-dirty-flags"
                               " user-namespace-by-clone3 read-by-ring write-by-ring packets-by-ring keyring-of-parent"
                               " keyring-of-user read-log",
    ("other_sockets", SECCOMP): "socket-by-pair packets-by-dirty-family",
    ("privileges", "no capabilities"): "gain chroot reboot swap accounting set-clock name-host watch-all-files",
}.items() for attempt in attempts.split()}

UNIX, INET, INET6, NETLINK = "1", "2", "10", "16"
STREAM, DATAGRAM = "1", "2"
ROUTE = "0"  # NETLINK_ROUTE


class Ban(NamedTuple):
    """What a probe shows of a promise: by which means it is held, and the results that keep it."""

    promise: str
    means: str  # one that must be among those that hold it; "": whichever
    keeps: Callable[[str], bool]


def kept_law(results: Sequence[Result]) -> Iterator[Disagreement]:
    for one in results:
        if one.seen.outcome not in STARTED or not one.seen.plan:
            continue
        held = means_of(one.seen.plan)
        for name, got in one.seen.probes.items():
            ban = _ban(one, name)
            if ban and _holds(held.get(ban.promise, ()), ban.means) and not ban.keeps(got):
                told = f"{ban.promise} is held by {', '.join(held[ban.promise])}"
                yield Disagreement(one, one, f"probe {name}", told, got)


def means_of(plan: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
    """What holds each promise."""
    return {str(one["promise"]): tuple(map(str, one["means"])) for one in plan.get("promises") or ()}


def _holds(means: Sequence[str], wanted: str) -> bool:
    return wanted in means if wanted else bool(means)


def _not_ok(got: str) -> bool:
    return got != "ok"


def _denied(got: str) -> bool:
    return got in DENIED | UNKNOWN


def _ended(got: str) -> bool:
    """A kernel without 32-bit emulation answers int 0x80 with SIGSEGV before any filter is asked."""
    return got in ("signal=31", "signal=11")


def _ban(one: Result, name: str) -> Ban | None:
    """What a promise forbids of that which the probe tries; None where none does."""
    match words(one.cell, name):
        case ["syscall", call]:
            return None if call in LET_THROUGH else Ban(CALLS.get(call, "system_calls"), SECCOMP, _denied)
        case ["int80" | "x32"]:
            return Ban("system_calls", SECCOMP, _ended)
        case ["caps"]:
            return Ban("privileges", "no capabilities", "none".__eq__)
        case ["nnp"]:
            return Ban("privileges", "no_new_privs", "1".__eq__)
        case ["fds"]:
            return Ban("descriptors", "", "ok".__eq__)
        case ["signal", "outside"]:
            return Ban("signals", "", _not_ok)
        case ["signal", _]:  # the sandbox's own init, which is out of Landlock's scope alone
            return Ban("signals", LANDLOCK, _denied)
        case ["socket" | "tcp-connect" | "tcp-by" | "tcp-bind" | "udp-send" | "abstract-connect" | "netns-interfaces" as kind,
              *arguments]:
            return _network(kind, arguments)
        case ["try" | "try-at", attempt, *_] if attempt in ATTEMPTS:
            return Ban(*ATTEMPTS[attempt], _not_ok)
        case ["http" | "http-why" as kind, host, port]:
            return _proxied(Endpoints(one.seen.plan or {}), kind, host, int(port))
        case ["request", _, url]:
            return _proxied(Endpoints(one.seen.plan or {}), "request", *_host_and_port(url))
        case [kind, *paths]:
            return _files(Rules(one), kind, paths)
    return None


def _network(kind: str, arguments: Sequence[str]) -> Ban | None:
    match kind, arguments:
        case "socket", [family, socket_type, protocol]:
            if family == UNIX or (family, protocol) == (NETLINK, ROUTE):
                return Ban("other_sockets", SECCOMP, "ok".__eq__)
            if family not in (INET, INET6) or socket_type not in (STREAM, DATAGRAM):
                return Ban("other_sockets", SECCOMP, _denied)
            return Ban("tcp" if socket_type == STREAM else "udp", SECCOMP, _denied)
        case "tcp-connect" | "tcp-by", _:
            return Ban("tcp", "network namespace", _not_ok)
        case "tcp-bind", _:
            return Ban("tcp", SECCOMP, _denied)
        case "udp-send", _:
            return Ban("udp", "network namespace", _not_ok)
        case "abstract-connect", _:
            return Ban("abstract_sockets", "", _not_ok)
        case "netns-interfaces", _:
            return Ban("tcp", "network namespace", lambda got: got == "lo" or _denied(got))
    return None


def _host_and_port(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _proxied(endpoints: Endpoints, kind: str, host: str, port: int) -> Ban | None:
    """In block mode there are no endpoints. What the proxy says was lacking must lack, and nothing else. A name that a
    wildcard alone covers reaches no private address, and the matrix's world has no other for any name."""
    lacks = endpoints.lack(host, port)
    if kind in ("http-why", "request"):
        said = {"host", "port"}
        return Ban("tcp", PROXY, lambda got: got == lacks if lacks else got not in said)
    if lacks or not endpoints.name_in_full(host):
        return Ban("tcp", "", _denied)
    return Ban("tcp", PROXY, lambda got: got not in ("http-400", "no-proxy"))  # whatever its address and who asks


def _files(rules: Rules, kind: str, paths: Sequence[str]) -> Ban | None:
    """Of files only what no rule of the plan grants."""
    promise = {"truncate": "truncation", "ioctl": "device_ioctls", "unix-connect": "unix_sockets",
               "unix-send": "unix_sockets"}.get(kind, "files")
    return Ban(promise, LANDLOCK, _not_ok) if rules.withhold(kind, paths) else None

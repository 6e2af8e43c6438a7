"""Load: the proxy beside squid and tinyproxy, as proxies for CONNECT, and beside a relay that splices and does nothing else
(relay.c), each measurement of all of them in turn. The ends of a stream neither make nor copy its bytes (upstream.c, load.c):
its time is the relay's and the kernel's. Holdfast's is the proxy of a run, and its client stands in the sandbox.
"""

from __future__ import annotations

import contextlib
import resource
import statistics
import subprocess
from pathlib import Path

from .guest import KERNEL, held_in_a_guest
from .proxies import LOAD, OTHERS, POLICY, PROGRAMS, SQUID_PORT, TINYPROXY_PORT, World, path_of, world
from .show import at_least, line

STREAM_BYTES = 1 << 30
STREAM_ROUNDS = 7
OF_THE_BETTER = 2.0
OF_THE_RELAY = 0.9
CONNECTS = 10000
AT_ONCE = 1000
CONNECT_ROUNDS = 5
SLOWEST = 0.5  # of the better one's
TUNNELS = 10000
FIRST_TUNNELS = 100
TUNNEL_MEMORY = 8.0  # KiB
KEPT_BACK = 600  # descriptors that are no tunnel's


def load() -> list[bool]:
    missing = [name for name in OTHERS if not path_of(name)]
    if missing:
        print(f"load: there is nothing to compare with: install {' and '.join(missing)}", flush=True)
        return [False]
    with world(STREAM_BYTES) as inside:
        return [*stream(inside), *connects(inside), *tunnels(inside)]


def measured(command: list[str]) -> list[float]:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [float(word) for word in done.stdout.split()]


def stream(inside: World) -> list[bool]:
    commands = {"holdfast": inside.by_holdfast(POLICY, "stream", inside.giver),
                "squid": inside.by_port(SQUID_PORT, "stream", inside.giver),
                "tinyproxy": inside.by_port(TINYPROXY_PORT, "stream", inside.giver),
                "the relay": inside.by_port(inside.relay, "stream", 0)}
    rates: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(STREAM_ROUNDS):
        for name, command in commands.items():
            bytes_got, took = measured(command)
            assert bytes_got == STREAM_BYTES, f"{name}: {bytes_got} bytes"
            rates[name].append(bytes_got / took / 1e9)
    median = {name: statistics.median(rate) for name, rate in rates.items()}
    told = f"GB/s of 1 GB in one tunnel, medians of {STREAM_ROUNDS}: {told_of(median, '.2f')}"
    most = median["the relay"] / max(median[name] for name in OTHERS)
    return [at_least(f"{LOAD} stream", f"{told}, which is {most:.2f} x; of the better of {' and '.join(OTHERS)}",
                     median["holdfast"] / max(median[name] for name in OTHERS), OF_THE_BETTER, " x"),
            at_least(f"{LOAD} stream", "of the relay's", median["holdfast"] / median["the relay"], OF_THE_RELAY, " x")]


def connects(inside: World) -> list[bool]:
    arguments = (inside.echoer, CONNECTS, AT_ONCE)
    commands = {"holdfast": inside.by_holdfast(POLICY, "connects", *arguments),
                "squid": inside.by_port(SQUID_PORT, "connects", *arguments),
                "tinyproxy": inside.by_port(TINYPROXY_PORT, "connects", *arguments),
                "the relay": inside.by_port(inside.opener, "connects", *arguments)}
    got: dict[str, list[list[float]]] = {name: [] for name in commands}
    for _ in range(CONNECT_ROUNDS):
        for name, command in commands.items():
            got[name].append(measured(command))
    rate = {name: statistics.median(one[0] for one in rows) for name, rows in got.items()}
    slow = {name: statistics.median(one[2] for one in rows) / 1000 for name, rows in got.items()}
    most = rate["the relay"] / max(rate[name] for name in OTHERS)
    with_programs = measured(inside.by_holdfast(POLICY + PROGRAMS, "connects", *arguments))[0]
    said = f"{LOAD} connects (of {CONNECTS}, {AT_ONCE} at once)"
    return [at_least(said, f"a second, medians of {CONNECT_ROUNDS}: {told_of(rate, '.0f')} (where the policy has binaries "
                           f"{with_programs:.0f}, and the least that a relay can do {most:.2f} x the better one); of the better "
                           "one's",
                     rate["holdfast"] / max(rate[name] for name in OTHERS), OF_THE_BETTER, " x"),
            line(said, f"ms from connect to 200, 99th percentiles: {told_of(slow, '.1f')}; of the better one's",
                 slow["holdfast"] / min(slow[name] for name in OTHERS), SLOWEST, " x")]


def told_of(figures: dict[str, float], form: str) -> str:
    return ", ".join(f"{name} {figure:{form}}" for name, figure in figures.items())


def may_have(descriptors: int) -> bool:
    """Whoever may (capabilities(7), CAP_SYS_RESOURCE) takes what it needs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < descriptors:
        with contextlib.suppress(ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, descriptors))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1] >= descriptors


def tunnels(inside: World) -> list[bool]:
    """Two descriptors each. Where there cannot be so many here, in a guest."""
    here = may_have(2 * TUNNELS + KEPT_BACK)
    few, at_first, many, at_last, back = held_here(inside) if here else held_in_a_guest(FIRST_TUNNELS, TUNNELS)
    where = "" if here else f", in a guest ({KERNEL}), for the hard limit of descriptors here is too low"
    return [line(f"{LOAD} hold", f"VmRSS of the proxy, for each idle tunnel from {few} to {many}{where}",
                 (at_last - at_first) / (many - few), TUNNEL_MEMORY, " KiB"),
            at_least(f"{LOAD} hold", f"idle tunnels that then carry a byte there and back{where}", back, TUNNELS)]


def held_here(inside: World) -> tuple[int, int, int, int, int]:
    command = inside.by_holdfast(POLICY, "hold", inside.echoer)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True) as client:
        assert client.stdin and client.stdout
        few, at_first = hold(client, FIRST_TUNNELS)
        many, at_last = hold(client, TUNNELS)
        client.stdin.close()
        return few, at_first, many, at_last, int(client.stdout.readline())


def hold(client: subprocess.Popen[str], wanted: int) -> tuple[int, int]:
    """How many there are now, and what memory the proxy has then."""
    assert client.stdin and client.stdout
    client.stdin.write(f"{wanted}\n")
    client.stdin.flush()
    count = int(client.stdout.readline())
    return count, resident(proxy_of(client.pid))


def proxy_of(supervisor: int) -> int:
    """Of its two children the one that is in no process namespace of its own."""
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text("ascii").split()
    return next(int(child) for child in children if len(status(int(child), "NSpid")) == 1)


def resident(process: int) -> int:
    return int(status(process, "VmRSS")[0])


def status(process: int, field: str) -> list[str]:
    rows = Path(f"/proc/{process}/status").read_text("ascii").splitlines()
    return next(row.split()[1:] for row in rows if row.startswith(f"{field}:"))

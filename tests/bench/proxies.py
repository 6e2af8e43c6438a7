"""What the load goes through: each proxy as it comes, with a configuration that lets all through and logs nothing, in a network
namespace that the bench makes."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

LOAD = "build/bench/load"
OTHERS = ("squid", "tinyproxy")
SQUID_PORT, TINYPROXY_PORT = 3128, 8888
CLIENTS = 16384
WAIT = 20.0  # seconds until a proxy listens

SQUID = f"""\
http_port 127.0.0.1:{SQUID_PORT}
http_access allow all
cache deny all
access_log none
cache_store_log none
cache_log /dev/null
pid_filename none
netdb_filename none
pinger_enable off
shutdown_lifetime 0 seconds
max_filedescriptors {{descriptors}}
"""
TINYPROXY = f"""\
Port {TINYPROXY_PORT}
Listen 127.0.0.1
Timeout 600
MaxClients {CLIENTS}
LogLevel Critical
LogFile "/dev/null"
"""
POLICY = """\
version: 1
network_policies:
  bench:
    name: bench
    endpoints: [{{host: 127.0.0.1, ports: [{giver}, {echoer}]}}]
"""
# Of each program that asks it is found out which it is.
PROGRAMS = f"    binaries: [{{{{path: {Path(LOAD).absolute()}}}}}]\n"


def path_of(program: str) -> str | None:
    return shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin")


@dataclass(frozen=True)
class World:
    """The namespace, the server in it, and how load is put on what runs there."""

    holder: int
    folder: Path
    giver: int = 0
    echoer: int = 0
    relay: int = 0
    opener: int = 0

    def command(self, *arguments: object) -> list[str]:
        user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        return ["nsenter", "--target", str(self.holder), *user, "--net", *map(str, arguments)]

    def by_port(self, port: int, what: str, *arguments: object) -> list[str]:
        return self.command(LOAD, what, port, *arguments)

    def by_holdfast(self, policy: str, what: str, *arguments: object) -> list[str]:
        """The client stands in the sandbox, and is told of the proxy's port as any program is."""
        file = self.folder / "policy.yaml"
        file.write_text(policy.format(giver=self.giver, echoer=self.echoer), "utf-8")
        script = f'what=$1; shift; exec {LOAD} "$what" "${{HTTPS_PROXY##*:}}" "$@"'
        return self.command("build/holdfast", "run", "--policy", file, "--", "sh", "-c", script, "sh", what, *arguments)

    def listens(self, port: int) -> bool:
        table = Path(f"/proc/{self.holder}/net/tcp").read_text("ascii").splitlines()
        return any(row.split()[1] == f"0100007F:{port:04X}" and row.split()[3] == "0A" for row in table[1:])


@contextlib.contextmanager
def started(command: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def ports(process: subprocess.Popen[str], count: int) -> list[int]:
    assert process.stdout
    return [int(process.stdout.readline()) for _ in range(count)]


@contextlib.contextmanager
def inside_of() -> Iterator[World]:
    """The namespace, with nothing in it, and a folder."""
    user = [] if os.geteuid() == 0 else ["--map-current-user", "--keep-caps"]
    script = ("ip link set lo up && echo 1024 65535 > /proc/sys/net/ipv4/ip_local_port_range && echo 1 && exec cat")
    with (tempfile.TemporaryDirectory(prefix="hf-bench-") as folder,
          started(["unshare", *user, "--net", "sh", "-c", script]) as holder):
        ports(holder, 1)
        yield World(holder.pid, Path(folder))


@contextlib.contextmanager
def world(stream_bytes: int) -> Iterator[World]:
    """With the server in it, the relay, and all the other proxies."""
    with contextlib.ExitStack() as stack:
        inside = stack.enter_context(inside_of())
        server = stack.enter_context(started(inside.command("build/bench/upstream", stream_bytes)))
        giver, echoer = ports(server, 2)
        relay = stack.enter_context(started(inside.command("build/bench/relay", giver)))
        opener = stack.enter_context(started(inside.command("build/bench/relay", echoer, "heads")))
        inside = World(inside.holder, inside.folder, giver, echoer, ports(relay, 1)[0], ports(opener, 1)[0])
        for program, port, options in ((OTHERS[0], SQUID_PORT, ["-N", "-f"]), (OTHERS[1], TINYPROXY_PORT, ["-d", "-c"])):
            file = inside.folder / program
            text = {"squid": SQUID.format(descriptors=CLIENTS * 2), "tinyproxy": TINYPROXY}[program]
            file.write_text(text, "utf-8")
            stack.enter_context(started(inside.command(path_of(program), *options, file)))
            wait_for(inside, program, port)
        yield inside


def wait_for(inside: World, program: str, port: int) -> None:
    end = time.monotonic() + WAIT
    while not inside.listens(port):
        if time.monotonic() > end:
            raise RuntimeError(f"{program} does not listen on port {port}")
        time.sleep(0.05)

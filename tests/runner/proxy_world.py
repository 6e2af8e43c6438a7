"""What the tests of the proxy share: the driver as a process, an upstream that does what a test needs, a raw client."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DRIVER = Path(os.environ.get("HOLDFAST_PROXY_DRIVER", ROOT / "build" / "unit" / "proxy_driver"))
WAIT = float(os.environ.get("HOLDFAST_PROXY_WAIT", "10"))  # seconds after which a test has failed, not waited enough

Handler = Callable[[socket.socket], None]


def policy_text(*endpoints: tuple[str, int]) -> str:
    """A policy whose one network rule has these endpoints."""
    lines = ["version: 1", "network_policies:", "  test:", "    name: test", "    endpoints:"]
    lines += [f"      - {{host: '{host}', port: {port}}}" for host, port in endpoints]
    return "\n".join(lines) + "\n"


@dataclass
class Proxy:
    """A running proxy: where it listens, what it has logged."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=WAIT)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def cpu(self) -> float:
        """Seconds of processor time used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def is_calm(self) -> None:
        """It waits, and does not spin; one with AddressSanitizer, once it has done what came meanwhile."""
        end = time.monotonic() + (WAIT if "HOLDFAST_SANITIZED" in os.environ else 0)
        while (used := self._busy()) >= 0.06:
            assert time.monotonic() < end, f"it spins: {used:.2f} s of 0.25"

    def _busy(self) -> float:
        used = self.cpu()
        time.sleep(0.25)
        return self.cpu() - used

    def memory(self) -> int:
        """Bytes that are resident; always 0 for one with AddressSanitizer, which holds back what is freed."""
        if "HOLDFAST_SANITIZED" in os.environ:
            return 0
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def stop(self) -> int:
        assert self.process.stdin
        if not self.process.stdin.closed:
            self.process.stdin.close()
        return self.process.wait(WAIT)


@contextmanager
def proxy(text: str, *options: str, before: tuple[str, ...] = ()) -> Iterator[Proxy]:
    """The driver with this policy; it must end well. `before` is a command to run it by."""
    with tempfile.TemporaryDirectory() as folder:
        policy = Path(folder, "policy.yaml")
        policy.write_text(text)
        log = Path(folder, "log")
        log.touch()
        process = subprocess.Popen(
            [*before, str(DRIVER), "-l", str(log), *options, str(policy)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert process.stdout
        with process.stdout:
            running = Proxy(int(process.stdout.readline() or "0"), process, log)
            try:
                yield running
                assert running.stop() == 0, "the proxy did not end well"
            finally:
                process.kill()
                process.wait()


@dataclass
class Upstream:
    """A server on loopback: each connection goes to `handler` in a thread of its own."""

    handler: Handler
    host: str = "127.0.0.1"
    listener: socket.socket = field(init=False)
    server: threading.Thread = field(init=False)

    def __enter__(self) -> Upstream:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self.listener = socket.create_server((self.host, 0), family=family, backlog=512)
        self.server = threading.Thread(target=self._serve, daemon=True)
        self.server.start()
        return self

    def __exit__(self, *_: object) -> None:
        # Or the thread would wait on, and take a connection of whoever has its descriptor's number next.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.server.join()
        self.listener.close()

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._handle, args=(client,), daemon=True).start()

    def _handle(self, client: socket.socket) -> None:
        with client:
            try:
                self.handler(client)
            except OSError:
                pass


def echo(client: socket.socket) -> None:
    while data := client.recv(65536):
        client.sendall(data)


def swallow(client: socket.socket) -> None:
    """Says nothing."""
    while client.recv(65536):
        pass


def web(client: socket.socket) -> None:
    request = b""
    while b"\r\n\r\n" not in request:
        data = client.recv(4096)
        if not data:
            return
        request += data
    client.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\noutside\n")


def read_all(client: socket.socket) -> bytes:
    pieces = []
    while piece := client.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)


def read_head(client: socket.socket) -> bytes:
    """Exactly the response's head, so that what follows stays in the socket."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        piece = client.recv(1)
        assert piece, f"the connection ended in the head: {head!r}"
        head += piece
    return head


def connect_head(host: str, port: int | str) -> bytes:
    return f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode()


def tunnel(where: Proxy, host: str, port: int, early: bytes = b"") -> socket.socket:
    """An open tunnel."""
    client = where.connect()
    client.sendall(connect_head(host, port) + early)
    head = read_head(client)
    assert head.startswith(b"HTTP/1.1 200 "), head + client.recv(4096)
    return client


@dataclass(frozen=True)
class Refusal:
    status: int
    head: str
    body: dict[str, Any]


def refused(where: Proxy, request: bytes) -> Refusal:
    """Sends bytes, reads to the end, and takes the refusal apart."""
    with where.connect() as client:
        client.sendall(request)
        answer = read_all(client)
    head, _, body = answer.partition(b"\r\n\r\n")
    text = head.decode()
    assert f"Content-Length: {len(body)}" in text.split("\r\n"), answer
    assert "Content-Type: application/json" in text and "Connection: close" in text
    return Refusal(int(text.split(" ")[1]), text, json.loads(body))


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def until(so: Callable[[], object], seconds: float = WAIT) -> None:
    """Waits until the function says so."""
    end = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.01)


def closed_lines(where: Proxy) -> list[dict[str, object]]:
    return [line for line in where.lines() if line["event"] == "close"]

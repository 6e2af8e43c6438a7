"""HTTP/2 from clients and servers that mean no good: what the proxy holds for them and works for them has an end, and who comes
beside them is served. Each has one connection, but where the number is what is tried."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from http2_frames import (
    ACK, CLIENT_PREFACE, CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, INITIAL_WINDOW_SIZE, PING, PREFACE,
    RST_STREAM, SETTINGS, frame, head, literals, setting, string)
from nginx_world import PROGRAM, serving
from proxy_world import DRIVER, WAIT, Upstream, echo, tunnel, until
from tls_world import Authority, Ending, Halved, authority, ending, policy_text

pytestmark = pytest.mark.skipif(not DRIVER.exists(), reason=f"{DRIVER} is not built")

MEGABYTE = 1 << 20
Handler = Callable[[ssl.SSLSocket], None]


@pytest.fixture(scope="module")
def ca() -> Iterator[Authority]:
    with authority() as made:
        yield made


@pytest.fixture(scope="module")
def certificate(ca: Authority) -> Path:
    return ca.issue("DNS:localhost")


class Server(Upstream):
    """Whose handler speaks HTTP/2 by hand."""

    def __init__(self, certificate: Path, handler: Handler) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        context.set_alpn_protocols(["h2"])

        def inside(raw: socket.socket) -> None:
            with context.wrap_socket(raw, server_side=True) as client:
                client.sendall(frame(SETTINGS, 0, b"", 0))
                handler(client)

        super().__init__(inside)

    def __enter__(self) -> Server:
        super().__enter__()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # what it does not read, the kernel does not hold
        return self


def read_frame(end: ssl.SSLSocket | Halved) -> tuple[int, int, int, bytes]:
    """Kind, flags, stream, payload."""
    first = b""
    while len(first) < 9:
        piece = end.recv(9 - len(first))
        if not piece:
            raise OSError("the end")
        first += piece
    payload = b""
    while len(payload) < int.from_bytes(first[:3], "big"):
        payload += end.recv(int.from_bytes(first[:3], "big") - len(payload))
    return first[3], first[4], int.from_bytes(first[5:9], "big"), payload


def answer_all(client: ssl.SSLSocket, body: bytes = b"") -> None:
    """Each request 200, with this body as far as the windows let it be."""
    preface = client.recv(len(CLIENT_PREFACE))
    assert preface == CLIENT_PREFACE[:len(preface)]
    while True:
        kind, _, stream, _ = read_frame(client)
        if kind == HEADERS:
            client.sendall(frame(HEADERS, END_HEADERS | (0 if body else END_STREAM), b"\x88", stream))
            for at in range(0, len(body), 16384):
                client.sendall(frame(DATA, 0, body[at:at + 16384], stream))


def silent(client: ssl.SSLSocket) -> None:
    """Reads nothing beyond TLS's own."""
    time.sleep(WAIT)


@dataclass
class Attacked:
    where: Ending
    port: int
    echo: int

    def client(self) -> ssl.SSLSocket:
        return self.where.wrap(tunnel(self.where, "localhost", self.port), protocols=("h2",))

    def serves_others(self) -> None:
        began = time.monotonic()
        with tunnel(self.where, "localhost", self.echo) as other:
            other.sendall(b"x")
            assert other.recv(1) == b"x"
        assert time.monotonic() - began < 1, "others wait"

    @contextmanager
    def holds(self, megabytes: float) -> Iterator[None]:
        """No more than this beyond what it has, while others are served."""
        before = self.where.memory()
        yield
        self.serves_others()
        grown = (self.where.memory() - before) / MEGABYTE
        assert grown < megabytes, f"{grown:.1f} MB"

    def is_left_alone(self) -> None:
        """Every connection has been ended, and it was not the attacker who did."""
        def open_ones() -> int:
            lines = self.where.lines()
            ended = [line["id"] for line in lines if line["event"] == "close"]
            return len({line["id"] for line in lines}) - len(ended)

        until(lambda: open_ones() == 0, 3)


@contextmanager
def attacked(ca: Authority, certificate: Path, handler: Handler, *options: str, at: int = 0) -> Iterator[Attacked]:
    """`at`: the port of another server than that with the handler."""
    with Server(certificate, handler) as up, Upstream(echo) as other:
        port = at or up.port
        text = policy_text(port) + f"      - {{host: localhost, port: {other.port}}}\n"
        with ending(text, ca.root, *options) as where:
            made = Attacked(where, port, other.port)
            with made.client() as first:  # so that all it needs once is there
                first.sendall(PREFACE + frame(HEADERS, END_HEADERS | END_STREAM, head(port)))
                until(lambda: len(where.lines()) >= 2)
            made.serves_others()
            yield made


def pour(client: ssl.SSLSocket, data: bytes, seconds: float = 0.7) -> int:
    """Writes it again and again until nobody takes it or the time is over; how often it went."""
    client.settimeout(0.2)
    end, times = time.monotonic() + seconds, 0
    try:
        while time.monotonic() < end:
            client.sendall(data)
            times += 1
    except (OSError, ssl.SSLError):
        pass
    return times


def test_a_head_that_is_continued_for_ever(ca: Authority, certificate: Path) -> None:
    with attacked(ca, certificate, answer_all, "-t", "shake=500") as attack, attack.client() as client:
        client.sendall(PREFACE + frame(HEADERS, 0, head(attack.port)))
        with attack.holds(2):
            pour(client, frame(CONTINUATION, 0, literals(("x-y", "z" * 100)) * 100) * 8)
        attack.is_left_alone()


def test_continuations_of_nothing(ca: Authority, certificate: Path) -> None:
    with attacked(ca, certificate, answer_all, "-t", "shake=500") as attack, attack.client() as client:
        client.sendall(PREFACE + frame(HEADERS, 0, head(attack.port)))
        with attack.holds(2):
            pour(client, frame(CONTINUATION, 0, b"") * 1000)
        attack.is_left_alone()


@pytest.mark.parametrize("handler", [answer_all, silent])
def test_streams_that_are_reset_at_once(ca: Authority, certificate: Path, handler: Handler) -> None:
    """CVE-2023-44487."""
    with attacked(ca, certificate, handler) as attack, attack.client() as client:
        client.sendall(PREFACE)
        with attack.holds(2):
            client.settimeout(0.2)
            try:
                for first in range(1, 20001, 200):
                    client.sendall(b"".join(
                        frame(HEADERS, END_HEADERS | END_STREAM, head(attack.port, ("x", "y" * 200)), stream)
                        + frame(RST_STREAM, 0, bytes([0, 0, 0, 8]), stream) for stream in range(first, first + 200, 2)))
            except OSError:
                pass
        attack.where.is_calm()
        decided = [line for line in attack.where.lines() if line["event"] == "decision" and line.get("method")]
        assert len(decided) < 3000, f"{len(decided)} requests were judged"


@pytest.mark.parametrize("data", [frame(PING, 0, b"12345678", 0), frame(SETTINGS, 0, b"", 0)], ids=["PING", "SETTINGS"])
def test_frames_that_want_an_answer(ca: Authority, certificate: Path, data: bytes) -> None:
    with attacked(ca, certificate, answer_all) as attack, attack.client() as client:
        client.sendall(PREFACE)
        with attack.holds(2):
            pour(client, data * 1000)
        attack.where.is_calm()


def test_a_server_whose_frames_want_an_answer(ca: Authority, certificate: Path) -> None:
    poured: list[int] = []
    seen = threading.Event()

    def flood(client: ssl.SSLSocket) -> None:
        poured.append(0)
        if len(poured) == 1:  # what is freed after this one would be had again
            return
        poured.append(pour(client, frame(PING, 0, b"12345678", 0) * 1000))
        seen.wait(WAIT)  # what is held for it is held still

    with attacked(ca, certificate, flood) as attack:
        with attack.holds(2):
            client = attack.client()
            client.sendall(PREFACE)
            until(lambda: len(poured) == 3)
        attack.where.is_calm()
        seen.set()
        client.close()


@pytest.mark.skipif(not Path(PROGRAM).exists(), reason="there is no nginx here")
@pytest.mark.parametrize("connections, megabytes", [(1, 2), (80, 60)])
def test_windows_that_the_client_never_opens(ca: Authority, certificate: Path, connections: int, megabytes: int) -> None:
    """Of many connections few may hold a megabyte."""
    with serving(ca) as nginx, attacked(ca, certificate, answer_all, at=nginx.port) as attack:
        with attack.holds(megabytes):
            clients = [attack.client() for _ in range(connections)]
            for client in clients:
                client.sendall(PREFACE + frame(SETTINGS, 0, setting(INITIAL_WINDOW_SIZE, 0), 0) + b"".join(
                    frame(HEADERS, END_HEADERS | END_STREAM, head(attack.port, method="GET", path="/big"), stream)
                    for stream in range(1, 17, 2)))
            until(lambda: len([1 for line in attack.where.lines() if line.get("method")]) >= 8 * connections)
            time.sleep(0.5)
        attack.where.is_calm()
        for client in clients:
            assert client.pending() or client.recv(1), "it is there still"
            client.close()


def test_windows_that_the_server_never_opens(ca: Authority, certificate: Path) -> None:
    with attacked(ca, certificate, answer_all) as attack, attack.client() as client:
        with attack.holds(2):
            client.sendall(PREFACE)
            for stream in range(1, 9, 2):  # as much as the windows towards us let in
                client.sendall(frame(HEADERS, END_HEADERS, head(attack.port), stream)
                               + frame(DATA, 0, bytes(16384), stream) * 16)
            client.sendall(frame(PING, 0, b"12345678", 0))
            while read_frame(client) != (PING, ACK, 0, b"12345678"):
                pass
        attack.where.is_calm()


def test_a_server_that_answers_for_ever_what_nobody_reads(ca: Authority, certificate: Path) -> None:
    """Heads have no window (RFC 9113 section 5.2.1)."""
    poured: list[int] = []
    seen = threading.Event()

    def interim(client: ssl.SSLSocket) -> None:
        client.recv(len(CLIENT_PREFACE))
        while read_frame(client)[0] != HEADERS:
            pass
        poured.append(0)
        if len(poured) > 1:
            poured.append(pour(client, frame(HEADERS, END_HEADERS, literals((":status", "103"), ("x", "y" * 250))) * 100, 0.5))
            seen.wait(WAIT)

    with attacked(ca, certificate, interim) as attack, attack.client() as client:
        with attack.holds(2):
            client.sendall(PREFACE + frame(HEADERS, END_HEADERS | END_STREAM, head(attack.port)))
            until(lambda: len(poured) == 3)
        attack.where.is_calm()
        seen.set()


BOMB = b"\x40" + string("x") + string("y" * 4000) + b"\xbe" * 12000  # one field into the table, and it again and again


@pytest.mark.parametrize("more", [literals(("x", "y" * 250)) * 70, BOMB], ids=["long", "bomb"])
def test_a_list_of_fields_of_any_size(ca: Authority, certificate: Path, more: bytes) -> None:
    with attacked(ca, certificate, answer_all) as attack, attack.client() as client:
        client.sendall(PREFACE)
        with attack.holds(2):
            block = head(attack.port) + more
            client.sendall(frame(HEADERS, END_STREAM, block[:16000], 1) + frame(CONTINUATION, END_HEADERS, block[16000:], 1))
            while (got := read_frame(client))[0] != HEADERS:
                pass
        assert b"431" in got[3], got
        until(lambda: any(line.get("status") == 431 for line in attack.where.lines()))
        attack.where.is_calm()


def test_more_streams_than_there_may_be(ca: Authority, certificate: Path) -> None:
    asked: list[int] = []

    def count(client: ssl.SSLSocket) -> None:
        client.recv(len(CLIENT_PREFACE))
        while True:
            kind, _, stream, _ = read_frame(client)
            if kind == HEADERS:
                asked.append(stream)

    with attacked(ca, certificate, count) as attack, attack.client() as client:
        until(lambda: len(asked) == 1)
        with attack.holds(2):
            client.sendall(PREFACE + b"".join(
                frame(HEADERS, END_HEADERS | END_STREAM, head(attack.port), stream) for stream in range(1, 1001, 2)))
            reset = 0
            while reset < 400:
                reset += read_frame(client)[0] == RST_STREAM
        until(lambda: len(asked) == 101)
        attack.where.is_calm()


def test_a_client_that_has_said_all_gets_its_answers(ca: Authority, certificate: Path) -> None:
    go = threading.Event()

    def late(client: ssl.SSLSocket) -> None:
        client.recv(len(CLIENT_PREFACE))
        while True:
            kind, _, stream, _ = read_frame(client)
            if kind == HEADERS:
                go.wait(WAIT)
                client.sendall(frame(HEADERS, END_HEADERS | END_STREAM, b"\x88", stream))

    with attacked(ca, certificate, late) as attack, tunnel(attack.where, "localhost", attack.port) as raw:
        client = Halved(raw, attack.where.context(("h2",)), "localhost")
        client.sendall(PREFACE + frame(HEADERS, END_HEADERS | END_STREAM, head(attack.port)))
        until(lambda: len([1 for line in attack.where.lines() if line.get("method")]) == 2)
        while read_frame(client) != (SETTINGS, ACK, 0, b""):
            pass
        client.finish()
        attack.where.is_calm()
        go.set()
        while (got := read_frame(client))[0] != HEADERS:
            pass
        assert got[2:] == (1, b"\x88")
        with pytest.raises(ssl.SSLZeroReturnError):  # and TLS is ended well
            client.recv(1)

"""TLS that ends in the proxy, with ends that stop, leave or say half of it: each has an end, leaves nothing behind, and holds
nobody up."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from proxy_world import DRIVER, WAIT, Upstream, connect_head, echo, read_all, read_head, refused, swallow, tunnel, until
from tls_world import Authority, Ending, Halved, Server, authority, ending, policy_text

pytestmark = pytest.mark.skipif(not DRIVER.exists(), reason=f"{DRIVER} is not built")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture(scope="module")
def ca() -> Iterator[Authority]:
    with authority() as made:
        yield made


@pytest.fixture(scope="module")
def certificate(ca: Authority) -> Path:
    return ca.issue("DNS:localhost")


def request(port: int, fields: str = "") -> bytes:
    return f"GET / HTTP/1.1\r\nHost: localhost:{port}\r\n{fields}\r\n".encode()


def answer(client: socket.socket) -> None:
    if not client.recv(1):
        return
    read_head(client)
    client.sendall(OK)


def reset(end: socket.socket) -> None:
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end.close()


@contextmanager
def attacked(ca: Authority, up: Upstream, *options: str) -> Iterator[Ending]:
    """A proxy that must be what it was before when all is over, and serve another one meanwhile."""
    with Upstream(echo) as other:
        text = policy_text(up.port) + f"      - {{host: localhost, port: {other.port}}}\n"
        with ending(text, ca.root, *options) as where:
            with tunnel(where, "localhost", other.port) as client:
                client.sendall(b"x")
                assert client.recv(1) == b"x"
                before = where.descriptors()
                yield where
                client.sendall(b"y")
                assert client.recv(1) == b"y"
                until(lambda: where.descriptors() <= before)


def reason(where: Ending) -> str:
    """Of the last that was decided."""
    return str([line for line in where.lines() if line["event"] == "decision"][-1]["reason"])


HELLO = bytes.fromhex("1603010200010001fc0303")


@pytest.mark.parametrize("said", [b"", HELLO], ids=["nothing", "half a ClientHello"])
def test_clients_that_stop_in_the_handshake(ca: Authority, certificate: Path, said: bytes) -> None:
    with Server(certificate, answer) as up, attacked(ca, up, "-t", "shake=600") as where:
        clients = [tunnel(where, "localhost", up.port) for _ in range(50)]
        for client in clients:
            client.sendall(said)
        with where.inside(up.port) as good:
            good.sendall(request(up.port))
            assert read_head(good).startswith(b"HTTP/1.1 200 ")
        where.is_calm()
        for client in clients:
            assert b"HTTP" not in read_all(client)
            client.close()
        assert reason(where) == "the client's TLS handshake took too long"


def test_a_client_that_stops_after_the_servers_part_of_it(ca: Authority, certificate: Path) -> None:
    with Server(certificate, answer) as up, attacked(ca, up, "-t", "shake=300") as where:
        with tunnel(where, "localhost", up.port) as raw:
            coming, going = ssl.MemoryBIO(), ssl.MemoryBIO()
            half = where.context(("http/1.1",)).wrap_bio(coming, going, server_hostname="localhost")
            with pytest.raises(ssl.SSLWantReadError):
                half.do_handshake()
            raw.sendall(going.read())
            assert raw.recv(1) == b"\x16", "a ServerHello"
            read_all(raw)
        assert reason(where) == "the client's TLS handshake took too long"


@pytest.mark.parametrize("said", [b"", bytes.fromhex("160303007a02000076")], ids=["nothing", "half a ServerHello"])
def test_a_server_that_stops_in_the_handshake(ca: Authority, said: bytes) -> None:
    def stop(client: socket.socket) -> None:
        client.sendall(said)
        read_all(client)

    with Upstream(stop) as up, attacked(ca, up, "-t", "shake=300") as where:
        with tunnel(where, "localhost", up.port) as raw, pytest.raises((ssl.SSLError, OSError)):
            where.wrap(raw)
        assert reason(where) == "the server's TLS handshake took too long"


def test_a_server_that_is_silent_in_there(ca: Authority, certificate: Path) -> None:
    with Server(certificate, swallow) as up:
        with ending(policy_text(up.port), ca.root, "-t", "tunnel=300") as where, where.inside(up.port) as client:
            client.sendall(request(up.port))
            with pytest.raises((ConnectionResetError, ssl.SSLEOFError)):
                read_all(client)
            until(lambda: where.lines()[-1]["reason"] == "idle for too long")


@pytest.mark.parametrize("how", ["TLS", "TCP"])
def test_a_client_that_has_said_all_gets_its_answer(ca: Authority, certificate: Path, how: str) -> None:
    go = threading.Event()

    def late(client: socket.socket) -> None:
        read_head(client)
        go.wait(WAIT)
        client.sendall(OK)

    with Server(certificate, late) as up, attacked(ca, up) as where:
        with tunnel(where, "localhost", up.port) as raw:
            client = Halved(raw, where.context(("http/1.1",)), "localhost")
            client.sendall(request(up.port))
            if how == "TLS":
                client.finish()
            raw.shutdown(socket.SHUT_WR)
            where.is_calm()
            go.set()
            got = b""
            while len(got) < len(OK):
                got += client.recv(100)
            assert got == OK


def test_a_server_that_has_said_all_is_asked_on(ca: Authority, certificate: Path) -> None:
    """It has ended its own direction with the answer, and the body of the request still comes."""
    def early(client: socket.socket) -> None:
        read_head(client)
        client.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")

    with Server(certificate, early) as up, attacked(ca, up) as where, where.inside(up.port) as client:
        client.sendall(f"POST / HTTP/1.1\r\nHost: localhost:{up.port}\r\nContent-Length: 100000\r\n\r\n".encode())
        assert read_all(client).endswith(b"\r\n\r\nok")


def test_a_client_that_leaves_before_the_handshake_is_denied_nothing(ca: Authority, certificate: Path) -> None:
    with Server(certificate, answer) as up, attacked(ca, up) as where:
        tunnel(where, "localhost", up.port).close()
        until(lambda: any(line["event"] == "close" for line in where.lines()))
        assert [line["verdict"] for line in where.lines() if line["event"] == "decision"] == ["allow", "allow"]


def test_a_client_that_resets_while_the_server_is_silent(ca: Authority) -> None:
    with Upstream(swallow) as up, attacked(ca, up, "-t", "shake=3000") as where:
        with tunnel(where, "localhost", up.port) as raw:
            coming, going = ssl.MemoryBIO(), ssl.MemoryBIO()
            with pytest.raises(ssl.SSLWantReadError):
                where.context(("http/1.1",)).wrap_bio(coming, going, server_hostname="localhost").do_handshake()
            raw.sendall(going.read())
            time.sleep(0.05)
            reset(raw)
        until(lambda: any(line["event"] == "close" for line in where.lines()), 1)


STAGES: dict[str, Callable[[Ending, int], socket.socket]] = {
    "before the ClientHello": lambda where, port: tunnel(where, "localhost", port),
    "in the ClientHello": lambda where, port: tunnel(where, "localhost", port, HELLO),
    "behind the handshake": lambda where, port: where.inside(port),
    "in a head": lambda where, port: said(where, port, b"GET / HT"),
    "in a body": lambda where, port: said(
        where, port, f"POST / HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 9\r\n\r\nx".encode()),
    "before the answer": lambda where, port: said(where, port, request(port)),
}


def said(where: Ending, port: int, data: bytes) -> socket.socket:
    client = where.inside(port)
    client.sendall(data)
    return client


@pytest.mark.parametrize("stage", STAGES)
def test_a_client_that_resets(ca: Authority, certificate: Path, stage: str) -> None:
    with Server(certificate, swallow) as up, attacked(ca, up, "-t", "shake=600") as where:
        client = STAGES[stage](where, up.port)
        time.sleep(0.05)
        reset(client)
        began = time.monotonic()
        until(lambda: any(line["event"] == "close" for line in where.lines()))
        assert time.monotonic() - began < 0.4, "it is seen at once"


SERVER_STAGES = {
    "before the answer": b"",
    "in the head": b"HTTP/1.1 200 OK\r\nConte",
    "in the body": b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
}


@pytest.mark.parametrize("stage", SERVER_STAGES)
def test_a_server_that_resets(ca: Authority, certificate: Path, stage: str) -> None:
    def handle(client: socket.socket) -> None:
        read_head(client)
        client.sendall(SERVER_STAGES[stage])
        time.sleep(0.05)
        reset(client)
        raise OSError

    with Server(certificate, handle) as up, attacked(ca, up) as where, where.inside(up.port) as client:
        client.sendall(request(up.port))
        if stage == "in the body":
            with pytest.raises(OSError):  # it does not look whole
                read_all(client)
        else:
            assert read_all(client).startswith(b"HTTP/1.1 502 ")


@pytest.mark.parametrize("length", [8192, 8193])
def test_a_head_may_have_so_many_bytes(ca: Authority, certificate: Path, length: int) -> None:
    with Server(certificate, answer) as up, attacked(ca, up) as where, where.inside(up.port) as client:
        plain = len(request(up.port, "X: \r\n"))
        client.sendall(request(up.port, f"X: {'y' * (length - plain)}\r\n"))
        assert read_head(client).split(b" ")[1] == (b"200" if length == 8192 else b"431")


def is_served(where: Ending, port: int) -> bool:
    with where.connect() as raw:
        raw.sendall(connect_head("localhost", port))
        if not read_head(raw).startswith(b"HTTP/1.1 200 "):
            return False
        with where.wrap(raw) as client:
            client.sendall(request(port))
            return read_head(client).startswith(b"HTTP/1.1 200 ")


def test_out_of_descriptors_it_waits_and_recovers(ca: Authority, certificate: Path) -> None:
    with Server(certificate, answer) as up, attacked(ca, up, "-f", "64", "-c", "1000", "-t", "shake=500") as where:
        silent = [where.connect() for _ in range(80)]
        for client in silent:
            client.sendall(connect_head("localhost", up.port))
        time.sleep(0.2)
        where.is_calm()
        assert where.descriptors() <= 64
        for client in silent:
            client.close()
        until(lambda: is_served(where, up.port), 3)


def test_tls_ends_on_so_many_connections_and_no_more(ca: Authority, certificate: Path) -> None:
    with Server(certificate, answer) as up, attacked(ca, up, "-e", "3", "-t", "shake=2000") as where:
        taken = [tunnel(where, "localhost", up.port) for _ in range(3)]
        denied = refused(where, connect_head("localhost", up.port))
        assert (denied.status, denied.body["failed"]) == (503, "proxy")
        for client in taken:
            client.close()
        until(lambda: sum(line["event"] == "close" for line in where.lines()) == 3)
        with where.inside(up.port) as good:
            good.sendall(request(up.port))
            assert read_head(good).startswith(b"HTTP/1.1 200 ")

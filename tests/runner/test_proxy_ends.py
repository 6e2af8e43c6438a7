"""How a tunnel through the proxy ends: half-close and reset, each passed on as what it was."""

from __future__ import annotations

import socket
import struct
import time

import pytest

from proxy_world import DRIVER, Upstream, closed_lines, connect_head, policy_text, proxy, read_all, swallow, tunnel, until

pytestmark = pytest.mark.skipif(not DRIVER.exists(), reason=f"{DRIVER} is not built")


def test_a_half_close_of_the_client_is_passed_on() -> None:
    def count(client: socket.socket) -> None:
        client.sendall(str(len(read_all(client))).encode())

    with Upstream(count) as up, proxy(policy_text(("127.0.0.1", up.port))) as where:
        with tunnel(where, "127.0.0.1", up.port) as client:
            client.sendall(b"x" * 100000)
            client.shutdown(socket.SHUT_WR)
            assert read_all(client) == b"100000"


def test_a_half_close_with_the_request_itself_is_passed_on() -> None:
    def count(client: socket.socket) -> None:
        client.sendall(str(len(read_all(client))).encode())

    with Upstream(count) as up, proxy(policy_text(("localhost", up.port))) as where, where.connect() as client:
        client.sendall(connect_head("localhost", up.port) + b"x" * 50000)
        client.shutdown(socket.SHUT_WR)
        assert read_all(client).partition(b"\r\n\r\n")[2] == b"50000"


def test_a_half_close_of_the_upstream_is_passed_on() -> None:
    got: list[bytes] = []

    def say_and_listen(client: socket.socket) -> None:
        client.sendall(b"done")
        client.shutdown(socket.SHUT_WR)
        got.append(read_all(client))

    with Upstream(say_and_listen) as up, proxy(policy_text(("127.0.0.1", up.port))) as where:
        with tunnel(where, "127.0.0.1", up.port) as client:
            assert read_all(client) == b"done"
            client.sendall(b"late")
        until(lambda: got)
    assert got == [b"late"]


def reset(end: socket.socket) -> None:
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end.close()


def full_backlog() -> list[socket.socket]:
    """A listener whose next SYN is dropped (listen(2)), and what fills it."""
    sockets = [socket.create_server(("127.0.0.1", 0), backlog=0)]
    for _ in range(3):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(sockets[0].getsockname())
        sockets.append(filler)
    time.sleep(0.05)
    return sockets


FORWARD = "POST http://127.0.0.1:{0}/ HTTP/1.1\r\nHost: 127.0.0.1:{0}\r\nContent-Length: 9\r\n\r\nx"


@pytest.mark.parametrize("stage", ["in the head", "while it dials", "before a refusal is read", "in a body"])
def test_a_client_that_resets_leaves_nothing_behind(stage: str) -> None:
    unreachable = full_backlog()
    ports = unreachable[0].getsockname()[1]
    with Upstream(swallow) as up:
        with proxy(policy_text(("127.0.0.1", up.port), ("127.0.0.1", ports))) as where:
            with tunnel(where, "127.0.0.1", up.port):  # it has what it keeps open
                pass
            until(lambda: closed_lines(where))
            before = where.descriptors()
            clients = [where.connect() for _ in range(20)]
            until(lambda: where.descriptors() >= before + 20)
            for client in clients:
                client.sendall({"in the head": b"CONNECT 127", "while it dials": connect_head("127.0.0.1", ports),
                                "before a refusal is read": connect_head("other.test", 1),
                                "in a body": FORWARD.format(up.port).encode()}[stage])
            time.sleep(0.1)
            for client in clients:
                reset(client)
            until(lambda: where.descriptors() == before, 1)
            where.is_calm()
    for one in unreachable:
        one.close()


@pytest.mark.parametrize("side", ["client", "upstream"])
def test_a_reset_is_passed_on_as_a_reset(side: str) -> None:
    seen: list[type] = []

    def handle(upstream: socket.socket) -> None:
        upstream.recv(1)
        if side == "upstream":
            reset(upstream)
            return
        upstream.sendall(b"y")
        try:
            upstream.recv(1)
            seen.append(bytes)
        except ConnectionResetError:
            seen.append(ConnectionResetError)

    with Upstream(handle) as up, proxy(policy_text(("127.0.0.1", up.port))) as where:
        client = tunnel(where, "127.0.0.1", up.port)
        client.sendall(b"x")
        if side == "client":
            assert client.recv(1) == b"y"
            reset(client)
        else:
            with client, pytest.raises(ConnectionResetError):
                client.recv(1)
            seen.append(ConnectionResetError)
        until(lambda: seen and closed_lines(where))
        assert closed_lines(where)[0]["reason"] == "reset by one end"
    assert seen == [ConnectionResetError]

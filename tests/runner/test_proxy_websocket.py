"""WebSockets over http:// addresses: by a rule with the method WEBSOCKET, and only once the server has agreed."""

from __future__ import annotations

import json
import socket
import threading
import time

import pytest

from proxy_world import DRIVER, WAIT, Handler, Proxy, Upstream, closed_lines, policy_text, proxy, read_all, read_head, until

pytestmark = pytest.mark.skipif(not DRIVER.exists(), reason=f"{DRIVER} is not built")

RULES = 'rules: [{allow: {method: GET, path: "/**"}}, {allow: {method: WEBSOCKET, path: /chat}}]'
UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\n"
KEY = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n"
AGREED = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"


def rules_text(port: int, rules: str = RULES) -> str:
    return f"""version: 1
network_policies:
  test:
    endpoints:
      - {{host: 127.0.0.1, port: {port}, protocol: rest, {rules}}}
"""


def request(port: int, path: str = "/chat", fields: str = UPGRADE + KEY, method: str = "GET") -> bytes:
    return f"{method} http://127.0.0.1:{port}{path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{fields}\r\n".encode()


def said(answer: bytes) -> tuple[int, dict[str, object]]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), json.loads(body)


def agreeing(*before: bytes) -> tuple[list[bytes], Handler]:
    """A handler that agrees, after having said this, and repeats what it gets; and what that was."""
    got: list[bytes] = []

    def handle(client: socket.socket) -> None:
        got.append(read_head(client))
        client.sendall(b"".join(before) + AGREED)
        while data := client.recv(4096):
            got.append(data)
            client.sendall(data)

    return got, handle


def decided(where: Proxy) -> list[tuple[object, object]]:
    return [(line["verdict"], line.get("method")) for line in where.lines() if line["event"] == "decision"]


@pytest.mark.parametrize("has_rules", [True, False], ids=["by rule", "no rules"])
def test_it_is_let_through(has_rules: bool) -> None:
    got, handler = agreeing(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
    def text(port: int) -> str:
        return rules_text(port) if has_rules else policy_text(("127.0.0.1", port))

    with Upstream(handler) as up, proxy(text(up.port)) as where, where.connect() as client:
        client.sendall(request(up.port))
        assert read_head(client).startswith(b"HTTP/1.1 103 ") and read_head(client) == AGREED
        for _ in range(3):
            client.sendall(b"\x81\x02hi")
            assert client.recv(100) == b"\x81\x02hi"
        client.shutdown(socket.SHUT_WR)
        assert read_all(client) == b""
        until(lambda: closed_lines(where))
        assert closed_lines(where)[0]["bytes_up"] == 12 and decided(where) == [("allow", "WEBSOCKET" if has_rules else None)]
        assert got[0] == f"GET /chat HTTP/1.1\r\nHost: 127.0.0.1:{up.port}\r\n{KEY}{UPGRADE}\r\n".encode()


def test_without_a_rule_it_is_not() -> None:
    got, handler = agreeing()
    with Upstream(handler) as up, proxy(rules_text(up.port)) as where:
        for path, method in (("/other", "GET"), ("/chat", "POST")):
            with where.connect() as client:
                client.sendall(request(up.port, path, method=method))
                assert said(read_all(client))[0] == 403
        assert decided(where) == [("deny", "WEBSOCKET"), ("deny", "POST")]
        with where.connect() as client:  # an upgrade that is none is for this hop alone
            client.sendall(request(up.port, "/other", "Upgrade: websocket\r\n"))
            assert said(read_all(client))[0] == 403
    assert got == []


@pytest.mark.parametrize("path, rules, method", [
    ("/other", RULES, "WEBSOCKET"), ("/chat", "rules: [{allow: {method: WEBSOCKET, path: /chat}}]", "GET")])
def test_an_audit_tells_which_of_both_was_denied(path: str, rules: str, method: str) -> None:
    _, handler = agreeing()
    with Upstream(handler) as up, proxy(rules_text(up.port, rules + ", enforcement: audit")) as where:
        with where.connect() as client:
            client.sendall(request(up.port, path))
            assert read_head(client) == AGREED
        assert decided(where) == [("audit", method)]


SECOND = b"GET /secret HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.mark.parametrize("answer", [
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\n\r\n",
], ids=["length", "chunks", "no body"])
@pytest.mark.parametrize("more", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmore"], ids=["alone", "and more"])
def test_a_server_that_does_not_agree_gets_nothing_more(answer: bytes, more: bytes) -> None:
    """It waits for another request on the same connection, which nobody would have judged."""
    got: list[bytes] = []

    def handle(client: socket.socket) -> None:
        got.append(read_head(client))
        client.sendall(answer[:-1])
        time.sleep(0.05)
        client.sendall(answer[-1:] + more)
        client.settimeout(0.3)
        got.append(client.recv(4096))

    with Upstream(handle) as up, proxy(rules_text(up.port)) as where, where.connect() as client:
        client.sendall(request(up.port))
        time.sleep(0.02)
        client.sendall(SECOND)
        assert read_all(client) == answer, "and the end"
        client.sendall(SECOND)
        client.shutdown(socket.SHUT_WR)
        until(lambda: closed_lines(where))
    assert len(got) == 1 or got[1] == b""


@pytest.mark.parametrize("answer", [
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", b"ICY 200 OK\r\n\r\n", b"",
    b"HTTP/1.1 101 Switching Protocols\r\nX: " + b"y" * 20000], ids=["another protocol", "no HTTP", "nothing", "too long"])
def test_a_server_that_is_not_understood_is_a_bad_gateway(answer: bytes) -> None:
    def handle(client: socket.socket) -> None:
        read_head(client)
        client.sendall(answer)

    with Upstream(handle) as up, proxy(rules_text(up.port)) as where, where.connect() as client:
        client.sendall(request(up.port))
        status, body = said(read_all(client))
        assert status == 502 and "server" in str(body["reason"])
        assert decided(where) == [("allow", "WEBSOCKET"), ("error", None)]
        assert len(closed_lines(where)) == 1


def test_what_the_client_says_before_the_answer_waits_for_it() -> None:
    go = threading.Event()
    got: list[bytes] = []

    def handle(client: socket.socket) -> None:
        read_head(client)
        go.wait(WAIT)
        client.setblocking(False)
        with pytest.raises(BlockingIOError):
            client.recv(1)
        client.setblocking(True)
        client.sendall(AGREED)
        got.append(client.recv(100))

    with Upstream(handle) as up, proxy(rules_text(up.port)) as where, where.connect() as client:
        client.sendall(request(up.port))
        time.sleep(0.05)
        client.sendall(b"\x81\x02hi")
        time.sleep(0.05)
        where.is_calm()
        go.set()
        assert read_all(client) == AGREED
        until(lambda: got)
    assert got == [b"\x81\x02hi"]


def test_what_stands_behind_the_request_is_refused() -> None:
    with Upstream(agreeing()[1]) as up, proxy(rules_text(up.port)) as where, where.connect() as client:
        client.sendall(request(up.port) + b"\x81\x02hi")
        assert said(read_all(client))[0] == 400


def test_a_client_that_leaves_is_let_go() -> None:
    def handle(client: socket.socket) -> None:
        read_all(client)

    with Upstream(handle) as up, proxy(rules_text(up.port)) as where:
        client = where.connect()
        client.sendall(request(up.port))
        until(lambda: decided(where))
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
        until(lambda: closed_lines(where), 1)

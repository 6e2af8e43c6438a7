"""TLS that ends in the proxy: who the server must be, what the client must say, and what is passed on between them. Real
servers and clients of OpenSSL's, on loopback."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from proxy_world import DRIVER, Handler, Upstream, read_all, read_head, refused, connect_head, tunnel, until
from tls_world import ALL, Authority, Server, authority, ending, policy_text

pytestmark = pytest.mark.skipif(not DRIVER.exists(), reason=f"{DRIVER} is not built")


@pytest.fixture(scope="module")
def ca() -> Iterator[Authority]:
    with authority() as made:
        yield made


@pytest.fixture(scope="module")
def good(ca: Authority) -> Path:
    return ca.issue("DNS:localhost,IP:127.0.0.1")


def head_or_nothing(client: socket.socket) -> bytes:
    first = client.recv(1)
    return first + read_head(client) if first else b""


def answering(*answers: bytes) -> tuple[list[bytes], Handler]:
    """A handler that answers one request after the other with these, and what it got."""
    got: list[bytes] = []

    def handle(client: socket.socket) -> None:
        for answer in answers:
            request = head_or_nothing(client)
            if not request:
                return
            lower = request.lower()
            if b"content-length:" in lower:
                length = int(lower.split(b"content-length:")[1].split(b"\r\n")[0])
                while length:
                    piece = client.recv(length)
                    request += piece
                    length -= len(piece)
            elif b"transfer-encoding: chunked" in lower:
                while not request.endswith(b"0\r\n\r\n"):
                    request += client.recv(1)
            got.append(request)
            client.sendall(answer)

    return got, handle


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def request(path: str = "/", fields: str = "", method: str = "GET", host: str = "localhost", port: int = 0) -> bytes:
    place = f"{host}:{port}" if port else host
    return f"{method} {path} HTTP/1.1\r\nHost: {place}\r\n{fields}\r\n".encode()


def said(answer: bytes) -> tuple[int, dict[str, object]]:
    """A refusal's status and body."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), json.loads(body)


def test_a_request_and_its_answer_go_through(ca: Authority, good: Path) -> None:
    got, handler = answering(OK)
    with Server(good, handler) as up, ending(policy_text(up.port), ca.root) as where:
        with where.inside(up.port) as client:
            client.sendall(request("/a/../b?c=d", "X-A: 1\r\nProxy-Connection: x\r\nConnection: close\r\n", port=up.port))
            assert read_all(client) == OK
            assert client.selected_alpn_protocol() == "http/1.1"
        assert got == [f"GET /b?c=d HTTP/1.1\r\nHost: localhost:{up.port}\r\nX-A: 1\r\nConnection: close\r\n\r\n".encode()]
        assert up.names == ["localhost"]
        until(lambda: len(where.lines()) == 3)
        tunnelled, decided, closed = where.lines()
        assert (tunnelled["verdict"], decided["verdict"], decided["method"], decided["path"]) == ("allow", "allow", "GET", "/b")
        assert closed["bytes_down"] == len(OK)


def test_each_request_of_a_connection_is_judged(ca: Authority, good: Path) -> None:
    got, handler = answering(OK, OK, OK)
    rules = 'rules: [{allow: {method: GET, path: "/ok/**"}}]'
    with Server(good, handler) as up, ending(policy_text(up.port, rules), ca.root) as where:
        with where.inside(up.port) as client:
            for path in ("/ok/1", "/ok/2"):
                client.sendall(request(path, port=up.port))
                assert read_head(client) + client.recv(2) == OK
            client.sendall(request("/no", port=up.port))
            status, body = said(read_all(client))
        assert (status, body["failed"], body["path"]) == (403, "path", "/no")
        with where.inside(up.port) as client:  # both at once: the second is no less judged
            client.sendall(request("/ok/3", port=up.port) + request("/ok/../no", method="POST", port=up.port))
            answer = read_all(client)
        assert answer.startswith(OK) and said(answer[len(OK):])[0] == 403
        assert [line.split(b" ")[1] for line in got] == [b"/ok/1", b"/ok/2", b"/ok/3"]


def test_what_a_server_says_before_it_is_asked_is_no_answer(ca: Authority, good: Path) -> None:
    _, handler = answering(OK + OK, OK)
    with Server(good, handler) as up, ending(policy_text(up.port), ca.root) as where, where.inside(up.port) as client:
        client.sendall(request("/1", port=up.port) + request("/2", port=up.port))
        assert read_all(client) == OK


BODIES = {
    "length": (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "POST"),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "POST"),
    "none": (b"HTTP/1.1 204 No Content\r\n\r\n", "GET"),
    "not modified": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n", "GET"),
    "head": (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HEAD"),
    "interim": (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n"
                b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "POST"),
    "bytes that are no ASCII": ("HTTP/1.1 200 Sch\u00f6n\r\nX: \u00e4\r\nContent-Length: 0\r\n\r\n".encode(), "GET"),
}


@pytest.mark.parametrize("kind", BODIES)
def test_answers_end_where_both_say(ca: Authority, good: Path, kind: str) -> None:
    answer, method = BODIES[kind]
    _, handler = answering(answer, OK)
    with Server(good, handler) as up, ending(policy_text(up.port), ca.root) as where:
        with where.inside(up.port) as client:
            client.sendall(request(method=method, fields="Content-Length: 0\r\n" if method == "POST" else "", port=up.port))
            got = b""
            while len(got) < len(answer):
                got += client.recv(len(answer) - len(got))
            assert got == answer
            client.sendall(request(fields="Connection: close\r\n", port=up.port))
            assert read_all(client) == OK


def test_an_answer_without_a_length_ends_with_its_connection(ca: Authority, good: Path) -> None:
    answer = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100000
    _, handler = answering(answer)
    with Server(good, handler) as up, ending(policy_text(up.port), ca.root) as where:
        with where.inside(up.port) as client:
            client.sendall(request(port=up.port))
            assert read_all(client) == answer


def test_an_answer_that_was_cut_does_not_look_whole(ca: Authority, good: Path) -> None:
    def handle(client: socket.socket) -> None:
        read_head(client)
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\nhalf")
        time.sleep(0.1)
        raise OSError  # its TLS is not ended

    with Server(good, handle) as up, ending(policy_text(up.port), ca.root) as where:
        with where.inside(up.port) as client:
            client.sendall(request(port=up.port))
            with pytest.raises(OSError):
                read_all(client)


@pytest.mark.parametrize("size", [1, 20000, 3000000])
def test_bodies_of_any_size(ca: Authority, good: Path, size: int) -> None:
    body = b"b" * size
    got, handler = answering(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (size, body), OK)
    with Server(good, handler) as up, ending(policy_text(up.port), ca.root) as where:
        with where.inside(up.port) as client:
            client.sendall(request(method="PUT", fields=f"Content-Length: {size}\r\n", port=up.port) + body)
            head = read_head(client)
            whole = b""
            while len(whole) < size:
                whole += client.recv(size - len(whole))
            assert whole == body and got[0].endswith(body) and f"Content-Length: {size}".encode() in head
            client.sendall(request(fields="Connection: close\r\n", port=up.port))
            assert read_all(client) == OK


def test_a_request_in_chunks(ca: Authority, good: Path) -> None:
    got, handler = answering(OK)
    with Server(good, handler) as up, ending(policy_text(up.port), ca.root) as where:
        with where.inside(up.port) as client:
            client.sendall(request(method="POST", fields="Transfer-Encoding: chunked\r\nConnection: close\r\n", port=up.port))
            client.sendall(b"5\r\nhel")
            client.sendall(b"lo\r\n0\r\n\r\n")
            assert read_all(client) == OK
    assert got[0].endswith(b"\r\n\r\n5\r\nhello\r\n0\r\n\r\n")


UNCLEAR = {
    "both lengths": request(fields="Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", method="POST"),
    "two lengths": request(fields="Content-Length: 1\r\nContent-Length: 2\r\n", method="POST"),
    "folded": request(fields="X: a\r\n b\r\n"),
    "bare LF": b"GET / HTTP/1.1\nHost: localhost\r\n\r\n",
    "another scheme": b"GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "connect": b"CONNECT localhost:1 HTTP/1.1\r\nHost: localhost:1\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "another host": request(host="other.test"),
    "another port": request(port=1),
    "too long": request(fields="X: " + "y" * 9000 + "\r\n"),
}


@pytest.mark.parametrize("kind", UNCLEAR)
def test_what_two_could_read_differently_is_refused(ca: Authority, good: Path, kind: str) -> None:
    got, handler = answering(OK)
    with Server(good, handler) as up, ending(policy_text(up.port), ca.root) as where:
        with where.inside(up.port) as client:
            client.sendall(UNCLEAR[kind].replace(b"Host: localhost\r\n", b"Host: localhost:%d\r\n" % up.port))
            status, body = said(read_all(client))
        assert (status, body["failed"]) == (431 if kind == "too long" else 400, "request")
    assert got == []


STRANGE = {
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
    "length and chunks": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok",
    "another coding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\nok",
    "no status": b"ICY 200 OK\r\n\r\n",
    "bare LF": b"HTTP/1.1 200 OK\nContent-Length: 2\r\n\r\nok",
    "unasked protocol": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    "too long": b"HTTP/1.1 200 OK\r\nX: " + b"y" * 20000 + b"\r\n\r\n",
}


@pytest.mark.parametrize("kind", STRANGE)
def test_an_answer_that_two_could_read_differently_is_a_bad_gateway(ca: Authority, good: Path, kind: str) -> None:
    _, handler = answering(STRANGE[kind])
    with Server(good, handler) as up, ending(policy_text(up.port), ca.root) as where:
        with where.inside(up.port) as client:
            client.sendall(request(port=up.port))
            status, body = said(read_all(client))
        assert status == 502 and "not to be understood" in str(body["reason"])


def test_a_server_that_leaves_without_an_answer(ca: Authority, good: Path) -> None:
    with Server(good, lambda client: None) as up, ending(policy_text(up.port), ca.root) as where:
        with where.inside(up.port) as client:
            client.sendall(request(port=up.port))
            answer = read_all(client)
        assert answer == b"" or said(answer)[0] == 502


SERVERS = {"wrong name": ("DNS:other.test", 2, "ostname mismatch"), "expired": ("DNS:localhost", -1, "expired"),
           "a common name alone": ("", 2, "ostname mismatch")}  # which RFC 9525 section 2 counts no more


@pytest.mark.parametrize("kind", SERVERS)
def test_a_server_that_is_not_who_it_should_be(ca: Authority, kind: str) -> None:
    names, days, reason = SERVERS[kind]
    got, handler = answering(OK)
    with Server(ca.issue(names, days, "/CN=localhost"), handler) as up, ending(policy_text(up.port), ca.root) as where:
        with where.inside(up.port) as client:
            client.sendall(request(port=up.port))
            status, body = said(read_all(client))
        assert (status, body["failed"]) == (502, "tls") and reason in str(body["reason"])
        assert [line["verdict"] for line in where.lines() if line["event"] == "decision"] == ["allow", "error"]
    assert got == []


def test_a_server_whose_root_nobody_knows(ca: Authority, good: Path) -> None:
    with authority() as other:
        with Server(good, lambda client: None) as up, ending(policy_text(up.port), other.root) as where:
            with where.inside(up.port) as client:
                client.sendall(request(port=up.port))
                status, body = said(read_all(client))
            assert status == 502 and "issuer certificate" in str(body["reason"])


def test_a_server_that_is_asked_again_need_not_prove_who_it_is(ca: Authority, good: Path) -> None:
    resumed: list[bool | None] = []
    _, answer = answering(OK)

    def handler(client: socket.socket) -> None:
        assert isinstance(client, ssl.SSLSocket)
        resumed.append(client.session_reused)
        answer(client)

    with Server(good, handler) as up, ending(policy_text(up.port), ca.root) as where:
        for _ in range(3):
            with where.inside(up.port) as client:
                client.sendall(request(fields="Connection: close\r\n", port=up.port))
                assert read_all(client) == OK
    assert resumed == [False, True, True]


def test_a_server_that_speaks_no_tls(ca: Authority) -> None:
    with Upstream(lambda client: client.sendall(OK)) as up, ending(policy_text(up.port), ca.root) as where:
        with where.inside(up.port) as client:
            client.sendall(request(port=up.port))
            assert said(read_all(client))[0] == 502


@pytest.mark.parametrize("name", ["other.test", None])
def test_a_name_in_tls_that_is_not_the_tunnels(ca: Authority, good: Path, name: str | None) -> None:
    with Server(good, lambda client: None) as up, ending(policy_text(up.port), ca.root) as where:
        with tunnel(where, "localhost", up.port) as raw, pytest.raises(ssl.SSLError) as caught:
            where.wrap(raw, name)
        assert "unrecognized name" in str(caught.value).lower().replace("_", " ")
        until(lambda: len(where.lines()) == 3)
        denied = where.lines()[1]
        assert (denied["verdict"], denied["failed"]) == ("deny", "tls")
        assert ("another host" if name else "does not say") in denied["reason"]
    assert up.names == []


def test_a_tunnel_to_an_address(ca: Authority, good: Path) -> None:
    _, handler = answering(OK)
    with Server(good, handler) as up, ending(policy_text(up.port, host="127.0.0.1"), ca.root) as where:
        with where.inside(up.port, "127.0.0.1") as client:
            client.sendall(request(fields="Connection: close\r\n", host="127.0.0.1", port=up.port))
            assert read_all(client) == OK
        with tunnel(where, "127.0.0.1", up.port) as raw, pytest.raises(ssl.SSLError):
            where.wrap(raw, "localhost")
    assert up.names == [None]


@pytest.mark.parametrize("early", [False, True], ids=["after the answer", "with the request"])
def test_what_is_no_tls(ca: Authority, good: Path, early: bool) -> None:
    got, handler = answering(OK)
    plain = request(port=1)
    with Server(good, handler) as up, ending(policy_text(up.port), ca.root) as where:
        with tunnel(where, "localhost", up.port, plain if early else b"") as raw:
            if not early:
                raw.sendall(plain)
            assert b"HTTP" not in read_all(raw)
        until(lambda: len(where.lines()) == 3)
        assert where.lines()[1]["reason"] == "what is inside of the tunnel is no TLS: http request"
    assert got == [] and up.names == []


def test_a_client_hello_that_came_with_the_request(ca: Authority, good: Path) -> None:
    _, handler = answering(OK)
    with Server(good, handler) as up, ending(policy_text(up.port), ca.root) as where:
        context = ssl.create_default_context(cafile=str(where.directory / "ca.pem"))
        into, out = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(into, out, server_hostname="localhost")
        with pytest.raises(ssl.SSLWantReadError):
            tls.do_handshake()
        with where.connect() as raw:
            raw.sendall(connect_head("localhost", up.port) + out.read())
            assert read_head(raw).startswith(b"HTTP/1.1 200 ")
            while True:
                try:
                    tls.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    into.write(raw.recv(65536))
            raw.sendall(out.read())
            tls.write(request(fields="Connection: close\r\n", port=up.port))
            raw.sendall(out.read())
            into.write(read_all(raw))
            assert tls.read(1000) + tls.read(1000) == OK


def test_a_handshake_that_takes_too_long(ca: Authority, good: Path) -> None:
    with Server(good, lambda client: None) as up, ending(policy_text(up.port), ca.root, "-t", "shake=300") as where:
        with tunnel(where, "localhost", up.port, b"\x16\x03\x01") as raw:
            assert read_all(raw) == b""
        assert where.lines()[1]["reason"] == "the client's TLS handshake took too long"
        silent = Upstream(lambda client: read_all(client) and None)
    with silent, ending(policy_text(silent.port), ca.root, "-t", "shake=300") as where:
        with tunnel(where, "localhost", silent.port) as raw, pytest.raises(ssl.SSLError):
            where.wrap(raw)
        assert where.lines()[1]["reason"] == "the server's TLS handshake took too long"


def test_a_head_that_takes_too_long(ca: Authority, good: Path) -> None:
    with Server(good, lambda client: read_all(client) and None) as up:
        with ending(policy_text(up.port), ca.root, "-t", "shake=500") as where, where.inside(up.port) as client:
            client.sendall(b"GET /")
            assert said(read_all(client))[0] == 408


def test_a_client_that_does_not_trust_the_ca(ca: Authority, good: Path) -> None:
    with Server(good, lambda client: None) as up, ending(policy_text(up.port), ca.root) as where:
        context = ssl.create_default_context(cafile=str(ca.root))
        with tunnel(where, "localhost", up.port) as raw, pytest.raises(ssl.SSLCertVerificationError):
            context.wrap_socket(raw, server_hostname="localhost")
        until(lambda: len(where.lines()) == 3)
        assert "did not agree to TLS with the proxy" in where.lines()[1]["reason"]
        assert where.lines()[1]["verdict"] == "error"


def leaf(client: ssl.SSLSocket) -> bytes:
    return client.getpeercert(binary_form=True) or b""


def test_a_leaf_is_made_once_for_a_host(ca: Authority, good: Path) -> None:
    with Server(good, lambda client: read_all(client) and None) as up, ending(policy_text(up.port), ca.root) as where:
        with where.inside(up.port) as one, where.inside(up.port) as two:
            assert leaf(one) == leaf(two) != b""


def test_no_key_is_in_a_file(ca: Authority, good: Path) -> None:
    with Server(good, lambda client: None) as up, ending(policy_text(up.port), ca.root) as where:
        files = {path.name: path.read_bytes() for path in where.directory.iterdir()}
        assert sorted(files) == ["bundle.pem", "ca.pem"]
        assert all(b"PRIVATE" not in text for text in files.values())
        assert files["bundle.pem"] == ca.root.read_bytes() + b"\n" + files["ca.pem"]


SOCKET = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n"


def websocket(client: socket.socket) -> None:
    head = read_head(client)
    assert b"Connection: Upgrade\r\nUpgrade: websocket\r\n" in head and b"Sec-WebSocket-Key: x" in head
    client.sendall(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
    while data := client.recv(4096):
        client.sendall(data)


RULES = 'rules: [{allow: {method: GET, path: "/**"}}, {allow: {method: WEBSOCKET, path: /chat}}]'


def test_a_websocket_by_rule_alone(ca: Authority, good: Path) -> None:
    with Server(good, websocket) as up, ending(policy_text(up.port, RULES), ca.root) as where:
        with where.inside(up.port) as client:
            client.sendall(request("/chat", SOCKET, port=up.port))
            assert read_head(client).startswith(b"HTTP/1.1 101 ")
            client.sendall(b"\x81\x02hi")
            assert client.recv(100) == b"\x81\x02hi"
    with Server(good, lambda client: read_all(client) and None) as up, ending(policy_text(up.port, RULES), ca.root) as where:
        with where.inside(up.port) as client:
            client.sendall(request("/other", SOCKET, port=up.port))
            status, body = said(read_all(client))
        assert (status, body["method"]) == (403, "WEBSOCKET")


def test_many_at_once(ca: Authority, good: Path) -> None:
    _, handler = answering(OK)
    failures: list[BaseException] = []

    def one() -> None:
        try:
            with where.inside(up.port) as client:
                client.sendall(request(fields="Connection: close\r\n", port=up.port))
                assert read_all(client) == OK
        except BaseException as fault:  # told by the main thread
            failures.append(fault)

    with Server(good, handler) as up, ending(policy_text(up.port), ca.root) as where:
        threads = [threading.Thread(target=one) for _ in range(32)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures, failures[0]
        until(lambda: where.descriptors() < 20)


def test_a_host_without_the_key_is_left_alone(ca: Authority, good: Path) -> None:
    text = policy_text(1) + "      - {host: localhost, port: PORT}\n"
    _, handler = answering(OK)
    with Server(good, handler) as up, ending(text.replace("PORT", str(up.port)), ca.root) as where:
        context = ssl.create_default_context(cafile=str(ca.root))
        with context.wrap_socket(tunnel(where, "localhost", up.port), server_hostname="localhost") as client:
            client.sendall(request("/../x", port=up.port))
            assert read_head(client)


def test_a_refusal_before_the_tunnel_is_as_ever(ca: Authority) -> None:
    with ending(policy_text(1, ALL), ca.root) as where:
        assert refused(where, connect_head("other.test", 443)).status == 403

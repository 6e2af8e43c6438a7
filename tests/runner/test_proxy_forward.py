"""Requests for http:// addresses, passed on to raw upstreams that show what arrived."""

from __future__ import annotations

import socket

import pytest

from proxy_world import DRIVER, Upstream, closed_lines, policy_text, proxy, read_all, refused, until

pytestmark = pytest.mark.skipif(not DRIVER.exists(), reason=f"{DRIVER} is not built")

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


class Server(Upstream):
    """Answers when `end` has come, and keeps what came until the proxy closed."""

    def __init__(self, end: bytes) -> None:
        self.got = b""
        self.whole = False

        def handle(client: socket.socket) -> None:
            while end not in self.got:
                data = client.recv(4096)
                if not data:
                    self.whole = True
                    return
                self.got += data
            client.sendall(ANSWER)
            client.shutdown(socket.SHUT_WR)
            self.got += read_all(client)
            self.whole = True

        super().__init__(handle)


def request(port: int, fields: str = "", rest: bytes = b"", method: str = "GET") -> bytes:
    return f"{method} http://127.0.0.1:{port}/a?b HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{fields}\r\n".encode() + rest


def head(port: int, fields: str = "", method: str = "GET") -> bytes:
    return f"{method} /a?b HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{fields}Connection: close\r\n\r\n".encode()


def ask(up: Server, fields: str, pieces: list[bytes], method: str = "POST") -> bytes:
    """The answer to a request whose body and what is behind it come in these pieces."""
    with proxy(policy_text(("127.0.0.1", up.port))) as where, where.connect() as client:
        client.sendall(request(up.port, fields, pieces[0], method))
        for piece in pieces[1:]:
            client.sendall(piece)
        client.shutdown(socket.SHUT_WR)
        answer = read_all(client)
        until(lambda: up.whole and closed_lines(where))
        decision, close = where.lines()
        assert decision["verdict"] == "allow" and close["bytes_down"] == len(ANSWER)
    return answer


def test_a_request_is_passed_on_in_origin_form() -> None:
    with Server(b"\r\n\r\n") as up:
        assert ask(up, "Proxy-Connection: keep-alive\r\n", [b""], "GET") == ANSWER
        assert up.got == head(up.port)


SECOND = b"GET http://evil.test/ HTTP/1.1\r\nHost: evil.test\r\n\r\n"


@pytest.mark.parametrize("pieces", [[SECOND], [b"", SECOND], [b"", SECOND * 1000]], ids=["at once", "later", "many"])
def test_what_stands_behind_a_request_is_never_passed_on(pieces: list[bytes]) -> None:
    with Server(b"\r\n\r\n") as up:
        assert ask(up, "", pieces, "GET") == ANSWER
        assert up.got == head(up.port)


@pytest.mark.parametrize("behind", [b"", SECOND], ids=["nothing behind", "a request behind"])
def test_a_body_by_length_ends_there(behind: bytes) -> None:
    with Server(b"hello world") as up:
        assert ask(up, "Content-Length: 11\r\n", [b"hello", b" world" + behind]) == ANSWER
        assert up.got == head(up.port, "Content-Length: 11\r\n", "POST") + b"hello world"


@pytest.mark.parametrize("behind", [b"", SECOND], ids=["nothing behind", "a request behind"])
def test_a_body_in_chunks_ends_there(behind: bytes) -> None:
    with Server(b"0\r\n\r\n") as up:
        assert ask(up, "Transfer-Encoding: chunked\r\n", [b"5\r\nhel", b"lo\r\n0\r\n\r\n" + behind]) == ANSWER
        assert up.got.endswith(b"close\r\n\r\n5\r\nhello\r\n0\r\n\r\n")


def test_chunks_that_two_could_read_differently_end_it() -> None:
    with Server(b"0\r\n\r\n") as up, proxy(policy_text(("127.0.0.1", up.port))) as where:
        answer = refused(where, request(up.port, "Transfer-Encoding: chunked\r\n", b"5;a=b\r\nhello\r\n0\r\n\r\n"))
        assert (answer.status, answer.body["failed"]) == (400, "request")
        assert where.lines()[0]["verdict"] == "deny"
        with where.connect() as client:
            client.sendall(request(up.port, "Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n"))
            until(lambda: up.got.endswith(b"hello\r\n"))
            client.sendall(b"0\r\nTrailer: x\r\n\r\n")
            with pytest.raises(ConnectionResetError):
                read_all(client)
        until(lambda: closed_lines(where))
        assert closed_lines(where)[0]["reason"] == "the body's chunks are none that all read alike"
    assert b"Trailer" not in up.got


def test_a_place_that_the_policy_has_not_is_refused_in_words() -> None:
    with proxy(policy_text(("127.0.0.1", 1))) as where:
        answer = refused(where, request(2))
        assert (answer.status, answer.body["failed"]) == (403, "port")
        answer = refused(where, b"GET http://evil.test/ HTTP/1.1\r\nHost: evil.test\r\n\r\n")
        assert (answer.status, answer.body["failed"], answer.body["port"]) == (403, "host", 80)
        answer = refused(where, b"GET http://127.0.0.1:1/ HTTP/1.1\r\nHost: evil.test\r\n\r\n")
        assert (answer.status, answer.body["failed"]) == (400, "request")

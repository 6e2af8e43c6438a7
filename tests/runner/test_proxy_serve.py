"""The proxy over real sockets on loopback: what it lets through, what it refuses, upstreams that fail."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time

import pytest

from proxy_world import (
    DRIVER,
    WAIT,
    Upstream,
    closed_lines,
    connect_head,
    echo,
    policy_text,
    proxy,
    read_head,
    refused,
    tunnel,
    until,
    unused_port,
    web,
)

pytestmark = pytest.mark.skipif(not DRIVER.exists(), reason=f"{DRIVER} is not built")


# Allowed.


def test_a_tunnel_carries_bytes_both_ways_and_is_logged() -> None:
    with Upstream(echo) as up, proxy(policy_text(("127.0.0.1", up.port))) as where:
        with tunnel(where, "127.0.0.1", up.port) as client:
            client.sendall(b"hello")
            assert client.recv(5) == b"hello"
        until(lambda: closed_lines(where))
        decision, close = where.lines()
    assert decision["verdict"] == "allow" and decision["address"] == "127.0.0.1" and decision["rule"] == "test"
    assert (close["bytes_up"], close["bytes_down"], close["reason"]) == (5, 5, "closed by both ends")
    assert close["id"] == decision["id"]


def test_a_name_is_resolved_by_the_proxy() -> None:
    with Upstream(echo) as up, proxy(policy_text(("localhost", up.port))) as where:
        with tunnel(where, "LocalHost.", up.port) as client:
            client.sendall(b"x")
            assert client.recv(1) == b"x"
        assert where.lines()[0]["host"] == "localhost"


def test_an_ipv6_address_is_reached() -> None:
    try:
        up = Upstream(echo, "::1").__enter__()
    except OSError:
        pytest.skip("no IPv6 on loopback here")
    with up, proxy(policy_text(("::1", up.port))) as where, tunnel(where, "[0::1]", up.port) as client:
        client.sendall(b"x")
        assert client.recv(1) == b"x"


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
def test_curl_goes_through_and_shows_the_refusal() -> None:
    with Upstream(web) as up, proxy(policy_text(("localhost", up.port))) as where:
        via = ["curl", "-sS", "--noproxy", "", "--proxytunnel", "--proxy", f"http://127.0.0.1:{where.port}"]
        run = subprocess.run([*via, f"http://localhost:{up.port}/"], capture_output=True, text=True, timeout=WAIT)
        assert (run.stdout, run.returncode) == ("outside\n", 0), run.stderr
        run = subprocess.run([*via, f"http://other.test:{up.port}/"], capture_output=True, text=True, timeout=WAIT)
        assert run.returncode == 56 and "403" in run.stderr


def test_bytes_sent_before_the_answer_reach_the_upstream_after_it() -> None:
    with Upstream(echo) as up, proxy(policy_text(("127.0.0.1", up.port))) as where:
        with tunnel(where, "127.0.0.1", up.port, b"early") as client:
            assert client.recv(5) == b"early"
        until(lambda: closed_lines(where))
        assert closed_lines(where)[0]["bytes_up"] == 5


def test_a_head_in_pieces_is_one_head() -> None:
    with Upstream(echo) as up, proxy(policy_text(("127.0.0.1", up.port))) as where, where.connect() as client:
        for byte in connect_head("127.0.0.1", up.port):
            client.sendall(bytes([byte]))
            time.sleep(0.001)
        assert read_head(client).startswith(b"HTTP/1.1 200 ")


# Refused.


def test_each_half_that_fails_is_named() -> None:
    with proxy(policy_text(("named.test", 443), ("*.wild.test", 443))) as where:
        answer = refused(where, connect_head("other.test", 443))
        assert (answer.status, answer.body["failed"]) == (403, "host")
        assert answer.body["error"] == "blocked-by-policy" and answer.body["host"] == "other.test"
        assert 'host: "other.test"' in answer.body["remedy"]
        answer = refused(where, connect_head("named.test", 80))
        assert (answer.status, answer.body["failed"], answer.body["port"]) == (403, "port", 80)
        assert refused(where, connect_head("wild.test", 443)).body["failed"] == "host"
        assert refused(where, connect_head("evilwild.test", 443)).body["failed"] == "host"
        assert refused(where, connect_head("169.254.169.254", 80)).body["failed"] == "host"
        assert refused(where, connect_head("[::ffff:127.0.0.1]", 443)).body["failed"] == "host"
        verdicts = {(line["verdict"], line["status"]) for line in where.lines()}
    assert verdicts == {("deny", 403)}


@pytest.mark.parametrize(
    "request_bytes, status",
    [
        (b"GET http://named.test/ HTTP/1.1\r\nHost: named.test\r\n\r\n", 403),
        (b"POST http://named.test/ HTTP/1.1\r\nHost: named.test\r\nContent-Length: 5\r\n\r\nhello", 403),
        (b"CONNECT 2130706433:443 HTTP/1.0\r\n\r\n", 400),
        (b"CONNECT 0x7f.1:443 HTTP/1.0\r\n\r\n", 400),
        (b"CONNECT named.test@evil.test:443 HTTP/1.0\r\n\r\n", 400),
        (b"CONNECT named.test:443 HTTP/1.0\n\n", 400),
        (b"CONNECT named.test\0:443 HTTP/1.0\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"CONNECT named.test:443 HTTP/1.0\r\nA: " + b"x" * 9000, 431),
        (b"CONNECT named.test:443 HTTP/1.0\r\nA: " + b"x" * 500000, 431),
        (b"CONNECT named.test:443 HTTP/3.0\r\n\r\n", 505),
        (b"CONNECT other.test:443 HTTP/1.0\r\n\r\nGET http://named.test/ HTTP/1.1\r\nHost: named.test\r\n\r\n", 403),
        (b"CONNECT other.test:443 HTTP/1.0\r\n\r\n" + b"CONNECT named.test:443 HTTP/1.0\r\n\r\n" * 9, 403),
    ],
    ids=[
        "absolute form, another port",
        "with a body",
        "decimal address",
        "hex and short address",
        "user information",
        "bare LF",
        "NUL",
        "TLS",
        "over 8 KiB",
        "far over 8 KiB",
        "HTTP/3",
        "another request behind",
        "allowed requests behind",
    ],
)
def test_a_refusal_is_one_whole_answer_and_the_end(request_bytes: bytes, status: int) -> None:
    with proxy(policy_text(("named.test", 443))) as where:
        answer = refused(where, request_bytes)
        assert answer.status == status and answer.body["reason"]
        assert len(where.lines()) == 1


# Upstreams that fail.


def test_an_upstream_that_refuses_is_a_502() -> None:
    port = unused_port()
    with proxy(policy_text(("127.0.0.1", port))) as where:
        answer = refused(where, connect_head("127.0.0.1", port))
        assert (answer.status, answer.body["failed"]) == (502, "connect")
        assert "ECONNREFUSED" in answer.body["reason"]
        assert where.lines()[0]["verdict"] == "error"


def test_an_upstream_that_does_not_answer_is_a_504() -> None:
    with socket.socket() as listener:  # a backlog that is full: the next SYN is dropped (listen(2))
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        fillers = []
        for _ in range(3):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
            fillers.append(filler)
        time.sleep(0.1)
        with proxy(policy_text(("127.0.0.1", port)), "-t", "dial=300") as where:
            answer = refused(where, connect_head("127.0.0.1", port))
        for filler in fillers:
            filler.close()
    assert (answer.status, answer.body["failed"]) == (504, "connect")


def test_the_second_address_is_tried_after_the_first() -> None:
    addresses = {item[4][0] for item in socket.getaddrinfo("localhost", 1, type=socket.SOCK_STREAM)}
    if not {"::1", "127.0.0.1"} <= addresses:
        pytest.skip("localhost has one address here")
    for host in ("127.0.0.1", "::1"):  # one of them comes second
        with Upstream(echo, host) as up, proxy(policy_text(("localhost", up.port))) as where:
            with tunnel(where, "localhost", up.port) as client:
                client.sendall(b"x")
                assert client.recv(1) == b"x"
            assert where.lines()[0]["address"] == host

"""The proxy over real sockets on loopback: tunnels, refusals, half-close, back-pressure, limits, load."""

from __future__ import annotations

import resource
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable

import pytest

from proxy_world import (
    DRIVER,
    WAIT,
    Proxy,
    Upstream,
    connect_head,
    echo,
    policy_text,
    proxy,
    read_all,
    read_head,
    refused,
    tunnel,
    web,
)

pytestmark = pytest.mark.skipif(not DRIVER.exists(), reason=f"{DRIVER} is not built")


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
        (b"GET http://named.test/ HTTP/1.1\r\nHost: named.test\r\n\r\n", 405),
        (b"POST http://named.test/ HTTP/1.1\r\nHost: named.test\r\nContent-Length: 5\r\n\r\nhello", 405),
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
        "absolute form",
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
        assert ("Allow: CONNECT" in answer.head) == (status == 405)
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


# Ends.


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


@pytest.mark.parametrize("side", ["client", "upstream"])
def test_a_reset_is_passed_on_as_a_reset(side: str) -> None:
    seen: list[type] = []

    def reset(end: socket.socket) -> None:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.close()

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


# Limits.


def test_a_slow_head_is_a_408_and_silence_is_closed() -> None:
    with proxy(policy_text(("named.test", 443)), "-t", "head=300") as where:
        answer = refused(where, b"CONNECT named.test:443 HT")
        assert answer.status == 408
        with where.connect() as client:
            assert client.recv(1) == b""


def test_dripping_does_not_extend_the_head_s_time() -> None:
    with proxy(policy_text(("named.test", 443)), "-t", "head=300") as where, where.connect() as client:
        began = time.monotonic()
        with pytest.raises(OSError):
            while time.monotonic() - began < WAIT:
                client.sendall(b"x")
                time.sleep(0.02)
        assert time.monotonic() - began < 4


def test_an_idle_tunnel_is_cut_and_a_busy_one_is_not() -> None:
    with Upstream(echo) as up, proxy(policy_text(("127.0.0.1", up.port)), "-t", "tunnel=1500") as where:
        with tunnel(where, "127.0.0.1", up.port) as busy, tunnel(where, "127.0.0.1", up.port) as idle:
            for _ in range(10):
                busy.sendall(b"x")
                assert busy.recv(1) == b"x"
                time.sleep(0.2)
            with pytest.raises(ConnectionResetError):
                idle.recv(1)
            busy.sendall(b"x")
            assert busy.recv(1) == b"x"


def test_a_client_that_does_not_take_its_refusal_is_let_go() -> None:
    with proxy(policy_text(("named.test", 443)), "-t", "reply=200") as where:
        refused(where, connect_head("other.test", 443))  # it is up, and has what it keeps open
        before = where.descriptors()
        with where.connect() as client:
            client.sendall(connect_head("other.test", 443))
            until(lambda: len(where.lines()) == 2 and where.descriptors() == before)


def test_a_receiver_that_stops_stops_the_sender() -> None:
    resume = threading.Event()
    sent: list[int] = []

    def flood(client: socket.socket) -> None:
        client.settimeout(0.5)
        total = 0
        try:
            while True:
                total += client.send(b"x" * 65536)
        except TimeoutError:
            sent.append(total)
        resume.wait(WAIT)

    with Upstream(flood) as up, proxy(policy_text(("127.0.0.1", up.port))) as where:
        with tunnel(where, "127.0.0.1", up.port) as client:
            used = where.cpu()
            until(lambda: sent)
            time.sleep(0.3)
            used = where.cpu() - used
            memory = [line for line in open(f"/proc/{where.process.pid}/status") if line.startswith("VmRSS")]
            resume.set()
            assert len(read_all(client)) == sent[0]
    assert used < 0.5, "it spins while it waits"
    assert int(memory[0].split()[1]) < 64 * 1024, "it holds what it cannot pass on"


def test_a_stop_ends_tunnels_and_says_so() -> None:
    with Upstream(echo) as up, proxy(policy_text(("127.0.0.1", up.port))) as where:
        with tunnel(where, "127.0.0.1", up.port) as client:
            assert where.stop() == 0
            with pytest.raises(ConnectionResetError):
                client.recv(1)
            assert closed_lines(where)[0]["reason"] == "the proxy was stopped"


# Load.


def test_two_hundred_tunnels_at_once() -> None:
    with Upstream(echo) as up, proxy(policy_text(("127.0.0.1", up.port))) as where:
        clients = [tunnel(where, "127.0.0.1", up.port) for _ in range(200)]
        rounds, end = 0, time.monotonic() + 1
        while time.monotonic() < end:
            for client in clients:
                client.sendall(b"x" * 1000)
            for client in clients:
                assert len(client.recv(1000, socket.MSG_WAITALL)) == 1000
            rounds += 1
        for client in clients:
            client.close()
        until(lambda: len(closed_lines(where)) == 200)
        assert {line["bytes_up"] for line in closed_lines(where)} == {rounds * 1000}
        until(lambda: where.descriptors() < 12)


def test_a_big_transfer_arrives_whole() -> None:
    size = 64 << 20

    def give(client: socket.socket) -> None:
        block = bytes(range(256)) * 4096
        for _ in range(size // len(block)):
            client.sendall(block)

    with Upstream(give) as up, proxy(policy_text(("127.0.0.1", up.port))) as where:
        with tunnel(where, "127.0.0.1", up.port) as client:
            client.shutdown(socket.SHUT_WR)
            total = 0
            while piece := client.recv(1 << 20):
                assert piece[0] == total % 256
                total += len(piece)
    assert total == size


@pytest.mark.parametrize("options", [("-f", "64"), ("-f", "64", "-c", "1000")], ids=["limit", "no-limit"])
def test_out_of_descriptors_it_waits_and_recovers(options: tuple[str, ...]) -> None:
    """With the limit that goes by RLIMIT_NOFILE nobody is turned away; without it accept(2) and socket(2) fail."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    try:
        with Upstream(echo) as up, proxy(policy_text(("127.0.0.1", up.port)), *options) as where:
            clients = [where.connect() for _ in range(150)]
            for client in clients:
                client.sendall(connect_head("127.0.0.1", up.port))
            time.sleep(0.5)
            used = where.cpu()
            time.sleep(1)
            used = where.cpu() - used
            assert used < 0.2, f"it spins: {used} s of a second"
            assert where.descriptors() <= 64
            answers = []
            for client in clients:  # each that closes lets another one in
                answers.append(read_head(client).split()[1])
                client.close()
            expected = {b"200"} if len(options) == 2 else {b"200", b"503"}
            assert set(answers) <= expected
            with tunnel(where, "127.0.0.1", up.port) as client:
                client.sendall(b"x")
                assert client.recv(1) == b"x"
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_clients_that_say_nothing_do_not_stop_the_others() -> None:
    with Upstream(echo) as up, proxy(policy_text(("127.0.0.1", up.port))) as where:
        silent = [where.connect() for _ in range(200)]
        with tunnel(where, "127.0.0.1", up.port) as client:
            client.sendall(b"x")
            assert client.recv(1) == b"x"
        for one in silent:
            one.close()

"""The proxy against slow, idle, greedy and many clients: time limits, back-pressure, load."""

from __future__ import annotations

import resource
import socket
import threading
import time
from collections.abc import Iterator

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
    read_all,
    read_head,
    refused,
    swallow,
    tunnel,
    until,
)

pytestmark = pytest.mark.skipif(not DRIVER.exists(), reason=f"{DRIVER} is not built")


# Limits.


def test_a_slow_head_is_a_408_and_silence_is_closed() -> None:
    with proxy(policy_text(("named.test", 443)), "-t", "head=300") as where:
        answer = refused(where, b"CONNECT named.test:443 HT")
        assert answer.status == 408
        with where.connect() as client:
            assert client.recv(1) == b""


def test_dripping_does_not_extend_the_head_s_time() -> None:
    options = ("-t", "head=300", "-t", "reply=200")
    with proxy(policy_text(("named.test", 443)), *options) as where, where.connect() as client:
        began = time.monotonic()
        with pytest.raises(OSError):
            while time.monotonic() - began < WAIT:
                client.sendall(b"x")
                time.sleep(0.02)
        assert time.monotonic() - began < 4


def test_many_heads_that_drip_end_in_time_and_hold_nobody_up() -> None:
    with Upstream(echo) as up, proxy(policy_text(("127.0.0.1", up.port)), "-t", "head=300") as where:
        slow = [where.connect() for _ in range(100)]
        used = where.cpu()
        for byte in connect_head("127.0.0.1", up.port)[:8]:
            for client in slow:
                client.sendall(bytes([byte]))
            with tunnel(where, "127.0.0.1", up.port) as other:
                other.sendall(b"x")
                assert other.recv(1) == b"x"
            time.sleep(0.1)
        for client in slow:
            client.setblocking(False)
            assert client.recv(4096).startswith(b"HTTP/1.1 408 ")
        assert where.cpu() - used < 0.3


@pytest.mark.parametrize("length", [8192, 8193])
def test_a_head_may_have_so_many_bytes(length: int) -> None:
    with Upstream(echo) as up, proxy(policy_text(("127.0.0.1", up.port))) as where, where.connect() as client:
        head = connect_head("127.0.0.1", up.port)[:-2] + b"X: "
        client.sendall(head + b"y" * (length - len(head) - 4) + b"\r\n\r\n")
        assert read_head(client).split(b" ")[1] == (b"200" if length == 8192 else b"431")


def test_an_upstream_that_takes_a_request_and_is_silent_is_given_up() -> None:
    with Upstream(swallow) as up:
        with proxy(policy_text(("127.0.0.1", up.port)), "-t", "tunnel=300") as where, where.connect() as client:
            client.sendall(f"GET http://127.0.0.1:{up.port}/ HTTP/1.1\r\nHost: 127.0.0.1:{up.port}\r\n\r\n".encode())
            with pytest.raises(ConnectionResetError):
                read_all(client)
            assert closed_lines(where)[0]["reason"] == "idle for too long"


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


@pytest.fixture
def many_descriptors() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 8192:
        pytest.skip(f"no more than {hard} descriptors here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


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


def test_thousands_that_say_nothing_do_not_stop_the_others(many_descriptors: None) -> None:
    with Upstream(echo) as up, proxy(policy_text(("127.0.0.1", up.port))) as where:
        silent = [where.connect() for _ in range(3000)]
        used = where.cpu()
        time.sleep(0.5)
        assert where.cpu() - used < 0.2, "it spins"
        with tunnel(where, "127.0.0.1", up.port) as client:
            client.sendall(b"x")
            assert client.recv(1) == b"x"
        for one in silent:
            one.close()

"""A tunnel's bytes go by splice(2), in pipes that are there only while something is held up, and by copies where there are no
pipes left; whole and in order by both."""

from __future__ import annotations

import hashlib
import random
import socket
import subprocess
import threading
import time

import pytest

from proxy_world import (
    DRIVER,
    WAIT,
    Handler,
    Proxy,
    Upstream,
    connect_head,
    echo,
    policy_text,
    proxy,
    refused,
    tunnel,
    until,
)

pytestmark = pytest.mark.skipif(not DRIVER.exists(), reason=f"{DRIVER} is not built")

BLOCK = random.Random(1).randbytes(1 << 20)


def give(blocks: int) -> Handler:
    def handler(client: socket.socket) -> None:
        for _ in range(blocks):
            client.sendall(BLOCK)

    return handler


def digest_of(client: socket.socket, most: int = 1 << 20) -> str:
    digest = hashlib.sha256()
    while piece := client.recv(most):
        digest.update(piece)
    return digest.hexdigest()


def at_rest(where: Proxy) -> int:
    """How many descriptors it has when it is up and serves nobody."""
    refused(where, connect_head("other.test", 443))
    time.sleep(0.3)  # until it has seen that the client is gone
    return where.descriptors()


def test_no_byte_of_a_tunnel_is_copied() -> None:
    with Upstream(give(32)) as up, proxy(policy_text(("127.0.0.1", up.port))) as where:
        traced = "trace=recvfrom,read,sendto,write,splice"
        calls = ["strace", "-f", "-e", traced, "-o", "/dev/stdout", "-p", str(where.process.pid)]
        with subprocess.Popen(calls, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as strace:
            assert strace.stdout and strace.stderr
            strace.stderr.readline()  # it has attached
            with tunnel(where, "127.0.0.1", up.port) as client:
                assert digest_of(client) == hashlib.sha256(BLOCK * 32).hexdigest()
            assert where.stop() == 0  # strace ends with it
            made = strace.stdout.read().splitlines()
    moved = {name: sum(int(row.rsplit("= ", 1)[1].split()[0]) for row in made if f" {name}(" in row and "= -1" not in row)
             for name in ("splice", "recvfrom", "sendto", "read", "write")}
    assert moved["splice"] >= 2 * 32 * len(BLOCK)
    assert sum(moved.values()) - moved["splice"] < 4096


def test_both_ways_at_once_arrive_whole_through_small_and_large_reads() -> None:
    with Upstream(echo) as up, proxy(policy_text(("127.0.0.1", up.port))) as where:
        for most in (1, 1000, 1 << 20):
            blocks = 1 if most < 1000 else 16
            sent = BLOCK[: 20000 if most == 1 else None] * blocks
            with tunnel(where, "127.0.0.1", up.port) as client:

                def feed() -> None:
                    client.sendall(sent)
                    client.shutdown(socket.SHUT_WR)

                feeder = threading.Thread(target=feed)
                feeder.start()
                assert digest_of(client, most) == hashlib.sha256(sent).hexdigest()
                feeder.join(WAIT)


def test_a_pipe_is_there_only_while_something_is_held_up() -> None:
    with Upstream(give(32)) as up, proxy(policy_text(("127.0.0.1", up.port))) as where:
        before = at_rest(where)
        clients = [tunnel(where, "127.0.0.1", up.port) for _ in range(3)]
        until(lambda: where.descriptors() >= before + 3 * 4)  # nobody reads: each has its two sockets and a pipe
        for client in clients:
            digest_of(client)
        until(lambda: where.descriptors() <= before + 3 * 2 + 2)  # one pipe is kept for the next
        for client in clients:
            client.close()


def test_a_tunnel_that_is_cut_while_its_pipe_is_full_leaves_none() -> None:
    with Upstream(give(32)) as up, proxy(policy_text(("127.0.0.1", up.port))) as where:
        before = at_rest(where)
        for _ in range(5):
            with tunnel(where, "127.0.0.1", up.port):
                until(lambda: where.descriptors() >= before + 4)
            until(lambda: where.descriptors() <= before + 2)


def test_without_pipes_what_is_held_up_is_copied() -> None:
    """64 descriptors leave four pipes; of ten tunnels that nobody reads from, six have none."""
    with Upstream(give(16)) as up, proxy(policy_text(("127.0.0.1", up.port)), "-f", "64") as where:
        clients = [tunnel(where, "127.0.0.1", up.port) for _ in range(10)]
        time.sleep(0.5)
        used = where.cpu()
        time.sleep(0.5)
        assert where.cpu() - used < 0.2, "it spins"
        assert where.descriptors() <= 64
        for client in clients:
            assert digest_of(client) == hashlib.sha256(BLOCK * 16).hexdigest()
            client.close()

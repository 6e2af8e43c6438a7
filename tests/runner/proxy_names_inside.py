"""Names that lie, change, time out or do not exist: run by test_proxy_names.py inside of namespaces of its own, where
/etc/hosts, /etc/resolv.conf and port 53 are the test's."""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from proxy_world import Upstream, WAIT, connect_head, echo, policy_text, proxy, read_head, refused, tunnel, until

A, CNAME, AAAA = 1, 5, 28

HOSTS = """127.0.0.1 localhost hosts.named.test hosts.wild.test
169.254.169.254 metadata.wild.test
"""
RESOLV = "nameserver 127.0.0.1\nsearch trap.test\noptions timeout:1 attempts:1\n"

# What the server answers, by name and type; every name that is not here does not exist.
RECORDS: dict[str, dict[int, list[str]]] = {
    "good.named.test": {A: ["127.0.0.1"], AAAA: []},
    "late.named.test": {A: ["127.0.0.1"], AAAA: []},
    "inside.wild.test": {A: ["127.0.0.1"], AAAA: []},
    "private.wild.test": {A: ["10.1.2.3"], AAAA: []},
    "mixed.wild.test": {A: ["8.8.8.8"], AAAA: ["::1"]},
    "mapped.wild.test": {A: [], AAAA: ["::ffff:127.0.0.1"]},
    "nat64.wild.test": {A: [], AAAA: ["64:ff9b::a9fe:a9fe"]},
    "zero.named.test": {A: ["0.0.0.0"], AAAA: []},
    "empty.named.test": {A: [], AAAA: []},
    "many.named.test": {A: [f"127.0.0.{n}" for n in range(1, 41)], AAAA: []},
    "absent.named.test.trap.test": {A: ["127.0.0.1"], AAAA: []},
}
ALIASES = {"alias.wild.test": "inside.wild.test", "alias.named.test": "good.named.test"}


class Dns:
    """A name server as small as it can be: it never compresses what it adds, answers late for `late.`, and never for `slow.`"""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            query, client = self.socket.recvfrom(4096)
            labels, at = [], 12
            while query[at]:
                labels.append(query[at + 1 : at + 1 + query[at]].decode())
                at += 1 + query[at]
            (kind,) = struct.unpack("!H", query[at + 1 : at + 3])
            name = ".".join(labels).lower()
            self.asked.append((name, kind))
            if name.startswith("slow."):
                continue
            if name.startswith("late."):
                threading.Timer(0.3, self.socket.sendto, (self._answer(query[: at + 5], name, kind), client)).start()
                continue
            self.socket.sendto(self._answer(query[: at + 5], name, kind), client)

    def _answer(self, query: bytes, name: str, kind: int) -> bytes:
        answers = []
        if name in ALIASES:
            name = ALIASES[name]
            alias = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
            answers.append((b"\xc0\x0c", CNAME, alias))
            owner = alias
        else:
            owner = b"\xc0\x0c"
        if name == "flip.named.test":
            first = sum(1 for asked in self.asked if asked == (name, A)) < 2
            records: dict[int, list[str]] = {A: ["127.0.0.1" if first else "0.0.0.0"], AAAA: []}
        elif name in RECORDS:
            records = RECORDS[name]
        else:
            return query[:2] + struct.pack("!HHHHH", 0x8183, 1, 0, 0, 0) + query[12:]
        for address in records.get(kind, []):
            family = socket.AF_INET if kind == A else socket.AF_INET6
            answers.append((owner, kind, socket.inet_pton(family, address)))
        body = b"".join(o + struct.pack("!HHIH", k, 1, 0, len(data)) + data for o, k, data in answers)
        return query[:2] + struct.pack("!HHHHH", 0x8180, 1, len(answers), 0, 0) + query[12:] + body


def bind_over(path: str, text: str, folder: Path) -> None:
    source = folder / path.replace("/", "_")
    source.write_text(text)
    libc = ctypes.CDLL(None, use_errno=True)
    target = os.path.realpath(path)
    if libc.mount(str(source).encode(), target.encode(), None, 4096, None):  # MS_BIND
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), target)


def loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14x", b"lo", 0x1 | 0x40)  # IFF_UP, IFF_RUNNING
        fcntl.ioctl(any_socket, 0x8914, request)  # SIOCSIFFLAGS


@pytest.fixture(scope="module")
def dns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dns]:
    assert os.environ.get("HOLDFAST_INSIDE") == "1", "not to be run by itself: see test_proxy_names.py"
    folder = tmp_path_factory.mktemp("etc")
    loopback_up()
    bind_over("/etc/hosts", HOSTS, folder)
    bind_over("/etc/resolv.conf", RESOLV, folder)
    bind_over("/etc/nsswitch.conf", "hosts: files dns\n", folder)
    yield Dns()


@pytest.mark.parametrize(
    "host, address",
    [
        ("inside.wild.test", "127.0.0.1"),
        ("private.wild.test", "10.1.2.3"),
        ("alias.wild.test", "127.0.0.1"),
        ("mixed.wild.test", "::1"),
        ("mapped.wild.test", "::ffff:127.0.0.1"),
        ("nat64.wild.test", "64:ff9b::a9fe:a9fe"),
        ("hosts.wild.test", "127.0.0.1"),
        ("metadata.wild.test", "169.254.169.254"),
        ("zero.named.test", "0.0.0.0"),
    ],
)
def test_a_name_that_leads_inside_is_refused(dns: Dns, host: str, address: str) -> None:
    with proxy(policy_text(("*.wild.test", 443), ("zero.named.test", 443))) as where:
        answer = refused(where, connect_head(host, 443))
        assert (answer.status, answer.body["failed"], answer.body["address"]) == (403, "address", address)
        assert len(where.lines()) == 1 and where.lines()[0]["address"] == address


@pytest.mark.parametrize("host", ["good.named.test", "alias.named.test", "hosts.named.test"])
def test_a_named_host_may_lead_inside(dns: Dns, host: str) -> None:
    with Upstream(echo) as up, proxy(policy_text((host, up.port))) as where, tunnel(where, host, up.port) as client:
        client.sendall(b"x")
        assert client.recv(1) == b"x"


def test_the_address_that_was_checked_is_the_one_dialled(dns: Dns) -> None:
    with Upstream(echo) as up, proxy(policy_text(("flip.named.test", up.port))) as where:
        with tunnel(where, "flip.named.test", up.port) as client:
            client.sendall(b"x")
            assert client.recv(1) == b"x"
        assert dns.asked.count(("flip.named.test", A)) == 1
        assert refused(where, connect_head("flip.named.test", up.port)).body["failed"] == "address"


def test_a_name_that_does_not_exist_is_not_looked_for_elsewhere(dns: Dns) -> None:
    with proxy(policy_text(("absent.named.test", 443), ("empty.named.test", 443))) as where:
        for host in ("absent.named.test", "empty.named.test"):
            answer = refused(where, connect_head(host, 443))
            assert (answer.status, answer.body["failed"]) == (502, "resolve"), answer
    assert not [name for name, _ in dns.asked if name.endswith(".trap.test")]


def test_more_addresses_than_can_be_checked_are_refused(dns: Dns) -> None:
    with proxy(policy_text(("many.named.test", 443))) as where:
        answer = refused(where, connect_head("many.named.test", 443))
    assert (answer.status, answer.body["failed"]) == (403, "address") and "more than 32" in answer.body["reason"]


def test_a_host_that_is_not_allowed_is_never_looked_up(dns: Dns) -> None:
    with proxy(policy_text(("good.named.test", 443))) as where:
        assert refused(where, connect_head("secret.elsewhere.test", 443)).status == 403
        assert refused(where, connect_head("good.named.test", 80)).status == 403
    assert not [name for name, _ in dns.asked if "elsewhere" in name]


def test_a_server_that_does_not_answer_holds_nobody_up(dns: Dns) -> None:
    with Upstream(echo) as up, proxy(policy_text(("slow.named.test", 443), ("127.0.0.1", up.port))) as where:
        waiting = [where.connect() for _ in range(20)]
        for client in waiting:
            client.sendall(connect_head("slow.named.test", 443))
        time.sleep(0.2)
        began = time.monotonic()
        with tunnel(where, "127.0.0.1", up.port) as client:
            client.sendall(b"x")
            assert client.recv(1) == b"x"
        assert time.monotonic() - began < 0.5
        assert read_head(waiting[0]).split()[1] == b"502"
        for client in waiting:
            client.close()


def test_waiting_for_a_name_has_an_end(dns: Dns) -> None:
    with proxy(policy_text(("slow.named.test", 443)), "-t", "resolve=200") as where:
        answer = refused(where, connect_head("slow.named.test", 443))
        assert (answer.status, answer.body["failed"]) == (504, "resolve")


def test_an_answer_for_a_client_that_left_is_thrown_away(dns: Dns) -> None:
    names = ("slow.named.test", 443), ("good.named.test", 443)
    with Upstream(echo) as up, proxy(policy_text(*names, ("good.named.test", up.port))) as where:
        refused(where, connect_head("other.test", 443))  # it is up, and has what it keeps open
        before = where.descriptors()
        for _ in range(30):
            client = where.connect()
            client.sendall(connect_head("slow.named.test", 443))
            time.sleep(0.005)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
        # Only what is being asked at this moment is in the way of the next one; the rest is forgotten.
        with tunnel(where, "good.named.test", up.port) as client:
            client.sendall(b"x")
            assert client.recv(1) == b"x"
        end = time.monotonic() + WAIT
        while where.descriptors() > before + 2 and time.monotonic() < end:
            time.sleep(0.05)
        assert where.descriptors() <= before + 2


def test_an_answer_that_comes_after_the_client_left_leads_nowhere(dns: Dns) -> None:
    reached: list[int] = []
    with Upstream(lambda client: reached.append(1)) as up, proxy(policy_text(("late.named.test", up.port))) as where:
        refused(where, connect_head("other.test", 443))
        before = where.descriptors()
        clients = [where.connect() for _ in range(4)]  # as many as are asked for at once
        for client in clients:
            client.sendall(connect_head("late.named.test", up.port))
        time.sleep(0.1)
        for client in clients:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
        time.sleep(0.5)
        assert reached == [] and where.descriptors() <= before + 1
        with tunnel(where, "late.named.test", up.port):
            pass
        until(lambda: where.lines()[-1]["event"] == "close")
        assert len(where.lines()) == 3, "a refusal, a tunnel and its end: nothing else was decided"


def test_a_stop_does_not_wait_for_names(dns: Dns) -> None:
    with proxy(policy_text(("slow.named.test", 443))) as where, where.connect() as client:
        client.sendall(connect_head("slow.named.test", 443))
        time.sleep(0.1)
        began = time.monotonic()
        assert where.stop() == 0
        assert time.monotonic() - began < 0.9


def test_names_go_through_curl(dns: Dns) -> None:
    with proxy(policy_text(("*.wild.test", 443))) as where:
        run = subprocess.run(
            ["curl", "-sS", "--proxy", f"http://127.0.0.1:{where.port}", "https://inside.wild.test/"],
            capture_output=True,
            text=True,
            timeout=WAIT,
            env={"PATH": os.environ["PATH"]},
        )
    assert run.returncode == 56 and "403" in run.stderr

"""What runs are doing, shown in a terminal and to a pipe: real runs, and a real terminal of the kernel's."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from proxy_world import DRIVER, WAIT, Upstream, connect_head, echo, policy_text, proxy, refused, tunnel, until, web
from update_world import HOLDFAST, NOBODY, control_name, sandbox, updated

pytestmark = pytest.mark.skipif(not DRIVER.exists(), reason=f"{DRIVER} is not built")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be others too")


def top(*arguments: str, before: tuple[str, ...] = (), **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*before, str(HOLDFAST), "top", *arguments], capture_output=True, text=True, timeout=WAIT + 10,
                          env=os.environ | {"TERM": "xterm"} | more)


@dataclass
class Terminal:
    """A program that has a terminal, and what it wrote there."""

    process: int
    fd: int
    written: str = ""

    def read(self) -> str:
        while select.select([self.fd], [], [], 0.05)[0]:
            try:
                data = os.read(self.fd, 65536)
            except OSError:  # nobody has the other end any more
                break
            if not data:
                break
            self.written += data.decode()
        return self.written

    def shows(self, pattern: str) -> None:
        until(lambda: re.search(pattern, self.read()))

    def status(self) -> int:
        """Its exit status, when it has ended by itself."""
        ended: list[int] = []

        def has_ended() -> bool:
            self.read()
            process, status = os.waitpid(self.process, os.WNOHANG)
            ended.append(status)
            return process != 0

        until(has_ended)
        self.process = 0
        self.read()
        return os.waitstatus_to_exitcode(ended[-1])

    def settings(self) -> list[object]:
        return termios.tcgetattr(self.fd)


@contextmanager
def terminal(*arguments: str, rows: int = 24, columns: int = 120, **more: str) -> Iterator[Terminal]:
    process, fd = pty.fork()
    if process == 0:
        os.execve(HOLDFAST, ["holdfast", "top", *arguments], os.environ | {"TERM": "xterm", "NO_COLOR": ""} | more)
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    running = Terminal(process, fd)
    try:
        yield running
    finally:
        if running.process:
            os.kill(running.process, signal.SIGKILL)
            os.waitpid(running.process, 0)
        os.close(fd)


def to(*ports: int) -> str:
    return policy_text(*(("127.0.0.1", port) for port in ports))


def test_a_snapshot_has_a_connection_and_a_denial() -> None:
    with Upstream(echo) as up, proxy(to(up.port)) as where:
        refused(where, connect_head("denied.test", 443))
        refused(where, connect_head("denied.test", 443))
        with tunnel(where, "127.0.0.1", up.port) as client:
            client.sendall(b"x" * 2048)
            got = b""
            while len(got) < 2048:
                got += client.recv(4096)
            until(lambda: "2.0K" in top(str(where.process.pid)).stdout)
            done = top(str(where.process.pid))
            lines = done.stdout.splitlines()
            assert done.returncode == 0 and not done.stderr
            assert lines[0] == f"run {where.process.pid}: 1 open, 3 accepted, 2 denied, 0 updates"
            assert lines[1].split() == ["PROCESS", "PROGRAM", "PLACE", "UP", "DOWN", "AGE"]
            assert re.fullmatch(rf" +-  - +127\.0\.0\.1:{up.port} +2\.0K +2\.0K +\d+s", lines[2])
            assert lines[3] == "denied lately:"
            assert re.fullmatch(r" +\d+s ago +2x  denied\.test:443: no endpoint of the policy has this host", lines[4])
            assert len(lines) == 5 and "\033" not in done.stdout
        until(lambda: ": 0 open, " in top(str(where.process.pid)).stdout)
        updated(where.process.pid, to(1))
        assert ", 1 updates\n" in top(str(where.process.pid)).stdout


def test_who_asks_is_told_where_it_is_known() -> None:
    with Upstream(web) as up, sandbox(to(up.port), "--log", "log") as run:
        run.do(f"curl -s -o out -p http://127.0.0.1:{up.port}/; curl -s -o out http://denied.test/")
        run.do(f"python3 -c 'import os, socket, time; h, p = os.environ[\"HTTPS_PROXY\"].rsplit(\"/\", 1)[1].split(\":\"); "
               f"s = socket.create_connection((h, int(p))); s.sendall(b\"CONNECT 127.0.0.1:{up.port} HTTP/1.1\\r\\n"
               f"Host: 127.0.0.1:{up.port}\\r\\n\\r\\n\"); s.recv(99); open(\"open\", \"w\"); time.sleep(60)' & echo $! > pid")
        until((run.folder / "open").exists)
        shown = top(str(run.run)).stdout
        process = (run.folder / "pid").read_text().strip()
        assert re.search(rf"^ +{process}  /usr/bin/python3\S* +127\.0\.0\.1:{up.port} ", shown, re.M), shown
        assert re.search(r"1x  denied\.test:80 by /usr/bin/curl: no endpoint", shown), shown
        run.do(f"kill {process}")


def test_without_a_run_all_are_shown_that_answer() -> None:
    with proxy(to(1)) as one, proxy(to(2)) as other:
        shown = top().stdout
        for where in (one, other):
            assert f"run {where.process.pid}: 0 open" in shown
        if os.geteuid() == 0:
            alone = top(before=NOBODY)
            assert alone.returncode == 0 and f"run {one.process.pid}:" not in alone.stdout


@as_root
def test_a_run_of_somebody_else_is_not_shown() -> None:
    with proxy(to(1)) as where:
        done = top(str(where.process.pid), before=NOBODY)
        assert done.returncode == 1 and "[HF-RUN-NOT-YOURS]" in done.stderr and not done.stdout


@pytest.mark.parametrize("ending", ["q", "\x03", "\x04"])
def test_in_a_terminal_it_is_shown_again_until_a_key(ending: str) -> None:
    with Upstream(echo) as up, proxy(to(up.port)) as where, terminal(str(where.process.pid)) as screen:
        before = screen.settings()
        screen.shows(r"\033\[\?1049h.*0 open, 0 accepted")
        assert screen.settings() != before
        refused(where, connect_head("denied.test", 443))
        with tunnel(where, "127.0.0.1", up.port):
            screen.shows(rf"1 open, 2 accepted(.|\n)*127\.0\.0\.1:{up.port}(.|\n)*denied lately(.|\n)*denied\.test:443")
            if ending == "\x04":  # no key that ends it
                os.write(screen.fd, ending.encode())
                screen.written = ""
                screen.shows("1 open")
                ending = "q"
            os.write(screen.fd, ending.encode())
            assert screen.status() == 0
        assert screen.written.endswith("\033[?25h\033[?1049l")
        assert screen.settings() == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_the_terminal_as_it_was(number: signal.Signals) -> None:
    with proxy(to(1)) as where, terminal(str(where.process.pid)) as screen:
        before = screen.settings()
        screen.shows("0 open")
        os.kill(screen.process, number)
        assert screen.status() == 0 and screen.written.endswith("\033[?1049l") and screen.settings() == before


def test_it_ends_with_the_run() -> None:
    with proxy(to(1)) as where, terminal(str(where.process.pid)) as screen:
        screen.shows("0 open")
        where.stop()
        where.process.wait()
        assert screen.status() == 0
        assert screen.written.endswith(f"\033[?1049lrun {where.process.pid} has ended\r\n")


def test_colours_are_for_who_wants_them() -> None:
    with proxy(to(1)) as where:
        refused(where, connect_head("denied.test", 443))
        with terminal(str(where.process.pid)) as screen:
            screen.shows(r"\033\[1mrun \d+: .*\033\[0m(.|\n)*\033\[31m .*denied\.test:443.*\033\[0m")
        with terminal(str(where.process.pid), NO_COLOR="1") as screen:
            screen.shows(r"denied\.test:443")
            assert not re.search(r"\033\[\d*m", screen.read())


@pytest.mark.parametrize("kind", ["dumb", ""])
def test_a_terminal_that_knows_no_sequences_gets_lines(kind: str) -> None:
    with proxy(to(1)) as where, terminal(str(where.process.pid), TERM=kind) as screen:
        assert screen.status() == 0
        assert screen.written == f"run {where.process.pid}: 0 open, 0 accepted, 0 denied, 0 updates\r\n"


def test_nothing_is_written_beyond_the_screen() -> None:
    with Upstream(echo) as up, proxy(to(up.port)) as where:
        for number in range(20):
            refused(where, connect_head(f"a-very-long-name-of-a-host-that-is-denied-{number}.test", 443))
        clients = [tunnel(where, "127.0.0.1", up.port) for _ in range(20)]
        with terminal(str(where.process.pid), rows=12, columns=40) as screen:
            screen.shows("20 open")
            screen.written = ""
            screen.shows(r"\033\[J\033\[H(.|\n)*\033\[J")
            shown = screen.written.split("\033[J\033[H")[1].split("\033[J")[0]
            rows = [re.sub(r"\033\[\d*[mK]", "", row) for row in shown.split("\r\n")[:-1]]
            assert len(rows) == 11 and max(map(len, rows)) == 40
            assert "denied lately:" in rows and "x  a-very-long-name-of" in rows[-1]
            fcntl.ioctl(screen.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 100, 0, 0))
            os.kill(screen.process, signal.SIGWINCH)
            screen.shows(r"a-host-that-is-denied-19\.test:443: no")
        for client in clients:
            client.close()


class Liar:
    """A run that says what it likes: this process, by its own name."""

    def __init__(self, document: bytes) -> None:
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(control_name(os.getpid()))
        self.listener.listen()
        self.document = document
        self.thread = threading.Thread(target=self.answer, daemon=True)

    def answer(self) -> None:
        client, _ = self.listener.accept()
        with client:
            assert client.recv(8) == b"hf\x01l\0\0\0\0"
            client.sendall(b"hf\x01d" + struct.pack("I", len(self.document)) + self.document)

    def __enter__(self) -> Liar:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.thread.join(WAIT)
        self.listener.close()


def test_what_a_run_says_steers_no_terminal() -> None:
    bad = "\033[2Jx\r\ny\x9b\u202e\u009b"
    document = {"connections": [{"program": bad, "host": bad, "port": 1, "state": bad, "process": -5, "bytes_up": -1}],
                "denials": [{"program": bad, "host": bad, "reason": bad}], "accepted": "x"}
    with Liar(json.dumps(document).encode()):
        shown = top(str(os.getpid()))
    assert shown.returncode == 0 and shown.stdout.isascii()
    assert all(character == "\n" or character.isprintable() for character in shown.stdout)
    assert len(shown.stdout.splitlines()) == 5


@pytest.mark.parametrize("document", [b"", b"{", b"[]", b"{}", b'{"connections":1,"denials":[]}', b"\xff"])
def test_what_is_no_such_document_is_told(document: bytes) -> None:
    with Liar(document):
        done = top(str(os.getpid()))
    assert done.returncode == 1 and "[HF-RUN-SILENT]" in done.stderr


def test_many_connections_are_shown_and_cost_little() -> None:
    with Upstream(echo) as up, proxy(to(up.port)) as where:
        clients = [tunnel(where, "127.0.0.1", up.port) for _ in range(400)]
        used, began = where.cpu(), time.monotonic()
        for _ in range(10):
            assert len(top(str(where.process.pid)).stdout.splitlines()) == 402
        assert where.cpu() - used < 0.3 and time.monotonic() - began < WAIT
        for client in clients:
            client.close()

"""Real clients in a sandbox against real servers outside of it: run by test_proxy_names.py inside of namespaces of its own,
where /etc/hosts and the ports 80 and 443 are the test's."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from proxy_names_inside import bind_over, loopback_up
from proxy_world import ROOT, WAIT, until

HOLDFAST = ROOT / "build" / "holdfast"
HOSTS = """127.0.0.1 localhost web.test other.test
::ffff:127.0.0.1 mapped.wild.test
169.254.169.254 metadata.wild.test
"""
POLICY = """version: 1
network_policies:
  web:
    name: web
    endpoints:
      - {host: web.test, ports: [80, 443]}
      - {host: "*.wild.test", ports: [80, 443]}
"""


class Web(ThreadingHTTPServer):
    """Python's own web server on port 80, which keeps the request lines and fields that came."""

    def __init__(self, folder: Path) -> None:
        self.requests: list[tuple[str, dict[str, str]]] = []
        web = self

        class Handler(SimpleHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def __init__(self, *args: Any) -> None:
                super().__init__(*args, directory=str(folder))

            def parse_request(self) -> bool:
                good = super().parse_request()
                web.requests.append((self.requestline, dict(self.headers)))
                return good

            def do_POST(self) -> None:
                size = len(self.rfile.read(int(self.headers["Content-Length"])))
                self.answer(size)

            def do_PUT(self) -> None:
                size = 0
                while some := int(self.rfile.readline(), 16):
                    size += len(self.rfile.read(some))
                    self.rfile.readline()
                self.rfile.readline()
                self.answer(size)

            def answer(self, size: int) -> None:
                body = f"{size} bytes\n".encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 80), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


@dataclass
class World:
    folder: Path
    web: Web
    tls: subprocess.Popen[bytes]
    log: Path = field(init=False)

    def run(self, *command: str, mode: str = "proxy") -> subprocess.CompletedProcess[str]:
        """The command in a sandbox, from the folder; what the proxy decided is then in lines()."""
        self.log = self.folder / "log"
        self.log.unlink(missing_ok=True)
        self.web.requests.clear()
        policy = self.folder / "policy.yaml"
        policy.write_text(POLICY)
        options = ["--policy", str(policy), "--mode", mode, "--log", str(self.log), "--workdir", str(self.folder)]
        return subprocess.run([HOLDFAST, "run", *options, "--", *command], capture_output=True, text=True,
                              timeout=4 * WAIT)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]


def serve_tls(folder: Path) -> subprocess.Popen[bytes]:
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "2", "-subj", "/CN=web.test", "-addext", "subjectAltName=DNS:web.test", "-keyout", "key.pem", "-out",
                    "cert.pem"], cwd=folder, check=True, capture_output=True)
    server = subprocess.Popen(["openssl", "s_server", "-quiet", "-accept", "127.0.0.1:443", "-cert", "cert.pem", "-key",
                               "key.pem", "-WWW"], cwd=folder, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def is_up() -> bool:
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", 443)) == 0

    until(is_up)
    return server


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    assert os.environ.get("HOLDFAST_INSIDE") == "1", "not to be run by itself: see test_proxy_names.py"
    folder = tmp_path_factory.mktemp("served")
    loopback_up()
    bind_over("/etc/hosts", HOSTS, tmp_path_factory.mktemp("etc"))
    bind_over("/etc/nsswitch.conf", "hosts: files\n", tmp_path_factory.mktemp("nss"))
    (folder / "hello.txt").write_text("hello\n")
    (folder / "big").write_bytes(b"x" * 1_000_000)
    tls = serve_tls(folder)
    web = Web(folder)
    yield World(folder, web, tls)
    web.shutdown()
    tls.terminate()
    tls.wait()


def test_curl_gets_by_http(world: World) -> None:
    run = world.run("curl", "-sS", "http://web.test/hello.txt?a=b")
    assert (run.stdout, run.returncode) == ("hello\n", 0), run.stderr
    (line, fields), = world.web.requests
    assert line == "GET /hello.txt?a=b HTTP/1.1" and fields["Host"] == "web.test" and fields["Connection"] == "close"
    assert "Proxy-Connection" not in fields
    decision, close = world.lines()
    assert (decision["host"], decision["port"], decision["verdict"], decision["rule"]) == ("web.test", 80, "allow", "web")
    assert close["bytes_down"] > 6 and close["ms"] >= 0


def test_curl_sends_bodies(world: World) -> None:
    run = world.run("curl", "-sS", "--data-binary", "@big", "http://web.test/")
    assert (run.stdout, run.returncode) == ("1000000 bytes\n", 0), run.stderr
    run = world.run("curl", "-sS", "-H", "Transfer-Encoding: chunked", "-T", "big", "http://web.test/up")
    assert (run.stdout, run.returncode) == ("1000000 bytes\n", 0), run.stderr


def test_two_requests_are_two_connections(world: World) -> None:
    run = world.run("curl", "-sS", "http://web.test/hello.txt", "http://web.test/hello.txt")
    assert (run.stdout, run.returncode) == ("hello\nhello\n", 0), run.stderr
    assert len({line["id"] for line in world.lines()}) == 2


def test_python_gets_by_http(world: World) -> None:
    program = "import urllib.request; print(urllib.request.urlopen('http://web.test/hello.txt').read())"
    run = world.run("/usr/bin/python3", "-c", program)
    assert (run.stdout, run.returncode) == ("b'hello\\n'\n", 0), run.stderr


def test_https_goes_through_connect(world: World) -> None:
    run = world.run("curl", "-sS", "--cacert", "cert.pem", "https://web.test/hello.txt")
    assert (run.stdout, run.returncode) == ("hello\n", 0), run.stderr
    program = ("import ssl, urllib.request; context = ssl.create_default_context(cafile='cert.pem');"
               "print(urllib.request.urlopen('https://web.test/hello.txt', context=context).read())")
    run = world.run("/usr/bin/python3", "-c", program)
    assert (run.stdout, run.returncode) == ("b'hello\\n'\n", 0), run.stderr
    assert world.lines()[0]["port"] == 443


def test_git_clones(world: World) -> None:
    script = """set -e; git init -q -b main made; cd made; git config user.email a@b; git config user.name a
                git commit -q --allow-empty -m one; git clone -q --bare . ../made.git; cd ../made.git; git update-server-info"""
    subprocess.run(["sh", "-c", script], cwd=world.folder, check=True, env=os.environ | {"HOME": str(world.folder)})
    run = world.run("env", "HOME=/tmp", "git", "clone", "-q", "http://web.test/made.git", "cloned")
    assert run.returncode == 0, run.stderr
    assert subprocess.run(["git", "-c", "safe.directory=*", "log", "--format=%s"], cwd=world.folder / "cloned",
                          capture_output=True, text=True, check=True).stdout == "one\n"


@pytest.mark.parametrize(
    "url, failed",
    [
        ("http://other.test/", "host"),
        ("http://web.test:8080/", "port"),
        ("http://mapped.wild.test/", "address"),
        ("http://metadata.wild.test/", "address"),
        ("http://127.0.0.1/", "host"),
        ("http://[::ffff:127.0.0.1]/", "host"),
        ("http://[64:ff9b::7f00:1]/", "host"),
        ("http://0x7f.1/", "host"),
        ("http://0177.0.0.1/", "host"),
        ("http://2130706433/", "host"),
        ("http://127.1/", "host"),
    ],
)
def test_what_the_policy_has_not_is_refused_in_words(world: World, url: str, failed: str) -> None:
    run = world.run("curl", "-sS", url)
    body = json.loads(run.stdout)
    assert (body["failed"], world.web.requests) == (failed, [])
    assert [line["verdict"] for line in world.lines()] == ["deny"]
    assert "holdfast: the proxy denied 1 request\n" in run.stderr
    assert body["remedy"] in run.stderr


@pytest.mark.parametrize(
    "host", ["0x7f.1", "0177.0.0.1", "2130706433", "127.1", "017700000001", "127.0.0.1.", "[::1%lo]"]
)
def test_numbers_that_a_client_does_not_make_plain_are_refused(world: World, host: str) -> None:
    """curl rewrites them itself; this one says them as they are."""
    program = ("import os, socket, urllib.parse; at = urllib.parse.urlsplit(os.environ['http_proxy'])\n"
               "for text in (f'GET http://{h}/ HTTP/1.0\\r\\n\\r\\n', f'CONNECT {h}:80 HTTP/1.0\\r\\n\\r\\n'):\n"
               "    s = socket.create_connection((at.hostname, at.port)); s.sendall(text.encode())\n"
               "    print(s.recv(99).split()[1].decode())")
    run = world.run("/usr/bin/python3", "-c", f"h = {host!r}\n{program}")
    assert (run.stdout, world.web.requests) == ("400\n400\n", []), run.stderr


def test_in_block_mode_nothing_leaves(world: World) -> None:
    run = world.run("curl", "-sS", "--noproxy", "*", "http://web.test/hello.txt", mode="block")
    assert run.returncode != 0 and run.stdout == ""
    assert (world.web.requests, world.lines()) == ([], [])

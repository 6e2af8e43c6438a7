"""Programs as people have them, in a sandbox whose proxy ends TLS: each trusts the run's CA by the environment alone."""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import signal
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import usage
from tls_world import Authority, authority, policy_text

DENIED = "blocked-by-policy"


class Files(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def server(certificate: Path, folder: Path) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    handler = functools.partial(Files, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        running.socket = context.wrap_socket(running.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        try:
            yield running.server_port
        finally:
            running.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def ca() -> Iterator[Authority]:
    with authority() as made:
        yield made


@pytest.fixture(scope="module")
def place(ca: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    folder = tmp_path_factory.mktemp("served")
    (folder / "open").mkdir()
    (folder / "open/file").write_text("outside\n")
    (folder / "open/big").write_bytes(os.urandom(2_000_000))
    (folder / "closed").write_text("secret\n")
    with server(ca.issue("DNS:localhost"), folder) as port:
        yield port, folder


RULES = 'rules: [{allow: {method: GET, path: "/open/**"}}, {allow: {method: POST, path: /open/post}}]'


def run(ca: Authority, tmp_path: Path, port: int, *command: str) -> subprocess.CompletedProcess[str]:
    policy = tmp_path / "policy.yaml"
    policy.write_text(policy_text(port, RULES))
    work = tmp_path / "work"
    work.mkdir()
    return subprocess.run([usage.HOLDFAST, "run", "--policy", policy, "--workdir", work, "--", *command],
                          env={**os.environ, "SSL_CERT_FILE": str(ca.root), "HOME": str(work)}, capture_output=True,
                          text=True, check=False)


def test_curl(ca: Authority, place: tuple[int, Path], tmp_path: Path) -> None:
    port, folder = place
    url = f"https://localhost:{port}"
    done = run(ca, tmp_path, port, "curl", "-sS", "--path-as-is", f"{url}/open/file", f"{url}/open/../closed",
               f"{url}/open/big", "-o", "-", "-o", "-", "-o", "big")
    assert done.stdout.startswith("outside\n") and DENIED in done.stdout, done
    assert (tmp_path / "work/big").read_bytes() == (folder / "open/big").read_bytes()


def test_curl_sends_bodies(ca: Authority, place: tuple[int, Path], tmp_path: Path) -> None:
    port, folder = place
    done = run(ca, tmp_path, port, "curl", "-sS", "--data-binary", f"@{folder}/open/big", "-o", "back",
               f"https://localhost:{port}/open/post")
    assert done.returncode == 0, done
    assert (tmp_path / "work/back").read_bytes() == (folder / "open/big").read_bytes()


def test_python(ca: Authority, place: tuple[int, Path], tmp_path: Path) -> None:
    code = ("import sys, urllib.request, urllib.error\n"
            "print(urllib.request.urlopen(sys.argv[1] + '/open/file').read().decode())\n"
            "try: urllib.request.urlopen(sys.argv[1] + '/closed')\n"
            "except urllib.error.HTTPError as error: print(error.code, error.read().decode())\n")
    done = run(ca, tmp_path, place[0], "/usr/bin/python3", "-c", code, f"https://localhost:{place[0]}")
    assert "outside" in done.stdout and f'403 {{"error":"{DENIED}"' in done.stdout, done


def test_git(ca: Authority, place: tuple[int, Path], tmp_path: Path) -> None:
    port, folder = place
    source = tmp_path / "source"
    for command in (["init", "-q", str(source)], ["-C", str(source), "-c", "user.name=a", "-c", "user.email=a@b.test", "commit",
                    "-q", "--allow-empty", "-m", "one"], ["clone", "-q", "--bare", str(source), str(folder / "open/repo.git")],
                    ["-C", str(folder / "open/repo.git"), "update-server-info"]):
        subprocess.run(["git", *command], check=True, capture_output=True)
    done = run(ca, tmp_path, port, "git", "clone", "-q", f"https://localhost:{port}/open/repo.git", "clone")
    assert done.returncode == 0, done
    told = subprocess.run(["git", "-C", str(tmp_path / "work/clone"), "log", "--format=%s"], capture_output=True,
                          text=True, check=True)
    assert told.stdout == "one\n"


@pytest.mark.skipif(not shutil.which("node"), reason="there is no node here")
def test_node(ca: Authority, place: tuple[int, Path], tmp_path: Path) -> None:
    code = """
        const http = require('http'), https = require('https'), proxy = new URL(process.env.HTTPS_PROXY);
        const port = process.argv[1];
        http.request({host: proxy.hostname, port: proxy.port, method: 'CONNECT', path: `localhost:${port}`,
                      headers: {Host: `localhost:${port}`}})
            .on('connect', (answer, socket) => https.get({host: 'localhost', port, path: '/open/file', socket, agent: false},
                got => got.on('data', data => process.stdout.write(data)))).end();
    """
    done = run(ca, tmp_path, place[0], "node", "-e", code, str(place[0]))
    assert done.stdout == "outside\n", done


def test_openssls_own_client(ca: Authority, place: tuple[int, Path], tmp_path: Path) -> None:
    script = ('printf "GET /open/file HTTP/1.1\\r\\nHost: localhost:$1\\r\\nConnection: close\\r\\n\\r\\n" | '
              'openssl s_client -quiet -verify_return_error -proxy "${HTTPS_PROXY#http://}" -connect "localhost:$1" '
              '-servername localhost -ign_eof 2>/dev/null')
    done = run(ca, tmp_path, place[0], "sh", "-c", script, "sh", str(place[0]))
    assert done.stdout.endswith("\n\noutside\n"), done


def test_without_roots_nothing_is_run(place: tuple[int, Path], tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(policy_text(place[0]))
    done = subprocess.run([usage.HOLDFAST, "run", "--policy", policy, "--", "touch", "ran"], cwd=tmp_path, capture_output=True,
                          env={**os.environ, "SSL_CERT_FILE": str(tmp_path / "absent")}, text=True, check=False)
    assert done.returncode == 125 and not (tmp_path / "ran").exists()
    assert "[HF-ROOTS-MISSING]" in done.stderr and "policy.yaml:5:" in done.stderr and "ca-certificates" in done.stderr
    (tmp_path / "none").write_text("no certificate\n")
    done = subprocess.run([usage.HOLDFAST, "run", "--policy", policy, "--", "touch", "ran"], cwd=tmp_path, capture_output=True,
                          env={**os.environ, "SSL_CERT_FILE": str(tmp_path / "none")}, text=True, check=False)
    assert done.returncode == 125 and "[HF-TLS-UNAVAILABLE]" in done.stderr, done.stderr


def test_the_object_is_loaded_by_nothing_else(tmp_path: Path) -> None:
    """Neither OpenSSL nor what is made of it is in a process of another start."""
    policy = tmp_path / "policy.yaml"
    policy.write_text(policy_text(443).replace(", protocol: rest, tls: terminate, access: full", ""))
    traced = subprocess.run(["strace", "-f", "-e", "trace=open,openat", usage.HOLDFAST, "run", "--policy", policy, "--",
                             "/bin/true"], capture_output=True, text=True, check=False).stderr
    assert "libc.so.6" in traced and "libssl" not in traced and "libcrypto" not in traced and "holdfast-tls" not in traced


def test_an_installed_one_is_found(ca: Authority, tmp_path: Path) -> None:
    subprocess.run(["make", "-s", "install", f"DESTDIR={tmp_path}"], cwd=usage.ROOT, check=True, capture_output=True)
    policy = tmp_path / "policy.yaml"
    policy.write_text(policy_text(443))
    installed = tmp_path / "usr/local/bin/holdfast"
    done = subprocess.run([installed, "run", "--policy", policy, "--", "/bin/echo", "ran"], cwd="/usr", capture_output=True,
                          env={**os.environ, "SSL_CERT_FILE": str(ca.root)}, text=True, check=False)
    assert done.stdout == "ran\n", done.stderr


def maps(process: int) -> str:
    return Path(f"/proc/{process}/maps").read_text()


@contextmanager
def running(ca: Authority, tmp_path: Path) -> Iterator[tuple[int, int]]:
    """A run, as its supervisor's process and its proxy's."""
    policy = tmp_path / "policy.yaml"
    policy.write_text(policy_text(443))
    process = subprocess.Popen(["sh", "-c", 'ulimit -c unlimited; exec "$@"', "sh", usage.HOLDFAST, "run", "--policy", policy,
                                "--", "/bin/sh", "-c", "echo here; exec sleep 60"], cwd=tmp_path, stdout=subprocess.PIPE,
                               env={**os.environ, "SSL_CERT_FILE": str(ca.root)})
    try:
        assert process.stdout and process.stdout.readline() == b"here\n"
        below = [int(child) for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
        [proxy] = [child for child in below if "libcrypto" in maps(child)]
        yield process.pid, proxy
    finally:
        process.terminate()
        process.wait()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can look into a process that is not dumpable")
def test_the_key_is_in_no_process_but_the_proxys_and_in_no_core(ca: Authority, tmp_path: Path) -> None:
    (tmp_path / "control").mkdir()
    subprocess.run(["sh", "-c", "ulimit -c unlimited; kill -SEGV $$"], cwd=tmp_path / "control", check=False)
    with running(ca, tmp_path) as (supervisor, proxy):
        assert "libcrypto" not in maps(supervisor) and "holdfast-tls" not in maps(supervisor)
        assert "holdfast-tls.so" in maps(proxy)
        os.kill(proxy, signal.SIGSEGV)
        end = time.monotonic() + 10
        while Path(f"/proc/{proxy}/maps").exists() and maps_or_nothing(proxy) and time.monotonic() < end:
            time.sleep(0.05)
        assert not maps_or_nothing(proxy)
        assert not list(tmp_path.glob("core*"))
    if not list((tmp_path / "control").glob("core*")):
        pytest.skip("cores do not go to the working directory here, so that their absence says nothing")


def maps_or_nothing(process: int) -> str:
    try:
        return maps(process)
    except OSError:
        return ""

"""HTTP/2 inside of TLS that ends in the proxy: curl as the client, nginx as the server; and clients that break it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from http2_frames import CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PREFACE, frame, head, literals
from nginx_world import PROGRAM, Nginx, serving
from proxy_world import DRIVER, WAIT, read_all, tunnel, until
from tls_world import Authority, Ending, authority, ending, policy_text
from update_world import updated

pytestmark = [
    pytest.mark.skipif(not DRIVER.exists(), reason=f"{DRIVER} is not built"),
    pytest.mark.skipif(not Path(PROGRAM).exists(), reason="there is no nginx here"),
]

@pytest.fixture(scope="module")
def ca() -> Iterator[Authority]:
    with authority() as made:
        yield made


@pytest.fixture(scope="module")
def nginx(ca: Authority) -> Iterator[Nginx]:
    with serving(ca) as running:
        yield running


def curl(where: Ending, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["curl", "-sS", "--http2", "--max-time", str(WAIT * 3), "--proxy", f"http://127.0.0.1:{where.port}",
                           "--cacert", str(where.directory / "ca.pem"), *arguments], capture_output=True, check=False,
                          env={"PATH": os.environ["PATH"]})


ECHO = 'rules: [{allow: {method: GET, path: "/echo/**"}}, {allow: {method: GET, path: /small}}]'


def test_a_request_goes_through_as_it_was_judged(ca: Authority, nginx: Nginx) -> None:
    with ending(policy_text(nginx.port, ECHO), ca.root) as where:
        done = curl(where, "--path-as-is", "-H", "X-A: 1", "-w", " %{http_version}",
                    f"https://localhost:{nginx.port}/x/../echo/%61?b=%2F")
        assert done.stdout == b"GET /echo/a?b=%2F localhost 1 2", done


def test_each_stream_is_judged(ca: Authority, nginx: Nginx) -> None:
    at = f"https://localhost:{nginx.port}"
    with ending(policy_text(nginx.port, ECHO), ca.root) as where:
        done = curl(where, "-w", " %{http_version} %{http_code} %{num_connects}\n", f"{at}/small", f"{at}/big", f"{at}/echo/1",
                    f"{at}/echo/../big")
        lines = done.stdout.decode().splitlines()
        assert lines[0] == "outside" and lines[1] == " 2 200 1", done
        assert '"failed":"path"' in lines[2] and lines[3] == " 2 403 0", "a denied stream ends alone"
        assert lines[4] == "GET /echo/1 localhost  2 200 0" and lines[6] == " 2 403 0"
        told = [line.get("path") for line in where.lines() if line["event"] == "decision" and line["verdict"] == "deny"]
        assert told == ["/big", "/big"]


def test_bodies_of_any_size(ca: Authority, nginx: Nginx, tmp_path: Path) -> None:
    at = f"https://localhost:{nginx.port}"
    with ending(policy_text(nginx.port), ca.root) as where:
        assert curl(where, "-o", str(tmp_path / "got"), f"{at}/big").returncode == 0
        assert (tmp_path / "got").read_bytes() == (nginx.folder / "served/big").read_bytes()
        done = curl(where, "-T", str(nginx.folder / "served/big"), "-w", " %{http_version}", f"{at}/put")
        assert done.stdout == b"took 2", done
        done = curl(where, "-I", f"{at}/big")
        assert b"content-length: 8000000" in done.stdout.lower() and done.returncode == 0, done


def test_many_streams_at_once(ca: Authority, nginx: Nginx, tmp_path: Path) -> None:
    at = f"https://localhost:{nginx.port}"
    with ending(policy_text(nginx.port), ca.root) as where:
        done = curl(where, "--parallel", "--parallel-max", "50", f"{at}/big?[1-6]", "-o", str(tmp_path / "big#1"),
                    f"{at}/small?[1-100]", "-o", str(tmp_path / "small#1"))
        assert done.returncode == 0, done
        assert {path.stat().st_size for path in tmp_path.glob("big*")} == {8_000_000}
        small = [path.read_text() for path in tmp_path.glob("small*")]
        assert set(small) == {"outside\n"} and len(small) == 100
        assert where.cpu() < 20 and where.descriptors() < 30


def test_a_client_that_does_not_speak_it(ca: Authority, nginx: Nginx) -> None:
    with ending(policy_text(nginx.port), ca.root) as where:
        done = curl(where, "--http1.1", "-w", "%{http_version}", f"https://localhost:{nginx.port}/small")
        assert done.stdout == b"outside\n1.1", done


@pytest.mark.parametrize("fields", [("-H", "Host: other.test"), ("-H", "X-HTTP-Method-Override: PUT")])
def test_what_two_could_read_differently_is_refused(ca: Authority, nginx: Nginx, fields: tuple[str, ...]) -> None:
    with ending(policy_text(nginx.port), ca.root) as where:
        done = curl(where, *fields, "-w", "%{http_code}", "-o", "-", f"https://localhost:{nginx.port}/small")
        assert done.stdout[-3:] in (b"400", b"403") and b"outside" not in done.stdout, done


def test_a_server_whose_root_nobody_knows(ca: Authority, nginx: Nginx) -> None:
    with authority() as other, ending(policy_text(nginx.port), other.root) as where:
        done = curl(where, "-w", "%{http_code}", f"https://localhost:{nginx.port}/small")
        assert done.stdout.endswith(b"502") and b"issuer certificate" in done.stdout, done


BROKEN = {
    "no HTTP/2": lambda port: b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "trailers": lambda port: PREFACE + frame(HEADERS, END_HEADERS, head(port)) + frame(DATA, 0, b"x")
    + frame(HEADERS, END_HEADERS | END_STREAM, literals(("x-method", "DELETE"))),
    "two lengths": lambda port: PREFACE
    + frame(HEADERS, END_HEADERS, head(port, ("content-length", "1"), ("content-length", "2"))),
    "a wrong length": lambda port: PREFACE + frame(HEADERS, END_HEADERS, head(port, ("content-length", "1")))
    + frame(DATA, END_STREAM, b"xx"),
    "a hop's field": lambda port: PREFACE + frame(HEADERS, END_HEADERS | END_STREAM, head(port, ("connection", "close"))),
    "chunks": lambda port: PREFACE + frame(HEADERS, END_HEADERS, head(port, ("transfer-encoding", "chunked"))),
    "a line end": lambda port: PREFACE + frame(HEADERS, END_HEADERS | END_STREAM, head(port, ("x", "a\r\ny: b"))),
    "a tunnel": lambda port: PREFACE
    + frame(HEADERS, END_HEADERS, literals((":method", "CONNECT"), (":authority", "localhost:1"))),
    "another place": lambda port: PREFACE + frame(HEADERS, END_HEADERS | END_STREAM, head(port, authority="other.test")),
    "a continuation of nothing": lambda port: PREFACE + frame(CONTINUATION, END_HEADERS, head(port)),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_client_that_breaks_it_reaches_nothing(ca: Authority, nginx: Nginx, kind: str) -> None:
    log = nginx.folder / "access.log"
    before = log.read_text().count(" 200 ")
    with ending(policy_text(nginx.port), ca.root, "-t", "tunnel=1000") as where:
        with where.wrap(tunnel(where, "localhost", nginx.port), protocols=("h2",)) as client:
            client.sendall(BROKEN[kind](nginx.port))
            try:
                read_all(client)
            except OSError:  # a reset, or an end without a word
                pass
        until(lambda: where.lines()[-1]["event"] == "close")
    assert log.read_text().count(" 200 ") == before


def test_a_head_that_does_not_end(ca: Authority, nginx: Nginx) -> None:
    with ending(policy_text(nginx.port), ca.root, "-t", "shake=500") as where:
        with where.wrap(tunnel(where, "localhost", nginx.port), protocols=("h2",)) as client:
            client.sendall(PREFACE + frame(HEADERS, 0, head(nginx.port)))
            with pytest.raises(OSError):
                read_all(client)
        until(lambda: where.lines()[-1]["event"] == "close")
        assert where.lines()[-1]["reason"] == "a request head took too long"


def test_of_a_connection_that_is_open_the_next_request_is_judged_by_the_new_networks(ca: Authority, nginx: Nginx) -> None:
    at = f"https://localhost:{nginx.port}"
    with ending(policy_text(nginx.port, ECHO), ca.root) as where:
        with ThreadPoolExecutor() as pool:
            done = pool.submit(curl, where, "--rate", "30/m", "-w", " %{http_version} %{http_code} %{num_connects}\n",
                               f"{at}/echo/1", f"{at}/echo/2", f"{at}/small")
            until(lambda: [line for line in where.lines() if line.get("path") == "/echo/1"])
            updated(where.process.pid, policy_text(nginx.port, 'rules: [{allow: {method: GET, path: /small}}]'))
            lines = done.result().stdout.decode().splitlines()
        assert lines[0] == "GET /echo/1 localhost  2 200 1"
        assert '"failed":"path"' in lines[1] and lines[2] == " 2 403 0"
        assert lines[3:] == ["outside", " 2 200 0"]

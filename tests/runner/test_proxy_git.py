"""git in a sandbox, by the rules that policies in use give it: it clones, and does not push. The server is git's own
(git-http-backend), which would take the push."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from proxy_world import ROOT

HOLDFAST = ROOT / "build" / "holdfast"
pytestmark = pytest.mark.skipif(not shutil.which("git") or not HOLDFAST.exists(), reason="needs git and the program")

POLICY = """version: 1
network_policies:
  git:
    endpoints:
      - host: 127.0.0.1
        port: {port}
        protocol: rest
        enforcement: enforce
        rules:
{rules}    binaries:
      - {{path: /usr/lib/git-core/*}}
"""
IN_USE = """\
          - allow: {method: GET, path: "/**/info/refs*"}
          - allow: {method: POST, path: "/**/git-upload-pack"}
"""
BY_QUERY = """\
          - allow: {method: GET, path: "/*/*/info/refs", query: {service: git-upload-pack}}
          - allow: {method: POST, path: "/*/*/git-upload-pack"}
"""


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x", *arguments], cwd=folder, check=True, capture_output=True)


@contextmanager
def backend(root: Path) -> Iterator[tuple[int, list[str]]]:
    """Its port, and the requests that came."""
    came: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            came.append(f"{self.command} {self.path}")
            path, _, query = self.path.partition("?")
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            own = {"GIT_PROJECT_ROOT": str(root), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path, "QUERY_STRING": query,
                   "REQUEST_METHOD": self.command, "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                   "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""), "CONTENT_LENGTH": str(len(body)),
                   "HTTP_GIT_PROTOCOL": self.headers.get("Git-Protocol", "")}
            done = subprocess.run(["git", "http-backend"], input=body, capture_output=True, env=os.environ | own, check=True)
            head, _, rest = done.stdout.partition(b"\r\n\r\n")
            fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
            self.send_response(int(fields.pop("Status", "200").split()[0]))
            for name, value in fields.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            self.wfile.write(rest)

        do_GET = do_POST = answer

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port, came
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("rules, failed", [(IN_USE, "none of its rules has this path"), (BY_QUERY, "wants another query")],
                         ids=["as in use", "by query"])
def test_git_clones_and_does_not_push(rules: str, failed: str, tmp_path: Path) -> None:
    (tmp_path / "o").mkdir()
    git(tmp_path, "init", "-q", "--bare", "o/r")
    git(tmp_path / "o/r", "config", "http.receivepack", "true")
    git(tmp_path, "init", "-q", "seed")
    git(tmp_path / "seed", "commit", "-q", "--allow-empty", "-m", "first")
    git(tmp_path / "seed", "push", "-q", "../o/r", "HEAD:refs/heads/main")
    git(tmp_path / "o/r", "symbolic-ref", "HEAD", "refs/heads/main")
    work = tmp_path / "work"
    work.mkdir()
    with backend(tmp_path) as (port, came):
        (tmp_path / "policy.yaml").write_text(POLICY.format(port=port, rules=rules))
        script = (f"export HOME=$PWD; git clone -q http://127.0.0.1:{port}/o/r && cd r && git log --format=%s &&"
                  " git -c user.name=x -c user.email=x commit -q --allow-empty -m second && git push -q; echo $?;"
                  f" curl -s -o /dev/null -w '%{{http_code}}' 'http://127.0.0.1:{port}/o/r/info/refs?service=git-upload-pack'")
        done = subprocess.run([HOLDFAST, "run", "--policy", tmp_path / "policy.yaml", "--", "/bin/sh", "-c", script], cwd=work,
                              capture_output=True, text=True, timeout=60, env=os.environ | {"GIT_CONFIG_NOSYSTEM": "1"})
    assert done.stdout.split() == ["first", "128", "403"] or done.stdout.split() == ["first", "1", "403"], done
    assert [line.partition("?")[0] for line in came][:2] == ["GET /o/r/info/refs", "POST /o/r/git-upload-pack"], came
    assert not [line for line in came if line.startswith("POST") and "receive" in line]
    assert failed in done.stderr and "is none of them" in done.stderr  # curl is none of the binaries
    assert subprocess.run(["git", "-C", tmp_path / "o/r", "log", "--format=%s"], capture_output=True, text=True,
                          check=True).stdout == "first\n"

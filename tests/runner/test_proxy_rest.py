"""Requests judged by the rules of their endpoint: what a raw upstream gets of them, and what is said of the others."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

import pytest

from proxy_world import DRIVER, ROOT, WAIT, Proxy, Upstream, proxy, read_all, refused, unused_port, until, web

pytestmark = pytest.mark.skipif(not DRIVER.exists(), reason=f"{DRIVER} is not built")
HOLDFAST = ROOT / "build" / "holdfast"

RULES = """
        rules:
          - allow: {method: GET, path: "/repos/**"}
          - allow: {method: POST, path: /exact}
          - allow: {method: GET, path: "/**/info/refs", query: {service: "git-*"}}
        deny_rules:
          - {method: "*", path: "/repos/secret/**"}
"""


def policy(port: int, rules: str = RULES, enforcement: str = "enforce", more: str = "") -> str:
    return f"""version: 1
network_policies:
  api:
    endpoints:
      - host: 127.0.0.1
        port: {port}
        enforcement: {enforcement}
        protocol: rest""" + rules + more


class Kept(Upstream):
    """Answers each request, and keeps their heads."""

    def __init__(self) -> None:
        self.heads: list[str] = []

        def handle(client: socket.socket) -> None:
            head = b""
            while b"\r\n\r\n" not in head:
                data = client.recv(4096)
                if not data:
                    break
                head += data
            self.heads.append(head.decode())
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")

        super().__init__(handle)


def request(port: int, method: str, target: str, fields: str = "") -> bytes:
    where = f"127.0.0.1:{port}"
    return f"{method} http://{where}{target} HTTP/1.1\r\nHost: {where}\r\n{fields}\r\n".encode()


def passed(where: Proxy, up: Kept, method: str, target: str, fields: str = "") -> str:
    """The first line that the server got."""
    up.heads.clear()
    with where.connect() as client:
        client.sendall(request(up.port, method, target, fields))
        assert read_all(client).endswith(b"ok")
    assert len(up.heads) == 1
    return up.heads[0].partition("\r\n")[0].removesuffix(" HTTP/1.1")


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[Proxy, Kept]]:
    with Kept() as up, proxy(policy(up.port)) as where:
        yield where, up


@pytest.mark.parametrize("method, target, gets", [
    ("GET", "/repos/a", "GET /repos/a"),
    ("GET", "/repos/a/b?c=/../d", "GET /repos/a/b?c=/../d"),
    ("GET", "/x/%2e%2e/repos/./a", "GET /repos/a"),
    ("GET", "//repos//a%7e%c3%a9", "GET /repos/a~%C3%A9"),
    ("GET", "/repos/a%40b+c%2Bd", "GET /repos/a%40b+c%2Bd"),
    ("GET", "/repos/[a]|b", "GET /repos/%5Ba%5D%7Cb"),
    ("POST", "/exact", "POST /exact"),
    ("GET", "/a/b/info/refs?service=git-upload-pack", "GET /a/b/info/refs?service=git-upload-pack"),
])
def test_what_is_allowed_reaches_the_server_in_the_form_that_was_judged(
        world: tuple[Proxy, Kept], method: str, target: str, gets: str) -> None:
    where, up = world
    assert passed(where, up, method, target) == gets


@pytest.mark.parametrize("method, target, failed, reason", [
    ("GET", "/", "path", "none of its rules has this path"),
    ("GET", "", "path", "none of its rules has this path"),
    ("GET", "/repos/../other", "path", "none of its rules has this path"),
    ("GET", "/repos/%2e%2e/other", "path", "none of its rules has this path"),
    ("GET", "/reposa", "path", "none of its rules has this path"),
    ("GET", "/exact/more", "path", "none of its rules has this path"),
    ("OPTIONS", "", "path", "none of its rules has this path"),
    ("DELETE", "/repos/a", "method", "its rule for this path has another method (line 10)"),
    ("get", "/repos/a", "method", "its rule for this path has another method (line 10)"),
    ("HEAD", "/repos/a", "method", "its rule for this path has another method (line 10)"),
    ("GET", "/exact", "method", "its rule for this path has another method (line 11)"),
    ("GET", "/a/info/refs", "query", "its rule for this method and path wants another query (line 12)"),
    ("GET", "/a/info/refs?service=svn", "query", "wants another query"),
    ("GET", "/a/info/refs?service=git-a&service=svn", "query", "wants another query"),
    ("GET", "/a/info/refs?service=git-a;b", "query", "a ; in the query"),
    ("GET", "/repos/secret/a", "deny_rules", "one of its deny_rules has this request (line 14)"),
    ("GET", "/repos/secret", "deny_rules", "one of its deny_rules has this request (line 14)"),
    ("GET", "/repos/x/../secret/a", "deny_rules", "one of its deny_rules has this request (line 14)"),
    ("GET", "/repos/secre%74/a", "deny_rules", "one of its deny_rules has this request (line 14)"),
    ("GET", "/repos//secret//a", "deny_rules", "one of its deny_rules has this request (line 14)"),
    ("GET", "/repos/a%2fb", "path", "an escaped slash (%2F)"),
    ("GET", "/repos/..%2f..%2fother", "path", "an escaped slash (%2F)"),
    ("GET", "/repos/..;/other", "path", "a parameter (;)"),
    ("GET", "/repos/..\\\\other", "path", "a backslash"),
    ("GET", "/repos/%252e%252e/other", "path", "an escape in an escape"),
    ("GET", "/repos/%c0%ae%c0%ae/other", "path", "no UTF-8"),
    ("GET", "/repos/a%00", "path", "a NUL byte"),
    ("GET", "/../repos/a", "path", "above the root"),
])
def test_what_is_not_allowed_is_answered_which_half_failed(
        world: tuple[Proxy, Kept], method: str, target: str, failed: str, reason: str) -> None:
    where, up = world
    up.heads.clear()
    answer = refused(where, request(up.port, method, target))
    assert (answer.status, answer.body["failed"], answer.body["rule"]) == (403, failed, "api")
    assert reason in answer.body["reason"]
    assert answer.body["method"] == method and up.heads == []


def test_the_answer_has_the_rule_to_add_and_the_log_what_was_asked(world: tuple[Proxy, Kept]) -> None:
    where, up = world
    answer = refused(where, request(up.port, "PUT", "/new/a%20b?token=secret"))
    assert answer.body["remedy"] == (
        'add - allow: {method: PUT, path: "/new/a b"} to rules of this host under network_policies.api')
    line = where.lines()[-1]
    assert {key: line[key] for key in ("verdict", "method", "path", "by", "failed", "rule", "status")} == {
        "verdict": "deny", "method": "PUT", "path": "/new/a%20b", "by": "rules (line 9)", "failed": "path", "rule": "api",
        "status": 403}
    assert "secret" not in json.dumps(line)  # a query may have secrets
    passed(where, up, "GET", "/repos/a?token=secret")
    until(lambda: where.lines()[-1]["event"] == "close")
    decision = [line for line in where.lines() if line["event"] == "decision"][-1]
    assert (decision["verdict"], decision["path"], decision["by"]) == ("allow", "/repos/a", "rules (line 10)")


def test_a_rule_that_was_advised_allows_the_request() -> None:
    with Kept() as up, proxy(policy(up.port)) as where:
        remedy = refused(where, request(up.port, "PUT", "/new/a%20b")).body["remedy"]
        rule = remedy.removeprefix("add ").partition(" to rules")[0]
        more = policy(up.port).replace("rules:\n", f"rules:\n          {rule}\n", 1)
        with proxy(more) as again:
            assert passed(again, up, "PUT", "/new/a%20b") == "PUT /new/a%20b"


@pytest.mark.parametrize("access, allowed, denied", [
    ("read-only", ["GET", "HEAD", "OPTIONS"], ["POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW", "get"]),
    ("read-write", ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH"], ["DELETE", "TRACE", "BREW", "post"]),
    ("full", ["GET", "POST", "DELETE", "BREW", "get"], []),
])
def test_a_preset_is_a_set_of_methods(access: str, allowed: list[str], denied: list[str]) -> None:
    with Kept() as up, proxy(policy(up.port, f"\n        access: {access}\n")) as where:
        for method in allowed:
            assert passed(where, up, method, "/any/path") == f"{method} /any/path"
        for method in denied:
            answer = refused(where, request(up.port, method, "/any/path"))
            assert answer.body["failed"] == "method" and f"access {access}" in answer.body["reason"]


@pytest.mark.parametrize("target, sent", [
    ("/other/../x", "GET /x"), ("/repos/secret/a", "GET /repos/secret/a"), ("/repos/a%2Fb", "GET /repos/a%2Fb"),
    ("/a/info/refs?x;y", "GET /a/info/refs?x;y"),
])
def test_audit_lets_it_through_and_tells(target: str, sent: str) -> None:
    with Kept() as up, proxy(policy(up.port, enforcement="audit")) as where:
        assert passed(where, up, "GET", target) == sent
        until(lambda: len(where.lines()) == 2)
        decision, close = where.lines()
        assert (decision["verdict"], decision["status"]) == ("audit", 200) and decision["failed"] and decision["reason"]
        assert close["verdict"] == "audit"


def test_audit_lets_nothing_through_that_is_no_request() -> None:
    with Kept() as up, proxy(policy(up.port, enforcement="audit")) as where:
        assert refused(where, request(up.port, "GET", "/repos/a#b")).status == 400
        assert refused(where, request(up.port, "GET", "/repos/\u00e9")).status == 400
        assert up.heads == []


@pytest.mark.parametrize("fields, reason", [
    ("X-HTTP-Method-Override: DELETE\r\n", "another method"), ("x_method_override: DELETE\r\n", "another method"),
    ("X-Original-URL: /admin\r\n", "another path"),
    ("Upgrade: websocket\r\n", "WebSocket"),  # without the Connection that would make it one
])
def test_a_request_that_says_it_is_another_one_is_denied(
        world: tuple[Proxy, Kept], fields: str, reason: str) -> None:
    where, up = world
    answer = refused(where, request(up.port, "GET", "/repos/a", fields))
    assert (answer.status, answer.body["failed"]) == (403, "request") and reason in answer.body["reason"]


HIDDEN = "GET /admin HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.mark.parametrize("fields, behind", [
    ("", HIDDEN), ("Content-Length: 3\r\n", "abc" + HIDDEN),
    ("Content-Length: 3\r\nContent-Length: 60\r\n", "abc" + HIDDEN),
    (f"Content-Length: {len(HIDDEN)}\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + HIDDEN),
    ("Transfer-Encoding: chunked\r\n", "0\r\n\r\n" + HIDDEN),
    ("Transfer-Encoding: chunked\r\n", "0\r\nX: y\r\n\r\n" + HIDDEN),
    ("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n" + HIDDEN),
    ("Transfer-Encoding : chunked\r\n", "0\r\n\r\n" + HIDDEN),
    ("X: y\r\n folded: z\r\n", HIDDEN), ("X: y\n", HIDDEN), ("X: y\r\n\nGET /admin HTTP/1.1\r\n", HIDDEN),
])
def test_nothing_is_smuggled_past_the_rules(world: tuple[Proxy, Kept], fields: str, behind: str) -> None:
    """What stands behind an allowed request, or might be taken for another one, reaches no server."""
    where, up = world
    up.heads.clear()
    with where.connect() as client:
        client.sendall(request(up.port, "POST", "/exact", fields) + behind.encode())
        answer = read_all(client)
    assert (answer.startswith(b"HTTP/1.1 400 ") and not any(up.heads)) or (answer.endswith(b"ok") and len(up.heads) == 1)
    assert not any("admin" in head for head in up.heads)


def test_a_tunnel_to_a_place_with_rules_is_refused(world: tuple[Proxy, Kept]) -> None:
    where, up = world
    answer = refused(where, f"CONNECT 127.0.0.1:{up.port} HTTP/1.1\r\nHost: 127.0.0.1:{up.port}\r\n\r\n".encode())
    assert (answer.status, answer.body["failed"]) == (403, "tunnel")
    assert "rules for requests" in answer.body["reason"] and answer.body["remedy"]


SECOND = """
  other:
    endpoints:
      - {host: 127.0.0.1, port: %d, %s}
"""


@pytest.mark.parametrize("second, answers", [
    ("protocol: rest, rules: [{allow: {method: GET, path: /more}}]",
     {"/repos/a": "allow", "/more": "allow", "/repos/secret/a": "deny", "/else": "deny"}),
    ("protocol: rest, access: read-only, deny_rules: [{method: GET, path: /repos/b}]",
     {"/repos/a": "allow", "/else": "allow", "/repos/b": "deny", "/repos/secret/a": "deny"}),
    ("protocol: rest, access: read-only, enforcement: audit, deny_rules: [{method: GET, path: /repos/b}]",
     {"/repos/a": "allow", "/repos/b": "audit", "/repos/secret/a": "deny"}),
    ("protocol: rest, enforcement: audit, rules: [{allow: {method: GET, path: /more}}]",
     {"/repos/a": "allow", "/more": "allow", "/else": "audit", "/repos/secret/a": "deny"}),
    ("allowed_ips: [127.0.0.0/8]", {"/repos/a": "allow", "/else": "deny", "/repos/secret/a": "deny"}),
    ("protocol: rest, access: full, allowed_ips: [10.0.0.0/8]", {"/repos/a": "allow", "/else": "deny"}),
], ids=["both allow", "both deny", "the other's deny rule audits", "the other audits", "the other has no rules",
        "the other is not for this address"])
def test_endpoints_of_one_place_are_heard_together(second: str, answers: dict[str, str]) -> None:
    with Kept() as up, proxy(policy(up.port, more=SECOND % (up.port, second))) as where:
        for target in answers:
            with where.connect() as client:
                client.sendall(request(up.port, "GET", target))
                read_all(client)
        decisions = [line for line in where.lines() if line["event"] == "decision"]
        assert {target: line["verdict"] for target, line in zip(answers, decisions)} == answers


def test_without_rules_a_path_stays_as_it_came() -> None:
    text = policy(1).partition("        enforcement")[0]
    with Kept() as up, proxy(text.replace("port: 1", f"port: {up.port}")) as where:
        assert passed(where, up, "GET", "/a/../%2e;b%2F//c") == "GET /a/../%2e;b%2F//c"


NGINX = """
daemon off; worker_processes 1; error_log stderr; pid {folder}/pid;
events {{}}
http {{
  access_log {folder}/access; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port}; location / {{ return 200 "$request_method $uri\\n"; }} }}
}}
"""


@contextmanager
def nginx() -> Iterator[tuple[int, Path]]:
    port = unused_port()
    with tempfile.TemporaryDirectory(prefix="hf-nginx-") as name:
        Path(name, "conf").write_text(NGINX.format(folder=name, port=port))
        server = subprocess.Popen(["nginx", "-p", name, "-c", f"{name}/conf", "-e", "stderr"], stderr=subprocess.DEVNULL)
        try:
            end = time.monotonic() + WAIT
            while time.monotonic() < end:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    time.sleep(0.02)
            yield port, Path(name, "access")
        finally:
            server.terminate()
            server.wait()


@pytest.mark.skipif(not shutil.which("nginx") or not HOLDFAST.exists(), reason="needs nginx and the program")
@pytest.mark.parametrize("form", ["yaml", "pb"])
def test_curl_and_python_in_a_sandbox_against_nginx(tmp_path: Path, form: str) -> None:
    """The whole of it: a policy, a sandbox, two clients, a server that reads paths in its own way."""
    with nginx() as (port, access):
        (tmp_path / "policy.yaml").write_text(policy(port))
        subprocess.run([HOLDFAST, "convert", tmp_path / "policy.yaml", tmp_path / "policy.pb"], check=True)
        script = f"""
            ask() {{ curl -s --path-as-is -o /dev/null -w '%{{http_code}} ' "$@"; }}
            at=http://127.0.0.1:{port}
            ask $at/repos/a; ask $at/x/../repos/b; ask -X DELETE $at/repos/a; ask $at/repos/%2e%2e/admin
            ask $at/repos/..%2fadmin; ask $at//repos//secret/a; ask -p $at/repos/a; ask -d x $at/exact
            /usr/bin/python3 -c '
import urllib.error, urllib.request
for path in ("/repos/py", "/admin"):
    try:
        print(urllib.request.urlopen("'$at'" + path).read().decode().strip())
    except urllib.error.HTTPError as error:
        print(error.code, __import__("json").load(error)["failed"])
'"""
        option = {"yaml": "--policy", "pb": "--policy-pb"}[form]
        done = subprocess.run([HOLDFAST, "run", option, tmp_path / f"policy.{form}", "--log", tmp_path / "log", "--",
                               "/bin/sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60)
        served = [line.split('"')[1] for line in access.read_text().splitlines() if '"' in line]
    first, _, rest = done.stdout.partition("GET")
    assert first.split() == ["200", "200", "403", "403", "403", "403", "000", "200"], done.stderr
    assert ("GET" + rest).splitlines() == ["GET /repos/py", "403 path"]
    assert served == ["GET /repos/a HTTP/1.1", "GET /repos/b HTTP/1.1", "POST /exact HTTP/1.1", "GET /repos/py HTTP/1.1"]
    assert "the proxy denied 6 requests" in done.stderr
    place = {"yaml": "line 14", "pb": "network_policies.api.endpoints[0].deny_rules[0]"}[form]
    assert f"one of its deny_rules has this request ({place})" in done.stderr
    assert 'add - allow: {method: GET, path: "/admin"} to rules of this host' in done.stderr


@pytest.mark.skipif(not shutil.which("nginx"), reason="needs nginx")
def test_nginx_reads_the_path_that_was_judged() -> None:
    """Whatever was asked for: its own reading of what it gets is the path in the log, with the escapes read."""
    segments = ["a", ".", "..", "", "%2e", "%2E%2e", "a%40b", "@", "%c3%a9", "a%3Fb", "100%25", "%20", "+", "%2B", "{x}",
                "~%7e", "...", "a.", "%23", "'%27", "%7Cx|", "b%26c=d"]
    targets = ["/" + "/".join(segments[(7 * i + i * i // 3 * j) % len(segments)] for j in range(1 + i % 5))
               for i in range(1, 120)]
    with nginx() as (port, _), proxy(policy(port, "\n        access: full\n")) as where:
        read = []
        for target in targets:
            with where.connect() as client:
                client.sendall(request(port, "GET", target))
                read.append(read_all(client).partition(b"\r\n\r\n")[2].decode())
        decisions = [line for line in where.lines() if line["event"] == "decision"]
    allowed = [(line, body) for line, body in zip(decisions, read) if line["verdict"] == "allow"]
    assert len(decisions) == len(targets) and len(allowed) > 60
    for line, body in allowed:
        assert body == f"GET {unquote(line['path'])}\n", line


@pytest.mark.skipif(not HOLDFAST.exists(), reason="needs the program")
def test_what_an_audit_let_through_is_told_at_the_end(tmp_path: Path) -> None:
    with Kept() as up:
        port = up.port
        (tmp_path / "policy.yaml").write_text(policy(port, enforcement="audit"))
        asks = "".join(f"curl -s http://127.0.0.1:{up.port}{path}; " for path in ("/repos/a", "/x", "/x"))
        done = subprocess.run([HOLDFAST, "run", "--policy", tmp_path / "policy.yaml", "--", "/bin/sh", "-c",
                               asks + "curl -s http://elsewhere.test/"], cwd=tmp_path, capture_output=True, text=True,
                              timeout=60)
    assert done.stdout.startswith("okokok") and len(up.heads) == 3, done.stderr
    denied, _, audited = done.stderr.partition("holdfast: the proxy let 2 requests through that the policy denies")
    assert "the proxy denied 1 request\n  elsewhere.test:80, once: no endpoint" in denied
    assert audited.startswith(" (enforcement: audit)\n")
    assert f"127.0.0.1:{port}, 2 times: the policy allows this host, but none of its rules has this path" in audited
    assert '    to do: add - allow: {method: GET, path: "/x"} to rules of this host under network_policies.api' in audited


def test_in_block_mode_nothing_is_reached_whatever_the_rules_allow(tmp_path: Path) -> None:
    with Upstream(web) as up:
        (tmp_path / "policy.yaml").write_text(policy(up.port))
        done = subprocess.run([HOLDFAST, "run", "--mode", "block", "--policy", tmp_path / "policy.yaml", "--", "/bin/sh", "-c",
                               f"curl -s http://127.0.0.1:{up.port}/repos/a; echo $?"], cwd=tmp_path, capture_output=True,
                              text=True, timeout=60, env={k: v for k, v in os.environ.items() if "proxy" not in k.lower()})
    assert done.stdout.strip() not in ("", "0"), done.stderr


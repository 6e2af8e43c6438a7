"""Other networks for a run that goes on: what is open, what is under way, what is asked next; and who may change them."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from proxy_world import (DRIVER, WAIT, Proxy, Upstream, connect_head, echo, policy_text, proxy, read_all, read_head, refused,
                         tunnel, until, web)
from test_tls import OK, answering, request, said
from tls_world import Authority, Server, authority, ending
from tls_world import policy_text as tls_policy
from update_world import HOLDFAST, NOBODY, control_name, sandbox, update, updated, visit

pytestmark = pytest.mark.skipif(not DRIVER.exists(), reason=f"{DRIVER} is not built")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be others too")
NOTHING = "version: 1\n"


@pytest.fixture(scope="module")
def ca() -> Iterator[Authority]:
    with authority() as made:
        yield made


@pytest.fixture(scope="module")
def good(ca: Authority) -> Path:
    return ca.issue("DNS:localhost")


def answer_to(client: socket.socket) -> bytes:
    """Exactly one answer like OK."""
    head = read_head(client)
    return head + client.recv(1) + client.recv(1)


def to(*ports: int) -> str:
    return policy_text(*(("127.0.0.1", port) for port in ports))


def status(where: Proxy, port: int) -> int:
    with where.connect() as client:
        client.sendall(connect_head("127.0.0.1", port))
        return int(read_head(client).split()[1])


def fetched(where: Proxy, port: int) -> bytes:
    with where.connect() as client:
        client.sendall(f"GET http://127.0.0.1:{port}/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        return read_all(client)


def test_what_is_asked_next_is_judged_by_the_new_networks() -> None:
    with Upstream(echo) as one, Upstream(web) as other, proxy(to(one.port)) as where:
        assert status(where, one.port) == 200 and status(where, other.port) == 403
        updated(where.process.pid, to(other.port))
        assert status(where, one.port) == 403 and status(where, other.port) == 200
        assert fetched(where, other.port).endswith(b"outside\n")
        updated(where.process.pid, to(one.port, other.port))
        assert status(where, one.port) == 200 and status(where, other.port) == 200


@pytest.mark.parametrize("text", [NOTHING, "version: 1\nnetwork_policies: {}\n"])
def test_without_networks_nothing_more_is_let_through(text: str) -> None:
    with Upstream(echo) as up, proxy(to(up.port)) as where:
        updated(where.process.pid, text)
        assert refused(where, connect_head("127.0.0.1", up.port)).body["failed"] == "host"
        updated(where.process.pid, to(up.port))
        assert status(where, up.port) == 200


def test_a_tunnel_that_is_open_stays_open() -> None:
    with Upstream(echo) as up, proxy(to(up.port)) as where:
        with tunnel(where, "127.0.0.1", up.port) as client:
            for text in (NOTHING, to(1), NOTHING):
                updated(where.process.pid, text)
                client.sendall(b"still here")
                assert client.recv(64) == b"still here"
            assert status(where, up.port) == 403
        until(lambda: [line for line in where.lines() if line["event"] == "close"])
        # What it was let through by is told although it is no rule any more.
        assert [line["rule"] for line in where.lines() if line["event"] == "close"] == ["test"]


def test_the_log_tells_who_changed_the_networks() -> None:
    with proxy(NOTHING.replace("\n", "\nnetwork_policies: {}\n")) as where:
        updated(where.process.pid, to(1))
        assert update(where.process.pid, to(1) + "process: {run_as_user: nobody}\n").returncode == 1
        lines = [line for line in where.lines() if line["event"] == "update"]
        assert [line["verdict"] for line in lines] == ["allow", "deny"]
        assert all(line["user"] == os.geteuid() and line["process"] > 1 for line in lines)
        assert lines[1]["reasons"] == 1


def slow_upstream() -> tuple[socket.socket, list[socket.socket]]:
    """A listener whose backlog is full: the kernel does not answer who connects next until one is accepted."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=0)
    waiting = []
    for _ in range(8):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(listener.getsockname())
        waiting.append(client)
    time.sleep(0.1)
    return listener, waiting


@pytest.mark.parametrize("kept", [True, False])
def test_a_connection_under_way_is_let_through_by_the_new_networks_or_not_at_all(kept: bool) -> None:
    listener, waiting = slow_upstream()
    port = int(listener.getsockname()[1])
    with listener, proxy(to(port)) as where, where.connect() as client:
        client.sendall(connect_head("127.0.0.1", port))
        until(lambda: f":{port:04X} 02 " in syn_sent(where))
        updated(where.process.pid, policy_text(("127.0.0.1", port), ("a.test", 1)) if kept else NOTHING)
        listener.settimeout(0.1)
        accepted = []
        client.settimeout(0.1)
        head = b""
        end = time.monotonic() + WAIT
        while not head and time.monotonic() < end:
            try:
                accepted.append(listener.accept()[0])
                head = client.recv(12)
            except TimeoutError:
                pass
        assert head == (b"HTTP/1.1 200" if kept else b"HTTP/1.1 403")
        for one in (*accepted, *waiting):
            one.close()


def syn_sent(where: Proxy) -> str:
    """The connections of the proxy's network namespace that wait for an answer."""
    rows = [line.split() for line in Path(f"/proc/{where.process.pid}/net/tcp").read_text().splitlines()]
    return "\n".join(f"{row[2]} {row[3]} " for row in rows if row[3] == "02")


def test_of_a_connection_inside_of_which_requests_are_seen_the_next_one_is_judged_anew(ca: Authority, good: Path) -> None:
    got, handler = answering(OK, OK, OK, OK)
    gets = 'rules: [{{allow: {{method: GET, path: "/{}"}}}}]'
    with Server(good, handler) as up, ending(tls_policy(up.port, gets.format("one")), ca.root) as where:
        with where.inside(up.port) as client:
            client.sendall(request("/one", port=up.port))
            assert answer_to(client) == OK
            updated(where.process.pid, tls_policy(up.port, gets.format("two")))
            client.sendall(request("/two", port=up.port))
            assert answer_to(client) == OK
            client.sendall(request("/one", port=up.port))
            code, body = said(read_all(client))
            assert (code, body["failed"], body["path"]) == (403, "path", "/one")
        assert [head.split()[1] for head in got] == [b"/one", b"/two"]


def test_a_host_that_is_gone_is_gone_for_a_connection_that_is_open(ca: Authority, good: Path) -> None:
    got, handler = answering(OK, OK)
    with Server(good, handler) as up, ending(tls_policy(up.port), ca.root) as where:
        with where.inside(up.port) as client:
            client.sendall(request("/", port=up.port))
            assert answer_to(client) == OK
            updated(where.process.pid, NOTHING)
            client.sendall(request("/", port=up.port))
            code, body = said(read_all(client))
            assert (code, body["failed"]) == (403, "host")
        assert len(got) == 1


def test_an_address_that_is_gone_is_gone_for_a_connection_that_is_open(ca: Authority, good: Path) -> None:
    got, handler = answering(OK, OK)
    elsewhere = tls_policy(0, "access: full, allowed_ips: [10.0.0.0/8]")
    with Server(good, handler) as up, ending(tls_policy(up.port), ca.root) as where:
        with where.inside(up.port) as client:
            client.sendall(request("/", port=up.port))
            assert answer_to(client) == OK
            updated(where.process.pid, elsewhere.replace("port: 0", f"port: {up.port}"))
            client.sendall(request("/", port=up.port))
            code, body = said(read_all(client))
            assert (code, body["failed"]) == (403, "address")
        assert len(got) == 1


def test_where_nobody_looks_at_requests_any_more_they_go_through(ca: Authority, good: Path) -> None:
    got, handler = answering(OK, OK)
    get = 'rules: [{allow: {method: GET, path: "/one"}}]'
    with Server(good, handler) as up, ending(tls_policy(up.port, get), ca.root) as where:
        with where.inside(up.port) as client:
            client.sendall(request("/one", port=up.port))
            assert answer_to(client) == OK
            updated(where.process.pid, policy_text(("localhost", up.port)))
            client.sendall(request("/a/../b", method="DELETE", port=up.port))
            assert answer_to(client) == OK
        assert got[1].startswith(b"DELETE /a/../b ")


STATIC = """version: 1
filesystem_policy:
  read_only: [/usr]
landlock: {compatibility: hard_requirement, min_abi: 4}
process:
  run_as_user: daemon
  limits:
    open_files: 99
resources: {pids: 50}
"""


def test_what_cannot_change_is_told_key_by_key_with_its_place() -> None:
    with Upstream(echo) as up, proxy(to(up.port)) as where:
        done = update(where.process.pid, STATIC + to(1).replace("version: 1\n", ""))
        assert done.returncode == 1
        told = [line.split(" is not what", 1)[0] for line in done.stderr.splitlines() if line.startswith("policy.yaml:")]
        assert told == ["policy.yaml:2:1: filesystem_policy.include_workdir",
                        "policy.yaml:3:3: filesystem_policy.read_only",
                        "policy.yaml:4:12: landlock.compatibility",
                        "policy.yaml:4:45: landlock.min_abi",
                        "policy.yaml:6:3: process.run_as_user",
                        "policy.yaml:8:5: process.limits.open_files",
                        "policy.yaml:9:13: resources.pids"]
        assert "[HF-UPDATE-REFUSED]" in done.stderr
        assert status(where, up.port) == 200


def test_a_key_that_the_file_lacks_is_told_too() -> None:
    with proxy(to(1) + "process: {run_as_user: nobody}\nlandlock: {min_abi: 3}\n") as where:
        done = update(where.process.pid, to(1) + "landlock: {compatibility: best_effort}\n")
        assert done.stderr.startswith("policy.yaml: process.run_as_user is not what")
        assert "\npolicy.yaml:7:1: landlock.min_abi is not what" in done.stderr


def test_a_bad_file_is_told_with_all_its_faults_and_the_old_one_stays() -> None:
    with Upstream(echo) as up, proxy(to(up.port)) as where:
        done = update(where.process.pid, "version: 2\nnetwork_policies:\n  a: {endpoints: [{host: 'x y', port: 0}]}\nodd: 1\n")
        assert done.returncode == 1
        assert [line.split(": ")[0] for line in done.stderr.splitlines() if line.startswith("policy.yaml:")] == [
            "policy.yaml:1:10", "policy.yaml:3:26", "policy.yaml:3:39", "policy.yaml:4:1"]
        assert "[HF-POLICY-INVALID]" in done.stderr
        assert status(where, up.port) == 200
        assert not [line for line in where.lines() if line["event"] == "update"]


def test_what_the_run_has_no_means_for_is_refused(ca: Authority, good: Path) -> None:
    binaries = "    binaries: [{path: /usr/bin/curl}]\n"
    with proxy(to(1)) as where:
        done = update(where.process.pid, tls_policy(1))
        assert done.returncode == 1 and "policy.yaml:5:" in done.stderr and "knows of no CA" in done.stderr
        done = update(where.process.pid, to(1) + binaries)
        assert done.returncode == 1 and "policy.yaml:7:5: programs cannot be told apart" in done.stderr
        done = update(where.process.pid, to(1).replace("port: 1", "port: 1, path: /x"))
        assert done.returncode == 1 and "policy.yaml:6:38: path cannot be enforced" in done.stderr
    with Server(good, answering(OK)[1]) as up, ending(tls_policy(up.port), ca.root) as where:
        done = update(where.process.pid, tls_policy(up.port) + tls_policy(1, host="other.test").split("endpoints:\n")[1])
        assert done.returncode == 1 and "policy.yaml:6:" in done.stderr and "for the hosts alone" in done.stderr
        with where.inside(up.port) as client:
            client.sendall(request("/", port=up.port))
            assert answer_to(client) == OK


def test_a_policy_that_is_a_message_is_told_by_its_fields(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(to(1) + "process: {limits: {open_files: 99}}\n")
    subprocess.run([HOLDFAST, "convert", "p.yaml", "p.pb"], cwd=tmp_path, check=True)
    with proxy(to(1)) as where:
        done = subprocess.run([HOLDFAST, "update", str(where.process.pid), "--policy-pb", "p.pb"], cwd=tmp_path,
                              capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert done.stderr.startswith("p.pb:process.limits.open_files: process.limits.open_files is not")


def test_a_hundred_updates_under_load_lose_no_request() -> None:
    with Upstream(web) as one, Upstream(echo) as other, proxy(to(one.port)) as where:
        stop = threading.Event()
        counts: list[int] = []
        wrong: list[bytes] = []

        def fetch() -> None:
            count = 0
            while not stop.is_set():
                try:
                    answer = fetched(where, one.port)
                except OSError as error:
                    answer = repr(error).encode()
                count += 1
                if not answer.endswith(b"outside\n"):
                    wrong.append(answer)
            counts.append(count)

        def stay() -> None:
            with tunnel(where, "127.0.0.1", one.port):
                stop.wait()

        threads = [threading.Thread(target=fetch) for _ in range(4)] + [threading.Thread(target=stay) for _ in range(4)]
        for thread in threads:
            thread.start()
        for number in range(100):
            updated(where.process.pid, to(*((one.port, other.port) if number % 2 else (one.port,))))
            assert status(where, other.port) == (200 if number % 2 else 403)
        stop.set()
        for thread in threads:
            thread.join()
        assert not wrong and min(counts) > 0, (wrong, counts)
        assert len([line for line in where.lines() if line["event"] == "update"]) == 100


def test_policies_that_nobody_needs_any_more_are_freed() -> None:
    big = policy_text(*((f"host{number}.test", 443) for number in range(4000)))
    with proxy(to(1)) as where:
        for _ in range(5):
            updated(where.process.pid, big)
        before = where.memory()
        for _ in range(20):
            updated(where.process.pid, big)
        assert where.memory() - before < 4 << 20  # one of these policies has more than 2 MiB


def test_who_does_not_speak_is_sent_away_and_holds_nobody_up() -> None:
    with Upstream(echo) as up, proxy(to(up.port)) as where:
        silent = [visit(where.process.pid) for _ in range(12)]
        silent[0].sendall(b"hf\x01u")
        assert status(where, up.port) == 200
        began = time.monotonic()
        for client in silent[:4]:
            assert client.recv(1) == b""
        assert 3 < time.monotonic() - began < WAIT
        for client in silent:
            client.close()
        updated(where.process.pid, NOTHING)
        used = where.cpu()
        time.sleep(0.5)
        assert where.cpu() - used < 0.1


@pytest.mark.parametrize("words", [b"GET / HTTP/1.1\r\n\r\n", b"hf\x02u\0\0\0\0", b"hf\x01x\0\0\0\0", b"hf\x01d\0\0\0\0",
                                   b"hf\x01u\xff\xff\xff\xff"])
def test_what_is_no_request_ends_the_conversation(words: bytes) -> None:
    with proxy(to(1)) as where, visit(where.process.pid) as client:
        client.sendall(words)
        try:
            assert client.recv(1) == b""
        except ConnectionResetError:
            pass
        updated(where.process.pid, to(2))


def test_bytes_that_are_no_policy_are_told_and_change_nothing() -> None:
    with Upstream(echo) as up, proxy(to(up.port)) as where, visit(where.process.pid) as client:
        client.sendall(b"hf\x01u\x03\0\0\0" + b"\xff\xff\xff")
        assert client.recv(4) == b"hf\x01r"
        assert status(where, up.port) == 200


@as_root
def test_another_user_is_sent_away_by_both_sides() -> None:
    with Upstream(echo) as up, proxy(to(up.port)) as where:
        done = update(where.process.pid, NOTHING, before=NOBODY)
        assert done.returncode == 1 and "was started by user 0 [HF-RUN-NOT-YOURS]" in done.stderr
        # And one that does not ask who is there:
        child = os.fork()
        if child == 0:
            os.setresuid(65534, 65534, 65534)
            answer = b"?"
            try:
                with visit(where.process.pid) as client:
                    client.sendall(b"hf\x01u\x02\0\0\0\x08\x01")
                    answer = client.recv(1)
            except (BrokenPipeError, ConnectionResetError):
                answer = b""
            os._exit(len(answer))
        assert os.waitpid(child, 0)[1] == 0
        assert status(where, up.port) == 200
        assert not [line for line in where.lines() if line["event"] == "update"]


def test_whoever_takes_the_name_of_another_process_is_not_taken_for_it() -> None:
    sleeper = os.fork()
    if sleeper == 0:
        time.sleep(60)
        os._exit(0)
    try:
        with socket.socket(socket.AF_UNIX) as impostor:
            impostor.bind(control_name(sleeper))
            impostor.listen()
            done = update(sleeper, NOTHING)
            assert done.returncode == 1
            assert f"another process ({os.getpid()}, of user {os.geteuid()}) has its name" in done.stderr
            impostor.settimeout(WAIT)
            assert impostor.accept()[0].recv(1) == b""
        done = update(sleeper, NOTHING)
        assert "this process is no run [HF-RUN-NOT-FOUND]" in done.stderr
    finally:
        os.kill(sleeper, 9)
        os.waitpid(sleeper, 0)
    done = update(sleeper, NOTHING)
    assert done.returncode == 1 and "there is no such process [HF-RUN-NOT-FOUND]" in done.stderr


def test_a_run_without_a_word_is_not_waited_for_forever() -> None:
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(control_name(os.getpid()))
        mute.listen()
        began = time.monotonic()
        done = update(os.getpid(), NOTHING)
        assert done.returncode == 1 and "[HF-RUN-SILENT]" in done.stderr
        assert 5 < time.monotonic() - began < 20


def curl(port: int) -> str:
    return f"curl -s -o /dev/null -w '%{{http_code}} %{{http_connect}}' -p http://127.0.0.1:{port}/"


STARTERS = [pytest.param((), id="caller"), pytest.param(NOBODY, id="ordinary", marks=as_root)]


@pytest.mark.parametrize("before", STARTERS)
def test_a_real_run_is_changed_by_who_started_it(before: tuple[str, ...]) -> None:
    with Upstream(web) as one, Upstream(web) as other, sandbox(to(one.port), before=before) as run:
        assert run.do(curl(one.port)) == "200 200" and run.do(curl(other.port)) == "000 403"
        done = update(run.run, to(other.port), before=before)
        assert done.returncode == 0, done.stderr
        assert run.do(curl(one.port)) == "000 403" and run.do(curl(other.port)) == "200 200"
        assert update(run.run, to(1) + "landlock: {min_abi: 5}\n", before=before).returncode == 1
        assert run.do(curl(other.port)) == "200 200"


@as_root
def test_root_changes_anybodys_run_and_who_the_command_runs_as_changes_none() -> None:
    with Upstream(web) as up, sandbox(to(1), before=NOBODY) as run:
        updated(run.run, to(up.port))
        assert run.do(curl(up.port)) == "200 200"
    text = to(1) + "process: {run_as_user: '65534', run_as_group: '65534'}\n"
    with Upstream(web) as up, sandbox(text) as run:
        done = update(run.run, text.replace("port: 1", f"port: {up.port}"), before=NOBODY)
        assert done.returncode == 1 and "[HF-RUN-NOT-YOURS]" in done.stderr
        updated(run.run, text.replace("port: 1", f"port: {up.port}"))
        assert run.do(curl(up.port)) == "200 200"


def test_a_run_in_block_mode_has_no_networks_to_change() -> None:
    with sandbox(NOTHING, mode="block") as run:
        done = update(run.run, to(1))
        assert done.returncode == 1 and "it is in block mode, or" in done.stderr and "[HF-RUN-NOT-FOUND]" in done.stderr
    done = update(run.run, to(1))
    assert done.returncode == 1 and "there is no such process" in done.stderr


def test_programs_are_told_apart_by_the_new_networks_and_what_was_pinned_stays_so() -> None:
    def text(port: int, *paths: str) -> str:
        return to(port) + "    binaries: [" + ", ".join(f"{{path: {path}}}" for path in paths) + "]\n"

    with Upstream(web) as up, sandbox(text(up.port, "/usr/bin/python3")) as run:
        assert run.do(curl(up.port)) == "000 403"
        updated(run.run, text(up.port, "/usr/bin/python3", "/usr/bin/curl"))
        assert run.do(curl(up.port)) == "200 200"
        run.do("cp /usr/bin/curl own")
        own = text(up.port, str(run.folder / "own"))
        updated(run.run, own)
        assert run.do(curl(up.port)) == "000 403"
        assert run.do("./own" + curl(up.port)[4:]) == "200 200"
        run.do("cp own other; echo >> other; mv other own")
        assert run.do("./own" + curl(up.port)[4:]) == "000 403"
        updated(run.run, own + "\n")
        assert run.do("./own" + curl(up.port)[4:]) == "000 403"
        updated(run.run, to(up.port))
        assert run.do("./own" + curl(up.port)[4:]) == "200 200"


def test_a_start_goes_on_where_its_name_is_taken() -> None:
    """By others beforehand: whoever does it can keep a run from being changed, and from nothing else."""
    held = []
    with open("/proc/sys/kernel/ns_last_pid", encoding="ascii") as last:
        first = int(last.read())
    try:
        for number in range(first + 1, first + 400):
            one = socket.socket(socket.AF_UNIX)
            one.bind(control_name(number))
            held.append(one)
        with Upstream(web) as up, sandbox(to(up.port)) as run:
            assert first < run.run < first + 400
            assert "warning: holdfast update and top cannot reach this run (EADDRINUSE)" in (run.folder / "said").read_text()
            assert run.do(curl(up.port)) == "200 200"
    finally:
        for one in held:
            one.close()

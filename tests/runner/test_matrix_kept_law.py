"""The law of the runtime's word: what its report says is held must be denied in that same cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from matrix import relations, result
from matrix.cells import spread
from matrix.law import Violation
from matrix.mutant_verdict import broken
from matrix.observe import Observation
from matrix.paint import Paint
from matrix.result import Result, expectation
from matrix.targets import choose, on_guests
from matrix.violated import told
from matrix_world import scenario

EVERY_MEANS = ("landlock", "network namespace", "proxy", "process namespace", "seccomp", "no_new_privs",
               "no capabilities", "closed descriptors", "IPC namespace")
PROMISES = ("files", "truncation", "device_ioctls", "unix_sockets", "abstract_sockets", "tcp", "udp", "other_sockets",
            "signals", "tracing", "shared_memory", "privileges", "system_calls", "terminal_input", "descriptors")


def plan(*means: str, **parts: Any) -> Mapping[str, Any]:
    """A plan whose every promise is held by these means."""
    return {"promises": [{"promise": name, "means": means, "lost": None} for name in PROMISES], **parts}


def seen(probe: str, got: str, given: Mapping[str, Any] | None, outcome: str = "started") -> Sequence[Result]:
    """What one cell showed, in which one probe had that result."""
    small = scenario(f"""\
about: one probe
policy: |
  version: 1
axes: {{landlock: [omitted], mode: [block]}}
rows: "6"
tree: [{{symlink: link, target: /mnt/cell/given}}]
probes: {{it: {probe}}}
expect: [{{outcome: started, probes: {{it: any}}}}]
""")
    return [Result(cell, result.PASS, expectation(cell), Observation(outcome, exit=0, probes={"it": got}, plan=given))
            for cell in spread(small, on_guests(choose(("6",))))]


def violations(*args: Any, **kwargs: Any) -> list[Violation]:
    return [one for one in relations.check(seen(*args, **kwargs)) if one.law == "kept"]


@pytest.mark.parametrize(("probe", "means", "breaks", "keeps"), [
    ("syscall ptrace", "seccomp", ("ok", "EINVAL"), ("EPERM", "ENOSYS")),
    ("syscall clone3-user", "seccomp", ("ok",), ("ENOSYS",)),
    ("syscall tiocsti", "seccomp", ("ok",), ("EPERM",)),
    ("x32", "seccomp", ("ok", "ENOSYS"), ("signal=31",)),
    ("int80", "seccomp", ("ok",), ("signal=31", "signal=11")),
    ("caps", "no capabilities", ("CapBnd=0000000000000001",), ("none",)),
    ("nnp", "no_new_privs", ("0",), ("1",)),
    ("try shared-memory", "IPC namespace", ("ok",), ("ENOENT",)),
    ("try memory-file", "process namespace", ("ok",), ("EACCES", "ENOENT")),
    ("try-at join-namespace /proc/self/ns/net", "seccomp", (), ("ok", "EPERM")),
    ("fds", "closed descriptors", ("9,64",), ("ok",)),
    ("signal outside", "process namespace", ("ok",), ("ESRCH", "EPERM")),
    ("signal 1", "landlock", ("ok",), ("EPERM",)),
    ("socket 40 1 0", "seccomp", ("ok",), ("EACCES", "EAFNOSUPPORT")),
    ("socket 2 3 1", "seccomp", ("ok",), ("EPERM",)),
    ("socket 2 1 0", "seccomp", ("ok",), ("EACCES",)),
    ("socket 10 2 0", "seccomp", ("ok",), ("EACCES",)),
    ("socket 16 3 9", "seccomp", ("ok",), ("EACCES",)),
    ("socket 16 3 0", "seccomp", ("EACCES",), ("ok",)),
    ("tcp-connect 192.0.2.1 80", "network namespace", ("ok",), ("ENETUNREACH", "EACCES")),
    ("tcp-by fastopen 192.0.2.1 80", "network namespace", ("ok",), ("ENETUNREACH", "EACCES")),
    ("tcp-bind 127.0.0.1 8099", "seccomp", ("ok",), ("EACCES",)),
    ("udp-send 192.0.2.1 53", "network namespace", ("ok",), ("ENETUNREACH",)),
    ("abstract-connect hf-outside", "network namespace", ("ok",), ("ECONNREFUSED",)),
    ("netns-interfaces", "network namespace", ("outer", "eth0,lo"), ("lo", "EACCES")),
    ("unix-connect /run/hf-outside.sock", "landlock", ("ok",), ("EACCES",)),
    ("read /mnt/cell/secret", "landlock", ("ok",), ("EACCES", "ENOENT")),
    ("truncate /mnt/cell/secret", "landlock", ("ok",), ("EACCES",)),
    ("ioctl /dev/zero", "landlock", ("ok",), ("EACCES",)),
])
def test_what_is_held_is_denied(probe: str, means: str, breaks: Sequence[str], keeps: Sequence[str]) -> None:
    for got in breaks:
        assert violations(probe, got, plan(*EVERY_MEANS)), got
        assert violations(probe, got, plan(means)), got
        # What the report says of it does not bind where nothing is said to hold it, or by something else alone.
        assert not violations(probe, got, plan()), got
        assert not violations(probe, got, plan("cgroup")) or probe in ("fds", "signal outside") \
            or probe.startswith("abstract"), got
    for got in keeps:
        assert not violations(probe, got, plan(*EVERY_MEANS)), got


GIVEN = [{"path": "/mnt/cell/given", "at_most": ["read_file", "read_dir"]},
         {"path": "/mnt/cell/own", "at_most": ["read_file", "write_file", "make_reg", "truncate"]}]


@pytest.mark.parametrize(("probe", "breaks"), [
    ("read /mnt/cell/given/file", False),
    ("write /mnt/cell/given/file", True),
    ("truncate /mnt/cell/given/file", True),
    ("truncate /mnt/cell/own/file", False),
    ("create /mnt/cell/own/file", False),
    ("create /mnt/cell/owner/file", True),
    # Where a link is on the way, or may be, nothing can be told from names.
    ("read /mnt/cell/link/file", False),
    ("read /mnt/cell/given/../secret", False),
    ("read /etc/hostname", False),
    ("chmod /mnt/cell/secret", False),
])
def test_what_the_rules_of_the_plan_grant(probe: str, breaks: bool) -> None:
    assert bool(violations(probe, "ok", plan("landlock", rules=GIVEN))) == breaks
    linked = [*GIVEN, {"path": "/mnt/cell/link", "at_most": ["read_file"]}]
    assert not violations(probe, "ok", plan("landlock", rules=linked))


ENDPOINTS = [{"host": "named.test", "ports": [8080]}, {"host": "*.wild.test", "ports": [80, 8080]}]


@pytest.mark.parametrize(("probe", "breaks", "keeps"), [
    ("http named.test 8080", (), ("http-200", "http-502", "http-403")),
    ("http NAMED.test 8080", (), ("http-200",)),
    ("http named.test 8081", ("http-200", "http-502"), ("http-403", "http-400")),
    ("http other.test 8080", ("http-200", "http-502"), ("http-403",)),
    ("http notnamed.test 8080", ("http-502",), ("http-403",)),
    ("http notwild.test 8080", ("http-502",), ("http-403",)),
    # The addresses of the matrix's world are private, which a wildcard never leads to.
    ("http private.wild.test 8080", ("http-200", "http-502"), ("http-403",)),
    ("http-why named.test 8080", ("host", "port"), ("allowed", "program", "address")),
    ("http-why named.test 9999", ("host", "allowed"), ("port",)),
    ("http-why other.test 8080", ("port", "allowed", "address"), ("host",)),
    ("request GET http://named.test:8080/a", ("host", "port"), ("allowed", "path", "method")),
    ("request GET http://named.test/a", ("allowed", "host"), ("port",)),
    ("request GET http://other.test:8080/a", ("allowed", "path"), ("host",)),
])
def test_what_the_endpoints_let_out(probe: str, breaks: Sequence[str], keeps: Sequence[str]) -> None:
    given = plan("network namespace", "proxy", endpoints=ENDPOINTS)
    for got in breaks:
        assert violations(probe, got, given), got
    for got in keeps:
        assert not violations(probe, got, given), got


def test_block_mode_has_no_proxy() -> None:
    given = plan("network namespace", "seccomp", endpoints=[])
    assert violations("http named.test 8080", "http-200", given)
    assert not violations("http named.test 8080", "no-proxy", given)


def test_a_cell_without_a_report_or_a_start_says_nothing() -> None:
    assert not violations("x32", "ok", None)
    assert not violations("x32", "ok", plan(*EVERY_MEANS), outcome="refused")


def test_a_cell_that_breaks_its_own_word_is_told_once() -> None:
    found = violations("x32", "ENOSYS", plan("seccomp"))
    assert told(found, Paint(False)) == [
        "VIOLATED kept: what the report says is held is denied to the command in that same cell", "  small",
        "    probe it: ENOSYS, where system_calls is held by seccomp in mode=block,landlock=omitted,user=root/6",
        "        again: make matrix SCENARIO=small.yaml KERNEL=6 CELL=mode=block,landlock=omitted,user=root", ""]
    assert broken(found[0]) == "kept: probe it: ENOSYS, where system_calls is held by seccomp"

"""What is told of a call that fails: which calls are told of, the words that are the same on every machine, and the record."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.faults.judge import Seen  # noqa: E402
from tests.faults.told import RECORD, Call, Record, calls, outcome, subject_of  # noqa: E402

PLACE = Path("/var/tmp/holdfast-faults-abcdefgh/00000042")
MOUNT = Call("init", "mount", "/proc", 2, 1)


def trace(*lines: str) -> list[Call]:
    return calls("".join(line.replace(" ", "\t") + "\n" for line in lines), PLACE)


def test_of_the_proxy_is_told_what_it_does_before_it_serves() -> None:
    found = trace("proxy capset ", "proxy epoll_wait ", "init close socket:[1]", "proxy accept4 ")
    assert [one.name for one in found if one.is_told] == ["close", "capset"]


def test_calls_are_counted_by_process_and_name_and_by_subject() -> None:
    found = trace("supervisor openat /a", "init openat /run/x", "supervisor openat /run/x", "supervisor openat /run/x")
    assert [(one.process, one.subject, one.nth, one.turn) for one in found] == [
        ("supervisor", "the default set", 1, 1), ("supervisor", "/run/x", 2, 1), ("supervisor", "/run/x", 3, 2),
        ("init", "/run/x", 1, 1)]


def test_what_the_command_does_itself_is_left_out() -> None:
    found = trace("command prctl PR_SET_NO_NEW_PRIVS", "command execve /x", "command prctl PR_GET_DUMPABLE")
    assert [one.name for one in found] == ["prctl", "execve"]


@pytest.mark.parametrize(("about", "subject"), [
    (f"{PLACE}/work", "PLACE/work"),
    (f"{PLACE}/user,-proxy.yaml", "PLACE/policy.yaml"),
    ("/var/tmp", "above PLACE"),
    ("/run/holdfast-aB3dE6/proxy.env", "/run/holdfast-XXXXXX/proxy.env"),
    ("/run/holdfast-aB3dE6 (deleted)", "/run/holdfast-XXXXXX"),
    ("/proc/4711/uid_map", "/proc/self/uid_map"),
    ("socket:[123]", "socket"),
    ("anon_inode:[landlock-ruleset]", "landlock-ruleset"),
    ("/usr/lib32", "the default set"),
    ("/", "/"),
    ("PR_SET_PDEATHSIG", "PR_SET_PDEATHSIG"),
])
def test_a_subject_reads_alike_on_every_machine(about: str, subject: str) -> None:
    assert subject_of(about, PLACE) == subject


@pytest.mark.parametrize(("name", "about", "told"), [
    ("brk", "", False),
    ("mmap", "/etc/ld.so.cache", False),
    ("openat", "/etc/passwd", False),
    ("read", "/usr/lib/x86_64-linux-gnu/libc.so.6", False),
    ("socket", "AF_UNIX", False),
    ("connect", "socket:[1]", False),
    ("prlimit64", "3", False),
    ("newfstatat", "/", False),
    ("openat", "/", True),
    ("prlimit64", "4", True),
    ("socket", "AF_INET", True),
    ("openat", "/etc", True),
    ("socketpair", "", True),
])
def test_calls_of_the_loader_and_of_the_user_database_are_not_told(name: str, about: str, told: bool) -> None:
    assert Call("supervisor", name, subject_of(about, PLACE), 1, 1).is_told == told


@pytest.mark.parametrize(("call", "seen", "what"), [
    (MOUNT, Seen(42, "held\n", "holdfast: warning: always\n"), "42"),
    (MOUNT, Seen(42, "held\n", "holdfast: warning: always\nholdfast: warning: now\n"), "42 warning: now"),
    (MOUNT, Seen(125, "", f"holdfast: refused at landlock: {PLACE}/work, ABI 7 [HF-X]\n"
                           f"  because of {PLACE}/a.yaml:2:5; to do: y\n"),
     "125 refused at landlock: PLACE/work, ABI N [HF-X] because of PLACE/policy.yaml:2:5"),
    (Call("proxy", "mount", "", 1, 1), Seen(42, "held, without the proxy\n", "holdfast: warning: the proxy ended\n"),
     "42 held, without the proxy"),
    (Call("supervisor", "openat", "the default set", 1, 1), Seen(125, "", "holdfast: refused: /lib32 (EPERM: no) [HF-X]\n"),
     "125 refused: PATH (EPERM: no) [HF-X]"),
])
def test_what_is_told_beside_what_always_is(call: Call, seen: Seen, what: str) -> None:
    assert outcome(call, seen, "holdfast: warning: always\n", PLACE) == what


def test_calls_that_are_told_alike_share_a_line_and_others_have_their_turn() -> None:
    told = [("s", MOUNT, "EPERM", "125 a"), ("s", Call("init", "mount", "/proc", 3, 2), "EPERM", "125 a")]
    assert Record.of(told).text() == "s\n  init: mount /proc EPERM -> 125 a\n"
    told[1] = (*told[1][:3], "42")
    assert Record.of(told).text() == "s\n  init: mount /proc EPERM (1) -> 125 a\n  init: mount /proc EPERM (2) -> 42\n"


def test_a_difference_shows_both() -> None:
    record = Record.read("s\n  init: mount /proc EPERM (1) -> 125 a\n  init: mount /proc EPERM (2) -> 42\n")
    assert not record.differs(("s", MOUNT, "EPERM", "125 a"))
    assert "now:      125 b\n  recorded: 125 a" in record.differs(("s", MOUNT, "EPERM", "125 b"))
    assert "no such call" in record.differs(("other", MOUNT, "EPERM", "125 a"))
    assert record.missing("s", [(MOUNT, "EPERM")]) == ["init: mount /proc EPERM (2)"]


def test_the_record_in_git_reads_as_it_was_written() -> None:
    text = RECORD.read_text("utf-8")
    assert text and Record.read(text).text() == text

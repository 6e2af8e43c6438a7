"""The judge of runs into which a fault was put, by table: what is taken for held, and what is not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.faults.errors import errors_of, first_errors_of  # noqa: E402
from tests.faults.judge import ENDED, RAN, REFUSED, Seen, judge, judge_telling  # noqa: E402

SAID = "holdfast: refused at launch: no process (ENOMEM: Cannot allocate memory) [HF-LAUNCH-FAILED]\n"
BLOCKED = "holdfast: warning: landlock is not enforced: this kernel answers blocked (EPERM)\n"
LEFT_OUT = "holdfast: warning: p.yaml:2:33: /x/readable is left out (EACCES)\n"


@pytest.mark.parametrize(("call", "error", "seen", "kind", "wrong"), [
    ("openat", "EMFILE", Seen(42, "held\n", ""), RAN, ""),
    ("openat", "EMFILE", Seen(42, "open secret-read\n", ""), RAN, "not held: secret-read"),
    ("landlock_create_ruleset", "EPERM", Seen(42, "open secret-read\n", BLOCKED), RAN, ""),
    ("landlock_create_ruleset", "EPERM", Seen(42, "open secret-read\n", ""), RAN, "not held: secret-read"),
    ("landlock_create_ruleset", "EPERM", Seen(42, "open udp\n", BLOCKED), RAN, "not held: udp"),
    ("openat", "EACCES", Seen(42, "open read-only-unreadable\n", LEFT_OUT), RAN, ""),
    ("openat", "EACCES", Seen(42, "open work-unwritable\n", LEFT_OUT), RAN, ""),
    ("openat", "EACCES", Seen(42, "open read-only-unreadable\n", ""), RAN, "not held: read-only-unreadable"),
    ("openat", "EACCES", Seen(42, "open read-only-unreadable secret-read\n", LEFT_OUT), RAN, "secret-read"),
    ("landlock_add_rule", "EBADFD", Seen(42, "open work-unwritable\n", ""), RAN, ""),
    ("landlock_add_rule", "EBADFD", Seen(42, "open secret-read\n", ""), RAN, "not held: secret-read"),
    ("openat", "EMFILE", Seen(125, "held\n", SAID), RAN, "the exit status is 125"),
    ("openat", "EMFILE", Seen(125, "", SAID), REFUSED, ""),
    ("sendmsg", "EPIPE", Seen(125, "held\n", SAID), RAN, ""),
    ("recvmsg", "END", Seen(137, "held\n", ""), RAN, ""),
    ("recvmsg", "END", Seen(137, "open udp\n", ""), RAN, "not held: udp"),
    ("recvmsg", "END", Seen(1, "held\n", ""), RAN, "the exit status is 1"),
    ("openat", "EMFILE", Seen(125, "", "holdfast: warning: a limit\n"), REFUSED, "no stage"),
    ("allocation", "ENOMEM", Seen(125, "", "holdfast: out of luck (ENOMEM: Cannot allocate memory)\n"), REFUSED, "no stage"),
    ("openat", "ENOMEM", Seen(127, "", "/x/holdfast: error while loading shared libraries: libc\n"), REFUSED, ""),
    ("openat", "EMFILE", Seen(0, "", SAID), REFUSED, "the exit status is 0"),
    ("openat", "EMFILE", Seen(139, "", ""), REFUSED, "the exit status is 139"),
    ("brk", "ENOMEM", Seen(139, "", ""), REFUSED, ""),
    ("allocation", "ENOMEM", Seen(139, "", "failing-allocation: of /lib/libc.so.6\n"), REFUSED, ""),
    ("allocation", "ENOMEM", Seen(139, "", "failing-allocation: of build/holdfast\n"), REFUSED, "139"),
    ("openat", "EMFILE", Seen(125, "", SAID, ("/run/holdfast-1",)), REFUSED, "it left /run/holdfast-1"),
    ("rmdir", "EACCES", Seen(42, "held\n", "", ("/run/holdfast-1",)), RAN, ""),
    ("openat", "EMFILE", Seen(99, "held\n", ""), RAN, "outlived"),
    ("openat", "EMFILE", Seen(137, "", "fail-call: hang\n"), REFUSED, "hung"),
    ("openat", "EMFILE", Seen(98, "", "fail-call: it needs root"), REFUSED, "harness"),
    ("openat", "KILL", Seen(137, "", ""), ENDED, ""),
    ("openat", "KILL", Seen(137, "open udp\n", ""), RAN, "not held: udp"),
    ("openat", "KILL", Seen(99, "", ""), ENDED, "outlived"),
])
def test_a_run_holds_everything_or_runs_nothing(call: str, error: str, seen: Seen, kind: str, wrong: str) -> None:
    got = judge(call, error, seen)
    assert got[0] == kind
    assert wrong in got[1] and bool(wrong) == bool(got[1])


def test_a_plan_is_told_whole_or_not_at_all() -> None:
    assert not judge_telling("{}", 0, "{}", "")[1]
    assert judge_telling("{}", 0, "{", "")[1]
    assert not judge_telling("{}", 1, "", "holdfast: the plan could not be written\n")[1]
    assert judge_telling("{}", 1, "", "failing-allocation: of build/holdfast\n")[1]


def test_what_cannot_fail_is_not_failed() -> None:
    assert errors_of("close") == ()
    assert "EMFILE" in errors_of("openat")
    assert first_errors_of("openat") == ("EACCES",)
    assert first_errors_of("recvmsg") == ("END", "EINTR", "EIO")
    assert errors_of("a call that is not in the table")

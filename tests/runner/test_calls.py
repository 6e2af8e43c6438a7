"""The calls that the runtime makes in a start are those of the record, and none opens what an exec leaves open."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.calls.law import left_open  # noqa: E402
from tests.calls.normal import KINDS, normal  # noqa: E402
from tests.calls.setting import ALL  # noqa: E402
from tests.calls.strace import Call, read  # noqa: E402

BUILD = os.environ.get("BUILD", "build")
SUPERVISOR = """execve("/mnt/holdfast", ["/mnt/holdfast"], []) = 0
munmap(0x7f8cbf017000, 45847)           = 0
prctl(PR_CAPBSET_DROP, CAP_CHOWN)       = 0
prctl(PR_CAPBSET_DROP, CAP_KILL)        = 0
prctl(PR_CAPBSET_DROP, 0x29 /* CAP_??? */) = -1 EINVAL (Invalid argument)
clone(child_stack=NULL, flags=CLONE_NEWNS|CLONE_NEWPID|CLONE_NEWNET|SIGCHLD) = 71
recvmsg(5, {msg_name=NULL, msg_iov=[{iov_base="\\1\\0\\0\\0\\0\\0\\0\\0\\t\\0\\0\\0"..., iov_len=48}], msg_iovlen=1}, 0) = 48
--- SIGCONT {si_signo=SIGCONT, si_code=SI_TKILL, si_pid=2, si_uid=0} ---
poll([{fd=3, events=POLLIN}], 1, 998)   = 1 ([{fd=3, revents=POLLIN}])
getsockname(7, {sa_family=AF_INET, sin_port=htons(40313), sin_addr=inet_addr("127.0.0.1")}, [16]) = 0
kill(71, SIGKILL)                       = 0
"""


@pytest.mark.skipif(os.getuid() != 0, reason="root is needed, to be both root and another user")
def test_the_calls_of_a_start_are_those_of_the_record() -> None:
    subprocess.run(["make", "-s", f"BUILD={BUILD}", *(f"{BUILD}/{name}" for name in (
        "holdfast", "abi-ceiling", "deny-call", "calls/command"))], check=True, stdout=subprocess.DEVNULL)
    done = subprocess.run([sys.executable, "-m", "tests.calls", "--build", BUILD], capture_output=True, text=True, check=False,
                          cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_another_in_each_run_gets_a_name() -> None:
    said = normal(ALL[0], {70: read(SUPERVISOR)}).splitlines()
    assert said[1:] == [
        "supervisor:",
        "    prctl(PR_CAPBSET_DROP, CAP_CHOWN) and so on = EINVAL",
        "    clone(child_stack=NULL, flags=CLONE_NEWNS|CLONE_NEWPID|CLONE_NEWNET|SIGCHLD)",
        f"    recvmsg(5, {{msg_name=NULL, msg_iov=[{KINDS[1]} 9], msg_iovlen=1}}, 0)",
        "    poll([{fd=3, events=POLLIN}], 1, 1 s)",
        '    getsockname(7, {sa_family=AF_INET, sin_port=PORT, sin_addr=inet_addr("127.0.0.1")}, [16])',
        "    kill(init, SIGKILL)",
    ]


@pytest.mark.parametrize(("changed", "by"), [
    ("SIGKILL)", "SIGTERM)"), ("CLONE_NEWNET|", ""), ("\\t\\0", "\\7\\0"), ("CAP_CHOWN", "CAP_SETUID"),
    ("SIGKILL) ", "SIGKILL) = -1 EPERM "),
    ("events=POLLIN}], 1", "events=POLLIN}], 2"),
])
def test_another_call_is_seen(changed: str, by: str) -> None:
    assert normal(ALL[0], {70: read(SUPERVISOR)}) != normal(ALL[0], {70: read(SUPERVISOR.replace(changed, by))})


@pytest.mark.parametrize(("line", "leaves"), [
    ('openat(AT_FDCWD, "/", O_RDONLY|O_CLOEXEC) = 3', False),
    ('openat(AT_FDCWD, "/", O_RDONLY) = 3', True),
    ('openat(AT_FDCWD, "/", O_RDONLY) = -1 ENOENT (No such file or directory)', False),
    ("socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 5", True),
    ("dup2(6, 0) = 0", False),
    ("dup2(6, 4) = 4", True),
    ("dup3(6, 4, 0) = 4", True),
    ("fcntl(6, F_DUPFD, 7) = 7", True),
    ("fcntl(6, F_DUPFD_CLOEXEC, 7) = 7", False),
    ("fcntl(6, F_GETFD) = 1", False),
    ("recvmsg(5, {msg_iovlen=1}, 0) = 48", True),
])
def test_a_descriptor_that_an_exec_leaves_open_is_told(line: str, leaves: bool) -> None:
    calls: Mapping[int, list[Call]] = {1: read(line)}
    assert bool(list(left_open(calls))) == leaves

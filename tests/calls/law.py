"""Every descriptor that the runtime opens is closed by an exec: a command that gets one has what the policy does not give."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from tests.calls.strace import Call

FLAGS = {"open": "O_CLOEXEC", "openat": "O_CLOEXEC", "openat2": "O_CLOEXEC", "creat": "none", "socket": "SOCK_CLOEXEC",
         "socketpair": "SOCK_CLOEXEC", "accept": "none", "accept4": "SOCK_CLOEXEC", "pipe": "none", "pipe2": "O_CLOEXEC",
         "signalfd": "none", "signalfd4": "SFD_CLOEXEC", "eventfd": "none", "eventfd2": "EFD_CLOEXEC",
         "timerfd_create": "TFD_CLOEXEC", "epoll_create": "none", "epoll_create1": "EPOLL_CLOEXEC", "inotify_init": "none",
         "inotify_init1": "IN_CLOEXEC", "memfd_create": "MFD_CLOEXEC", "dup": "none", "dup3": "O_CLOEXEC",
         "recvmsg": "MSG_CMSG_CLOEXEC", "perf_event_open": "PERF_FLAG_FD_CLOEXEC"}
STREAM = re.compile(r"\d+, [0-2](?:,|$)")  # dup2 and dup3 in the place of a standard stream, which the command is to have


def left_open(processes: Mapping[int, Sequence[Call]]) -> Iterator[str]:
    """The calls that open what an exec leaves open, up to the exec itself."""
    for calls in processes.values():
        for call in calls:
            if not call.error and _leaves_open(call):
                yield f"{call.name}({call.arguments})"


def _leaves_open(call: Call) -> bool:
    if call.name in ("dup2", "dup3") and STREAM.match(call.arguments):
        return False
    if call.name == "dup2" or (call.name == "fcntl" and "F_DUPFD," in call.arguments):
        return True
    return call.name in FLAGS and FLAGS[call.name] not in call.arguments

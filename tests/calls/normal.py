"""What is the same in every run and on every machine, of the calls that strace wrote. Left out are the loader's calls and the
allocator's; numbers that are another each time get names."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.calls.setting import Setting
from tests.calls.strace import Call

# The allocator's, the clock's where it is no page, how an end is told, and the headers of a command, by how it was linked.
LEFT_OUT = ("brk", "mmap", "munmap", "mprotect", "getrandom", "futex", "clock_gettime", "exit_group", "restart_syscall",
            "pread64", "set_robust_list")
HEADER = Path(__file__).parents[2] / "src/launch/channel.h"
KINDS = re.findall(r"^    HF_MESSAGE_(\w+),", HEADER.read_text("utf-8"), re.M)
HEAD = struct.Struct("<iH2xi")  # kind, port and number of struct hf_message

CONTENT = re.compile(r'"((?:[^"\\]|\\.)*)"(?:\.\.\.)?')
PARTS = re.compile(r'msg_iov=\[\{iov_base=' + CONTENT.pattern + r'.*?\}\], msg_iovlen=')
SUBSTITUTES = (
    (re.compile(r"\{st_mode=(\S+), st_(?:size=\d+|rdev=makedev\((\S+), (\S+)\)), \.\.\.\}"), r"{\1}"),
    (re.compile(r"\{f_type=(\w+), .*\}"), r"{\1}"),
    (re.compile(r"(?:1<<CAP_\w+\|)+1<<CAP_\w+"), "ALL"),
    (re.compile(r"holdfast-\w{6}\b"), "holdfast-XXXXXX"),
    (re.compile(r"htons\([1-9]\d*\)|(?<=127\.0\.0\.1:)\d+"), "PORT"),
    (re.compile(r'(?<=sun_path=@"holdfast/)\d+/\d+"\}, \d+'), 'NAMESPACE/PROCESS"}, LENGTH'),
    (re.compile(r"0x[0-9a-f]{9,}"), "ADDRESS"),
    (re.compile(r" /\* \d+ entries \*/"), ""),
)
POLLING = re.compile(r"\d+$")
CAPABILITY = re.compile(r"prctl\((PR_CAPBSET_\w+), ")
LAST_BESIDE = "seccomp"
GRANTING = ("openat", "fstat", "newfstatat", "landlock_add_rule", "close")
QUESTION = "NULL, 0, 0x2"  # landlock_create_ruleset, for the errata, which kernels from 6.15 on tell


def roles(processes: Mapping[int, Sequence[Call]]) -> dict[int, str]:
    """Which of a run's processes is which, in the order in which they are numbered."""
    if not processes:  # it was not even started
        return {}
    first = min(processes)
    found = {first: "supervisor"}
    beside = []
    for call in processes[first]:
        if call.name in ("clone", "clone3") and not call.error:
            if "CLONE_NEWPID" in call.arguments or "CLONE_THREAD" in call.arguments:
                found[int(call.result)] = "init" if "CLONE_NEWPID" in call.arguments else "observer"
            else:
                beside.append(int(call.result))
    found |= zip(reversed(beside), ("proxy", "porter"))  # the porter comes first, where there is one
    return found | {number: "command" for number in processes if number not in found}


def normal(setting: Setting, processes: Mapping[int, Sequence[Call]]) -> str:
    """The record of a setting."""
    named = roles(processes)
    # What this machine's own kernel lacks is told, or nothing.
    left_out = LEFT_OUT if setting.kernel else (*LEFT_OUT, "write")
    blocks = [f"# {setting.about}"]
    for role in setting.processes:
        for number in (one for one in processes if named.get(one) == role):
            lines = [text(call, setting, named) for call in _own(role, processes[number]) if call.name not in left_out]
            blocks.append("\n".join([f"{role}:", *(f"    {line}" for line in _folded(lines))]))
    return "\n".join(blocks) + "\n"


def _own(role: str, calls: Sequence[Call]) -> Sequence[Call]:
    """Without what is done before main, by the command once it is executed, and by proxy and porter once they serve."""
    names = [call.name for call in calls]
    if role == "supervisor":
        begin = max(number for number, name in enumerate(names) if name == "execve" and not calls[number].error)
        return _without_grants(calls[names.index("munmap", begin) + 1 :])
    if role == "command":
        return calls[: names.index("execve") + 1] if "execve" in names else calls
    if role in ("proxy", "porter"):
        return calls[: names.index(LAST_BESIDE) + 1 if LAST_BESIDE in names else 0]
    return calls


def _without_grants(calls: Sequence[Call]) -> Sequence[Call]:
    """What the proxy may read is what this machine has of a list: its domain is the second that is made."""
    made = [number for number, call in enumerate(calls)
            if call.name == "landlock_create_ruleset" and not call.arguments.startswith("NULL")]
    if len(made) < 2:
        return calls
    end = next(number for number in range(made[1] + 1, len(calls)) if calls[number].name not in GRANTING)
    return [*calls[: made[1] + 1], *calls[end:]]


def text(call: Call, setting: Setting, named: Mapping[int, str]) -> str:
    arguments = call.arguments
    if call.name in ("sendmsg", "recvmsg"):
        arguments = PARTS.sub(_message, arguments)
    if call.name == "read":
        arguments = CONTENT.sub("...", arguments)
    if call.name == "poll":
        arguments = POLLING.sub(lambda match: f"{-(-int(match[0]) // 1000)} s", arguments)
    if call.name == "seccomp":
        arguments = (arguments.replace("), BPF_", "),\n        BPF_") if setting.whole_filter
                     else re.sub(r"filter=\[.*\]", "filter=[...]", arguments))
    for pattern, with_this in SUBSTITUTES:
        arguments = pattern.sub(with_this, arguments)
    if call.name in ("kill", "wait4", "pidfd_open"):
        arguments = re.sub(r"^\d+", lambda match: named.get(int(match[0]), match[0]), arguments)
    told = call.error and not (call.name == "landlock_create_ruleset" and arguments.startswith(QUESTION))
    return f"{call.name}({arguments})" + (f" = {call.error}" if told else "")


def _message(match: re.Match[str]) -> str:
    """A message of the channel, by its kind."""
    content = match[1].encode("latin-1").decode("unicode_escape").encode("latin-1")
    if len(content) < HEAD.size:
        return "msg_iov=[nothing], msg_iovlen="
    kind, _, number = HEAD.unpack(content[: HEAD.size])
    return f"msg_iov=[{KINDS[kind]}{f' {number}' if number else ''}], msg_iovlen="


def _folded(lines: Sequence[str]) -> list[str]:
    """A call for each capability that the kernel has is one line: newer kernels have more."""
    found: list[str] = []
    for line in lines:
        match = CAPABILITY.match(line)
        if match and found and found[-1].startswith(match[0]):
            end = " = EINVAL" if line.endswith(" = EINVAL") else ""
            found[-1] = f"{found[-1].partition(')')[0]}) and so on{end}"
        else:
            found.append(line)
    return found

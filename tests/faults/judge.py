"""What a run with a fault in it came to. Pure: a run either holds its whole policy, or does not run its command and says at
which stage it failed; and nothing of it is left."""

from __future__ import annotations

import re
from dataclasses import dataclass

RAN, REFUSED, ENDED = "ran with everything held", "did not run their command", "was killed"
TOLD, SILENT = "told their plan", "told no plan"

_STAGE = re.compile(r"^holdfast: .* at [a-z_]+: .*\[HF-[A-Z-]+\]$", re.M)
_GLIBC = re.compile(r"^failing-allocation: of \S*/libc\.so\.6$", re.M)
_OWN = re.compile(r"^holdfast: (?!warning)", re.M)  # the loader and env(1) write the whole path
_LOADER = ("error while loading shared libraries", "cannot allocate memory", "Cannot allocate memory", "Fatal glibc error",
           "cannot set up thread-local storage", "cannot allocate TLS data structures")
WITNESS = 42
LEFT_BEHIND, HARNESS = 99, 98
NOT_RUN = (125, 126, 127)
CHANNEL = ("recvmsg", "sendmsg")  # between a run's processes: whose end is the run's
CRASHED = (128 + 6, 128 + 11)


@dataclass(frozen=True)
class Seen:
    """A run's exit status, what the witness printed, what holdfast said, and the directories it left."""

    status: int
    output: str
    said: str
    left: tuple[str, ...] = ()


def _is_degraded(call: str, error: str, seen: Seen) -> bool:
    """A kernel whose Landlock a container blocks protects no files; best_effort goes on, and says so."""
    files = all(one.startswith(("secret-", "read-only-")) for one in seen.output.split()[1:])
    return (call, error) == ("landlock_create_ruleset", "EPERM") and files and "warning: landlock is not enforced" in seen.said


def _is_less(call: str, error: str, seen: Seen) -> bool:
    """What the command may do less than its policy says: best_effort leaves a path out, and says so; one that Landlock does not
    look after (EBADFD) needs no rule, and the kernel denies nothing there."""
    less = set(seen.output.split()[1:]) <= {"read-only-unreadable", "work-unwritable"}
    return less and ((call, error) == ("landlock_add_rule", "EBADFD") or " is left out (" in seen.said)


def judge(call: str, error: str, seen: Seen) -> tuple[str, str]:
    """What it came to, and what is wrong with that: nothing where it is as it must be."""
    kind = RAN if seen.output else ENDED if error == "KILL" else REFUSED
    if seen.status == HARNESS:
        return kind, f"the harness failed: {seen.said.strip()}"
    if seen.output.startswith("open") and not (_is_degraded(call, error, seen) or _is_less(call, error, seen)):
        return kind, f"the command ran, and this was not held: {seen.output.strip()[5:]}"
    if "fail-call: hang" in seen.said:
        return kind, "it hung"
    if seen.status == LEFT_BEHIND:
        return kind, "a process outlived it"
    if error == "KILL":
        return kind, ""
    if seen.status in CRASHED and kind != RAN and _GLIBC.search(seen.said):
        return kind, ""  # getpwnam(3) of glibc 2.36 crashes without memory
    if seen.left and call not in ("rmdir", "unlink"):
        return kind, f"it left {', '.join(seen.left)}"
    if kind == RAN:
        broken = call in CHANNEL and seen.status in (NOT_RUN[0], 128 + 9)  # when the command had been executed
        return kind, "" if seen.status == WITNESS or broken else f"the command ran, and the exit status is {seen.status}"
    if seen.status in CRASHED and call in ("brk", "mmap", "mprotect", "arch_prctl"):
        return kind, ""  # the loader's and glibc's own, before main
    if seen.status not in NOT_RUN:
        return kind, f"nothing ran, and the exit status is {seen.status}"
    before_main = not _OWN.search(seen.said) and any(words in seen.said for words in _LOADER)
    if _STAGE.search(seen.said) or before_main or call in ("write", "writev"):
        return kind, ""
    return kind, f"no stage is named: {seen.said.strip()[:300]!r}"


def judge_telling(reference: str, status: int, output: str, said: str) -> tuple[str, str]:
    """A plan that is told although something failed is the plan."""
    if status == 0:
        return TOLD, "" if output == reference else "it told another plan"
    return SILENT, "" if "holdfast: " in said or ".yaml: " in said else "it failed without a word"

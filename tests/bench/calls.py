"""The floor is honest where it makes the system calls that the runtime makes. Both are run under strace, and every call that
one makes more often than the other is shown with the reason. One without a reason, or one that the floor alone makes, is
over the limit; so is a call that confines (below) with other arguments."""

from __future__ import annotations

import collections
import re
import subprocess
from collections.abc import Sequence

from tests.calls import strace

from .start import BLOCK, FLOOR

# What the runtime makes more of, and what for.
REASONS = {
    "brk": "memory for the plan",
    "close": "of what else was opened",
    "fcntl": "which streams the caller has closed, which command line and library ask each for itself",
    "getgid": "who is the caller?",
    "getrandom": "memory for the plan: the allocator's secret",
    "getuid": "who is the caller?",
    "pread64": "the name of a library",
    "readlink": "where the link to the command leads, a second time",
}

# The calls that are the sandbox: both programs must make the same with the same arguments, descriptors aside.
CONFINING = ("capset", "clone", "close_range", "landlock_add_rule", "landlock_create_ruleset", "landlock_restrict_self",
             "mount", "seccomp", "signalfd4", "socketpair")
PRCTL = ("PR_SET_", "PR_CAPBSET_DROP", "PR_CAP_AMBIENT")
RACING = ("exit_group",)  # init is killed while it ends by itself, before or after it says so

# Descriptors and addresses.
NUMBER = re.compile(r"parent_fd=\d+|0x[0-9a-f]{9,}|^\d+(?=, (?:LANDLOCK_RULE|0$))|\[\d+, \d+\]")
QUESTION = "NULL, 0, "  # landlock_create_ruleset that makes none


def trace(command: Sequence[str]) -> list[tuple[str, str]]:
    """Each call that the command and its children make, and its arguments."""
    processes = strace.trace(command, ("-v",), check=True, stderr=subprocess.DEVNULL)
    return [(call.name, call.arguments) for calls in processes.values() for call in calls if call.name not in RACING]


def confining(made: Sequence[tuple[str, str]]) -> collections.Counter[str]:
    return collections.Counter(f"{name}({NUMBER.sub('_', arguments)})" for name, arguments in made
                               if (name in CONFINING or (name == "prctl" and arguments.startswith(PRCTL)))
                               and not arguments.startswith(QUESTION))


def compare() -> list[bool]:
    ours, floor = trace(BLOCK), trace(FLOOR)
    counts = [collections.Counter(name for name, _ in made) for made in (ours, floor)]
    print(f"system calls of both (as by strace -f -c): holdfast {len(ours)}, the floor {len(floor)}; as many of "
          f"{', '.join(name for name in sorted(counts[0]) if counts[0][name] == counts[1][name])}; and of")
    kept = True
    for name in sorted(set(counts[0]) | set(counts[1])):
        more = counts[0][name] - counts[1][name]
        if more:
            reason = REASONS.get(name, "") if more > 0 else ""
            kept = kept and bool(reason)
            print(f"    {name:<24} {counts[0][name]:>4} {counts[1][name]:>4}   {reason or 'NO REASON IS KNOWN'}")
    other = [(text, number) for one, two in ((ours, floor), (floor, ours))
             for text, number in (confining(one) - confining(two)).items()]
    for text, number in other:
        print(f"    {text}: {number} times in one of the two alone")
    return [kept, not other]

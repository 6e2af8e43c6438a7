"""What in the kernel's log means that the kernel itself is at fault: warnings, BUGs, oopses, stalls.

The words are those of the kernel's source (include/asm-generic/bug.h, arch/x86/mm/fault.c, kernel/watchdog.c,
kernel/rcu/tree_stall.h, kernel/hung_task.c, lib/ubsan.c), at the beginning of a message: what the kernel quotes of a
process (`traps: sh[80] general protection fault`) is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_TIME = r"(?:\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? )?"
_COMPLAINT = re.compile(
    _TIME + r"((?:WARNING: |(?:watchdog: )?BUG: |kernel BUG at |Oops: |general protection fault"
    r"|UBSAN: |INFO: task .* blocked for more than|(?:rcu: )?INFO: \S+ (?:self-)?detected).*)")


def complaints(log: str) -> tuple[str, ...]:
    """The messages that are, without their time, in their order."""
    found = (_COMPLAINT.fullmatch(line.rstrip()) for line in log.splitlines())
    return tuple(match[1] for match in found if match)


def without(all_of_them: Iterable[str], known: Iterable[str]) -> list[str]:
    """The complaints that are not yet known, each as often as it is there in excess."""
    left = list(known)
    found = []
    for one in all_of_them:
        if one in left:
            left.remove(one)
        else:
            found.append(one)
    return found

"""What is told at each call of a start that fails, and the record of it: told.txt, in git, which a run is compared with. A start
that fails closed at a later step than the one that failed, or that names another call than that, is seen by nothing else.

A line of the record is a call that failed, and what that came to: the words of a refusal and the policy's line behind it, or
the lines that a start says more than without the fault. Calls that are told alike share a line. What varies between machines
is not in it: the loader's calls and those of libc's user database, and which paths of the default set there are. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults.judge import Seen

RECORD = Path(__file__).with_name("told.txt")
PROCESSES = ("supervisor", "init", "porter", "proxy", "command")
SERVES = {("proxy", "epoll_wait"), ("porter", "recvfrom")}  # by what one begins that is set up
DEFAULT_SET = "the default set"
REFUSED = 125
ANEW = "python3 -m tests.faults --record"

# Memory, threads and what the loader asks for.
_LIBC = re.compile(r"arch_prctl|brk|exit_group|futex|getrandom|mmap|mprotect|munmap|prlimit64 3|rseq|set_robust_list|"
                   r"set_tid_address")
# Libraries, and the user database (nsswitch.conf(5)), nscd's socket included.
_MACHINE = re.compile(r"\w+ (/etc/(ld\.so|nsswitch|passwd|group).*|\S+\.so\.\S+|AF_UNIX)|connect socket|newfstatat /")
_OWN = ("/dev/null", "/dev/tty", "/proc", "/run")  # what a start itself asks for, whatever the policy


@dataclass(frozen=True)
class Call:
    """A call of a start that can be failed."""

    process: str
    name: str
    subject: str  # what it is about, in the words of the record
    nth: int  # of that name by that process
    turn: int  # of that name on that subject by that process
    serving: bool = False  # by one that is set up: how far it comes is a race

    @property
    def is_told(self) -> bool:
        spoken = f"{self.name} {self.subject}".rstrip()
        libc = _LIBC.fullmatch(self.name) or _LIBC.fullmatch(spoken)
        return not (self.serving or libc or _MACHINE.fullmatch(spoken))


def calls(trace: str, place: Path) -> list[Call]:
    """Those of a trace of fail-call's, but for the command's own."""
    found: list[Call] = []
    executed = False
    serving = set()
    for process, name, about in (line.split("\t") for line in trace.splitlines()):
        if process == "command" and executed:
            continue
        executed |= (process, name) == ("command", "execve")
        if (process, name) in SERVES:
            serving.add(process)
        subject = subject_of(about, place)
        same = [one for one in found if (one.process, one.name) == (process, name)]
        found.append(Call(process, name, subject, len(same) + 1, sum(one.subject == subject for one in same) + 1,
                          process in serving))
    return sorted(found, key=lambda one: PROCESSES.index(one.process))  # which run beside each other


def _neutral(text: str, place: Path) -> str:
    text = text.replace(str(place), "PLACE")
    text = re.sub(r"PLACE/[^/\s]*\.yaml", "PLACE/policy.yaml", text)
    text = re.sub(r"holdfast-\w{6}\b", "holdfast-XXXXXX", text)
    return re.sub(r"\bABI \d+\b", "ABI N", text)


def subject_of(about: str, place: Path) -> str:
    if about.startswith("/") and Path(about) in place.parents and about != "/":
        return "above PLACE"
    text = re.sub(r"^/proc/\d+", "/proc/self", _neutral(about.removesuffix(" (deleted)"), place))
    text = re.sub(r"^(socket|pipe):\[\d+\]$|^anon_inode:\[?([^\]]*)\]?$", lambda match: match[1] or match[2], text)
    if text.startswith("/") and text != "/" and not text.startswith(_OWN) and not _MACHINE.fullmatch(f"open {text}"):
        return DEFAULT_SET
    return text


def outcome(call: Call, seen: Seen, usual: str, place: Path) -> str:
    """The words of a run in which a call failed, beside what is said without that."""
    if call.process in ("proxy", "porter") and seen.status != REFUSED:
        return f"{seen.status} {seen.output}".rstrip()
    before = _neutral(usual, place).splitlines()
    said = [line for line in _neutral(seen.said, place).splitlines() if line not in before]
    because = re.search(r"because of (\S+?)(;|$)", "\n".join(said), re.M)
    told = "; ".join(line.removeprefix("holdfast: ") for line in said if not line.startswith(" "))
    told += f" because of {because[1]}" if because else ""
    if call.subject == DEFAULT_SET:  # by another path on another machine
        told = re.sub(r"(?<![\w.])/[\w./]+", "PATH", told)
    return f"{seen.status} {told}".rstrip()


Told = tuple[str, Call, str, str]  # the setting, the call and its error, the outcome


def _label(call: Call, error: str) -> str:
    return " ".join(f"{call.process}: {call.name} {call.subject} {error}".split())


class Record:
    """What was told, by setting and call; where calls that read alike are told differently, by their turn too."""

    def __init__(self, lines: dict[tuple[str, str], str]) -> None:
        self._lines = lines

    @classmethod
    def of(cls, told: Iterable[Told]) -> Record:
        outcomes: dict[tuple[str, str], list[str]] = {}
        for setting, call, error, what in told:
            outcomes.setdefault((setting, _label(call, error)), []).append(what)
        lines = {}
        for (setting, label), several in outcomes.items():
            if len(set(several)) == 1:
                lines[setting, label] = several[0]
            else:
                lines |= {(setting, f"{label} ({turn})"): what for turn, what in enumerate(several, 1)}
        return cls(lines)

    @classmethod
    def read(cls, text: str) -> Record:
        lines, setting = {}, ""
        for line in text.splitlines():
            if line.startswith("  "):
                label, _, what = line.strip().partition(" -> ")
                lines[setting, label] = what
            else:
                setting = line
        return cls(lines)

    def text(self) -> str:
        written, setting = [], ""
        for (of, label), what in self._lines.items():
            if of != setting:
                written.append(of)
                setting = of
            written.append(f"  {label} -> {what}")
        return "".join(f"{line}\n" for line in written)

    def differs(self, told: Told) -> str:
        """What was recorded of that call where it is not what was told now; nothing where it is."""
        setting, call, error, what = told
        label = _label(call, error)
        recorded = self._lines.get((setting, label), self._lines.get((setting, f"{label} ({call.turn})")))
        if what == recorded:
            return ""
        return (f"it is told otherwise than recorded:\n  now:      {what}\n  recorded: "
                + ("no such call" if recorded is None else recorded))

    def missing(self, setting: str, failed: Sequence[tuple[Call, str]]) -> list[str]:
        """Lines of the record for which there is no call any more."""
        there = {one for call, error in failed for one in (_label(call, error), f"{_label(call, error)} ({call.turn})")}
        return [label for of, label in self._lines if of == setting and label not in there]

"""`python3 -m tests.calls`: traces a start in each setting and compares with the record. As root. `--accept` records what is
seen; the reason goes into the commit. Exit status: 0 where all is as recorded, 1 where not."""

from __future__ import annotations

import argparse
import difflib
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.calls.law import left_open
from tests.calls.normal import normal, roles
from tests.calls.setting import ALL, APART, Setting
from tests.calls.strace import Call, trace

RECORD = Path(__file__).parent / "record"
AT_A_TIME = 6  # they wait more than they do
TRIES = 3  # a process that is held up longer than STRACE has them wait is no other start
# Init ends by itself or is killed: it waits to be killed, so that no signal tells of it before the end is told.
STRACE = ("-s", "1024", "-e", "abbrev=!execve,seccomp", "-e", "inject=exit_group:delay_enter=60000")
ENVIRONMENT = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "XDG_RUNTIME_DIR": "/mnt/run"}


def run(setting: Setting, build: Path) -> dict[int, list[Call]]:
    policy = "\n".join(("version: 1", *setting.policy))
    before = [*APART, str(build / "holdfast"), str(build / "calls/command"), policy, setting.place,
              *(word.replace("{build}", str(build)) for word in setting.kernel)]
    command = [*setting.within, "/mnt/holdfast", setting.verb, "--policy", "/mnt/policy.yaml", *setting.options, "--", *setting.command]
    if setting.streams:
        command = ["/bin/sh", "-c", f'exec "$@" {setting.streams}', "sh", *command]
    if setting.stdin:
        stdin, other = (socket.socketpair(setting.stdin) if setting.stdin == socket.AF_UNIX else
                        (socket.socket(setting.stdin), socket.socket(setting.stdin)))
        with stdin, other:
            return _trace(command, setting, before, stdin.fileno())
    return _trace(command, setting, before, subprocess.DEVNULL)


def _trace(command: list[str], setting: Setting, before: list[str], stdin: int) -> dict[int, list[Call]]:
    more = [*(("-u", setting.user) if setting.user else ()),
            *(("-e", f"inject={setting.inject}") if setting.inject else ())]
    return trace(command, (*STRACE, *more), before, stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                 env=ENVIRONMENT, check=False)


def compare(setting: Setting, build: Path, accept: bool) -> list[str]:
    """What is wrong in this setting, as lines."""
    path = RECORD / f"{setting.name}.txt"
    recorded = path.read_text("utf-8") if path.exists() else ""
    for _ in range(TRIES):
        processes = run(setting, build)
        seen = normal(setting, processes)
        if seen == recorded:
            break
    if accept:
        path.write_text(seen, "utf-8")
        recorded = seen
    wrong = [f"{setting.name}: an exec leaves open: {call}" for call in left_open(own(processes))]
    return wrong + list(difflib.unified_diff(recorded.splitlines(), seen.splitlines(), f"recorded: {path.name}", "seen",
                                             lineterm=""))


def own(processes: dict[int, list[Call]]) -> dict[int, list[Call]]:
    """Without what the command does."""
    ours = {}
    for number, role in roles(processes).items():
        calls = processes.get(number, [])
        ends = [place for place, call in enumerate(calls) if call.name == "execve" and not call.error]
        ours[number] = calls[: ends[0]] if role == "command" and ends else calls[ends[-1] :] if ends else calls
    return ours


def main() -> int:
    parser = argparse.ArgumentParser(prog="python3 -m tests.calls", description=__doc__)
    parser.add_argument("--build", type=Path, default=Path("build"))
    parser.add_argument("--accept", action="store_true", help="record what is seen")
    parser.add_argument("--setting", action="append", default=[], help="only this one")
    parser.add_argument("--first", action="store_true", help="stop at the first that is not as recorded")
    arguments = parser.parse_args()
    if os.getuid() != 0:
        print("calls: this needs root, to be both root and another user", file=sys.stderr)
        return 2
    absent = [name for name in ("holdfast", "calls/command") if not (arguments.build / name).exists()]
    if absent:
        print(f"calls: there is no {arguments.build / absent[0]}: `make calls` makes it", file=sys.stderr)
        return 2
    settings = [one for one in ALL if not arguments.setting or one.name in arguments.setting]
    begin = time.monotonic()
    wrong = judged = 0
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        for lines in pool.map(lambda one: compare(one, arguments.build.resolve(), arguments.accept), settings):
            judged += 1
            wrong += bool(lines)
            print("\n".join(lines), end="\n" if lines else "", flush=True)
            if wrong and arguments.first:
                pool.shutdown(cancel_futures=True)
                break
    if wrong:
        print("to record what is seen, and say why in the commit: /usr/bin/python3 -m tests.calls --accept")
    print(f"{judged} starts in {time.monotonic() - begin:.1f} s")
    print(f"{judged - wrong} passed, {wrong} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

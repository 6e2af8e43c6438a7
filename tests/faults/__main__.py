"""`python3 -m tests.faults`: puts every fault into a start, one at a time, and looks whether it fails closed. As root.
Exit status: 0 where everything held, 1 where not."""

from __future__ import annotations

import argparse
import collections
import ctypes
import multiprocessing
import os
import sys
import tempfile
import time
from pathlib import Path

from matrix.paint import is_live
from tests.faults.hunt import Bench, Fault
from tests.faults.setting import ALL, QUICK, Setting

CLONE_NEWNS, MS_PRIVATE, MS_REC = 0x20000, 1 << 18, 1 << 14  # sched.h, sys/mount.h
AT_A_TIME = 2
PORTION = 32
Finding = tuple[str, str, str]  # the kind, the setting and fault, what is wrong

_bench: Bench | None = None


def _begin(holdfast: Path, programs: Path, folder: Path) -> None:
    """A mount namespace of its own, where /run is empty: what a run leaves there is its own."""
    global _bench
    libc = ctypes.CDLL(None, use_errno=True)
    if (libc.unshare(CLONE_NEWNS) or libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None)
            or libc.mount(b"run", b"/run", b"tmpfs", 0, b"mode=755")):
        raise OSError(ctypes.get_errno(), "cannot make a mount namespace")
    _bench = Bench(holdfast, programs, folder)


def _list(job: tuple[Setting, bool]) -> list[Fault]:
    assert _bench
    return list(_bench.faults(*job))


def _try(job: tuple[Setting, list[Fault]]) -> list[Finding]:
    assert _bench
    setting, faults = job
    found = []
    for fault in faults:
        kind, wrong = _bench.trial(setting, fault)
        found.append((kind, f"{setting.name}: {fault.name}", wrong))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python3 -m tests.faults", description=__doc__)
    parser.add_argument("--build", type=Path, default=Path("build"))
    parser.add_argument("--quick", action="store_true", help="two settings, one error a call, nobody killed")
    parser.add_argument("--setting", type=int, help="only this one, by its number from 0")
    parser.add_argument("--first", action="store_true", help="stop at the first that does not hold")
    arguments = parser.parse_args()
    if os.getuid() != 0:
        print("faults: this needs root, to be both root and another user", file=sys.stderr)
        return 2
    build = arguments.build.resolve()
    settings = list(QUICK if arguments.quick else ALL)
    if arguments.setting is not None:
        settings = settings[arguments.setting : arguments.setting + 1]
    begin = time.monotonic()
    counts: collections.Counter[str] = collections.Counter()
    wrong: list[Finding] = []
    with (tempfile.TemporaryDirectory(prefix="holdfast-faults-", dir="/var/tmp") as folder,
          multiprocessing.get_context("fork").Pool(
              AT_A_TIME, _begin, (build / "holdfast", build / "faults", Path(folder))) as pool):
        os.chmod(folder, 0o755)
        faults = pool.map(_list, [(setting, arguments.quick) for setting in settings], 1)
        jobs = [(setting, some[number : number + PORTION]) for setting, some in zip(settings, faults)
                for number in range(0, len(some), PORTION)]
        for number, findings in enumerate(pool.imap_unordered(_try, jobs), 1):
            counts.update(kind for kind, _, _ in findings)
            wrong += [one for one in findings if one[2]]
            if is_live(sys.stderr):
                print(f"\r{number}/{len(jobs)} portions, {len(wrong)} wrong", end="", file=sys.stderr)
            if wrong and arguments.first:
                break
        pool.terminate() if wrong and arguments.first else pool.close()
        pool.join()
    for _, name, what in wrong:
        print(f"WRONG {name}: {what}")
    print(f"{counts.total()} runs with a fault each in {time.monotonic() - begin:.0f} s: "
          + ", ".join(f"{count} {kind}" for kind, count in counts.most_common()))
    print(f"{counts.total() - len(wrong)} passed, {len(wrong)} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

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
from collections.abc import Sequence
from pathlib import Path

from matrix.paint import is_live
from tests.faults.hunt import Bench, Fault, Trial
from tests.faults.setting import ALL, QUICK, Setting
from tests.faults.told import ANEW, RECORD, Record, Told

CLONE_NEWNS, MS_BIND, MS_PRIVATE, MS_REC = 0x20000, 1 << 12, 1 << 18, 1 << 14  # sched.h, sys/mount.h
AT_A_TIME = 2
PORTION = 32
Finding = tuple[Setting, Fault, Trial]

_bench: Bench | None = None


def _files_alone(folder: Path) -> Path:
    path = folder / f"nsswitch-{os.getpid()}.conf"
    path.write_text("passwd: files\ngroup: files\n")
    return path


def _begin(holdfast: Path, programs: Path, folder: Path) -> None:
    """A mount namespace of its own, where /run is empty: what a run leaves there is its own. And users and groups are looked up
    in files alone: what else a machine asks of them makes other calls, and may not survive that they fail."""
    global _bench
    libc = ctypes.CDLL(None, use_errno=True)
    if (libc.unshare(CLONE_NEWNS) or libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None)
            or libc.mount(b"run", b"/run", b"tmpfs", 0, b"mode=755")
            or libc.mount(bytes(_files_alone(folder)), b"/etc/nsswitch.conf", None, MS_BIND, None)):
        raise OSError(ctypes.get_errno(), "cannot make a mount namespace")
    _bench = Bench(holdfast, programs, folder)


def _list(job: tuple[Setting, bool]) -> list[Fault]:
    assert _bench
    setting, quick = job
    return [*_bench.call_faults(setting, quick), *_bench.allocation_faults(setting)]


def _try(job: tuple[Setting, list[Fault]]) -> list[Finding]:
    assert _bench
    setting, faults = job
    return [(setting, fault, _bench.trial(setting, fault)) for fault in faults]


def _told(finding: Finding) -> Told:
    setting, fault, trial = finding
    return setting.name, fault.call, fault.error, trial.told


def _wrong(finding: Finding, record: Record | None) -> str:
    """What is wrong with a run: its end, or what was told of it."""
    trial = finding[2]
    return trial.wrong or (record.differs(_told(finding)) if record and trial.told else "")


def _portions(settings: Sequence[Setting], faults: Sequence[list[Fault]]) -> list[tuple[Setting, list[Fault]]]:
    """Calls before allocations: what is told of a call that fails gives most away."""
    portions = [(setting, some[number : number + PORTION]) for setting, some in zip(settings, faults)
                for number in range(0, len(some), PORTION)]
    return sorted(portions, key=lambda one: not one[1][0].call.process)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python3 -m tests.faults", description=__doc__)
    parser.add_argument("--build", type=Path, default=Path("build"))
    parser.add_argument("--quick", action="store_true", help="two settings, one error a call, nobody killed")
    parser.add_argument("--setting", type=int, help="only this one, by its number from 0")
    parser.add_argument("--first", action="store_true", help="stop at the first that does not hold")
    parser.add_argument("--record", action="store_true", help=f"as --quick, and write what is told to {RECORD.name} anew")
    arguments = parser.parse_args()
    if os.getuid() != 0:
        print("faults: this needs root, to be both root and another user", file=sys.stderr)
        return 2
    build = arguments.build.resolve()
    quick = arguments.quick or arguments.record
    settings = list(QUICK if quick else ALL)
    if arguments.setting is not None and not arguments.record:
        settings = settings[arguments.setting : arguments.setting + 1]
    record = None if arguments.record else Record.read(RECORD.read_text("utf-8"))
    begin = time.monotonic()
    counts: collections.Counter[str] = collections.Counter()
    told: list[Told] = []
    wrong: list[tuple[str, str]] = []  # the setting and fault, what is wrong with it
    with (tempfile.TemporaryDirectory(prefix="holdfast-faults-", dir="/var/tmp") as folder,
          multiprocessing.get_context("fork").Pool(
              AT_A_TIME, _begin, (build / "holdfast", build / "faults", Path(folder))) as pool):
        os.chmod(folder, 0o755)
        faults = pool.map(_list, [(setting, quick) for setting in settings], 1)
        if record:
            wrong += [(f"{setting.name}: {label}", "it is recorded, and there is no such call")
                      for setting, some in zip(settings, faults)
                      for label in record.missing(setting.name, [(one.call, one.error) for one in some])]
        jobs = [] if wrong and arguments.first else _portions(settings, faults)
        for number, findings in enumerate(pool.imap(_try, jobs), 1):
            counts.update(trial.kind for _, _, trial in findings)
            told += [_told(one) for one in findings if one[2].told]
            wrong += [(f"{one[0].name}: {one[1].name}", what) for one in findings if (what := _wrong(one, record))]
            if is_live(sys.stderr):
                print(f"\r{number}/{len(jobs)} portions, {len(wrong)} wrong", end="", file=sys.stderr)
            if wrong and arguments.first:
                break
        pool.terminate() if wrong and arguments.first else pool.close()
        pool.join()
    if arguments.record and not wrong:
        RECORD.write_text(Record.of(told).text(), "utf-8")
    for name, what in wrong:
        print(f"WRONG {name}: {what}")
    if any("recorded" in what for _, what in wrong):
        print(f"where it is right now: {ANEW}")
    print(f"{counts.total()} runs with a fault each in {time.monotonic() - begin:.0f} s: "
          + ", ".join(f"{count} {kind}" for kind, count in counts.most_common()))
    print(f"{counts.total() - len(wrong)} passed, {len(wrong)} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""`python3 -m tests.prove [STEP...]`: the long runs, of which `make check` has no time for. One that passed for this source is
not run again, so that it can be stopped at any time and goes on where it was. What passed is written into tests/proven.md
with its figures, date, kernel and commit. Exit status: 0 where all passed, 1 where one did not, 2 where it cannot be begun."""

from __future__ import annotations

import argparse
import datetime
import hashlib
import itertools
import json
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.prove.steps import STEPS, Step

RECORD = "tests/proven.md"
EVERY = 60  # seconds between two lines of progress
HEAD = """# What was proven, by `make prove`
Written by it when a step passes, and by nobody else. The figures are those of the commit in their row: it is the newest at
which that step was run, not of necessity this one.

| step | figures | seconds | date | kernel | commit |
|---|---|---|---|---|---|
"""


class Refused(Exception):
    """It cannot be begun."""


@dataclass(frozen=True)
class Passed:
    """A step that did, and of what source."""

    source: str
    figures: str
    seconds: int
    date: str
    kernel: str
    commit: str


def _git(*arguments: str) -> str:
    return subprocess.run(("git", *arguments), check=True, capture_output=True, text=True).stdout


def source() -> str:
    """A digest of all that is committed but the record itself, which may be committed without losing what it says."""
    if any(line[3:] != RECORD for line in _git("status", "--porcelain", "--untracked-files=all").splitlines()):
        raise Refused("figures are of a commit: commit or stash what git status shows first")
    files = [line for line in _git("ls-tree", "-r", "HEAD").splitlines() if not line.endswith(f"\t{RECORD}")]
    return hashlib.sha256("\n".join(files).encode()).hexdigest()


def figures(step: Step, log: str) -> str:
    return "; ".join(re.findall(f"^(?:{step.figures})", log.rstrip(), re.M)) or "no figures"


def write(record: Path, passed: dict[str, Passed], steps: Sequence[Step]) -> None:
    """Rows of steps that this build has not run stay as they are: another machine did."""
    lines = record.read_text("utf-8").splitlines() if record.is_file() else []
    rows = {line.split("|")[1].strip(): line for line in lines if line.startswith("| ")}
    for name, told in passed.items():
        cells = (name, told.figures.replace("|", "/"), str(told.seconds), told.date, told.kernel, told.commit[:12])
        rows[name] = f"| {' | '.join(cells)} |"
    record.write_text(HEAD + "".join(f"{rows[step.name]}\n" for step in steps if step.name in rows), "utf-8")


def run(step: Step, log: Path, place: str, alive: list[subprocess.Popen[bytes]]) -> int:
    """Its exit status. Each minute a line says how far it is, by what it said last."""
    begun = said = time.monotonic()
    with log.open("wb") as out, subprocess.Popen(step.command, stdout=out, stderr=subprocess.STDOUT) as process:
        alive.append(process)
        while process.poll() is None:
            time.sleep(0.1)
            if time.monotonic() - said >= EVERY:
                said = time.monotonic()
                last = " ".join(log.read_text("utf-8", "replace").split("\n")[-2:]).strip()
                print(f"prove: {place} {step.name}: {(said - begun) / 60:.0f} min: {last[:100]}", flush=True)
        return process.returncode


def run_and_tell(step: Step, folder: Path, place: str, alive: list[subprocess.Popen[bytes]]) -> tuple[str, int] | None:
    """What it said and its seconds; nothing where it failed, which is told."""
    log, begun = folder / f"{step.name}.log", time.monotonic()
    print(f"prove: {place} {step.name}: {' '.join(step.command)}", flush=True)
    status = run(step, log, place, alive)
    text = log.read_text("utf-8", "replace")
    if not status:
        return text, round(time.monotonic() - begun)
    last = "\n".join(text.splitlines()[-20:])
    print(f"{last}\nprove: {place} {step.name}: failed with {status}; all of it is in {log}", flush=True)
    return None


def prove(steps: Sequence[Step], folder: Path, chosen: Sequence[str] = ()) -> bool:
    """Below the working directory, which is the tree's. Of steps in a row that need one core, each core has one."""
    folder.mkdir(parents=True, exist_ok=True)
    now, commit, kept, wrong = source(), _git("rev-parse", "HEAD").strip(), folder / "passed.json", []
    passed = {name: Passed(**told) for name, told in json.loads(kept.read_text()).items()} if kept.is_file() else {}
    wanted = [step for step in steps if not chosen or step.name in chosen]
    places = {step: f"{number}/{len(wanted)}" for number, step in enumerate(wanted, 1)}
    for step in wanted:
        if (before := passed.get(step.name)) and before.source == now:
            print(f"prove: {places.pop(step)} {step.name}: passed before: {before.figures}")
    for one_core, group in itertools.groupby(places, lambda step: step.one_core):
        alive: list[subprocess.Popen[bytes]] = []
        pool = ThreadPoolExecutor(len(os.sched_getaffinity(0)) if one_core else 1)
        running = {pool.submit(run_and_tell, step, folder, places[step], alive): step for step in group}
        try:
            for future in as_completed(running):
                step, told = running[future], future.result()
                if source() != now:
                    raise Refused(f"what is committed has changed while {step.name} ran, so that its figures are of no commit")
                if not told:
                    wrong.append(step.name)
                    continue
                today = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")
                passed[step.name] = Passed(now, figures(step, told[0]), told[1], today, platform.release(), commit)
                kept.write_text(json.dumps({name: asdict(row) for name, row in passed.items()}, indent=1))
                write(Path(RECORD), passed, steps)
                print(f"prove: {places[step]} {step.name}: {passed[step.name].figures}", flush=True)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)  # first, or the next one takes the place of what is ended
            for process in list(alive):
                process.terminate()
            raise
        finally:
            pool.shutdown()
    print(f"{len(wanted) - len(wrong)} passed, {len(wrong)} failed{': ' if wrong else ''}{', '.join(wrong)}")
    return not wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python3 -m tests.prove", description=__doc__)
    parser.add_argument("steps", nargs="*", metavar="STEP", help=", ".join(step.name for step in STEPS))
    arguments = parser.parse_args()
    unknown = set(arguments.steps) - {step.name for step in STEPS}
    if unknown:
        parser.error(f"no step is called {', '.join(sorted(unknown))}")
    try:
        return not prove(STEPS, Path(os.environ.get("BUILD", "build")) / "prove", arguments.steps)
    except Refused as reason:
        print(f"prove: {reason}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())

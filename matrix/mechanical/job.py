"""`matrix mutate`: the rate at which mechanical mutants of the code that confines are killed, and which survive."""

from __future__ import annotations

import argparse
import collections
import json
import random
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import yaml

from matrix import job
from matrix.job import Stop
from matrix.mechanical.forge import Forge, Makefile
from matrix.mechanical.hunt import CALLS, TESTS, Hunter, Tests, killed_by_tests, killed_by_unit_test
from matrix.mechanical.points import Point, points
from matrix.run import AT_A_TIME
from matrix.targets import choose, host_abi, on_guests, on_host
from matrix.variants import Failed

HERE = Path(__file__).parent
# The code that decides what is enforced, and enforces it.
FILES = ("plan/plan.c", "plan/rights.c", "plan/bounds.c", "enforce/landlock.c", "enforce/prepare.c", "enforce/filter.c",
         "enforce/seccomp.c", "enforce/capabilities.c", "enforce/identity.c", "enforce/rlimits.c", "enforce/namespaces.c",
         "enforce/network.c", "launch/*.c")
UNIT_TESTS = {"plan": ("test_plan", "test_plan_details", "test_bound"), "enforce": ("test_filter",),
              "enforce/landlock.c": ("test_landlock",), "enforce/prepare.c": ("test_prepare",),
              "launch/channel.c": ("test_channel",), "launch/roots.c": ("test_roots",),
              "launch/confine.c": ("test_confine", "test_confine_reads"), "launch/descriptors.c": ("test_descriptors",),
              "launch/run_directory.c": ("test_run_directory",), "launch/signals.c": ("test_signals",),
              "launch/porter.c": ("test_porter",), "launch/proxy_environment.c": ("test_proxy_environment",),
              "launch/terminate.c": ("test_terminate",)}  # of a folder, or of a file
OF_THE_ABI = ("plan/", "enforce/landlock.c", "enforce/prepare.c")  # what other ABIs may show, which takes long
BATCH = 64  # one that hangs in the tests costs minutes, in which others are judged
TESTS_AT_A_TIME = 4  # they wait for most of their time
RATE = 95  # percent
SAME, UNBUILDABLE, SURVIVED = "same code", "does not build", "survived"


@dataclass
class Mutant:
    point: Point
    name: str
    object: Path | None = None
    digest: str = ""
    verdict: str = ""


def options(parser: argparse.ArgumentParser) -> None:
    job.build_options(parser)
    parser.add_argument("--source", type=Path, default=Path("src"), metavar="DIR", help="the runtime's source (src)")
    parser.add_argument("--file", action="append", default=[], metavar="FILE",
                        help="only this file below the source (all of those that confine)")
    parser.add_argument("--record", action="store_true", help="hunt nothing: write down, for all, what was killed so far")


def main(arguments: argparse.Namespace) -> int:
    files = arguments.file or [str(path.relative_to(arguments.source))
                               for pattern in FILES for path in sorted(arguments.source.glob(pattern))]
    folder = arguments.build / "mechanical"
    folder.mkdir(parents=True, exist_ok=True)
    ledger = Ledger(HERE / "killed.txt", folder / "ledger.jsonl")
    equivalent = read_equivalent(HERE / "equivalent.yaml")
    forge = Forge(arguments.source, arguments.build, folder, Makefile(arguments.build))
    if not arguments.record:
        rows = choose(())
        columns, _ = on_host(rows, host_abi())
        hunter = Hunter(job.scenarios(arguments.scenarios, ()), columns, on_guests((rows[0], rows[-1])), arguments.build)
        control(forge, hunter, job.runtime_of(arguments), arguments.build)
    mutants = forge_all(forge, files)
    for mutant in mutants:
        if mutant.point.id in equivalent:
            mutant.verdict = mutant.verdict or SURVIVED  # and not hunted: nothing could tell it, which takes longest to find
        ledger.recall(mutant)
    if arguments.record:
        ledger.record(mutants)
    else:
        hunt(forge, hunter, mutants, ledger, arguments)
        ledger.close(mutants)
    return tell(mutants, equivalent)


def control(forge: Forge, hunter: Hunter, runtime: Path, build: Path) -> None:
    """What the runtime as it is does not pass would kill any mutant."""
    for test in {one for tests in UNIT_TESTS.values() for one in tests}:
        forge.test_object(test)
    red = [f"unit tests of {file}" for file in ("plan/plan.c", "enforce/filter.c", *(name for name in UNIT_TESTS if name.endswith(".c")))
           if killed_by_unit_tests(forge, file, (forge.source / file).read_text("utf-8"), "control")]
    forge.library_objects()
    caller = forge.caller("plan/plan.c", build / "obj/plan/plan.o", "control")
    failed = hunter.control(runtime) or (red and red[0]) or killed_by_tests(
        {"holdfast": runtime, "caller": caller}, build, forge.folder, CALLS + TESTS)
    if failed:
        raise Stop(f"the runtime as it is does not pass {failed}, so that no mutant can be judged", job.HARNESS)


def unit_tests(file: str) -> tuple[str, ...]:
    return UNIT_TESTS.get(file, UNIT_TESTS.get(file.partition("/")[0], ()))


def killed_by_unit_tests(forge: Forge, file: str, text: str, name: str) -> bool:
    """By those of the file, of which this is the text."""
    if not unit_tests(file):
        return False
    compiled = forge.checked(text, name)
    killed = False
    for test in unit_tests(file):
        program = forge.unit_test(test, file, compiled, name)
        killed = killed_by_unit_test(program)
        program.unlink()
        if killed:
            break
    compiled.unlink()
    return killed


class Ledger:
    """The verdicts of earlier runs, by the mutant's object. A run that was cut off is gone on with from there; after one that
    came to its end, survivors are hunted anew, and what is killed stays so: for everybody whose compiler makes the same of
    it, where that is recorded, so that only what changed is hunted."""

    def __init__(self, recorded: Path, path: Path) -> None:
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        self._known: dict[str, str] = dict(json.loads(line) for line in lines)
        self._recorded = recorded
        lines = recorded.read_text("utf-8").splitlines() if recorded.exists() else []
        self._killed: dict[str, str] = dict(line.split(maxsplit=1) for line in lines)
        self._path = path

    def recall(self, mutant: Mutant) -> None:
        mutant.verdict = mutant.verdict or self._killed.get(_short(mutant.digest), self._known.get(mutant.digest, ""))

    def record(self, mutants: Iterable[Mutant]) -> None:
        """Writes down by what each of these was killed, and nothing of those that there are no more."""
        killed = {_short(one.digest): one.verdict for one in mutants
                  if one.verdict not in ("", SAME, UNBUILDABLE, SURVIVED)}
        self._recorded.write_text("".join(f"{digest} {verdict}\n" for digest, verdict in sorted(killed.items())), "utf-8")

    def note(self, mutant: Mutant) -> None:
        self._known[mutant.digest] = mutant.verdict
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(_line(mutant.digest, mutant.verdict))

    def close(self, mutants: Iterable[Mutant]) -> None:
        """The run over these has come to its end: tests change, and so may what survives."""
        survivors = {one.digest for one in mutants if one.verdict == SURVIVED}
        self._path.write_text("".join(_line(digest, verdict) for digest, verdict in self._known.items()
                                      if digest not in survivors), "utf-8")


def _short(digest: str) -> str:
    return digest[:16]


def _line(digest: str, verdict: str) -> str:
    return json.dumps([digest, verdict]) + "\n"


def read_equivalent(path: Path) -> dict[str, str]:
    """Mutants that change nothing that could be observed, each with the reason."""
    found = yaml.safe_load(path.read_text("utf-8")) or {}
    return {" ".join(name.split()): reason for name, reason in found.items()}


def forge_all(forge: Forge, files: Sequence[str]) -> list[Mutant]:
    """Every mutant compiled, those of the same code found out."""
    mutants: list[Mutant] = []
    for file in files:
        source = (forge.source / file).read_text("utf-8")
        seen = {forge.real_digest(file)}
        part = [Mutant(point, f"{len(mutants) + number}") for number, point in enumerate(points(file, source))]
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            list(pool.map(lambda one: compile_one(forge, one, source), part))
        for mutant in part:
            if not mutant.verdict and mutant.digest in seen:
                mutant.verdict = SAME
            seen.add(mutant.digest)
        mutants += part
        job.say(f"{file}: {len(part)} mutants, {sum(not one.verdict for one in part)} of code of their own")
    return mutants


def compile_one(forge: Forge, mutant: Mutant, source: str) -> None:
    try:
        mutant.object, mutant.digest = forge.compile(mutant.point, source, mutant.name)
    except Failed:
        mutant.verdict = UNBUILDABLE


def hunt(forge: Forge, hunter: Hunter, mutants: Sequence[Mutant], ledger: Ledger, arguments: argparse.Namespace) -> None:
    alive = [one for one in mutants if not one.verdict]
    random.Random(0).shuffle(alive)  # so that what was hunted when a run is cut off is a sample of all
    begin = time.monotonic()
    for number in range(0, len(alive), BATCH):
        batch = alive[number : number + BATCH]
        judge(forge, hunter, batch, arguments.build)
        for mutant in batch:
            ledger.note(mutant)
        for mutant in batch:
            if mutant.verdict == SURVIVED:
                job.say(f"{SURVIVED}: {mutant.point.file}:{mutant.point.line}: {mutant.point.id.partition(': ')[2]}")
        survived = sum(one.verdict == SURVIVED for one in alive)
        job.say(f"{number + len(batch)}/{len(alive)} hunted, {survived} survive, {time.monotonic() - begin:.0f} s")


def judge(forge: Forge, hunter: Hunter, batch: Sequence[Mutant], build: Path) -> None:
    """Each gets its verdict, by what takes least time first; its files are removed."""
    with ThreadPoolExecutor(AT_A_TIME) as pool, ThreadPoolExecutor(TESTS_AT_A_TIME) as tests_pool:
        made = dict(zip((f"holdfast-{one.name}" for one in batch), pool.map(lambda one: made_program(forge, one), batch)))
        programs = {name: program for name, program in made.items() if program}
        mutants = {f"holdfast-{one.name}": one for one in batch}

        def living() -> dict[str, Path]:
            return {name: program for name, program in programs.items() if not mutants[name].verdict}

        def cells(killed: Iterable[str]) -> None:
            for name in killed:
                mutants[name].verdict = "scenarios"

        def tests(those: Tests, more: Mapping[str, Mapping[str, Path]]) -> None:
            alive = list(living().items())
            ours = [{"holdfast": program, **more.get(name, {})} for name, program in alive]
            found = tests_pool.map(lambda one: killed_by_tests(one, build, forge.folder, those), ours)
            for (name, _), test in zip(alive, found):
                mutants[name].verdict = f"{test} tests" if test else ""

        cells(hunter.one(living()))
        cells(hunter.first(living()))
        tests(CALLS, {})
        cells(hunter.here(living()))
        callers = {name: {"caller": made_caller(forge, mutants[name])} for name in living()}
        tests(TESTS, callers)
        cells(hunter.everywhere({name: program for name, program in living().items()
                                 if mutants[name].point.file.startswith(OF_THE_ABI)}))
        cells(hunter.on_guests(living()))
    for name, program in programs.items():
        mutants[name].verdict = mutants[name].verdict or SURVIVED
        program.unlink()
    for made_for in callers.values():
        made_for["caller"].unlink()
    for mutant in batch:
        if mutant.object:
            mutant.object.unlink()


def made_program(forge: Forge, mutant: Mutant) -> Path | None:
    """The runtime with the mutant's object, unless a unit test knows it already."""
    assert mutant.object
    source = mutant.point.apply((forge.source / mutant.point.file).read_text("utf-8"))
    try:
        if killed_by_unit_tests(forge, mutant.point.file, source, mutant.name):
            mutant.verdict = "unit tests"
        return None if mutant.verdict else forge.program(mutant.point, mutant.object, mutant.name)
    except Failed as fault:  # it was compiled
        raise Stop(f"{mutant.point.id}: it cannot be linked: {fault}", job.HARNESS) from fault


def made_caller(forge: Forge, mutant: Mutant) -> Path:
    """The library's caller with the mutant's object."""
    assert mutant.object
    return forge.caller(mutant.point.file, mutant.object, mutant.name)


def tell(mutants: Sequence[Mutant], equivalent: dict[str, str]) -> int:
    """Prints the survivors and the rate; 0 where it is high enough."""
    waiting = sum(not one.verdict for one in mutants)
    unknown = [one for one in mutants if one.verdict == SURVIVED and one.point.id not in equivalent]
    shown = sum(one.verdict == SURVIVED for one in mutants) - len(unknown)
    for mutant in unknown:
        print(f"SURVIVED {mutant.point.file}:{mutant.point.line}: {mutant.point.id.partition(': ')[2]}")
    counts = collections.Counter(one.verdict for one in mutants)
    judged = len(mutants) - counts[SAME] - counts[UNBUILDABLE] - shown - waiting
    killed = judged - len(unknown)
    print(f"{len(mutants)} mutants: {counts[UNBUILDABLE]} do not build, {counts[SAME]} are the same code, "
          f"{shown} shown equivalent")
    print("killed by " + ", ".join(f"{name} {count}" for name, count in counts.most_common()
                                   if name not in ("", SAME, UNBUILDABLE, SURVIVED)))
    rate = 100 * killed / judged if judged else 0.0
    print(f"{killed} of {judged} killed: {rate:.1f} %" + (f"; {waiting} were not hunted yet" if waiting else ""))
    sys.stdout.flush()
    return 0 if rate >= RATE and not waiting else 1

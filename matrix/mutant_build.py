"""Building mutants fast: what depends on a patched file is compiled, the rest is the real build's objects."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from matrix.mutant_file import Mutant
from matrix.run import AT_A_TIME
from matrix.variants import Failed, apply, changed, make


def build_all(mutants: Sequence[Mutant], source: Path, build: Path,
              done: Callable[[int], None]) -> tuple[dict[str, Path], list[str]]:
    """Every mutant's program by its name, and what is wrong with those that there is none of. `done` hears how many."""
    folder = build / "mutants"
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.iterdir():
        if stale.is_dir():
            shutil.rmtree(stale)
        else:
            stale.unlink()
    programs: dict[str, Path] = {}
    faults = []
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        futures = [(mutant, pool.submit(build_one, mutant, source, build / "obj", folder)) for mutant in mutants]
        for number, (mutant, future) in enumerate(futures, 1):
            try:
                programs[mutant.runtime] = future.result()
            except Failed as fault:
                faults.append(str(fault))
            done(number)
    return programs, faults


def build_one(mutant: Mutant, source: Path, objects: Path, folder: Path) -> Path:
    """Leaves nothing but the program."""
    work = folder / f"{mutant.name}.work"
    shutil.copytree(source, work / "src")  # with its times, so that the real objects are still newer
    if (made := objects.parent / "wire").is_dir():  # of policy.proto; copied, as a link is written through
        shutil.copytree(made, work / "wire")
    apply(mutant.path, work)
    # A link that the compiler wrote through would change the real build: what it writes anew has none.
    (work / "obj").mkdir()
    anew = set(stale_objects(objects, source, changed(source, work / "src")))
    for name in {path.relative_to(objects) for path in objects.rglob("*.o")} - anew:
        (work / "obj" / name).parent.mkdir(parents=True, exist_ok=True)
        (work / "obj" / name).symlink_to((objects / name).resolve())
    program = make(f"{mutant.path}: the mutant", work / "src", work).rename(folder / mutant.name)
    shutil.rmtree(work)
    return program


def misfits(mutants: Sequence[Mutant], source: Path) -> list[str]:
    """What is wrong with those patches that do not apply to the source as it is."""
    found = []
    for mutant in mutants:
        try:
            apply(mutant.path, source.parent, "--dry-run")
        except Failed as fault:
            found.append(str(fault))
    return found


def stale_objects(objects: Path, source: Path, files: Sequence[Path]) -> list[Path]:
    """The objects that were compiled from any of these files, by the compiler's own lists (gcc -MMD)."""
    wanted = {str(source / file) for file in files}
    return [depends.relative_to(objects).with_suffix(".o") for depends in sorted(objects.rglob("*.d"))
            if wanted.intersection(depends.read_text().split())]

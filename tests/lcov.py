"""`python3 -m tests.lcov LCOV UNCOVERED`: from geninfo(1)'s format, as llvm-cov exports it, to a table of what was reached of
each folder below src/, and a file of the lines that were not."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Reached:
    """Of one file: from line to whether it was reached, and from (line, branch) to the same."""

    lines: dict[int, bool] = field(default_factory=dict)
    branches: dict[str, bool] = field(default_factory=dict)


def read(text: str) -> dict[str, Reached]:
    """A file can be told of more than once, by each program that it is part of: reached in one is reached."""
    files: dict[str, Reached] = defaultdict(Reached)
    for line in text.splitlines():
        kind, _, value = line.partition(":")
        if kind == "SF":
            found = re.search(r"(?:^|/)(src/.*)", value)
            file = files[found[1]] if found else Reached()
        elif kind == "DA":
            number, count = value.split(",")[:2]
            file.lines[int(number)] = file.lines.get(int(number), False) or count != "0"
        elif kind == "BRDA":
            branch, _, count = value.rpartition(",")
            file.branches[branch] = file.branches.get(branch, False) or count not in ("0", "-")
    return dict(files)


def row(name: str, files: Iterable[Reached]) -> str:
    lines = [reached for file in files for reached in file.lines.values()]
    branches = [reached for file in files for reached in file.branches.values()]
    return f"{name:<12}{share(lines):>24}{share(branches):>26}"


def share(reached: list[bool]) -> str:
    return f"{100 * sum(reached) / max(len(reached), 1):.1f} % of {len(reached):,}"


def table(files: dict[str, Reached]) -> Iterator[str]:
    folders = defaultdict(list)
    for name, file in files.items():
        folders[str(Path(name).parent)].append(file)
    yield f"{'':<12}{'lines':>24}{'branches':>26}"
    for name, inside in sorted(folders.items()):
        yield row(name, inside)
    yield row("all", list(files.values()))


def uncovered(files: dict[str, Reached]) -> Iterator[str]:
    for name, file in sorted(files.items()):
        yield from (f"{name}:{line}" for line, reached in sorted(file.lines.items()) if not reached)


def main() -> None:
    files = read(Path(sys.argv[1]).read_text("utf-8"))
    Path(sys.argv[2]).write_text("".join(f"{line}\n" for line in uncovered(files)), "utf-8")
    print("\n".join(table(files)))


if __name__ == "__main__":
    main()

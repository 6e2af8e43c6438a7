"""`python3 -m tests.lint [FILE...]`: the C sources under gcc's -fanalyzer, cppcheck and clang-tidy. A finding that is not in
`known` fails, and so does a line of `known` that nothing matches. Exit status: 0 where nothing was found, 1 where something."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

SOURCES = ("src/*.c", "src/*/*.c", "vm/*.c", "vm/*/*.c", "tests/faults/*.c", "tests/library/*.c", "tests/cli/*.c")
INCLUDE = ("-Iinclude", "-Isrc", "-Ibuild/wire", "-Ivm")
LANGUAGE = ("-std=gnu11", "-D_GNU_SOURCE", '-DHF_LIBDIR="/usr/local/lib"')
KNOWN = Path(__file__).with_name("known")
AT_A_TIME = 2


class Finding(NamedTuple):
    tool: str
    file: str
    check: str
    told: str

    def key(self) -> tuple[str, str, str]:
        return self.tool, self.file, self.check


def known(text: str) -> set[tuple[str, str, str]]:
    found = set()
    for line in text.splitlines():
        entry, _, why = line.partition("#")
        if not entry.strip():
            continue
        tool, file, check = entry.split()
        if not why.strip():
            raise SystemExit(f"{KNOWN.name}: {entry.strip()}: no reason")
        found.add((tool, file, check))
    return found


def findings(tool: str, text: str) -> Iterator[Finding]:
    """From `FILE:LINE:COLUMN: warning: TEXT [CHECK]`, or an error of the same form."""
    for file, at, told, check in re.findall(r"^(\S+?):(\d+)[\d:]*: (?:warning|error): (.*?) \[([^\] ]*)\]$", text, re.M):
        yield Finding(tool, str(Path(file)), check, f"{file}:{at}: {told} [{check}]")


def _told(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"})
    return (done.stdout + done.stderr).replace(f"{Path.cwd()}/", "")


def gcc(file: str) -> list[Finding]:
    """Without optimisation: inlined, its paths have no names, and it finds less."""
    text = _told("gcc", *LANGUAGE, *INCLUDE, "-O0", "-fanalyzer", "-Wall", "-Wextra", "-Wno-format-truncation", "-c", "-o",
                 "/dev/null", file)
    return [*findings("gcc", re.sub(r"\[CWE-\d+\] ", "", text)), *_broken("gcc", file, text)]


def clang_tidy(file: str) -> list[Finding]:
    text = _told("clang-tidy", "--quiet", file, "--", *LANGUAGE, *INCLUDE)
    return [*findings("clang-tidy", text), *_broken("clang-tidy", file, text)]


def cppcheck(*files: str) -> list[Finding]:
    text = _told("cppcheck", "--std=c11", *LANGUAGE[1:], "-D__x86_64__", "-Iinclude", "-Isrc", "-Ivm", "--quiet",
                 "--enable=warning,performance,portability", "--template={file}:{line}: warning: {message} [{id}]", *files)
    return list(findings("cppcheck", text))


def _broken(tool: str, file: str, text: str) -> Iterator[Finding]:
    """A file that was not read is no file without a finding."""
    if "fatal error" in text:
        yield Finding(tool, file, "unread", text.strip().splitlines()[0])


def main() -> int:
    files = sys.argv[1:] or sorted(str(file) for pattern in SOURCES for file in Path().glob(pattern))
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        jobs = [pool.submit(cppcheck, *files), *(pool.submit(tool, file) for file in files for tool in (gcc, clang_tidy))]
        found = {finding.told: finding for job in jobs for finding in job.result()}.values()
    excused = known(KNOWN.read_text("utf-8"))
    new = [finding for finding in found if finding.key() not in excused]
    stale = excused - {finding.key() for finding in found} if not sys.argv[1:] else set()
    for finding in new:
        print(f"{finding.tool}: {finding.told}")
    for entry in sorted(stale):
        print(f"tests/lint/known: nothing matches: {shlex.join(entry)}")
    print(f"{len(files)} files: {len(new)} findings, {len(found) - len(new)} known")
    return 1 if new or stale else 0


if __name__ == "__main__":
    sys.exit(main())

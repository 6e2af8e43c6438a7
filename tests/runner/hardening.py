"""What a linked file has against whoever finds a fault in it, as binutils tell it: see checksec(7) and ld(1), -z."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

# What each function was compiled with, which the compiler writes into the debug information (DW_AT_producer).
COMPILED = ("-fstack-protector-strong", "-fstack-clash-protection", "-fcf-protection=full", "-O2")


def _said(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, env={"LC_ALL": "C"}).stdout


def link_faults(file: Path) -> set[str]:
    """What the linker left open in a program, or a shared library, that a loader loads."""
    header = _said("/usr/bin/readelf", "-hlWd", file)
    dynamic = dict(re.findall(r"^ 0x[0-9a-f]+ \((\w+)\) +(.*)", header, re.M))
    stack = re.search(r"^  GNU_STACK .* (R?W?E?) +0x", header, re.M)
    faults = {
        "not position independent": "Type:                              DYN" not in header,
        "data that the loader wrote stay writable": "GNU_RELRO" not in header,
        "symbols are bound when they are called": "NOW" not in dynamic.get("FLAGS_1", ""),
        "an executable stack": stack is None or "E" in stack[1],
        "a search path of its own": not {"RPATH", "RUNPATH"}.isdisjoint(dynamic),
        "code that the loader writes to": "TEXTREL" in dynamic or "TEXTREL" in dynamic.get("FLAGS", ""),
        "memory both writable and executable": re.search(r"^  LOAD .* RWE", header, re.M) is not None,
    }
    return {fault for fault, there in faults.items() if there}


def calls_faults(file: Path) -> set[str]:
    """Of what the C library checks for its callers."""
    wanted = set(re.findall(r" U (\w+)", _said("/usr/bin/nm", file)))
    checked = {name for name in wanted if re.fullmatch(r"__\w+_chk", name)}
    return {fault for fault, there in {
        "no stack protector": "__stack_chk_fail" not in wanted,
        "no checked calls (FORTIFY)": not checked - {"__stack_chk"},
    }.items() if there}


def compile_faults(file: Path, ours: str) -> set[str]:
    """`FILE: FLAG` for each compiled file in it, of those whose name begins so, that was compiled without."""
    units = re.findall(r"DW_AT_producer +: (?:\(.*?\): )?(.*)\n.*\n +<.*DW_AT_name +: (?:\(.*?\): )?(.*)",
                       _said("/usr/bin/readelf", "--debug-dump=info", "--dwarf-depth=1", file))
    mine = [(producer, name) for producer, name in units if name.startswith(ours)]
    assert mine, f"{file} has nothing of {ours}"
    return {f"{name}: {flag}" for producer, name in mine for flag in COMPILED if flag not in producer.split()}


def unmarked(archive: Path) -> list[str]:
    """The objects without the mark for indirect branch tracking and a shadow stack (System V ABI for x86-64, 4.1.1). A linked
    file has it only where all of it has: Debian's start files and archives have not."""
    parts = _said("/usr/bin/readelf", "-n", archive).split("\nFile: ")[1:]
    assert parts, f"{archive} has no object"
    return [part.split("\n")[0] for part in parts if "x86 feature: IBT, SHSTK" not in part]

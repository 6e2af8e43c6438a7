"""What a dynamically linked program needs beside itself: its loader and the closure of its libraries.

Read from the files' own headers (elf(5): PT_INTERP, DT_NEEDED, DT_RUNPATH) and not asked of ldd, which runs the
program's loader, and says nothing useful about a program of another libc or of a sanitizer's build.
"""

from __future__ import annotations

import glob
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PT_LOAD, PT_DYNAMIC, PT_INTERP = 1, 2, 3
DT_NEEDED, DT_STRTAB, DT_RPATH, DT_RUNPATH = 1, 5, 15, 29


class MissingLibrary(Exception):
    """A library that a program names is nowhere on this machine."""


@dataclass(frozen=True)
class Dynamic:
    """What a file's headers ask for."""

    interpreter: str | None
    needed: tuple[str, ...]
    runpath: tuple[str, ...]


def read_dynamic(path: Path) -> Dynamic | None:
    """The headers of an ELF file of x86-64; None for any other file."""
    data = path.read_bytes()
    if data[:6] != b"\x7fELF\x02\x01" or struct.unpack_from("<H", data, 18)[0] != 62:
        return None
    (phoff,) = struct.unpack_from("<Q", data, 32)
    phentsize, phnum = struct.unpack_from("<HH", data, 54)
    loads: list[tuple[int, int, int]] = []
    dynamic: list[tuple[int, ...]] = []
    interpreter = None
    for index in range(phnum):
        kind, _, offset, address, _, filesz = struct.unpack_from("<IIQQQQ", data, phoff + index * phentsize)
        if kind == PT_LOAD:
            loads.append((address, offset, filesz))
        elif kind == PT_INTERP:
            interpreter = data[offset : offset + filesz].rstrip(b"\0").decode()
        elif kind == PT_DYNAMIC:
            dynamic = list(struct.iter_unpack("<QQ", data[offset : offset + filesz // 16 * 16]))
    table = next((value for tag, value in dynamic if tag == DT_STRTAB), 0)
    start = next((offset + table - address for address, offset, size in loads if address <= table < address + size), 0)

    def text(at: int) -> str:
        return data[start + at : data.index(b"\0", start + at)].decode()

    paths = [text(value) for tag, value in dynamic if tag in (DT_RPATH, DT_RUNPATH)]
    runpath = tuple(part for value in paths for part in value.split(":") if part)
    return Dynamic(interpreter, tuple(text(value) for tag, value in dynamic if tag == DT_NEEDED), runpath)


def system_folders(conf: Path = Path("/etc/ld.so.conf")) -> list[str]:
    """The folders in which the loader looks: those of ld.so.conf, then its own (ld.so(8))."""
    found: list[str] = []
    if conf.is_file():
        for line in conf.read_text().splitlines():
            words = line.split("#")[0].split()
            if words[:1] == ["include"]:
                for pattern in words[1:]:
                    for name in sorted(glob.glob(str(conf.parent / pattern))):
                        found += system_folders(Path(name))[: -len(DEFAULT_FOLDERS)]
            else:
                found += words
    return [*found, *DEFAULT_FOLDERS]


# Compiled into the loader of Debian; where a library lies elsewhere the guest, which has no ld.so.cache, gets a link.
DEFAULT_FOLDERS = ("/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib", "/usr/lib")


def _find(name: str, asked_by: Path, runpath: tuple[str, ...], folders: list[str]) -> Path:
    origin = str(asked_by.resolve().parent)
    own = [part.replace("${ORIGIN}", origin).replace("$ORIGIN", origin) for part in runpath]
    for folder in [*own, *folders]:
        path = Path(folder) / name
        if path.is_file() and read_dynamic(path) is not None:
            return path
    raise MissingLibrary(f"{asked_by}: needs {name}, which is in none of {', '.join([*own, *folders])}")


def closure(programs: Iterable[Path]) -> list[Path]:
    """Loader and libraries of all `programs`, each once, by the path under which they were found."""
    folders = system_folders()
    found: dict[str, Path] = {}
    queue = list(programs)
    while queue:
        path = queue.pop()
        dynamic = read_dynamic(path)
        if dynamic is None:
            continue
        if dynamic.interpreter is not None:
            found[dynamic.interpreter] = Path(dynamic.interpreter)
        for name in dynamic.needed:
            if name not in found and not any(known.rpartition("/")[2] == name for known in found):
                found[name] = _find(name, path, dynamic.runpath, folders)
                queue.append(found[name])
    return sorted(found.values())

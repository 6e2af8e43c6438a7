"""The guest's root filesystem: a handful of this machine's own programs with their libraries, as initramfs archives.

The base changes rarely and is kept by a digest of its inputs. Programs that are large and that few cells run have an
archive each, behind the base, where a cell names them: unpacking a megabyte costs a guest without KVM 20 ms. What is
being worked on (the runtime, the cells) goes into an overlay, a small archive behind those, so that a changed .c file
does not write the base again. The links of a merged /usr are those of this machine.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from vm import elf
from vm.cpio import Archive

COREUTILS = (
    "cat chmod chown cp dd echo env false head id ln ls mkdir mkfifo mv printf pwd readlink rm rmdir seq sleep stat"
    " tail test timeout touch tr true truncate uname wc"
).split()
BASE = "base"
# By archive. No bash: there are users without one, and what needs it should show here.
PROGRAMS = {BASE: (*COREUTILS, "sh", "grep", "sed"), "curl": ("curl",), "perl": ("perl",), "tls": ("openssl",)}
# What is there beside an archive's programs, and loads libraries that they may not.
OBJECTS = {"tls": ("holdfast-tls.so",)}
MERGED = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
# perl-base without the tables of Unicode properties and the debugger of regular expressions, most of its size.
PERL_LEFT_OUT = {"unicore", "re"}

NSSWITCH = "passwd: files\ngroup: files\nshadow: files\nhosts: files\nservices: files\nprotocols: files\n"


def libraries_of(paths: Iterable[Path]) -> list[Path]:
    """Loader and libraries that programs need, by this machine's paths."""
    return elf.closure(paths)


def needed(cells: str) -> list[str]:
    """The archives for a list of cells: the base, and those whose program some cell names."""
    return [name for name in PROGRAMS if name == BASE or re.search(rf"(?<![a-z]){name}(?![a-z])", cells)]


def _programs(archive: str) -> list[Path]:
    found = []
    for name in PROGRAMS[archive]:
        path = next((Path(folder, name) for folder in ("/usr/bin", "/bin") if Path(folder, name).is_file()), None)
        if path is not None:
            found.append(path)
    return found


def _canonical(path: Path) -> str:
    """The path with the links of its folders followed and its own name kept: /bin/sh is /usr/bin/sh."""
    return str(path.parent.resolve() / path.name)


def _copy(archive: Archive, path: Path) -> None:
    """A file of this machine under its own path, and every symlink on the way to it."""
    place = _canonical(path)
    while os.path.islink(place):
        target = os.readlink(place)
        archive.symlink(place, target)
        place = _canonical(Path(place).parent / target)
    archive.file(place, Path(place).read_bytes(), stat.S_IMODE(os.stat(place).st_mode) & 0o755)


def _library(archive: Archive, path: Path) -> None:
    _copy(archive, path)
    folders = {str(Path(folder).resolve()) for folder in (*elf.DEFAULT_FOLDERS, "/lib64")}
    if str(Path(_canonical(path)).parent) not in folders:
        archive.symlink(f"{Path(elf.DEFAULT_FOLDERS[0]).resolve()}/{path.name}", _canonical(path))


def _perl_modules() -> list[Path]:
    tops = [path for path in Path("/usr/lib").glob("*-linux-gnu/perl-base") if path.is_dir()]
    files = [file for top in tops for file in sorted(top.rglob("*")) if file.is_file()]
    return [file for file in files if not PERL_LEFT_OUT & set(file.parts)]


def _files(build: Path, archive: str) -> tuple[list[Path], list[Path]]:
    """Files that go in under their own path, and libraries."""
    ours = [build / name for name in ("holdfast", "hf-probe", "abi-ceiling", "deny-call", "hf-bait", "cellrun") if (build / name).exists()]
    if archive == BASE:
        programs = _programs(BASE)
        return programs, libraries_of([*programs, *ours])
    files = _programs(archive) + (_perl_modules() if archive == "perl" else [])
    objects = [build / name for name in OBJECTS.get(archive, ()) if (build / name).exists()]
    there = set(_files(build, BASE)[1])
    return files, [path for path in libraries_of([*files, *objects]) if path not in there]


def _skeleton(archive: Archive) -> None:
    for name in MERGED:
        if os.path.islink(f"/{name}"):
            archive.symlink(f"/{name}", os.readlink(f"/{name}"))
    for folder in ("/dev /proc /sys /run /mnt/cell /etc /usr/local/bin /var/lib /usr/bin /usr/lib").split():
        archive.folder(folder)
    archive.folder("/tmp", 0o1777)
    archive.folder("/root", 0o700)
    archive.folder("/home/sandbox", 0o755, 1000, 1000)
    # The kernel opens /dev/console for PID 1 before anything is mounted.
    archive.device("/dev/console", 5, 1, 0o600)
    archive.device("/dev/null", 1, 3)
    texts = {"nsswitch.conf": NSSWITCH, "resolv.conf": ""}
    for name, text in texts.items():
        archive.file(f"/etc/{name}", text.encode())


def _stamp(paths: Iterable[Path], init: Path) -> str:
    """A digest of everything the base is made of: names, sizes and times of the inputs, and this code."""
    digest = hashlib.sha256()
    code = [Path(__file__), Path(elf.__file__), Path(__file__).with_name("cpio.py")]
    for path in [*paths, *code, init]:
        info = path.stat()
        digest.update(f"{path} {info.st_size} {info.st_mtime_ns} {info.st_ino}\n".encode())
    return digest.hexdigest()


def archive(build: Path, name: str) -> Path:
    """An archive of the root filesystem; written anew only when one of its inputs has changed."""
    init, image, stamp = build / "init", build / "image" / f"{name}.cpio", build / "image" / f"{name}.stamp"
    if not init.is_file():
        raise FileNotFoundError(f"{init}: the guest's PID 1 is not built: run make")
    files, libraries = _files(build, name)
    digest = _stamp([*files, *libraries], init)
    if image.is_file() and stamp.is_file() and stamp.read_text() == digest:
        return image
    members = Archive()
    if name == BASE:
        _skeleton(members)
        members.file("/init", init.read_bytes(), 0o755)
    for path in files:
        _copy(members, path)
    for path in libraries:
        _library(members, path)
    image.parent.mkdir(parents=True, exist_ok=True)
    _replace(image, members.pack())
    _replace(stamp, digest.encode())
    return image


def overlay(files: Mapping[str, Path | bytes]) -> bytes:
    """A small archive that is laid over the base: guest path to file of this machine, or to the content itself."""
    archive = Archive()
    for place, source in files.items():
        if not place.startswith("/"):
            raise ValueError(f"{place}: not an absolute path of the guest")
        data = source if isinstance(source, bytes) else source.read_bytes()
        if isinstance(source, bytes):
            executable = data.startswith((b"\x7fELF", b"#!"))
        else:
            executable = os.access(source, os.X_OK)
        archive.file(place, data, 0o755 if executable else 0o644)
    return archive.pack()


def _replace(path: Path, data: bytes) -> None:
    """Write a file so that a reader in another process sees the old one or the new one."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(data)
    beside.rename(path)

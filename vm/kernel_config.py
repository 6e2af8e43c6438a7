"""What a kernel lacks to be a guest, read from its configuration before it is booted.

The configuration is in the kernel itself where it was built with CONFIG_IKCONFIG (kernel/configs.c: between the marks
IKCFG_ST and IKCFG_ED), else in a file beside it: config-RELEASE as distributions install it, .config in a build folder.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from vm import bzimage

# What it is for, in words; the options, each of which has to be built in.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "64 bit": ("64BIT",),
    "initramfs support": ("BLK_DEV_INITRD",),
    "a serial console": ("TTY", "PRINTK", "SERIAL_8250", "SERIAL_8250_CONSOLE"),
    "ELF programs": ("BINFMT_ELF",),
    "scripts": ("BINFMT_SCRIPT",),
    "devtmpfs": ("DEVTMPFS",),
    "tmpfs": ("TMPFS",),
    "proc": ("PROC_FS",),
    "sysfs": ("SYSFS",),
    "users": ("MULTIUSER",),
    "seccomp filters": ("SECCOMP", "SECCOMP_FILTER"),
    "user namespaces": ("USER_NS",),
    "PID namespaces": ("PID_NS",),
    "network namespaces": ("NET_NS",),
    "IPC namespaces": ("IPC_NS",),
    "IPv4": ("INET",),
    "UNIX sockets": ("UNIX",),
}

_BEGIN, _END = b"IKCFG_ST\x1f\x8b", b"IKCFG_ED"
_SET = re.compile(r"^CONFIG_(\w+)=y$", re.M)


@dataclass(frozen=True)
class Config:
    """A configuration's text, and where it stood."""

    text: str
    where: str


def find(path: Path, data: bytes, release: str) -> Config | None:
    """The configuration of the kernel at `path`, of which `data` is what is booted."""
    embedded = _embedded(data)
    if embedded is not None:
        return Config(embedded, f"{path} itself")
    for file in _beside(path.resolve(), release):
        if file.is_file():
            return Config(file.read_text(errors="replace"), str(file))
    return None


def _embedded(data: bytes) -> str | None:
    if bzimage.is_bzimage(data):
        try:
            data = bzimage.vmlinux(data)
        except bzimage.NotAKernel:  # compressed in a way that it alone can undo
            return None
    start = data.find(_BEGIN)
    end = data.find(_END, start)
    if start < 0 or end < 0:
        return None
    try:
        return zlib.decompressobj(wbits=31).decompress(data[start + len(_BEGIN) - 2 : end]).decode(errors="replace")
    except zlib.error:
        return None


def _beside(path: Path, release: str) -> Iterator[Path]:
    yield path.with_name(f"config-{release}")
    if path.name.startswith("vmlinuz-"):
        yield path.with_name("config-" + path.name.removeprefix("vmlinuz-"))
    yield path.with_name("config")
    yield path.with_name(".config")
    if path.parts[-4:-1] == ("arch", "x86", "boot"):
        yield path.parents[3] / ".config"


def lacks(config: Config) -> list[str]:
    """What is needed and not there, each with its options."""
    there = set(_SET.findall(config.text))
    missing = {what: [f"CONFIG_{name}" for name in names if name not in there] for what, names in NEEDS.items()}
    return [f"{what} ({', '.join(names)})" for what, names in missing.items() if names]

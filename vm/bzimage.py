"""From a bzImage to the vmlinux inside: found by the setup header, decompressed by what its first bytes say.

Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header": payload_offset and payload_length (protocol 2.08)
say where the compressed ELF lies, and its last four bytes are the length of what comes out. A vmlinux with the PVH
note is entered by qemu directly (no decompression by the emulated CPU), which is why it is worth unpacking.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import shutil
import struct
import subprocess
from pathlib import Path

ELF_MAGIC = b"\x7fELF"
# Note type of Xen's ELF notes which gives the 32-bit PVH entry (include/xen/interface/elfnote.h).
XEN_ELFNOTE_PHYS32_ENTRY = 18
PT_NOTE = 4
EM_X86_64 = 62
# What the kernel's compressions begin with.
COMPRESSED = (b"\x1f\x8b", b"\xfd7zXZ\0", b"\x5d\x00\x00", b"BZh", b"\x02\x21\x4c\x18", b"\x28\xb5\x2f\xfd")


class NotAKernel(Exception):
    """The bytes are no Linux kernel image for x86-64 that can be used here."""


def _run(tool: list[str], data: bytes) -> bytes:
    if shutil.which(tool[0]) is None:
        raise NotAKernel(f"compressed with {tool[0]}, which is not installed: install {tool[0]}")
    done = subprocess.run(tool, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise NotAKernel(f"{tool[0]} cannot decompress it: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def decompress(data: bytes) -> bytes:
    """What `data` holds, whichever of the kernel's compressions it has (an ELF file is returned as it is)."""
    if data.startswith(ELF_MAGIC):
        return data
    try:
        if data.startswith(b"\x1f\x8b"):
            return gzip.decompress(data)
        if data.startswith((b"\xfd7zXZ\0", b"\x5d\x00\x00")):
            return lzma.LZMADecompressor().decompress(data)
        if data.startswith(b"BZh"):
            return bz2.BZ2Decompressor().decompress(data)
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise NotAKernel(f"its compressed data is damaged: {error}") from error
    if data.startswith(b"\x02\x21\x4c\x18"):
        return _run(["lz4", "-d", "-c", "-q"], data)
    if data.startswith(b"\x28\xb5\x2f\xfd"):
        return _run(["zstd", "-d", "-c", "-q"], data)
    raise NotAKernel(f"unknown compression, first bytes {data[:6].hex()}")


def is_bzimage(data: bytes) -> bool:
    """A boot sector, the header's magic, and a protocol which knows where the payload is."""
    return len(data) > 0x268 and data[0x202:0x206] == b"HdrS" and int.from_bytes(data[0x206:0x208], "little") >= 0x208


def payload(data: bytes) -> tuple[bytes, int]:
    """The compressed kernel within a bzImage, and the length that it says to have when unpacked."""
    if not is_bzimage(data):
        raise NotAKernel("no bzImage of boot protocol 2.08 or later")
    setup_sectors = data[0x1F1] or 4
    offset, length = struct.unpack_from("<II", data, 0x248)
    start = (setup_sectors + 1) * 512 + offset
    body = data[start : start + length]
    if len(body) != length or length < 8:
        raise NotAKernel("cut short: its payload ends behind the file")
    return body[:-4], int.from_bytes(body[-4:], "little")


def vmlinux(data: bytes) -> bytes:
    """The uncompressed ELF kernel of a bzImage."""
    body, size = payload(data)
    found = decompress(body)
    if not found.startswith(ELF_MAGIC):
        raise NotAKernel("its payload is no ELF file")
    # Later kernels append the table of relocations to the ELF file, all of it inside the length.
    if len(found) != size:
        raise NotAKernel(f"its payload unpacks to {len(found)} bytes and should to {size}")
    return found


def has_pvh_entry(elf: bytes) -> bool:
    """Whether qemu can enter this vmlinux directly: a note of owner Xen, type PHYS32_ENTRY."""
    if not elf.startswith(ELF_MAGIC + b"\x02\x01"):
        return False
    (phoff,) = struct.unpack_from("<Q", elf, 32)
    phentsize, phnum = struct.unpack_from("<HH", elf, 54)
    for index in range(phnum):
        kind, _, offset, _, _, filesz = struct.unpack_from("<IIQQQQ", elf, phoff + index * phentsize)
        if kind != PT_NOTE:
            continue
        at = offset
        while at + 12 <= offset + filesz:
            namesz, descsz, note = struct.unpack_from("<III", elf, at)
            name = elf[at + 12 : at + 12 + namesz]
            if name == b"Xen\0" and note == XEN_ELFNOTE_PHYS32_ENTRY:
                return True
            at += 12 + (namesz + 3) // 4 * 4 + (descsz + 3) // 4 * 4
    return False


def release(data: bytes) -> str:
    """The kernel's own release string, as `uname -r` would give it."""
    if is_bzimage(data):
        (offset,) = struct.unpack_from("<H", data, 0x20E)
        text = data[offset + 0x200 : offset + 0x200 + 256].split(b"\0")[0]
        return text.decode(errors="replace").split(" ")[0]
    match = re.search(rb"Linux version (\d+\.[^ \0]+) ", data)
    if match is None:
        raise NotAKernel("no `Linux version` in it")
    return match.group(1).decode()


def read(path: Path) -> bytes:
    """A kernel file as the user has it: a bzImage, a vmlinux, or a compressed vmlinux."""
    data = path.read_bytes()
    if not is_bzimage(data) and any(map(data.startswith, COMPRESSED)):
        data = decompress(data)
    if is_bzimage(data):
        # xloadflags, from protocol 2.12 on: bit 0 is a kernel of 64 bit.
        if int.from_bytes(data[0x206:0x208], "little") < 0x20C or not data[0x236] & 1:
            raise NotAKernel("a bzImage of 32 bit; the guest is x86-64")
        payload(data)  # is all of it there
    elif data.startswith(ELF_MAGIC):
        _check_elf(data)
    else:
        raise NotAKernel(f"neither a bzImage nor an ELF kernel for x86-64; it begins with {data[:8]!r}")
    return data


def _check_elf(data: bytes) -> None:
    """Header and segments (elf(5)): of this architecture, and all there."""
    if len(data) < 64 or data[4] != 2 or data[18:20] != EM_X86_64.to_bytes(2, "little"):
        machine = int.from_bytes(data[18:20], "little")
        raise NotAKernel(f"an ELF file for another architecture than x86-64 (machine {machine}, see elf.h)")
    (phoff,) = struct.unpack_from("<Q", data, 32)
    phentsize, phnum = struct.unpack_from("<HH", data, 54)
    for at in range(phoff, phoff + phentsize * phnum, phentsize or 1):
        _, _, offset, _, _, filesz = struct.unpack_from("<IIQQQQ", data.ljust(at + 56, b"\0"), at)
        if max(at + 56, offset + filesz) > len(data):
            raise NotAKernel("cut short: a segment of it ends behind the file")
    if b"Linux version " not in data:
        raise NotAKernel("an ELF program, and no Linux kernel")

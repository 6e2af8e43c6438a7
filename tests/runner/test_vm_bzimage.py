"""A bzImage is taken apart by its header, in each compression, and a damaged one is refused."""

import bz2
import gzip
import lzma
import shutil
import struct
import subprocess
from collections.abc import Callable

import pytest
from vm import bzimage


def elf(note: bool = True) -> bytes:
    """An ELF header with one PT_NOTE segment: first another note of another owner, then PVH's."""
    notes = struct.pack("<III", 4, 5, 3) + b"GNU\0" + b"12345\0\0\0"
    notes += struct.pack("<III", 4, 4, 18 if note else 17) + b"Xen\0" + b"\0\0\0\x01"
    head = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 4, 4, 120, 0, 0, len(notes), len(notes), 4)
    return head + segment + notes + b"Linux version 9.8.7-x (me) "


def bz(body: bytes, size: int) -> bytes:
    payload = body + struct.pack("<I", size)
    head = bytearray(0x400)
    head[0x1F1] = 1
    head[0x202:0x206] = b"HdrS"
    struct.pack_into("<H", head, 0x206, 0x20F)
    head[0x236] = 1
    struct.pack_into("<H", head, 0x20E, 0x100)
    head[0x300:0x310] = b"9.8.7-x (me) #1\0"
    struct.pack_into("<II", head, 0x248, 16, len(payload))
    return bytes(head) + bytes(16) + payload


def tool(*command: str) -> Callable[[bytes], bytes]:
    if shutil.which(command[0]) is None:
        pytest.fail(f"{command[0]} is not installed")
    return lambda data: subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout


@pytest.mark.parametrize("name", ["gzip", "xz", "lzma", "bzip2", "lz4", "zstd"])
def test_every_compression_gives_the_kernel_back(name: str) -> None:
    compress: dict[str, Callable[[], Callable[[bytes], bytes]]] = {
        "gzip": lambda: gzip.compress,
        "xz": lambda: lzma.compress,
        "lzma": lambda: lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
        "bzip2": lambda: bz2.compress,
        "lz4": lambda: tool("lz4", "-l", "-c", "-q"),
        "zstd": lambda: tool("zstd", "-c", "-q"),
    }
    image = bz(compress[name]()(elf()), len(elf()))
    assert bzimage.vmlinux(image) == elf()
    assert bzimage.release(image) == bzimage.release(elf()) == "9.8.7-x"


def test_the_pvh_note_is_found_and_its_absence_too() -> None:
    assert bzimage.has_pvh_entry(elf())
    assert not bzimage.has_pvh_entry(elf(note=False))
    assert not bzimage.has_pvh_entry(b"")


@pytest.mark.parametrize(
    ("image", "why"),
    [
        (bz(gzip.compress(elf()), 7), "should to 7"),
        (bz(gzip.compress(b"no elf"), 6), "no ELF"),
        (bz(gzip.compress(elf()), 9)[:-20], "cut short"),
        (bz(b"\x1f\x8b garbage", 9), "damaged"),
        (b"MZ" + bytes(2000), "no bzImage"),
    ],
    ids=["another length", "no kernel in it", "cut", "damaged", "nothing in it"],  # gzip writes the time into its output
)
def test_what_is_wrong_with_an_image_is_said(image: bytes, why: str) -> None:
    with pytest.raises(bzimage.NotAKernel, match=why):
        bzimage.vmlinux(image)

"""What a kernel lacks is told by how far it came; files that are no kernel are refused at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from matrix.events import GuestFacts
from matrix.own_kernel import SERIAL, lacks
from matrix_world import Ended
from test_vm_bzimage import bz, elf
from vm.bzimage import NotAKernel, read

FACTS = GuestFacts("2", "0", "6.1.0", "0")
BOOTED = "[    0.040000] tsc: Unable to calibrate against PIT\n[    2.280658] reboot: Power down\n"
NO_ROOT = """\
[    1.210000] check access for rdinit=/init failed: -2, ignoring
[    1.220000] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)
"""


@pytest.mark.parametrize(("end", "facts", "lacking"), [
    (Ended(console=BOOTED), FACTS, []),
    (Ended("hang", console=""), None, [SERIAL]),
    (Ended("died", console=""), FACTS, [SERIAL]),
    (Ended("died", console="\nqemu: could not load kernel"), None, []),
    (Ended("panic", console=NO_ROOT), None, ["initramfs support (CONFIG_BLK_DEV_INITRD)"]),
    (Ended("panic", console="[    1.2] Failed to execute /init (error -8)\n"), None, ["ELF programs (CONFIG_BINFMT_ELF)"]),
    (Ended(console=f"{BOOTED}init: cannot mount devtmpfs on /dev: No such device\n"), None, ["devtmpfs"]),
    (Ended(console=BOOTED), GuestFacts("none", "0", "4.1", "0", ("seccomp filters",)), ["seccomp filters"]),
    (Ended("hang", console="[    0.1] Linux version\n"), None, []),
])
def test_what_is_lacking_by_how_far_it_came(end: Ended, facts: GuestFacts | None, lacking: list[str]) -> None:
    assert lacks(end, facts) == lacking


def no_kernels() -> dict[str, bytes]:
    image = bytearray(bz(b"\x1f\x8b", 9))
    image[0x236] = 0
    arm = bytearray(elf())
    arm[18] = 183
    return {"of 32 bit": bytes(image), "machine 183": bytes(arm), "an ELF program": elf()[:-26] + bytes(26),
            "cut short: a segment": elf()[:130], "it begins with b'#!/bin/s'": b"#!/bin/sh\n", "begins with b''": b""}


@pytest.mark.parametrize("why", no_kernels())
def test_no_kernel(why: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(no_kernels()[why])
    with pytest.raises(NotAKernel) as refused:
        read(tmp_path / "file")
    assert why in str(refused.value)

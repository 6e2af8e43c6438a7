"""Whether /dev/kvm can run a guest: found out by running one, since the node alone proves nothing.

There are hosts (nested ones above all) where the node opens and a virtual CPU can be made, but what runs on it is
emulated instruction by instruction by the kernel: slower than qemu's own emulation, and a real kernel stops at the
first instruction that this emulator lacks. So a CPU in long mode has to count to ten million and do a `lock
cmpxchg16b` (the slab allocator's own instruction) in a second. `python3 -m vm.accel` prints the answer.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import functools
import mmap
import os
import resource
import struct
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
SECONDS = 1.0
ENOUGH = 0.25  # of processor time: Python's start and counting take a virtual CPU of the hardware a tenth of a second

# linux/kvm.h; all of them are of the stable API version 12.
KVM_GET_API_VERSION, KVM_CREATE_VM, KVM_GET_VCPU_MMAP_SIZE = 0xAE00, 0xAE01, 0xAE04
KVM_CREATE_VCPU, KVM_SET_USER_MEMORY_REGION, KVM_RUN = 0xAE41, 0x4020AE46, 0xAE80
KVM_SET_REGS, KVM_GET_SREGS, KVM_SET_SREGS = 0x4090AE82, 0x8138AE83, 0x4138AE84
KVM_EXIT_IO = 2

SIZE, PML4, PDPT, PD, DATA, CODE = 0x10000, 0x1000, 0x2000, 0x3000, 0x7000, 0x8000
PROGRAM = (
    b"\xb9\x80\x96\x98\x00"  # mov ecx, 10000000
    b"\xff\xc9\x75\xfc"  # again: dec ecx; jnz again
    b"\xbf\x00\x70\x00\x00"  # mov edi, DATA
    b"\xf0\x48\x0f\xc7\x0f"  # lock cmpxchg16b [rdi]
    b"\xb0\x2a\xe6\x10\xf4"  # mov al, 42; out 16, al; hlt
)


def _segment(kind: int, long_mode: int) -> bytes:
    """struct kvm_segment: base, limit, selector, type, present, dpl, db, s, l, g, avl, unusable, padding."""
    return struct.pack("<QIH10B", 0, 0xFFFFFFFF, 8, kind, 1, 0, 1 - long_mode, 1, long_mode, 1, 0, 0, 0)


def try_kvm() -> str | None:
    """Run the program; None when it came to its end, else what did not work. May not return in reasonable time."""
    try:
        kvm = os.open("/dev/kvm", os.O_RDWR | os.O_CLOEXEC)
        if fcntl.ioctl(kvm, KVM_GET_API_VERSION, 0) != 12:
            return "not API version 12"
        machine = fcntl.ioctl(kvm, KVM_CREATE_VM, 0)
        memory = mmap.mmap(-1, SIZE)
        for table, entry in ((PML4, PDPT | 3), (PDPT, PD | 3), (PD, 0x83)):
            struct.pack_into("<Q", memory, table, entry)
        memory[CODE : CODE + len(PROGRAM)] = PROGRAM
        address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
        fcntl.ioctl(machine, KVM_SET_USER_MEMORY_REGION, struct.pack("<IIQQQ", 0, 0, 0, SIZE, address))
        cpu = fcntl.ioctl(machine, KVM_CREATE_VCPU, 0)
        state = mmap.mmap(cpu, fcntl.ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0))
        special = bytearray(312)
        fcntl.ioctl(cpu, KVM_GET_SREGS, special)
        for index in range(6):  # cs, ds, es, fs, gs, ss
            special[index * 24 : index * 24 + 24] = _segment(11 if index == 0 else 3, 1 if index == 0 else 0)
        # cr0 PE, MP, ET, NE, WP, PG; cr3; cr4 PAE; efer LME, LMA
        struct.pack_into("<QQQQQQ", special, 224, 0x80010033, 0, PML4, 0x20, 0, 0x500)
        fcntl.ioctl(cpu, KVM_SET_SREGS, bytes(special))
        plain = bytearray(144)
        struct.pack_into("<QQ", plain, 128, CODE, 2)  # rip, rflags
        fcntl.ioctl(cpu, KVM_SET_REGS, bytes(plain))
        fcntl.ioctl(cpu, KVM_RUN, 0)
        (reason,) = struct.unpack_from("<I", state, 8)
    except OSError as error:
        return error.strerror or str(error)
    return None if reason == KVM_EXIT_IO else f"a virtual CPU stopped for reason {reason} (linux/kvm.h, KVM_EXIT_*)"


def _trial() -> tuple[str | None, bool]:
    """What does not work, if anything; and whether that is certain, or the machine was only too busy to tell."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "vm.accel"]
    try:
        done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return "a virtual CPU does not count to ten million in a second: it is emulated", worked > ENOUGH
    return (None if done.returncode == 0 else done.stdout.strip() or "the test of it died"), True


@functools.cache
def kvm_problem(kept: Path = TOP / "build" / "kvm") -> str | None:
    """None when KVM is to be used, else why not. The trial's second is spent once a start of this machine (`make clean`
    forgets it)."""
    if os.environ.get("HOLDFAST_ACCEL") == "tcg":
        return "HOLDFAST_ACCEL=tcg"
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return "no /dev/kvm for this user"
    start = Path("/proc/sys/kernel/random/boot_id").read_text()
    with contextlib.suppress(OSError):
        of, _, problem = kept.read_text().partition("\n")
        if f"{of}\n" == start:
            return problem or None
    found, certain = _trial()
    if certain:
        with contextlib.suppress(OSError):
            kept.parent.mkdir(exist_ok=True)
            kept.write_text(start + (found or ""))
    return found


if __name__ == "__main__":
    PROBLEM = try_kvm()
    print(PROBLEM or "kvm works")
    sys.exit(1 if PROBLEM else 0)

"""Booting a guest: one qemu, its kernel console in a file, its results line by line, and an end that is always told.

Results come by memory that guest and host share (vm/ring.py), or, from a PID 1 which has not that, by the second
serial port.

A guest ends by powering off, by a panic, by going silent, or because qemu itself died; whichever it was, no qemu
stays.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vm import accel
from vm.kernels import Kernel
from vm.lines import read_lines
from vm.ring import Damaged, Ring

Reason = Literal["poweroff", "panic", "hang", "died"]

MEMORY_MB = 256


@dataclass
class GuestEnd:
    """How a guest ended. `boot_seconds` is until its first result line; `console` is what the kernel said."""

    reason: Reason
    seconds: float
    boot_seconds: float
    console: str


def kernel_cmdline(extra: str) -> str:
    """The kernel's command line (Documentation/admin-guide/kernel-parameters.txt)."""
    options = [
        "console=ttyS0",
        "noreplace-smp",  # leaves LOCK prefixes where they are: taking each out costs a tenth of a boot under emulation
        "panic=-1",  # a panic reboots at once, and -no-reboot makes that the end of qemu
        "oops=panic",  # nothing more is judged on a kernel that has oopsed
        # The test of the timer against the APIC fails where the machine is busy and the processor emulated.
        "no_timer_check",
        "loglevel=5",  # warnings and worse: `quiet` would hide the kernel's WARNINGs, which fail a cell
        *extra.split(),
    ]
    return " ".join(options)


def command(kernel: Kernel, initrd: str, cmdline: str, console: Path, results: str, ring: Ring, kvm: bool,
            memory: int = MEMORY_MB) -> list[str]:
    """The command line of qemu."""
    # tb-size: megabytes of translated code. 120 starts in a guest took 13.0 s of processor with 32, 8.1 with 64, 7.2
    # with 128, 7.5 with 256; left alone it grows to a gigabyte a guest. The CPU is pinned so that what a guest sees
    # does not vary with qemu's version; qemu64 is an AMD one, which needs no page table isolation.
    speed = ["-accel", "kvm", "-cpu", "host"] if kvm else ["-accel", "tcg,tb-size=128", "-cpu", "qemu64"]
    return [
        "qemu-system-x86_64", "-machine", "pc", *speed, "-m", str(memory),
        "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
        "-kernel", str(kernel.image), "-initrd", initrd, "-append", kernel_cmdline(cmdline),
        "-chardev", f"file,id=console,path={console}", "-serial", "chardev:console",
        "-chardev", f"file,id=results,path={results}", "-serial", "chardev:results",
        *ring.qemu_arguments(),
    ]  # fmt: skip


def join(parts: Sequence[Path | bytes]) -> int:
    """The archives one after the other in a file without a name (the kernel reads them as one); its descriptor."""
    joined = os.memfd_create("initrd")
    for part in parts:
        data = part if isinstance(part, bytes) else part.read_bytes()
        os.write(joined, data + b"\0" * (-len(data) % 4))
    return joined


def why_it_ended(console: str, silent: bool) -> Reason:
    """What the console says about an end."""
    if "Kernel panic" in console:
        return "panic"
    if silent:
        return "hang"
    return "poweroff" if "reboot: Power down" in console else "died"


def run_guest(
    kernel: Kernel,
    parts: Sequence[Path | bytes],
    cmdline: str,
    console: Path,
    on_line: Callable[[str], None],
    silence: float,
    memory: int = MEMORY_MB,
) -> GuestEnd:
    """Boot `kernel` on the archives `parts`; every result line goes to `on_line` as it comes."""
    console.parent.mkdir(parents=True, exist_ok=True)
    console.write_bytes(b"")
    initrd = join(parts)
    reading, writing = os.pipe()
    ring = Ring()
    start = time.monotonic()
    damage = ""
    complaints = tempfile.TemporaryFile()
    qemu: subprocess.Popen[bytes] | None = None
    try:
        initrd_path, results = f"/proc/self/fd/{initrd}", f"/proc/self/fd/{writing}"
        arguments = command(kernel, initrd_path, cmdline, console, results, ring, accel.kvm_problem() is None, memory)
        # setpriv: qemu goes down with this process even if that is killed.
        qemu = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", *arguments], pass_fds=(initrd, writing, ring.fd),
            stdin=subprocess.DEVNULL, stdout=complaints, stderr=complaints,
        )  # fmt: skip
        os.close(writing)
        writing = -1
        try:
            silent, first = read_lines(reading, on_line, silence, ring.read)
        except Damaged as error:
            # A guest that wrote over its own ring has ended, whatever it does now.
            silent, first, damage = False, None, f"\n{error}"
            qemu.kill()
        if silent:
            qemu.kill()
        qemu.wait()
    finally:
        if qemu is not None and qemu.poll() is None:
            qemu.kill()
            qemu.wait()
        for descriptor in (initrd, reading, writing):
            if descriptor >= 0:
                os.close(descriptor)
        ring.close()
    end = time.monotonic()
    text = console.read_text(errors="replace")
    complaints.seek(0)
    said = complaints.read().decode(errors="replace")
    complaints.close()
    if said:
        text += f"\nqemu: {said}"
    if damage:
        return GuestEnd("died", end - start, end - start, text + damage)
    return GuestEnd(why_it_ended(text, silent), end - start, (first or end) - start, text)

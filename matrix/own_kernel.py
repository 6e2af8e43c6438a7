"""A kernel of somebody's own: asked for its ABI by booting it, and, where it cannot be used, told what it lacks."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from matrix import job
from matrix.boots import End, describe
from matrix.events import GuestFacts, Listener
from matrix.job import Stop
from matrix.lanes import Lane
from matrix.targets import Target, on_image
from vm import kernel_config
from vm.kernels import Unavailable

BOOT_PATIENCE = 20.0

# What the console says, and what that means.
LACKS = (
    (r"Unable to mount root fs|No working init found|Initramfs unpacking failed|check access for rdinit=",
     "initramfs support (CONFIG_BLK_DEV_INITRD)"),
    (r"Failed to execute /init \(error -8\)", "ELF programs (CONFIG_BINFMT_ELF)"),
    (r"init: cannot mount (\S+) on", r"\1"),
    (r"cannot bring loopback up", "IPv4 (CONFIG_INET)"),
    (r"init: cannot use /dev/ttyS1", "a second serial port, and PCI in its place (CONFIG_SERIAL_8250_RUNTIME_UARTS)"),
)
SERIAL = "a serial console (CONFIG_SERIAL_8250_CONSOLE)"
_OF_THE_KERNEL = re.compile(r"^\[ *\d+\.\d+\]", re.M)


def ask(lane: Lane, path: str) -> Target:
    """The column of this kernel. Stops where it cannot be used."""
    if not Path(path).is_file():
        raise Stop(f"{path}: no such kernel image, and no row of the matrix either", job.USAGE)
    return ask_target(lane, on_image(path, "none", path))


def ask_target(lane: Lane, target: Target) -> Target:
    path = target.kernel
    listener = Listener(lambda end: None)
    try:
        boot = lane.boot(path, target, BOOT_PATIENCE)
        (kernel,) = (one for one in lane.kernels() if one.package == path)
        config = kernel_config.find(Path(path), kernel.image.read_bytes(), kernel.version)
        if config and (lacking := kernel_config.lacks(config)):
            raise Stop(_unusable(path, lacking, f"says {config.where}"), job.USAGE)
        end = boot("", listener.line)
    except Unavailable as fault:
        raise Stop(str(fault), job.USAGE) from fault
    except OSError as fault:
        raise Stop(f"{path}: cannot be booted: {fault}", job.HARNESS) from fault
    lacking = lacks(end, listener.facts)
    if lacking:
        raise Stop(_unusable(path, lacking, describe(end)), job.USAGE)
    if listener.facts is None:
        last = "\n".join(end.console.splitlines()[-5:])
        raise Stop(f"{path}: this kernel did not get as far as running anything ({end.reason}); "
                   f"its last words:\n{last}", job.HARNESS)
    abi = listener.facts.abi
    return replace(target, name=f"{Path(path).name}:{abi}", abi=abi, native=abi)


def _unusable(path: str, lacking: list[str], how: str) -> str:
    return f"{path}: this kernel cannot be used: it lacks {', '.join(lacking)}; {how}"


def lacks(end: End, facts: GuestFacts | None) -> list[str]:
    """What kept a kernel from being used, by how far it came. Nothing where it did its work, or none can tell."""
    found = [match.expand(meaning) for pattern, meaning in LACKS if (match := re.search(pattern, end.console))]
    if facts is not None:
        found += facts.lacks
    if not found and not _OF_THE_KERNEL.search(end.console) and (facts is not None or end.reason == "hang"):
        found.append(SERIAL)
    return found

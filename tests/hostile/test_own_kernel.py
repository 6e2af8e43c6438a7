"""Kernels that cannot be used, on real guests: kernel arguments take away what a kernel may have been built without."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from matrix import job, own_kernel
from matrix.cells import REAL
from matrix.job import Stop
from matrix.lanes import Lane
from matrix.targets import Target, on_image
from vm.kernels import Store

BUILD = Path(os.environ.get("BUILD", Path(__file__).resolve().parents[2] / "build"))


@pytest.fixture(scope="module")
def lane() -> Lane:
    return job.open_lane("vm", BUILD, {REAL: BUILD / "holdfast"})


@pytest.fixture(scope="module")
def kernel() -> Target:
    path = str(Store(BUILD).ensure("6.1", print).image.resolve())
    return on_image(path, "none", path)


def test_its_abi_is_asked_of_it(lane: Lane, kernel: Target) -> None:
    assert own_kernel.ask(lane, kernel.kernel).name == "vmlinux:2"


@pytest.mark.parametrize(("arguments", "lacking"), [
    ("8250.nr_uarts=0", "it lacks a serial console (CONFIG_SERIAL_8250_CONSOLE); died"),
    ("rdinit=/nowhere", "it lacks initramfs support (CONFIG_BLK_DEV_INITRD); panic"),
])
def test_what_it_lacks_is_told(lane: Lane, kernel: Target, arguments: str, lacking: str) -> None:
    with pytest.raises(Stop) as stopped:
        own_kernel.ask_target(lane, replace(kernel, cmdline=arguments))
    assert stopped.value.status == job.USAGE and f"{kernel.kernel}: this kernel cannot be used: {lacking}" in str(
        stopped.value)


def test_a_configuration_beside_it_is_read_before_it_is_booted(lane: Lane, kernel: Target, tmp_path: Path) -> None:
    path = tmp_path / "vmlinux"
    path.write_bytes(Path(kernel.kernel).read_bytes())
    (tmp_path / ".config").write_text("CONFIG_64BIT=y\n# CONFIG_SECCOMP is not set\n")
    with pytest.raises(Stop) as stopped:
        own_kernel.ask(lane, str(path))
    assert "seccomp filters (CONFIG_SECCOMP, CONFIG_SECCOMP_FILTER)" in str(stopped.value)
    assert str(stopped.value).endswith(f"says {tmp_path}/.config")

"""The configuration is found in the kernel or beside it, and what a guest needs and has not is told."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from vm.kernel_config import NEEDS, Config, find, lacks

WHOLE = "".join(f"CONFIG_{name}=y\n" for names in NEEDS.values() for name in names)


def test_nothing_is_lacking() -> None:
    assert lacks(Config(WHOLE, "x")) == []


@pytest.mark.parametrize(("changed", "lacking"), [
    ("CONFIG_SERIAL_8250_CONSOLE=y", "a serial console (CONFIG_SERIAL_8250_CONSOLE)"),
    ("CONFIG_BLK_DEV_INITRD=y", "initramfs support (CONFIG_BLK_DEV_INITRD)"),
    ("CONFIG_SECCOMP_FILTER=y", "seccomp filters (CONFIG_SECCOMP_FILTER)"),
    ("CONFIG_DEVTMPFS=y", "devtmpfs (CONFIG_DEVTMPFS)"),
])
def test_what_is_off_or_a_module_is_lacking(changed: str, lacking: str) -> None:
    name = changed.removesuffix("=y")
    for instead in (f"# {name} is not set", f"{name}=m", ""):
        assert lacks(Config(WHOLE.replace(f"{changed}\n", f"{instead}\n"), "x")) == [lacking]


def test_it_is_in_the_kernel_itself(tmp_path: Path) -> None:
    data = b"code" + b"IKCFG_ST" + gzip.compress(b"CONFIG_A=y\n") + b"IKCFG_ED" + b"more"
    (tmp_path / "config-1.2.3").write_text("CONFIG_B=y\n")
    assert find(tmp_path / "vmlinux", data, "1.2.3") == Config("CONFIG_A=y\n", f"{tmp_path}/vmlinux itself")


@pytest.mark.parametrize(("kernel", "config"), [
    ("vmlinuz", "config-1.2.3"), ("vmlinuz-mine", "config-mine"), ("vmlinux", ".config"), ("vmlinuz", "config"),
    ("arch/x86/boot/bzImage", ".config"),
])
def test_it_is_beside_the_kernel(kernel: str, config: str, tmp_path: Path) -> None:
    (tmp_path / config).write_text("CONFIG_A=y\n")
    assert find(tmp_path / kernel, b"code", "1.2.3") == Config("CONFIG_A=y\n", str(tmp_path / config))


@pytest.mark.parametrize("data", [b"", b"IKCFG_ST\x1f\x8b damaged IKCFG_ED", b"IKCFG_ST\x1f\x8b no end"])
def test_there_is_none(data: bytes, tmp_path: Path) -> None:
    assert find(tmp_path / "vmlinuz-mine", data, "1.2.3") is None

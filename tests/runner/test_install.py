"""What `make install` leaves, and that it works from there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from usage import ROOT, told

VERSION = told("--version").split()[1]
TREE = {
    "bin/holdfast": 0o755,
    "include/holdfast.h": 0o644,
    "lib/holdfast/holdfast-tls.so": 0o644,
    "lib/libholdfast.a": 0o644,
    "lib/libholdfast.so": 0o644,
    "lib/libholdfast.so.0": 0o644,
    f"lib/libholdfast.so.{VERSION}": 0o644,
    "lib/pkgconfig/holdfast.pc": 0o644,
    "share/man/man1/holdfast.1": 0o644,
    "share/man/man5/holdfast-policy.5": 0o644,
    "share/man/man5/holdfast-scenario.5": 0o644,
    "share/bash-completion/completions/holdfast": 0o644,
    "share/holdfast/policy.proto": 0o644,
    "share/zsh/site-functions/_holdfast": 0o644,
}


def install(destination: Path, *settings: str) -> dict[str, int]:
    """From each file below the destination to its mode."""
    subprocess.run(["make", "--no-print-directory", "install", f"DESTDIR={destination}", *settings], cwd=ROOT,
                   check=True, capture_output=True)
    return {str(path.relative_to(destination)): path.stat().st_mode & 0o7777
            for path in destination.rglob("*") if not path.is_dir()}


@pytest.mark.parametrize(("settings", "prefix"), [
    ((), "usr/local"),
    (("PREFIX=/usr",), "usr"),
])
def test_the_tree(tmp_path: Path, settings: tuple[str, ...], prefix: str) -> None:
    assert install(tmp_path / "a folder", *settings) == {f"{prefix}/{file}": mode for file, mode in TREE.items()}


def test_completions_of_zsh_can_lie_elsewhere(tmp_path: Path) -> None:
    assert "zsh/_holdfast" in install(tmp_path, "ZSH_COMPLETIONS=/zsh")


def test_the_installed_program_runs(tmp_path: Path) -> None:
    install(tmp_path)
    done = subprocess.run([tmp_path / "usr/local/bin/holdfast", "run", "--", "/bin/echo", "here"], cwd="/usr",
                          capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "here\n"), done.stderr


def test_the_package_has_the_programs_version() -> None:
    assert (ROOT / "debian/changelog").read_text().startswith(f"holdfast ({VERSION}) ")


def test_the_package_is_built_with_every_library() -> None:
    """What `make package` would find out in a minute."""
    linked = re.findall(r"-l(\S+)", re.findall(r"^LIBRARIES = (.*)", (ROOT / "Makefile").read_text(), re.M)[0])
    control = (ROOT / "debian/control").read_text()
    fields = {name: re.findall(r"^ ([^\s,]+)", text, re.M) for name, text in
              (("to build it", control.partition("Build-Depends:")[2].partition("\nPackage:")[0]),
               ("to link with it", control.partition("Package: libholdfast-dev")[2]))}
    for why, packages in fields.items():
        assert linked and {f"lib{name}-dev" for name in linked} <= set(packages), why

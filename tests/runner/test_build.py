"""What is built: the same bytes whatever folder the source lies in and is built in, and hardened."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from pathlib import Path

import pytest

from hardening import calls_faults, compile_faults, link_faults, unmarked
from usage import HOLDFAST, ROOT

SHIPPED = ("holdfast", "libholdfast.so", "holdfast-tls.so")
LOADED = (*SHIPPED, "cellrun", "hf-probe", "deny-call")
FILES = (*LOADED, "libholdfast.a", "init", "abi-ceiling")


def make(source: Path, build: Path, **environment: str) -> Path:
    subprocess.run(["make", "-s", "-j2", f"BUILD={build}", *(f"{build}/{file}" for file in FILES)], cwd=source,
                   env=os.environ | environment, check=True, capture_output=True)
    return build


@pytest.fixture(scope="module")
def build() -> Path:
    """This tree's own."""
    return make(ROOT, HOLDFAST.parent)


def hashes(build: Path) -> dict[str, str]:
    return {file: hashlib.sha256((build / file).read_bytes()).hexdigest() for file in FILES}


def test_two_builds_in_two_folders_are_the_same_bytes(build: Path, tmp_path: Path) -> None:
    source = tmp_path / "another/and-deeper"
    source.mkdir(parents=True)
    subprocess.run(["cp", "-r", *(ROOT / part for part in ("Makefile", "src", "vm", "include")), source], check=True)
    other = make(source, tmp_path / "elsewhere", LC_ALL="C.UTF-8", TZ="Asia/Tokyo", CI="")
    assert hashes(build) == hashes(other)


@pytest.mark.parametrize("file", LOADED)
def test_the_linker_leaves_nothing_open(build: Path, file: str) -> None:
    assert link_faults(build / file) == set()


@pytest.mark.parametrize("file", SHIPPED)
def test_everything_is_compiled_with_the_compilers_defences(build: Path, file: str) -> None:
    assert compile_faults(build / file, "src/") == set()
    assert calls_faults(build / file) == set()


def test_code_from_a_generator_is_no_exception(build: Path) -> None:
    assert compile_faults(build / "libholdfast.so", "build/wire/policy.pb-c.c") == set()


@pytest.mark.skipif(platform.machine() != "x86_64", reason="marks of x86-64 alone")
def test_each_object_is_marked_for_control_flow_protection(build: Path) -> None:
    assert unmarked(build / "internal.a") == []


def test_a_program_that_has_none_of_it_is_told(tmp_path: Path) -> None:
    source = tmp_path / "src" / "bare.c"
    source.parent.mkdir()
    source.write_text("#include <stdio.h>\nint main(void) { char line[80]; return !fgets(line, sizeof(line), stdin); }\n")
    subprocess.run(["cc", "-g", "-O0", "-U_FORTIFY_SOURCE", "-fno-stack-protector", "-fno-stack-clash-protection",
                    "-fcf-protection=none", "-no-pie", "-Wl,-z,norelro,-z,lazy,-z,execstack,-rpath,/tmp", "-o", "bare",
                    "src/bare.c"], cwd=tmp_path, check=True)
    subprocess.run(["cc", "-fcf-protection=none", "-c", "-o", "bare.o", "src/bare.c"], cwd=tmp_path, check=True)
    subprocess.run(["ar", "rc", "bare.a", "bare.o"], cwd=tmp_path, check=True)
    assert link_faults(tmp_path / "bare") >= {"not position independent", "data that the loader wrote stay writable",
                                              "symbols are bound when they are called", "an executable stack",
                                              "a search path of its own"}
    assert calls_faults(tmp_path / "bare") == {"no stack protector", "no checked calls (FORTIFY)"}
    assert len(compile_faults(tmp_path / "bare", "src/")) == 4
    assert len(unmarked(tmp_path / "bare.a")) == 1

"""libholdfast as others get it: what it exports, how it is installed, that its example works, what it does to its caller, and
that the command line has no more than it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("BUILD", "build")).resolve()
HEADER = ROOT / "include" / "holdfast.h"
CALLER = ROOT / "tests" / "library"
ORDINARY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--")
USERS = [pytest.param((), id="caller"), *([pytest.param(ORDINARY, id="ordinary")] if os.getuid() == 0 else [])]
STRICT = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-pedantic", "-Werror"]


def output(*command: str | Path, **environment: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment}, cwd=ROOT)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def declared() -> set[str]:
    """The functions of the header."""
    return set(re.findall(r"\b(hf_\w+)\(", re.sub(r"/\*.*?\*/", "", HEADER.read_text("utf-8"), flags=re.DOTALL)))


def defined(*options: str) -> list[str]:
    """The symbols that a linker sees."""
    return [line.split()[-1] for line in output("nm", "--defined-only", *options).splitlines() if " " in line]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`make install` into a folder of its own."""
    folder = tmp_path_factory.mktemp("installed")
    output("make", "-s", f"BUILD={BUILD}", f"DESTDIR={folder}", "PREFIX=/usr", "install")
    return folder / "usr"


def pkg_config(installed: Path, *options: str) -> list[str]:
    return output("pkg-config", *options, "holdfast", PKG_CONFIG_PATH="", PKG_CONFIG_SYSROOT_DIR=str(installed.parent),
                  PKG_CONFIG_LIBDIR=str(installed / "lib" / "pkgconfig"), PKG_CONFIG_ALLOW_SYSTEM_CFLAGS="1",
                  PKG_CONFIG_ALLOW_SYSTEM_LIBS="1").split()


def test_the_shared_library_exports_what_the_header_declares_and_nothing_else(installed: Path) -> None:
    exported = defined("-D", str(installed / "lib" / "libholdfast.so"))
    assert set(exported) == {f"{name}@@HOLDFAST_0" for name in declared()} | {"HOLDFAST_0"}


def test_the_static_library_exports_the_same(installed: Path) -> None:
    assert set(defined("-g", str(installed / "lib" / "libholdfast.a"))) == declared()


def test_it_neither_prints_nor_exits_and_has_no_global_state(installed: Path) -> None:
    library = str(installed / "lib" / "libholdfast.a")
    asked = {line.split()[-1] for line in output("nm", "--undefined-only", library).splitlines() if line.strip()}
    assert "fork" in asked and "fprintf" in {name.removeprefix("__").removesuffix("_chk") for name in asked}
    assert not asked & {"stdout", "stderr", "printf", "__printf_chk", "puts", "putchar", "perror", "err", "warn", "error",
                        "exit", "abort", "atexit", "signal", "system"}
    assert not re.findall(r"^.* O \.(?:data|bss)\t.*$", output("objdump", "-t", library), flags=re.MULTILINE)


def test_the_shared_library_has_a_name_that_lasts(installed: Path) -> None:
    version = output(installed / "bin" / "holdfast", "--version").split()[1]
    folder = installed / "lib"
    assert "[libholdfast.so.0]" in output("readelf", "-d", folder / "libholdfast.so")
    assert (folder / "libholdfast.so").readlink() == Path("libholdfast.so.0")
    assert (folder / "libholdfast.so.0").readlink() == Path(f"libholdfast.so.{version}")
    assert pkg_config(installed, "--modversion") == [version]


@pytest.mark.parametrize("compiler", [["cc", "-std=c11", "-xc"], ["clang", "-std=c11", "-xc"], ["c++", "-xc++"]])
def test_the_header_stands_alone(compiler: list[str], installed: Path) -> None:
    output(*compiler, *STRICT, "-fsyntax-only", installed / "include" / "holdfast.h")


@pytest.mark.parametrize("static", [False, True])
def test_the_example_runs(static: bool, installed: Path, tmp_path: Path) -> None:
    flags = pkg_config(installed, "--cflags", "--libs", *(["--static"] if static else []))
    if static:
        flags = ["-l:libholdfast.a" if flag == "-lholdfast" else flag for flag in flags]
    output("cc", "-std=c11", *STRICT, "-o", tmp_path / "embed", "examples/embed.c", *flags)
    environment = {"LD_LIBRARY_PATH": str(installed / "lib")}
    assert ("libholdfast" in output("ldd", tmp_path / "embed", **environment)) is not static
    assert ("HOLDFAST_0" in output("readelf", "-V", tmp_path / "embed")) is not static
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: 1\n")
    told = embed(tmp_path, environment, "echo", "inside")
    assert told.returncode == 0
    assert json.loads(told.stdout)["exit"].items() >= {"kind": "exited", "status": 0}.items()
    assert re.search(r"^inside\necho (started|degraded), and ended with status 0$", told.stderr, re.MULTILINE), told.stderr
    told = embed(tmp_path, environment, "no-such-command")
    assert told.returncode == 127 and "[HF-EXEC-NOT-FOUND]" in told.stderr
    policy.write_text("version: 1\nfoo: 1\n")
    told = embed(tmp_path, environment, "true")
    assert told.returncode == 125 and f"{policy}:2:1: " in told.stderr and json.loads(told.stdout)["diagnostics"]


@pytest.fixture(scope="module")
def caller(request: pytest.FixtureRequest) -> Iterator[Path]:
    """With the static library, where an ordinary user can get at it; or one that the build has ready (`make mutate`)."""
    if (BUILD / "caller").exists():
        yield BUILD / "caller"
        return
    installed = request.getfixturevalue("installed")
    flags = [flag if flag != "-lholdfast" else "-l:libholdfast.a" for flag in pkg_config(installed, "--cflags", "--libs", "--static")]
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        program = Path(folder) / "caller"
        output("cc", "-std=c11", "-D_GNU_SOURCE", *STRICT, "-Wno-pedantic", "-pthread", "-o", program,
               *sorted(CALLER.glob("*.c")), *flags)
        yield program


def cases() -> list[str]:
    return [name for file in sorted(CALLER.glob("*.c")) for name in re.findall(r"    CASE\((\w+)\),", file.read_text("utf-8"))]


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("case", cases())
def test_the_caller(case: str, user: Sequence[str], caller: Path) -> None:
    # A job of a shell in the background has SIGINT ignored, which would be inherited.
    done = subprocess.run(["env", "--default-signal", *user, caller, case], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                          timeout=60, cwd=caller.parent)
    assert (done.returncode, done.stdout, done.stderr) == {
        "caller_is_killed": (-9, "", ""), "streams_may_be_swapped": (0, "to-stdout\n", "to-stderr\n")}.get(case, (0, "", ""))
    until = time.monotonic() + 10
    while subprocess.run(["pgrep", "-f", "^sleep 31415$"], stdout=subprocess.DEVNULL, check=False).returncode == 0:
        assert time.monotonic() < until, "a process has outlived its sandbox"
        time.sleep(0.01)


def embed(folder: Path, environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([folder / "embed", folder / "policy.yaml", *command], capture_output=True, text=True, check=False,
                          env={**os.environ, **environment})


@pytest.mark.parametrize("file", [ROOT / "src" / "main.c", *sorted((ROOT / "src" / "cmd").iterdir())],
                         ids=lambda file: str(file.name))
def test_the_command_line_has_the_public_header_alone(file: Path) -> None:
    included = set(re.findall(r'#\s*include\s*"([^"]+)"', file.read_text("utf-8")))
    assert {name for name in included if not name.startswith("cmd/")} <= {"holdfast.h"}
    systems = set(re.findall(r"#\s*include\s*<([^>]+)>", file.read_text("utf-8")))
    assert not systems & {"jansson.h", "yaml.h", "seccomp.h", "sys/capability.h"}, "what the library is made with"

"""From a mutation to a program: one object compiled, the rest taken from the real build. A mutant whose object is the same as
the real one's, or as another's, is no mutant of its own: the compiler has shown it."""

from __future__ import annotations

import hashlib
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

from matrix.mechanical.points import Point
from matrix.variants import Failed


CALLER = Path("tests/library")
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")


class Makefile:
    """How the Makefile compiles and links, without debugging data: line numbers would make every object another."""

    def __init__(self, build: Path) -> None:
        self.compile = [flag for flag in _said("$(BASE_FLAGS) $(HARDENING)", build) if flag not in ("-MMD", "-MP")]
        self.link = _said("$(LINK_FLAGS)", build)
        self.libraries = _said("$(RUNTIME_LIBS)", build)
        self.objects = [Path(name) for name in _said("$(CLI_OBJECTS) $(RUNTIME_OBJECTS)", build)]


def _said(variables: str, build: Path) -> list[str]:
    command = ["make", "-s", "--no-print-directory", f"BUILD={build}", "CFLAGS=-O2 -g0", "WARNINGS=-w",
               f"--eval=said: ; @: $(info {variables})", "said"]
    return shlex.split(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@dataclass(frozen=True)
class Forge:
    """Where the real build is, and where mutants are made. Whatever does not build raises Failed."""

    source: Path
    build: Path
    folder: Path
    makefile: Makefile

    def real_digest(self, file: str) -> str:
        return self._compile((self.source / file).read_text("utf-8"), "real")[1]

    def compile(self, point: Point, source: str, name: str) -> tuple[Path, str]:
        """The mutant's object and its digest."""
        return self._compile(point.apply(source), name)

    def program(self, point: Point, compiled: Path, name: str) -> Path:
        program = self.folder / f"holdfast-{name}"
        main = str(self.build / "obj/main.o")
        _run("cc", *self.makefile.link, "-o", str(program), main, *self._objects(point.file, compiled),
             *self.makefile.libraries)
        return program

    def test_object(self, test: str) -> None:
        """Compiles a unit test, once for all that are linked with it."""
        _run("cc", *self.makefile.compile, *SANITIZERS, *self._headers(), "-Ivm", "-Itests/unit", "-c", "-o",
             str(self.folder / f"{test}.o"), f"tests/unit/{test}.c")

    def checked(self, text: str, name: str) -> Path:
        """This text's object for unit tests. They are built with sanitizers: what reads past a table, or leaks, is no other
        behaviour but undefined, and no comparison of values can be counted on to see it."""
        compiled = self.folder / f"checked-{name}.o"
        _run("cc", *self.makefile.compile, *SANITIZERS, *self._headers(), "-x", "c", "-c", "-o", str(compiled), "-",
             text=text)
        return compiled

    def unit_test(self, test: str, file: str, compiled: Path, name: str) -> Path:
        """A unit test, linked with this object in the place of the file's."""
        program = self.folder / f"{test}-{name}"
        _run("cc", *self.makefile.compile, *SANITIZERS, "-o", str(program), str(self.folder / f"{test}.o"),
             *self._objects(file, compiled), "-lcmocka", *self.makefile.libraries)
        return program

    def library_objects(self) -> None:
        """Compiles the library's caller, once for all mutants."""
        for source in sorted(CALLER.glob("*.c")):
            _run("cc", *self.makefile.compile, f"-I{CALLER}", "-c", "-o", str(self._caller_object(source)), str(source))

    def caller(self, file: str, compiled: Path, name: str) -> Path:
        """The library's caller, with this object in the place of the file's."""
        program = self.folder / f"caller-{name}"
        ours = [str(self._caller_object(source)) for source in sorted(CALLER.glob("*.c"))]
        _run("cc", *self.makefile.link, "-pthread", "-o", str(program), *ours, *self._objects(file, compiled),
             *self.makefile.libraries)
        return program

    def _caller_object(self, source: Path) -> Path:
        return self.folder / f"library-{source.stem}.o"

    def _headers(self) -> tuple[str, str]:
        return f"-I{self.source}", f"-I{self.build}/wire"

    def _objects(self, file: str, compiled: Path) -> list[str]:
        main, real = self.build / "obj/main.o", self.build / "obj" / Path(file).with_suffix(".o")
        return [str(compiled), *(str(one) for one in self.makefile.objects if one not in (main, real))]

    def _compile(self, text: str, name: str) -> tuple[Path, str]:
        """From standard input, so that no name of a file makes a difference."""
        compiled = self.folder / f"{name}.o"
        _run("cc", *self.makefile.compile, *self._headers(), "-x", "c", "-c", "-o", str(compiled), "-", text=text)
        return compiled, hashlib.sha256(compiled.read_bytes()).hexdigest()


def _run(*command: str, text: str = "") -> None:
    done = subprocess.run(command, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise Failed(done.stdout.strip())

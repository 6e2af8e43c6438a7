"""From a mutation to a program: one object compiled, the rest taken from the real build. A mutant whose object is the same as
the real one's, or as another's, is no mutant of its own: the compiler has shown it."""

from __future__ import annotations

import hashlib
import os
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

from matrix.mechanical.points import Point

LIBRARIES = ("-lyaml", "-ljansson", "-lseccomp", "-lcap", "-lpthread")
# Without debugging data, in which line numbers would make every object another.
FLAGS = shlex.split("-O2 -g0 -std=gnu11 -D_GNU_SOURCE -fPIE -fstack-protector-strong -D_FORTIFY_SOURCE=2 -w")


class Unbuildable(Exception):
    """The compiler does not take it."""


@dataclass(frozen=True)
class Forge:
    """Where the real build is, and where mutants are made."""

    source: Path
    build: Path
    folder: Path

    def real_digest(self, file: str) -> str:
        return self._digest(self._compile((self.source / file).read_text("utf-8"), "real"))

    def compile(self, point: Point, source: str, name: str) -> tuple[Path, str]:
        """The mutant's object and its digest."""
        compiled = self._compile(point.apply(source), name)
        return compiled, self._digest(compiled)

    def program(self, point: Point, compiled: Path, name: str) -> Path:
        program = self.folder / f"holdfast-{name}"
        self._link([*self._objects(point.file, compiled), str(self.build / "obj/main.o")], LIBRARIES, program)
        return program

    def unit_test(self, test: str, point: Point, compiled: Path, name: str) -> Path:
        """A unit test, linked with the mutant's object in the place of the real one."""
        program = self.folder / f"{test}-{name}"
        self._run("cc", *FLAGS, f"-I{self.source}", "-Ivm", "-Itests/unit", "-o", str(program), f"tests/unit/{test}.c",
                  *self._objects(point.file, compiled), "-lcmocka", *LIBRARIES)
        return program

    def _objects(self, file: str, compiled: Path) -> list[str]:
        real = self.build / "obj" / Path(file).with_suffix(".o")
        return [str(compiled), *(str(one) for one in sorted((self.build / "obj").glob("*/*.o")) if one != real)]

    def _compile(self, text: str, name: str) -> Path:
        written = self.folder / f"{name}.c"
        written.write_text(text, "utf-8")
        compiled = self.folder / f"{name}.o"
        self._run("cc", *FLAGS, f"-I{self.source}", "-c", "-o", str(compiled),
                  "-x", "c", str(written))
        written.unlink()
        return compiled

    def _link(self, objects: list[str], libraries: tuple[str, ...], program: Path) -> None:
        self._run("cc", "-pie", "-o", str(program), *objects, *libraries)

    def _digest(self, compiled: Path) -> str:
        """Of the code and data alone: an object file names its source."""
        bare = compiled.with_suffix(".bare")
        self._run("objcopy", "--strip-all", "--remove-section=.comment", str(compiled), str(bare))
        found = hashlib.sha256(bare.read_bytes()).hexdigest()
        os.unlink(bare)
        return found

    @staticmethod
    def _run(*command: str) -> None:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode:
            raise Unbuildable(done.stdout.strip())

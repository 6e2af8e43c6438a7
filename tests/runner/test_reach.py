"""What a program needs is named before the start, as the loader will look for it: each case forgets the folder `away`,
is refused with what lies there named, and starts with the lines that the refusal gave."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

HOLDFAST = Path(__file__).parents[2] / "build/holdfast"
LISTS = ["/usr", "/lib", "/lib64", "/bin"]
RPATH, RUNPATH = "-Wl,--disable-new-dtags,-rpath,", "-Wl,--enable-new-dtags,-rpath,"


@dataclass(frozen=True)
class Case:
    """A program in `here` that needs libone and, by way of it or itself, libtwo; these lie in `away` or `here`."""

    name: str
    one: str = "away"
    two: str = "away"
    program: str = ""  # flags of its linking; HERE and AWAY are the folders
    one_flags: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    also: str = ""  # a shell's, when all is built
    lacks: tuple[str, ...] = ("away/libone.so", "away/libtwo.so")


CASES = [
    Case("runpath", program=f"{RUNPATH}AWAY", one_flags=f"{RUNPATH}AWAY"),
    Case("rpath-of-the-program-holds-for-its-library", program=f"{RPATH}AWAY"),
    Case("origin", program=f"{RPATH}$ORIGIN/../away"),
    Case("origin-in-braces", program=f"{RPATH}${{ORIGIN}}/../away"),
    Case("origin-of-the-library", program=f"{RUNPATH}AWAY", one_flags=f"{RUNPATH}$ORIGIN"),
    Case("library-path", environment={"LD_LIBRARY_PATH": "/nonexistent;AWAY:/nonexistent"}),
    Case("empty-part-of-library-path-is-here", one="here", environment={"LD_LIBRARY_PATH": "AWAY:"},
         lacks=("away/libtwo.so",)),
    Case("two-alone", one="here", program=f"{RPATH}HERE:AWAY", lacks=("away/libtwo.so",)),
    Case("link-to-a-library", one="here", program=f"{RPATH}HERE", lacks=("away/libtwo.so.1",),
         also="mv away/libtwo.so away/libtwo.so.1; ln -s ../away/libtwo.so.1 here/libtwo.so"),
    Case("library-named-by-its-path", one="here", program=f"{RPATH}HERE", one_flags="AWAY/libtwo.so",
         lacks=("away/libtwo.so",)),
    # The loader goes on where it is denied one, and passes over what is for another machine.
    Case("denied-first-and-granted-second", one="here", two="here", program=f"{RPATH}AWAY:HERE", lacks=(),
         also="cp here/*.so away"),
    Case("library-path-before-runpath", one="here", two="here", program=f"{RUNPATH}AWAY", lacks=(),
         environment={"LD_LIBRARY_PATH": "HERE"}, also="cp here/*.so away"),
    Case("another-machine-first", one="here", two="here", program=f"{RPATH}AWAY:HERE", lacks=(),
         also="cp here/*.so away; for f in away/*.so; do printf '\\267' | dd of=$f bs=1 seek=18 conv=notrunc; done"),
    Case("what-is-loaded-is-not-looked-for", one="here", two="here", program=f"{RUNPATH}HERE -Lhere -ltwo",
         one_flags=f"{RUNPATH}AWAY", lacks=(), also="cp here/libtwo.so away"),
    Case("static-needs-nothing", program="-static", lacks=()),
]


def build(case: Case, root: Path) -> None:
    def flags(text: str) -> list[str]:
        return text.replace("HERE", str(root / "here")).replace("AWAY", str(root / "away")).split()

    def compile_(*arguments: str) -> None:
        subprocess.run(["cc", *arguments], cwd=root, check=True, capture_output=True)

    for folder in ("here", "away"):
        (root / folder).mkdir()
    (root / "two.c").write_text("int two(void) { return 2; }\n")
    (root / "one.c").write_text("int two(void); int one(void) { return two() - 1; }\n")
    (root / "main.c").write_text("int one(void); int main(void) { return one() - 1; }\n")
    if case.program == "-static":
        compile_("-static", "-o", "here/program", "main.c", "one.c", "two.c")
        return
    named_by_path = "/libtwo.so" in case.one_flags
    compile_("-shared", "-fPIC", "-o", f"{case.two}/libtwo.so", "two.c",
             *([] if named_by_path else ["-Wl,-soname,libtwo.so"]))
    compile_("-shared", "-fPIC", "-o", f"{case.one}/libone.so", "one.c", "-Wl,-soname,libone.so",
             *flags(case.one_flags), *([] if named_by_path else [f"-L{case.two}", "-ltwo"]))
    compile_("-Wl,--no-as-needed", "-o", "here/program", "main.c", *flags(case.program), f"-L{case.one}", "-lone",
             "-Wl,--allow-shlib-undefined")
    subprocess.run(["sh", "-ec", case.also], cwd=root, check=True, capture_output=True)


def run(root: Path, paths: list[str], environment: dict[str, str], *before: str) -> dict[str, object]:
    policy, report = root / "policy.yaml", root / "report.json"
    policy.write_text(yaml.safe_dump({"version": 1, "filesystem_policy": {"read_only": paths}}))
    values = {name: value.replace("HERE", str(root / "here")).replace("AWAY", str(root / "away"))
              for name, value in environment.items()}
    subprocess.run([*before, HOLDFAST, "run", "--policy", policy, "--report", report, "--", "./program"],
                   cwd=root / "here", env={"PATH": os.environ["PATH"], **values}, check=False, capture_output=True)
    told = json.loads(report.read_text())
    assert isinstance(told, dict)
    return told


def added(told: dict[str, object]) -> list[str]:
    error = told["error"]
    assert isinstance(error, dict) and error["id"] == "HF-EXEC-UNREACHABLE", told
    lines = yaml.safe_load(error["patch"])["filesystem_policy"]["read_only"]
    assert isinstance(lines, list)
    return lines


def named(told: dict[str, object]) -> set[str]:
    error = told["error"]
    assert isinstance(error, dict)
    return {part.split(" (")[0] for part in error["object"].split(", ")}


def assert_ran(told: dict[str, object]) -> None:
    ended = told["exit"]
    assert told["outcome"] in ("started", "degraded") and isinstance(ended, dict), told
    assert (ended["kind"], ended["status"]) == ("exited", 0)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_the_loader_lacks_is_named_and_helps(case: Case, tmp_path: Path) -> None:
    build(case, tmp_path)
    paths = [*LISTS, str(tmp_path / "here")]
    told = run(tmp_path, paths, case.environment)
    if case.lacks:
        lines = added(told)
        assert named(told) == {str(tmp_path / path) for path in case.lacks}
        told = run(tmp_path, [*paths, *lines], case.environment)
    assert_ran(told)


@pytest.mark.skipif(os.geteuid() != 0, reason="another cache is mounted over this machine's")
def test_a_library_that_the_cache_alone_knows(tmp_path: Path) -> None:
    build(Case("cache"), tmp_path)
    (tmp_path / "conf").write_text(f"{tmp_path}/away\n")
    subprocess.run(["/sbin/ldconfig", "-C", tmp_path / "cache", "-f", tmp_path / "conf"], check=True)
    before = ["unshare", "-m", "sh", "-ec", f'mount --bind {tmp_path}/cache /etc/ld.so.cache; exec "$@"', "sh"]
    paths = [*LISTS, str(tmp_path / "here")]
    told = run(tmp_path, [*paths, "/etc/ld.so.cache"], {}, *before)
    assert named(told) == {f"{tmp_path}/away/libone.so", f"{tmp_path}/away/libtwo.so"}
    assert_ran(run(tmp_path, [*paths, "/etc/ld.so.cache", *added(told)], {}, *before))
    told = run(tmp_path, [*paths, str(tmp_path / "away")], {}, *before)
    assert named(told) == {"/etc/ld.so.cache"}
    assert_ran(run(tmp_path, [*paths, str(tmp_path / "away"), *added(told)], {}, *before))

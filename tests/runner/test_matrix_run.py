"""A whole run on a stand-in lane, and the command line around it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from matrix import result
from matrix.boots import Boot
from matrix.cells import spread
from matrix.progress import Progress
from matrix.run import Run, run
from matrix.targets import Target, choose, on_guests, on_image, told_apart
from matrix_world import SMALL, Ended, answer, cell_ids, guest, scenario
from vm.kernels import Kernel, Unavailable

ROOT = Path(__file__).resolve().parents[2]


class StandIn:
    """A lane whose kernels do what the cells expect; one of them cannot be had, another cannot be booted."""

    def __init__(self, absent: str = "", broken: str = "") -> None:
        self.absent, self.broken = absent, broken
        self.begun: list[str] = []

    def kernels(self) -> list[Kernel]:
        return []

    def boot(self, key: str, target: Target, silence: float) -> Boot:
        if key == self.absent:
            raise Unavailable(f"no suite offers {key}")

        def run_cells(cells: str, on_line: Callable[[str], None]) -> Ended:
            if key == self.broken:
                raise FileNotFoundError(2, "No such file or directory", "qemu-system-x86_64")
            self.begun.append(key)
            on_line(guest(target.native))
            for cell in cell_ids(cells):
                for text in answer(cell, abi=int(cell.rpartition("/")[2])):
                    on_line(text)
            return Ended()

        return run_cells


def perform(lane: StandIn, rows: list[str]) -> tuple[Run, str]:
    said = io.StringIO()
    cells = spread(scenario(SMALL), on_guests(choose(rows)))
    return run(cells, lane, Progress(said, len(cells))), said.getvalue()


def test_all_cells_in_their_order_and_a_line_a_boot() -> None:
    lane = StandIn()
    done, said = perform(lane, ["2", "3", "4", "5", "6", "7"])
    assert done.closing == "12 passed, 0 failed" and done.status == 0
    assert [one.cell.target.name for one in done.results[::2]] == ["2", "3", "4", "5", "6", "7"]
    assert sorted(lane.begun) == ["6.1", "6.12", "6.18"]
    assert "kernel 6.12: 8 cells in 2.0 s\n" in said and len(said.splitlines()) == 3


def test_a_kernel_that_cannot_be_had_is_an_error_and_loud() -> None:
    done, said = perform(StandIn(absent="6.18"), ["2", "7"])
    assert [one.verdict for one in done.results] == ["pass", "pass", "error", "error"]
    assert done.status == 3 and "kernel 6.18: UNAVAILABLE: no suite offers 6.18" in said


def test_a_lane_that_fails_is_an_error_of_its_cells() -> None:
    done, said = perform(StandIn(broken="6.1"), ["2", "7"])
    assert [one.verdict for one in done.results] == ["error", "error", "pass", "pass"]
    assert "qemu-system-x86_64" in done.results[0].why and "cannot be booted" in said


def test_the_line_on_a_terminal_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TERM", raising=False)

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    cells = spread(scenario(SMALL), on_guests(choose(["2"])))
    with Progress(terminal, len(cells)) as progress:
        progress.booting("6.1")
        progress.cell(result.harness(cells[0], result.HANG, "x"))
        for _ in range(100):
            if "1/2 cells, 1 failed; kernels 6.1" in terminal.getvalue():
                break
            threading.Event().wait(0.05)
    assert "1/2 cells, 1 failed; kernels 6.1; " in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_images_of_one_name_are_columns_of_their_own() -> None:
    images = [on_image(f"/{place}/vmlinuz", "6", "vmlinuz:6") for place in "abc"]
    assert [target.name for target in told_apart(images)] == ["vmlinuz:6", "vmlinuz:6#2", "vmlinuz:6#3"]


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "matrix", *arguments], cwd=ROOT, capture_output=True, text=True,
                          check=False)


def test_check_tells_what_is_there() -> None:
    done = command("check")
    assert done.returncode == 0 and done.stdout.endswith(" mutants that apply\n")


def test_check_of_a_wrong_file(tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text("abuot: x\n")
    done = command("check", str(tmp_path / "wrong.yaml"))
    assert done.returncode == 2
    assert f"{tmp_path}/wrong.yaml:1:1: unknown key 'abuot' in the scenario; did you mean 'about'?" in done.stderr


def test_nobody_reads_the_output() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([sys.executable, "-m", "matrix", "check"], cwd=ROOT, stdout=writing, stderr=subprocess.PIPE,
                          check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_run_that_does_not_come_to_its_end_leaves_no_record_of_another(tmp_path: Path) -> None:
    faces = [tmp_path / "matrix" / name for name in ("record.json", "junit.xml")]
    faces[0].parent.mkdir()
    for face in faces:
        face.touch()
    command("run", "--build", str(tmp_path), "--scenario", "law-9")
    assert not any(face.exists() for face in faces)


def test_a_file_that_would_be_passed_over_is_told(tmp_path: Path) -> None:
    for name in ("a.yml", "deep/B.yaml", "README.md", "good.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(SMALL)
    done = command("check", "--scenarios", str(tmp_path))
    assert done.returncode == 2 and done.stderr.splitlines() == [
        f"{tmp_path}/a.yml: is not read: a scenario's name ends in .yaml",
        f"{tmp_path}/deep/B.yaml: the name must be lower-case letters, digits and hyphens"]
    assert command("check", "--scenarios", str(tmp_path), "good").returncode == 0
    assert "a scenario's name ends in .yaml" in command("check", str(tmp_path / "a.yml")).stderr


@pytest.mark.parametrize(("arguments", "message"), [
    (["--kernel", "12"], "no kernel row '12'; there are none, off, 1,"),
    (["--kernel", "./absent"], "no such kernel image"),
    (["--scenario", "law-9"], "law-9: no such scenario"),
    (["--cell", "mod=proxy"], "did you mean 'mode'?"),
    (["--runtime", "absent/holdfast"], "absent/holdfast is not there: build it first"),
])
def test_usage_errors_start_nothing(arguments: list[str], message: str, tmp_path: Path) -> None:
    for name in ("holdfast", "hf-probe", "abi-ceiling", "deny-call", "hf-bait", "holdfast-tls.so"):
        (tmp_path / name).write_text("")
    done = command("run", "--build", str(tmp_path), *arguments)
    assert done.returncode == 2 and message in done.stderr, done.stderr

"""How a guest ended, read from consoles; lines from a pipe; nothing left behind."""

import os
import threading
import time
from pathlib import Path

import pytest
from vm import guest
from vm.host import run_host
from vm.lines import read_lines

PANIC = """\
[    1.203] Run /init as init process
[    1.530] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100
[    1.531] CPU: 0 PID: 1 Comm: init Not tainted 6.1.0-56-cloud-amd64 #1
[    1.540] Rebooting in 0 seconds..
"""


@pytest.mark.parametrize(
    ("console", "silent", "reason"),
    [
        ("[    1.9] reboot: Power down\n", False, "poweroff"),
        (PANIC, False, "panic"),
        (PANIC, True, "panic"),
        ("[    1.2] Run /init as init process\n", True, "hang"),
        ("[    1.2] reboot: Restarting system\n", False, "died"),
        ("\nqemu: could not load kernel\n", False, "died"),
        ("", False, "died"),
    ],
)
def test_an_end_is_told_from_the_console(console: str, silent: bool, reason: str) -> None:
    assert guest.why_it_ended(console, silent) == reason


def test_lines_come_as_they_are_written_and_a_cut_one_too() -> None:
    reading, writing = os.pipe()
    came: list[tuple[float, str]] = []

    def write() -> None:
        os.write(writing, b"one\r\ntw")
        time.sleep(0.2)
        os.write(writing, b"o\nthr")
        os.close(writing)

    thread = threading.Thread(target=write)
    thread.start()
    silent, first = read_lines(reading, lambda line: came.append((time.monotonic(), line)), 5)
    thread.join()
    os.close(reading)
    assert not silent and first is not None
    assert [line for _, line in came] == ["one", "two", "thr"]
    assert came[1][0] - came[0][0] > 0.1


def test_silence_is_noticed() -> None:
    reading, writing = os.pipe()
    assert read_lines(reading, lambda _: None, 0.1) == (True, None)
    os.close(reading)
    os.close(writing)


def test_archives_are_joined_at_four_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    joined = guest.join([tmp_path / "a", b"6"])
    assert os.pread(joined, 100, 0) == b"12345\0\0\x006\0\0\0"
    os.close(joined)


def stand_in(tmp_path: Path, body: str) -> Path:
    path = tmp_path / "cellrun"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def test_the_host_lane_hands_on_lines_and_the_end(tmp_path: Path) -> None:
    lines: list[str] = []
    runner = stand_in(tmp_path, 'exec >/proc/self/fd/${4#fd:}; echo "@guest abi=1"; echo "$1 $2 $3"')
    end = run_host(Path("cells"), Path("payload"), lines.append, 5, runner)
    assert end.reason == "poweroff" and lines == ["@guest abi=1", "--isolate payload cells"]
    end = run_host(Path("c"), Path("p"), lines.append, 5, stand_in(tmp_path, "echo no namespaces >&2; exit 1"))
    assert end.reason == "died" and "no namespaces" in end.console and "exit status 1" in end.console


def test_a_silent_host_lane_is_ended_with_its_children(tmp_path: Path) -> None:
    runner = stand_in(tmp_path, f"sleep 60 & echo $! > {tmp_path}/pid; wait")
    assert run_host(Path("c"), Path("p"), lambda _: None, 0.3, runner).reason == "hang"
    child = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and Path(f"/proc/{child}").exists():
        state = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0]
        if state == "Z":
            break
        time.sleep(0.02)
    else:
        assert not Path(f"/proc/{child}").exists()

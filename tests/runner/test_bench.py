"""The floor under a start, which `make bench` holds the runtime against, is the same sandbox by the same calls."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.bench import calls
from tests.bench.__main__ import LINES, chosen_lines
from tests.bench.start import FLOOR


@pytest.fixture(scope="module", autouse=True)
def programs() -> None:
    subprocess.run(["make", "-s", "build/holdfast", "build/bench/floor"],
                   check=True, stdout=subprocess.DEVNULL)


def test_both_confine_by_the_same_calls_and_each_other_call_has_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert calls.compare() == [True, True], capsys.readouterr().out


def test_floor_confines() -> None:
    status = subprocess.run([*FLOOR[:1], shutil.which("cat") or "", "/proc/self/status"], check=True, capture_output=True,
                            text=True).stdout
    fields = dict(row.split(":\t", 1) for row in status.splitlines())
    assert (fields["NoNewPrivs"], fields["Seccomp"]) == ("1", "2")
    assert {int(fields[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {0}


def test_a_call_more_or_with_other_arguments_is_seen() -> None:
    made = [("mount", '"proc", "/proc", "proc", MS_NOSUID, NULL'), ("close_range", "5, 4294967295, 0"), ("close", "3")]
    assert sum(calls.confining(made).values()) == 2
    assert calls.confining(made) != calls.confining([made[0], ("close_range", "6, 4294967295, 0")])
    assert calls.confining([("landlock_create_ruleset", "NULL, 0, 1")]) == {}


def test_all_lines_are_the_default() -> None:
    assert chosen_lines([]) == list(LINES)
    assert chosen_lines(["proxy"]) == ["proxy"]
    with pytest.raises(SystemExit):
        chosen_lines(["prox"])

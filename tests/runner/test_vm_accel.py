"""Whether KVM is to be used: the trial is made once a start of the machine."""

from pathlib import Path

import pytest
from vm import accel

START = Path("/proc/sys/kernel/random/boot_id").read_text()


@pytest.fixture
def trials(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str | None, bool]]:
    """What the next trials say; a machine whose user may open /dev/kvm."""
    said: list[tuple[str | None, bool]] = []
    monkeypatch.setattr(accel, "_trial", lambda: said.pop(0))
    monkeypatch.setattr("os.access", lambda *_: True)
    monkeypatch.delenv("HOLDFAST_ACCEL", raising=False)
    accel.kvm_problem.cache_clear()
    return said


@pytest.mark.parametrize("answer", [None, "it is emulated"])
def test_a_certain_answer_is_kept_for_this_start_of_the_machine(
    trials: list[tuple[str | None, bool]], tmp_path: Path, answer: str | None
) -> None:
    kept = tmp_path / "build" / "kvm"
    kept.parent.mkdir()
    kept.write_text("another start\n" + ("" if answer else "it is emulated"))
    trials.append((answer, True))
    assert accel.kvm_problem(kept) == answer
    accel.kvm_problem.cache_clear()
    assert accel.kvm_problem(kept) == answer and kept.read_text().startswith(START)


def test_a_machine_that_was_too_busy_is_tried_again(trials: list[tuple[str | None, bool]], tmp_path: Path) -> None:
    trials += [("too slow", False), (None, True)]
    assert accel.kvm_problem(tmp_path / "kvm") == "too slow"
    accel.kvm_problem.cache_clear()
    assert accel.kvm_problem(tmp_path / "kvm") is None and not trials


def test_who_may_not_open_it_is_told_without_a_trial(
    trials: list[tuple[str | None, bool]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    assert accel.kvm_problem(tmp_path / "kvm") == "no /dev/kvm for this user"
    monkeypatch.setenv("HOLDFAST_ACCEL", "tcg")
    accel.kvm_problem.cache_clear()
    assert accel.kvm_problem(tmp_path / "kvm") == "HOLDFAST_ACCEL=tcg"

"""Who is blamed when a guest ends badly, and that the others go on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from matrix import boots
from matrix.boots import BootRecord, run_cells
from matrix.cells import Cell, spread
from matrix.events import CellEnd, Listener
from matrix.result import Result
from matrix.targets import choose, on_guests
from matrix.wire import line
from matrix_world import SMALL, Ended, answer, cell_ids, guest, scenario

Script = Callable[[int, list[str], Callable[[str], None]], Ended]


def small_cells() -> list[Cell]:
    values = ", ".join(f"v{number}: '{number}'" for number in range(4))
    text = SMALL.replace("axes:\n", f"axes:\n  mode: [block]\n  n: {{{values}}}\n")
    return spread(scenario(text), on_guests(choose(["2"])))


def play(script: Script) -> tuple[dict[str, Result], list[BootRecord], list[list[str]]]:
    """Runs four cells on a stand-in; the script is given the number of the boot and the cells it was handed."""
    results: dict[str, Result] = {}
    records: list[BootRecord] = []
    handed: list[list[str]] = []

    def boot(cells: str, on_line: Callable[[str], None]) -> Ended:
        handed.append(cell_ids(cells))
        return script(len(handed), handed[-1], on_line)

    def on_result(one: Result) -> None:
        key = one.cell.axes["n"]
        assert key not in results, "a cell has one result"
        results[key] = one

    run_cells("6.1", small_cells(), boot, on_result, records.append)
    return results, records, handed


def tell(on_line: Callable[[str], None], cells: list[str]) -> None:
    on_line(guest())
    for cell in cells:
        for text in answer(cell):
            on_line(text)


def verdicts(results: dict[str, Result]) -> list[str]:
    return [results[f"v{number}"].verdict for number in range(4)]


def test_a_good_boot() -> None:
    def script(number: int, cells: list[str], on_line: Callable[[str], None]) -> Ended:
        tell(on_line, cells)
        on_line("@done")
        return Ended()

    results, records, handed = play(script)
    assert verdicts(results) == ["pass"] * 4
    assert len(handed) == 1 and records[0].cells == 4 and records[0].cell_seconds == 0.02


def bad_end(reason: str) -> Script:
    def script(number: int, cells: list[str], on_line: Callable[[str], None]) -> Ended:
        if number > 1:
            tell(on_line, cells)
            return Ended()
        tell(on_line, cells[:1])
        on_line(line("@begin", cells[1]))
        return Ended(reason, console="Kernel panic - not syncing: probe\n")

    return script


def test_the_open_cell_is_blamed_and_the_rest_goes_on_in_a_fresh_boot() -> None:
    for reason, verdict in (("panic", "panic"), ("hang", "hang"), ("died", "error")):
        results, records, handed = play(bad_end(reason))
        assert verdicts(results) == ["pass", verdict, "pass", "pass"]
        assert [len(cells) for cells in handed] == [4, 2]
        assert "Kernel panic" in results["v1"].why
        assert [record.reason for record in records] == [reason, "poweroff"]


def test_after_too_many_bad_ends_the_rest_is_an_error() -> None:
    def script(number: int, cells: list[str], on_line: Callable[[str], None]) -> Ended:
        on_line(guest())
        on_line(line("@begin", cells[0]))
        return Ended("panic")

    boots.MOST_BAD_ENDS, before = 2, boots.MOST_BAD_ENDS
    try:
        results, _, handed = play(script)
    finally:
        boots.MOST_BAD_ENDS = before
    assert len(handed) == 2
    assert verdicts(results) == ["panic", "panic", "error", "error"]


def test_a_boot_that_never_answers_is_not_tried_for_ever() -> None:
    results, _, handed = play(lambda number, cells, on_line: Ended("hang", console="no init found"))
    assert len(handed) == 2 and verdicts(results) == ["error"] * 4
    assert "no init found" in results["v0"].why


def test_a_boot_that_never_answers_is_tried_a_second_time() -> None:
    def script(number: int, cells: list[str], on_line: Callable[[str], None]) -> Ended:
        if number in (1, 3):
            return Ended("hang")
        tell(on_line, cells[:2])
        return Ended()

    results, records, handed = play(script)
    assert verdicts(results) == ["pass"] * 4 and [len(cells) for cells in handed] == [4, 4, 2, 2]
    assert [record.reason for record in records] == ["hang", "poweroff", "hang", "poweroff"]


def test_another_abi_than_the_row_declares_is_an_error() -> None:
    def script(number: int, cells: list[str], on_line: Callable[[str], None]) -> Ended:
        on_line(guest("6"))
        for cell in cells:
            for text in answer(cell):
                on_line(text)
        return Ended()

    results, _, _ = play(script)
    assert verdicts(results) == ["error"] * 4
    assert results["v0"].why == "the kernel answers ABI 6, row 2 needs 2"


def test_ends_that_are_no_answer() -> None:
    def script(number: int, cells: list[str], on_line: Callable[[str], None]) -> Ended:
        on_line(guest())
        for cell, end in zip(cells, (["timeout", "ms=20000"], ["setup=file:ENOSPC", "ms=1"], ["exit=0", "ms=1"],
                                     ["signal=11", "ms=1"])):
            on_line(line("@begin", cell))
            on_line(line("@end", cell, *end))
        return Ended()

    results, _, _ = play(script)
    assert verdicts(results) == ["hang", "error", "error", "error"]
    assert "no report (exit status 0)" in results["v2"].why and "no report (signal 11)" in results["v3"].why
    assert "file:ENOSPC" in results["v1"].why


def test_lines_that_are_none_of_ours_do_no_harm() -> None:
    def script(number: int, cells: list[str], on_line: Callable[[str], None]) -> Ended:
        for text in ("", "noise %zz", "@end nobody exit=0", "@begin", "@data x y"):
            on_line(text)
        tell(on_line, cells)
        return Ended()

    results, records, _ = play(script)
    assert verdicts(results) == ["pass"] * 4
    assert records[0].noise[:2] == ["", "noise %zz"]


def test_what_judging_raises_is_no_noise() -> None:
    def judging(end: CellEnd) -> None:
        raise ValueError(end.id)

    listener = Listener(judging)
    listener.line("@begin a")
    with pytest.raises(ValueError, match="a"):
        listener.line("@end a exit=0 ms=1")

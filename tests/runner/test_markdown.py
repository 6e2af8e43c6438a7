"""The Markdown face: what is red first, hostile text in code spans alone, and short whatever happens."""

from __future__ import annotations

import re

import pytest

from matrix import markdown
from matrix.markdown import MOST_BYTES, code
from matrix.run import Run
from results_world import HOSTILE, cells, failed, hostile, many_red, passed, recorded, some


def test_a_green_run_is_its_closing_line_and_what_it_ran_on() -> None:
    text = markdown.text(recorded(Run([passed(cell) for cell in cells()], [], 2.0)))
    assert text.startswith("### 4 passed, 0 failed\n\n4 cells (4 pass) in 2.0 s and 0 boots; `holdfast 0.1.0` at "
                           "`0123456789ab`, with changes that are not committed\n")
    assert "| `6.1.192-2` | `2` |" in text and "| `6.12` | `3` (ceiling) |" in text
    assert "Red cells" not in text


def test_cells_that_differ_alike_are_told_once() -> None:
    text = markdown.text(recorded(Run([failed(cell) for cell in cells()])))
    assert text.count("expected `started`, got `exec-failed`") == 1
    assert "**fail**, 4 cells:" in text
    assert "- `small` at `mode=block,landlock=omitted,user=root` on `2 3`" in text
    assert "- again: `make matrix SCENARIO=" in text


def test_the_table_has_only_scenarios_with_red_cells() -> None:
    text = markdown.text(recorded(Run(some())))
    assert "| scenario | 2 | 3 |\n|---|---|---|\n| `small` | **1**/2 | **1**/1 |" in text
    assert "**panic**, 1 cell:\n- `it fell over`" in text


@pytest.mark.parametrize("text", ["x", "`", "a``b", "``", " ", "", "a|b", "\n"])
def test_a_code_span_says_what_was_put_in(text: str) -> None:
    span = code(text)
    fence = re.match("`+", span)
    assert fence and span.endswith(fence[0]) and fence[0] not in span[len(fence[0]):-len(fence[0])].split()
    assert "\n" not in span


def outside_code(text: str) -> str:
    """Without what stands in code spans, as CommonMark finds them: from a run of backticks to the next as long."""
    return re.sub(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)", "", text)


def test_hostile_text_stays_in_code_spans() -> None:
    text = markdown.text(recorded(hostile()))
    assert "</script>" in text and "script" not in outside_code(text)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e\ud800]", text)
    assert HOSTILE not in text


def test_a_run_that_is_all_red_fits_a_comment() -> None:
    text = markdown.text(recorded(many_red(200)))
    assert len(text.encode()) <= MOST_BYTES
    assert text.startswith("### 0 passed, 4000 failed")
    assert "more groups of red cells; report.html has them all" in text and text.rstrip().endswith("</details>")

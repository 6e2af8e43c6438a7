"""The count of attempts at getting out: from scenarios and records, and in the page that tells it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from matrix import escapes
from matrix.baseline import Baseline
from matrix_world import SMALL, scenario

ROOT = Path(__file__).resolve().parents[2]
TEXT = SMALL.replace('rows: ">=2"', 'rows: "2,3"').replace("hosts: ok", "hosts: [ok, EACCES]") + """\
control:
  - {when: {abi: 2, mode: block}, probes: hosts, result: ENOENT, because: there is none}
"""


def tries(**results: str) -> list[escapes.Try]:
    """What is recorded: `block2` for the cell of that mode on that row."""
    cells = {f"mode={name[:-1]},landlock=omitted,user=root/{name[-1]}": f"started exit=0 abi=2 | hosts={got}"
             for name, got in results.items()}
    return list(escapes.tries(scenario(TEXT, "escapes/small"), Baseline((), cells)))


def test_what_came_of_each_attempt_is_counted() -> None:
    found = tries(block2="ok", proxy2="EACCES", block3="EACCES", proxy3="EPERM")
    assert escapes.summary([scenario(TEXT, "escapes/small")], found) == [
        "1 attempts in 1 scenarios, made 4 times in 4 cells on 2 kernel rows",
        "  denied: 2",
        "  got through where the plan says that nothing holds it, or that is no escape: 1",
        "  otherwise than expected: 1",
        "    escapes/small/mode=proxy,landlock=omitted,user=root/3: hosts EPERM",
        "", "What got through, and where:",
        "  escapes/small on 2: hosts",
        "", "Controls that need not succeed, and why:",
        "  escapes/small, mode block and rows 2: hosts (ENOENT): there is none",
    ]


def test_a_cell_without_record_is_not_as_expected() -> None:
    assert {one.got for one in tries(block2="ok")} == {"ok", "no record"}


@pytest.mark.parametrize(("rows", "told"), [
    ("none off 1 2 3 4 5 6 7 8 9 10 11", "every row"), ("none off", "none, off"), ("1 2 3", "1-3"),
    ("none 1 3 4", "none, 1, 3-4"), ("11", "11"),
])
def test_rows_are_told_as_runs(rows: str, told: str) -> None:
    assert escapes.told_rows(rows.split()) == told


def test_the_page_has_what_the_command_prints() -> None:
    done = subprocess.run([sys.executable, "-m", "matrix", "escapes"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    page = (ROOT / "doc/escapes.md").read_text()
    assert f"    $ make escapes\n{''.join(f'    {line}'.rstrip() + chr(10) for line in done.stdout.splitlines())}" in page
    assert int(done.stdout.split()[0]) >= 80
    assert f"{done.stdout.split()[0]} attempts" in (ROOT / "README.md").read_text()

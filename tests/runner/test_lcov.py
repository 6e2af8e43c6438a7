"""The table of `make coverage`."""

from __future__ import annotations

from tests import lcov

TWO_PROGRAMS = """SF:/a/src/plan/plan.c
DA:1,5
DA:2,0
BRDA:1,0,0,3
BRDA:1,0,1,-
end_of_record
SF:./src/plan/plan.c
DA:2,1
DA:3,0
BRDA:1,0,1,0
end_of_record
SF:src/main.c
DA:7,0
end_of_record
SF:/usr/include/stdio.h
DA:1,0
end_of_record
"""


def test_reached_in_one_program_is_reached() -> None:
    files = lcov.read(TWO_PROGRAMS)
    assert files["src/plan/plan.c"].lines == {1: True, 2: True, 3: False}
    assert list(lcov.uncovered(files)) == ["src/main.c:7", "src/plan/plan.c:3"]


def test_the_table_has_folders_and_a_sum() -> None:
    assert [line.split() for line in lcov.table(lcov.read(TWO_PROGRAMS))] == [
        ["lines", "branches"],
        ["src", "0.0", "%", "of", "1", "0.0", "%", "of", "0"],
        ["src/plan", "66.7", "%", "of", "3", "50.0", "%", "of", "2"],
        ["all", "50.0", "%", "of", "4", "50.0", "%", "of", "2"],
    ]

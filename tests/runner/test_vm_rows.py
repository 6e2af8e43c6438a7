"""The table of kernel rows: thirteen of them, nine boots, ceilings only where no kernel is that row itself."""

from vm import rows


def test_rows_are_those_of_the_design() -> None:
    assert [row.name for row in rows.ROWS] == ["none", "off", *map(str, range(1, 12))]
    assert {row.name: row.series for row in rows.ROWS if row.ceiling is None} == {
        "none": "5.10", "off": "6.1", "2": "6.1", "6": "6.12", "7": "6.18", "8": "7.0", "9": "7.1", "10": "7.2",
        "11": "7.3",
    }  # fmt: skip


def test_a_ceiling_is_the_row_it_stands_for_and_below_its_kernel() -> None:
    for row in rows.ROWS:
        if row.ceiling is not None:
            assert row.ceiling == row.name
            assert int(row.ceiling) < int(row.kernel_answers)


def test_rows_of_one_kernel_and_command_line_share_a_boot() -> None:
    boots = rows.boots()
    assert list(boots) == ["5.10", "6.1-off", "6.1", "6.12", "6.18", "7.0", "7.1", "7.2", "7.3"]
    assert [row.name for row in boots["6.12"]] == ["3", "4", "5", "6"]
    for shared in boots.values():
        assert len({(row.series, row.cmdline) for row in shared}) == 1


def test_what_the_kernel_itself_answers() -> None:
    answers = {row.name: row.kernel_answers for row in rows.ROWS}
    assert answers["none"] == "none" and answers["off"] == "off"
    assert answers["1"] == "2" and answers["3"] == answers["5"] == "6" and answers["11"] == "11"

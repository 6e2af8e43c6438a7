"""The faces of a run: table, differences, JUnit, figures, closing line and exit status."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

from matrix import junit, result
from matrix.boots import BootRecord
from matrix.cells import spread
from matrix.differing import describe, differing, rerun
from matrix.figures import figures, lines
from matrix.observe import Observation
from matrix.paint import Paint
from matrix.run import Run, groups
from matrix.table import columns, letter, row_label, tables
from matrix.targets import choose, on_host
from matrix_world import SMALL, scenario
from results_world import cells, failed, hostile, passed, some

PLAIN = Paint(False)


def test_letters_tell_apart_without_colour() -> None:
    assert [letter(one) for one in some()] == ["s", "X", "P", "-"]
    others = ("degraded", "refused", "exec-failed")
    kinds = [letter(replace(passed(cells()[0]), seen=Observation(outcome=one))) for one in others]
    assert kinds == ["d", "r", "x"]


def test_the_table() -> None:
    assert tables(some(), PLAIN) == ["small", "                2 3", "  block omitted s P", "  proxy omitted X -", ""]
    assert columns(some()) == ["2", "3"]


def test_a_column_that_a_scenario_lacks_is_blank() -> None:
    assert tables(some()[:3], PLAIN)[3] == "  proxy omitted X"


def test_a_variant_is_named_in_its_row() -> None:
    assert row_label(passed(replace(cells()[0], runtime="holdfast-broken"))) == "block omitted holdfast-broken"


def test_colour_only_on_a_terminal_and_without_no_color() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert Paint.for_stream(Terminal(), {})("x", "bold") == "\x1b[1mx\x1b[0m"
    assert Paint.for_stream(Terminal(), {"NO_COLOR": "1"})("x", "bold") == "x"
    assert Paint.for_stream(io.StringIO(), {})("x", "bold") == "x"
    assert "\x1b[1;7;31mX\x1b[0m" in "\n".join(tables(some(), Paint(True)))


def test_what_differs_and_how_to_run_it_again() -> None:
    text = describe(some()[1], PLAIN)
    assert text[0] == "FAIL small/mode=proxy,landlock=omitted,user=root/2"
    assert "    outcome: expected started, got exec-failed" in text
    assert [line for line in text if "stderr" in line][-1] == "    stderr: five"
    assert "stderr: one" not in "\n".join(text)
    # A file out of the tree is named by its path, one of the tree by its name.
    assert text[-1] == "    again: make matrix SCENARIO=small.yaml KERNEL=2 CELL=mode=proxy,landlock=omitted,user=root"
    here = replace(cells()[0], scenario=replace(scenario(SMALL), file="scenarios/small.yaml"))
    assert "SCENARIO=small KERNEL=2" in rerun(here)
    assert "it fell over" in "\n".join(differing(some(), PLAIN))
    assert rerun(spread(scenario(SMALL), on_host(choose(["2"]), "7")[0])[0]).endswith(" LANE=host")


def test_a_path_that_make_would_split_is_run_again_without_it() -> None:
    here = replace(cells()[0], scenario=replace(scenario(SMALL), file="/my files/small.yaml"))
    assert rerun(here) == ("python3 -m matrix run '--scenario=/my files/small.yaml' --kernel=2 "
                           "--cell=mode=block,landlock=omitted,user=root")


def test_closing_line_and_exit_status() -> None:
    assert (Run(some()).closing, Run(some()).status) == ("1 passed, 2 failed, 1 skipped", 3)
    assert (Run(some()[:2]).closing, Run(some()[:2]).status) == ("1 passed, 1 failed", 1)
    assert (Run(some()[:1]).closing, Run(some()[:1]).status) == ("1 passed, 0 failed", 0)
    assert Run(some()[:1], [BootRecord("6.1", "panic", 1, 1, 0, 1, None)]).status == 3
    assert (Run(some()[3:]).closing, Run(some()[3:]).status) == ("0 passed, 0 failed, 1 skipped", 3)


def test_junit_is_well_formed() -> None:
    root = ET.fromstring(junit.text(Run(some())).encode())
    suite = root[0]
    assert {key: suite.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "4", "failures": "1", "errors": "1", "skipped": "1"}
    assert [[child.tag for child in case] for case in suite] == [[], ["failure"], ["error"], ["skipped"]]
    assert suite[1][0].get("message") == "outcome: expected started, got exec-failed"


def test_hostile_text_moves_no_cursor_and_breaks_no_xml() -> None:
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u202e\ud800]", "".join(differing(hostile().results, PLAIN)))
    root = ET.fromstring(junit.text(hostile()).encode())
    assert root[0][1][0].get("message", "").startswith("</script><script>alert(1)</script>&amp;")


def test_figures() -> None:
    run = Run([], [BootRecord("a", "poweroff", 4, 1, 2, 10, None), BootRecord("b", "poweroff", 6, 2, 4, 20, None)], 6.0)
    assert figures(run) == {"boots": 2, "cells": 30, "wall_seconds": 6.0, "guest_seconds": 10, "boot_seconds": 3,
                            "cell_seconds": 6, "neither_seconds": 1, "cells_per_second": 5.0}
    assert lines(run)[0] == "2 boots, 30 cells in 6.0 s (5.0 cells/s)"


def test_one_boot_a_kernel_biggest_first() -> None:
    found = groups(cells(["2", "3", "4", "6"]))
    assert [(key, len(part)) for key, part in found] == [("6.12", 6), ("6.1", 2)]
    halves = groups(spread(scenario(SMALL), on_host(choose(["2", "3"]), "7")[0]))
    assert [(key, len(part)) for key, part in halves] == [("host-0", 2), ("host-1", 2)]

"""Mechanical mutants: what is mutated, and what is left alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from matrix.job import Stop
from matrix.mechanical.hunt import killed_by_tests
from matrix.mechanical.job import SURVIVED, Ledger, Mutant, read_equivalent
from matrix.mechanical.points import points

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("line", "wanted"), [
    ("if (a == 1)", {("compare", "==", "!="), ("constant", "1", "2")}),
    ("a->b <<= c >> d", set()),
    ("x = a && !b;", {("logic", "&&", "||"), ("negation", "!", "")}),
    ("char t[64];", set()),
    ('s = "a == 1"; /* 1 < 2 */', set()),
    ("#define A 1", set()),
    ("return true;", {("constant", "true", "false")}),
    ("f(O_PATH | O_CLOEXEC)", {("flag", "O_PATH | ", ""), ("flag", "| O_CLOEXEC", "")}),
    ("    setgroups(n, list);", {("call", "    setgroups(n, list);", ";")}),
    ("    close(fd);", set()),
    ("return hf_drop(x) && go();", {("step", "hf_drop(x)", "true"), ("logic", "&&", "||")}),
    ("    {SCMP_SYS(mount), EPERM},", {("row", "    {SCMP_SYS(mount), EPERM},", "")}),
    ("f(0U)", {("constant", "0", "1")}),
    ("return -1;", {("constant", "1", "0")}),
    ("f(a, -2)", {("constant", "2", "1")}),
    ("x = n - 1;", {("constant", "1", "2")}),
    ("x = f(n) - 1;", {("constant", "1", "2")}),
])
def test_a_line_is_mutated_in_these_ways(line: str, wanted: set[tuple[str, str, str]]) -> None:
    assert {(one.kind, one.old, one.new) for one in points("f.c", line + "\n")} == wanted


def test_a_point_is_applied_where_it_is() -> None:
    source = "a;\nif (x < 1) return;\n"
    point = next(one for one in points("f.c", source) if one.kind == "compare")
    assert (point.line, point.apply(source)) == (2, "a;\nif (x <= 1) return;\n")
    assert point.id == "f.c: if (x < 1) return;: compare < -> <="


def test_mutations_that_read_alike_have_ids_of_their_own() -> None:
    ids = [one.id for one in points("f.c", "x = a && b && c;\n")]
    assert ids == ["f.c: x = a && b && c;: logic && -> ||", "f.c: x = a && b && c;: logic && -> || (2)"]


def test_what_is_shown_equivalent_is_a_mutant_of_the_source() -> None:
    shown = read_equivalent(ROOT / "matrix/mechanical/equivalent.yaml")
    files = {name.partition(":")[0] for name in shown}
    mutants = {one.id for file in files for one in points(file, (ROOT / "src" / file).read_text("utf-8"))}
    assert set(shown) - mutants == set()
    assert all(shown.values())


def test_the_ledger_keeps_what_was_killed_and_forgets_survivors_when_a_run_has_ended(tmp_path: Path) -> None:
    one, two = (Mutant(points("f.c", "x < 1;\n")[0], "1", digest=digest) for digest in ("killed", "survivor"))
    one.verdict, two.verdict = "scenarios", SURVIVED
    ledger = Ledger(tmp_path / "record", tmp_path / "ledger")
    for mutant in (one, two):
        ledger.note(mutant)
    assert verdicts(tmp_path / "ledger") == ["scenarios", SURVIVED]  # cut off here, it would go on from there
    ledger.close([one, two])
    assert verdicts(tmp_path / "ledger") == ["scenarios", ""]


def test_what_was_killed_is_recorded_for_others_and_what_is_gone_is_not(tmp_path: Path) -> None:
    one, two = (Mutant(points("f.c", "x < 1;\n")[0], "1", digest=digest) for digest in ("killed", "survivor"))
    one.verdict, two.verdict = "calls tests", SURVIVED
    (tmp_path / "record").write_text("gone unit tests\n")
    Ledger(tmp_path / "record", tmp_path / "ledger").record([one, two])
    assert (tmp_path / "record").read_text() == "killed calls tests\n"
    assert verdicts(tmp_path / "none") == ["calls tests", ""]


def verdicts(ledger: Path) -> list[str]:
    found = []
    for digest in ("killed", "survivor"):
        mutant = Mutant(points("f.c", "x < 1;\n")[0], "1", digest=digest)
        Ledger(ledger.parent / "record", ledger).recall(mutant)
        found.append(mutant.verdict)
    return found


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can have a namespace of processes for each test")
def test_a_test_that_replaces_the_mutant_judges_none(tmp_path: Path) -> None:
    for folder in ("build/faults", "build/calls", "mutants"):
        (tmp_path / folder).mkdir(parents=True)
    for program in ("build/holdfast", "mutants/holdfast-1"):
        (tmp_path / program).write_text("")
    tested = {"holdfast": tmp_path / "mutants/holdfast-1"}

    def killed_by(command: str) -> str | None:
        return killed_by_tests(tested, tmp_path / "build", tmp_path / "mutants", (("some", ("sh", "-c", command)),))

    assert killed_by("exit 1") == "some" and killed_by("exit 0") is None
    with pytest.raises(Stop, match="the some tests replaced the runtime"):
        killed_by('cp "$BUILD/holdfast" "$BUILD/other" && mv "$BUILD/other" "$BUILD/holdfast"')

"""Shrinking: what delta debugging leaves, which failures are the same, and a bug of the runtime on the host lane."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from matrix import draft, mutant_file, result, targets
from matrix.cells import Cell, spread
from matrix.ddmin import ddmin
from matrix.expect import Difference
from matrix.mutant_build import build_one
from matrix.result import Result
from matrix.shrink import Shrinker, same, shows
from matrix.targets import choose, on_guests
from matrix_world import scenario
from results_world import failed, passed

HERE = Path(__file__).parents[2]

WIDE = """\
about: more than it takes
policy: |
  version: 1
  filesystem_policy:   # a comment
    read_only: [/usr, "/mnt/cell/${where}", /etc]
    read_write: ["/tmp", /dev/null]
axes:
  where: [here, there]
  user: [ordinary]
tree:
  - {file: here/x, content: "1\\n", mode: 0600}
  - {dir: more}
args: [--timeout, "2"]
probes:
  needed: [read, "/a b"]
  other: read /etc/hosts
  shell: exec /bin/sh
command: [hf-probe, "${DOLLAR}{HOME}", "${PROBES}"]
expect:
  - outcome: started
    probes: {needed: EACCES, other: [ok, ENOENT], shell: ok}
"""


@pytest.mark.parametrize(("pieces", "needed"), [
    (range(8), {1, 6}), (range(1), {0}), (range(5), set()), (range(13), set(range(13))), ((), set()),
    (range(20), {19})])
def test_ddmin_leaves_what_is_needed(pieces: Sequence[int], needed: set[int]) -> None:
    def first(candidates: Sequence[Sequence[int]]) -> int | None:
        return next((place for place, one in enumerate(candidates) if needed <= set(one)), None)

    assert set(ddmin(pieces, first)) == needed


def cell() -> Cell:
    return spread(scenario(WIDE), on_guests(choose(["6"])))[0]


def test_a_draft_is_the_scenario_at_one_cell() -> None:
    text = draft.of(cell(), by_lines=False).text()
    again = scenario(text)
    assert [one.axes for one in spread(again, on_guests(choose(())))] == [
        {"mode": "block", "landlock": "omitted", "user": "ordinary"}]
    data = yaml.safe_load(text)
    assert '"/mnt/cell/here"' in data["policy"] and "comment" not in data["policy"]
    assert data["command"] == ["hf-probe", "${DOLLAR}{HOME}", "${PROBES}"]
    assert data["tree"][0] == {"file": "here/x", "mode": "0600", "content": "1\n"}
    assert scenario(draft.of(cell(), by_lines=True).text()).policy == (
        scenario(WIDE).policy.replace("${where}", "here"))


def needs(red: set[str], before: Result | None = None) -> Shrinker:
    """As long as the scenario's text has all these words it fails as before."""
    def perform(cells: Sequence[Cell]) -> list[Result]:
        return [replace(failed(one), cell=one) if all(word in str(vars(one.scenario)) for word in red) else passed(one)
                for one in cells]

    return Shrinker(before or failed(cell()), perform, lambda text: None)


def test_what_the_failure_does_not_need_is_cut() -> None:
    shrinker = needs({"/mnt/cell/here", "needed"})
    smallest = shrinker.smallest()
    assert smallest is not None
    data = yaml.safe_load(smallest.text())
    assert yaml.safe_load(data["policy"]) == {"filesystem_policy": {"read_only": ["/mnt/cell/here"]}}
    assert list(data["probes"]) == ["needed"] and "tree" not in data and "args" not in data
    assert data["expect"] == [{"outcome": "started", "probes": {"needed": "EACCES"}}]
    assert shrinker.runs > shrinker.rounds > 0


def test_a_policy_that_is_no_map_goes_by_lines() -> None:
    broken = WIDE.replace("  version: 1\n", "  version: [1\n  keep: this\n")
    one = failed(spread(scenario(broken), on_guests(choose(["6"])))[0])
    shrinker = needs({"keep: this"}, replace(one, seen=replace(one.seen, outcome="refused")))
    smallest = shrinker.smallest()
    assert smallest is not None and smallest.parts["policy"] == ["keep: this"]
    assert yaml.safe_load(smallest.text())["command"] == ["/bin/true"]


def test_a_failure_that_does_not_stay_is_told() -> None:
    assert needs({"no such text"}).smallest() is None


def test_which_failures_are_the_same() -> None:
    def with_(*differences: Difference) -> Result:
        return replace(failed(cell()), differences=differences)

    first, second = Difference("probe a", "ok", "EACCES"), Difference("probe b", "ok", "EACCES")
    assert same(with_(first, second), with_(second))
    assert not same(with_(first), with_(second))
    assert not same(with_(first, Difference("exit status", "0", "1")), with_(first))
    assert not same(with_(first), with_())
    other = replace(with_(first), seen=replace(failed(cell()).seen, stderr="ln: no such file\n"))
    more = "holdfast: warning: of pid 1\nln: no such file\n  to do: x\n"
    told = replace(other, seen=replace(other.seen, stderr=more))
    assert not same(with_(first), other) and same(other, told)
    assert same(with_(first), replace(with_(first), verdict=result.KNOWN))
    assert not same(with_(first), replace(with_(first), verdict=result.HANG))


def test_of_a_captured_scenario_what_happened_is_kept() -> None:
    captured = spread(scenario(WIDE.replace("args:", "captured: {}\nargs:")), on_guests(choose(["6"])))[0]
    assert shows(passed(captured)) and not shows(failed(captured))
    assert shows(failed(cell())) and not shows(passed(cell()))


@pytest.mark.skipif(os.geteuid() != 0 or targets.host_abi() in ("none", "off", "blocked", "1"),
                    reason="the mutant shows as root on a kernel with Landlock of ABI 2")
def test_a_bug_of_the_runtime_is_shrunk_on_the_host_lane(tmp_path: Path) -> None:
    path = HERE / "matrix/mutants/missing-path-drops-the-ruleset.patch"
    mutant = mutant_file.Mutant(path.stem, path, "", "", ())
    program = build_one(mutant, HERE / "src", HERE / "build/obj", tmp_path)
    bug = tmp_path / "bug.yaml"
    text = WIDE
    for old, new in (("/etc]", "/etc, /not-there]"), ("[ordinary]", "[root]"), ("started", "degraded"),
                     ('[read, "/a b"]', "write /mnt/cell/here/x"),
                     ('command: [hf-probe, "${DOLLAR}{HOME}", "${PROBES}"]\n', "")):
        assert old in text
        text = text.replace(old, new)
    bug.write_text(text)
    out = tmp_path / "small.yaml"
    done = subprocess.run([sys.executable, "-m", "matrix", "shrink", "--lane", "host", "--kernel", "2", "--runtime",
                           str(program), "--scenario", str(bug), "--cell", "mode=block,where=here,landlock=omitted",
                           "--out", str(out)], cwd=HERE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    data = yaml.safe_load(out.read_text())
    assert "/not-there" in data["policy"] and list(data["probes"]) == ["needed"]
    assert len(out.read_text()) < len(bug.read_text()) and "pieces left after" in done.stdout

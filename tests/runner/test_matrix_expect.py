"""Expectations: which rules hold, how they add up, and what differs."""

from __future__ import annotations

import pytest

from matrix import abi
from matrix.expect import Expectation, compare, resolve, usual
from matrix.observe import Observation, Unreadable, observe
from matrix_world import SMALL, report, scenario


@pytest.mark.parametrize(("text", "holds"), [
    (">=2", "2 3 11"), ("<3", "none off blocked 1 2"), ("<=1", "none off blocked 1"), (">9", "11"), ("none", "none"),
    ("none,off", "none off"), ("1-3", "1 2 3"), ("0-1", "none off blocked 1"), ("2, 11", "2 11"),
    (">=0", "none off blocked 1 2 3 11"),
])
def test_sets_of_abis(text: str, holds: str) -> None:
    every = ["none", "off", "blocked", "1", "2", "3", "11"]
    assert [name for name in every if name in abi.parse(text)] == holds.split()


@pytest.mark.parametrize("text", ["=>2", "", "2,,3", "no", ">=x", "1..3"])
def test_what_is_no_set_of_abis(text: str) -> None:
    with pytest.raises(ValueError):
        abi.parse(text)


def test_later_rules_override_key_by_key() -> None:
    some = scenario(SMALL.replace("{hosts: ok}", "{hosts: [ok, EACCES]}") + "  - when: {mode: proxy}\n    exit: 3\n")
    block, proxy = (resolve(some, {"mode": mode, "landlock": "omitted", "user": "root"}, "2")
                    for mode in ("block", "proxy"))
    assert (block.exit, proxy.exit) == (None, 3)
    assert proxy.outcome == "started" and proxy.probes == {"hosts": ("ok", "EACCES")}


def test_an_outcome_drops_what_belonged_to_another() -> None:
    some = scenario(SMALL + "  - when: {mode: proxy}\n    outcome: refused\n    error: HF-X\n    errno: EPERM\n"
                    '  - when: {mode: proxy, abi: "3"}\n    outcome: exec-failed\n')
    point = {"mode": "proxy", "landlock": "omitted", "user": "root"}
    assert (resolve(some, point, "2").error, resolve(some, point, "2").errno) == ("HF-X", "EPERM")
    later = resolve(some, point, "3")
    assert (later.outcome, later.error, later.errno, later.enforced) == ("exec-failed", None, None, None)
    assert not later.probes


@pytest.mark.parametrize(("level", "kernel", "outcome", "error", "enforced"), [
    ("omitted", "none", "degraded", None, False), ("best_effort", "1", "degraded", None, True),
    ("empty", "2", "started", None, True), ("hard_requirement", "off", "refused", "HF-LANDLOCK-UNAVAILABLE", None),
    ("hard_requirement", "1", "refused", "HF-LANDLOCK-ABI-TOO-OLD", None),
    ("hard_requirement", "11", "started", None, True),
])
def test_the_usual_start(level: str, kernel: str, outcome: str, error: str | None, enforced: bool | None) -> None:
    found = usual({"landlock": level}, kernel)
    assert (found.outcome, found.error, found.enforced) == (outcome, error, enforced)


STARTED = Expectation(outcome="started", enforced=True, abi=2, probes={"a": ("ok",)})
SEEN = Observation(outcome="started", exit=0, enforced=True, abi=2, probes={"a": "ok"})


def differing(expected: Expectation, **changes: object) -> list[str]:
    seen = Observation(**{**SEEN.__dict__, **changes})
    return [difference.what for difference in compare(expected, seen)]


def test_as_expected() -> None:
    assert not differing(STARTED)


def test_each_thing_that_can_differ() -> None:
    assert differing(STARTED, probes={"a": "EACCES"}) == ["probe a"]
    assert differing(STARTED, probes={}) == ["probe a"]
    assert differing(STARTED, exit=1) == ["exit status"]
    assert differing(STARTED, enforced=False) == ["landlock enforced"]
    assert differing(STARTED, abi=1) == ["enforced abi"]
    assert differing(STARTED, error="HF-X") == ["error"]
    assert differing(STARTED, outcome="refused", error="HF-X", probes={}, exit=125) == ["outcome", "error"]
    assert differing(Expectation(outcome="started", stderr=("needle",))) == ["stderr"]
    assert differing(Expectation(outcome="started", limits=("refer",), skipped=("/x",))) == ["limits", "skipped"]


def test_any_result_is_taken_as_it_comes() -> None:
    assert not differing(Expectation(outcome="started", probes={"a": ("any",)}), probes={"a": "EWHATEVER"})


def test_a_refused_cell_ran_nothing() -> None:
    refused = Expectation(outcome="refused", error="HF-X")
    assert not differing(refused, outcome="refused", error="HF-X", exit=125, enforced=None, probes={})
    assert differing(refused, outcome="refused", error="HF-X", exit=125, enforced=None) == ["probes"]


def test_degraded_is_never_silent() -> None:
    degraded = Expectation(outcome="degraded")
    assert differing(degraded, outcome="degraded") == ["report", "stderr"]
    assert not differing(degraded, outcome="degraded", warnings=("w",), stderr="holdfast: warning: w\n")


def test_a_report_is_read() -> None:
    error = {"id": "HF-X", "errno": "ENOENT", "object": "/x"}
    refused = report(outcome="refused", enforced=None, error=error)
    seen = observe({"report.json": refused, "stdout": "a ok\nb no such\n"}, 125, ["a"])
    assert (seen.outcome, seen.error, seen.errno, seen.enforced, seen.probes) == (
        "refused", "HF-X", "ENOENT", None, {"a": "ok"})


@pytest.mark.parametrize("data", [{}, {"report.json": ""}, {"report.json": "{"}, {"report.json": "[]"},
                                  {"report.json": '{"schema": 2}'}, {"report.json": '{"schema": 1}'},
                                  {"report.json": '{"schema": 1, "outcome": "started", "error": 3}'},
                                  {"report.json": '{"schema": 1, "outcome": "started", "enforced": {"abi": 1e999}}'},
                                  {"report.json": '{"schema": 1, "plan": ' + "[" * 30000 + "]" * 30000 + "}"}])
def test_what_is_no_report(data: dict[str, str]) -> None:
    with pytest.raises(Unreadable):
        observe(data, 0, [])

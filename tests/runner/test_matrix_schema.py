"""Scenario files: what is wrong is told with its place, all of it in one run, and with what was meant."""

from __future__ import annotations

from pathlib import Path

from matrix.find import find
from matrix_world import SMALL, faults, scenario

ROOT = Path(__file__).resolve().parents[2]


def test_every_scenario_of_the_tree_is_right() -> None:
    found, wrong = find(ROOT / "scenarios", [])
    assert not wrong
    assert len(found) >= 24


def test_the_example_that_teaches_is_right() -> None:
    readme = (ROOT / "scenarios" / "README.md").read_text()
    assert faults(readme.split("```yaml\n")[1].split("```")[0]) == []


def test_the_small_one_is_read() -> None:
    small = scenario()
    assert [(axis.name, list(axis.values)) for axis in small.axes] == [
        ("mode", ["block", "proxy"]), ("landlock", ["omitted"]), ("user", ["root"])]
    assert small.command == ("/usr/local/bin/hf-probe", "${PROBES}")


def test_a_misspelt_key_is_suggested_with_its_place() -> None:
    assert faults(SMALL.replace("probes:\n  hosts", "probs:\n  hosts", 1))[0] == (
        "s.yaml:7:1: unknown key 'probs' in the scenario; did you mean 'probes'?")


def test_all_faults_are_told_at_once() -> None:
    found = faults("abuot: x\npolicy: p\nexpect:\n  - outcome: strated\n    exit: 300\n  - when: {abi: '=>2'}\n")
    assert [fault.split(": ", 1)[0] for fault in found] == [
        "s.yaml:1:1", "s.yaml:1:1", "s.yaml:4:14", "s.yaml:5:11", "s.yaml:6:17", "s.yaml:1:1"]
    assert "did you mean 'started'?" in "\n".join(found)


def test_a_key_given_twice() -> None:
    assert "s.yaml:2:1: key 'about' is given twice in the scenario" in faults("about: a\n" + SMALL)


def test_broken_yaml_has_its_place() -> None:
    assert faults("about: [a\npolicy: b\n")[0].startswith("s.yaml:2:7: not YAML: ")
    assert faults("") == ["s.yaml: is empty"]


def test_off_and_none_are_words() -> None:
    text = SMALL.replace('rows: ">=2"', "rows: [off, 2]") + (
        "  - when: {abi: off}\n    outcome: degraded\n    enforced: false\n")
    assert "off" in (scenario(text).rows or ())


def test_a_rule_for_an_unknown_axis_or_value() -> None:
    assert "did you mean 'mode'?" in faults(SMALL + "  - when: {mod: block}\n    exit: 1\n")[0]
    assert "axis 'mode' has no value 'blokc' here; did you mean 'block'?" in faults(
        SMALL + "  - when: {mode: blokc}\n    exit: 1\n")[0]


def test_a_probe_that_is_not_there() -> None:
    wrong = faults(SMALL.replace("{hosts: ok}", "{host: ok}"))
    assert "unknown key 'host' in probes; did you mean 'hosts'?" in wrong[0]


def test_a_cell_without_an_outcome() -> None:
    wrong = faults(SMALL.replace("  - outcome:", "  - when: {mode: proxy}\n    outcome:"))
    assert wrong == ["s.yaml: cell s/mode=block,landlock=omitted,user=root/2 (and 9 more) has no expectation: "
                     "no rule gives its outcome"]


def test_a_probe_without_a_result() -> None:
    assert "has no expectation for probe 'hosts'" in faults(SMALL.replace("    probes: {hosts: ok}\n", ""))[0]


def test_a_rule_for_no_cell() -> None:
    assert faults(SMALL + "  - when: {abi: none}\n    exit: 1\n") == ["s.yaml:13:5: this rule matches no cell"]


def test_refused_without_an_error_id() -> None:
    assert "by which error is not said" in faults(SMALL.replace("outcome: started", "outcome: refused"))[0]


def test_an_unknown_variable() -> None:
    assert faults(SMALL.replace("read /etc/hosts", "read ${CEL}/x"))[0] == (
        "s.yaml:8:10: unknown variable '${CEL}'; did you mean 'CELL'?")


def test_landlock_is_not_spread_over_a_policy_that_has_it() -> None:
    policy = SMALL.replace("  version: 1\n", "  version: 1\n  landlock: {}\n")
    assert "cannot be spread" in faults(policy)[0]
    assert "landlock" not in [axis.name for axis in scenario(policy.replace("axes:\n  landlock: [omitted]\n", "")).axes]


def test_the_report_cannot_be_put_in_reach() -> None:
    policy = SMALL.replace("  version: 1\n", '  version: 1\n  filesystem_policy: {read_write: ["${CELL}"]}\n')
    assert "write its own report" in faults(policy)[0]


def test_a_command_must_run_the_probes() -> None:
    assert "has no ${PROBES}" in faults(SMALL + "command: [/bin/true]\n")[0]
    assert "nothing would be run" in "\n".join(faults(SMALL.replace("probes:\n  hosts: read /etc/hosts\n", "")))


def test_a_launcher_must_run_holdfast() -> None:
    assert scenario(SMALL + 'launcher: [env, A=b, "${HOLDFAST}"]\n').launcher == ("env", "A=b", "${HOLDFAST}")
    assert "has no ${HOLDFAST}" in faults(SMALL + "launcher: [/bin/true]\n")[0]


def test_what_stands_for_several_arguments_is_an_item_of_its_own() -> None:
    assert "13:12: unknown variable '${HOLDFAST}'" in faults(SMALL + 'launcher: ["a${HOLDFAST}", "${HOLDFAST}"]\n')[0]
    assert "13:8: unknown variable '${PROBES}'" in faults(SMALL + 'args: ["${PROBES}"]\n')[0]


def test_tree_entries() -> None:
    tree = ("{file: /x}", "{dir: a, file: b}", "{symlink: l}", "{file: f, mode: 999}", "{dir: d, content: c}",
            "{readonly: d, mode: 0755}")
    found = faults(SMALL + "tree:\n" + "".join(f"  - {entry}\n" for entry in tree))
    assert [fault.split(":")[1] for fault in found] == ["14", "15", "16", "17", "18", "19"]


def test_an_unknown_scenario_is_suggested() -> None:
    _, wrong = find(ROOT / "scenarios", ["regressions/default-chnage"])
    assert str(wrong[0]) == "regressions/default-chnage: no such scenario; did you mean 'regressions/default-change'?"

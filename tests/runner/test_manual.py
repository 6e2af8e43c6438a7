"""The manual says what there is: every verb and option of the program, every key of a policy and of a scenario, and
nothing else."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

import usage
from tls_world import authority, policy_text
from matrix_world import faults
from pages import ROOT, entries, examples, keys, plain, read, sections
from policy_keys import schema

PAGES = ("holdfast.1", "holdfast-policy.5", "holdfast-scenario.5")
VERBS = sections(read("holdfast.1"))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_renders_without_a_warning(page: str, tmp_path: Path) -> None:
    made = subprocess.run(["scdoc"], input=read(page), capture_output=True, text=True, check=False)
    assert (made.returncode, made.stderr) == (0, "")
    shown = subprocess.run(["groff", "-ww", "-man", "-Kutf8", "-Tutf8", "-P-cbou"], input=made.stdout,
                           capture_output=True, text=True, check=True)
    assert shown.stderr == "" and "\nSEE ALSO\n" in shown.stdout


def test_there_are_no_other_pages() -> None:
    assert sorted(path.stem for path in (ROOT / "doc").glob("*.scd")) == sorted(PAGES)


def test_the_verbs_are_the_programs() -> None:
    between = read("holdfast.1").partition("\n# VERBS\n")[2].partition("\n# ")[0]
    assert re.findall(r"^## (.*)", between, re.M) == list(usage.VERBS)


@pytest.mark.parametrize("verb", usage.VERBS)
def test_the_synopsis_is_the_usage(verb: str) -> None:
    blocks = [block for block in VERBS[verb].split("\n\n") if plain(block).lstrip().startswith(f"holdfast {verb}")]
    assert plain(" ".join(" ".join(blocks).split())) == usage.synopsis(verb)


def explained(section: str) -> dict[str, bool]:
    """From option to whether it has a value."""
    return {option: bool(value) for line in entries(section) for option, value in
            re.findall(r"(--[a-z-]+)(?: ([A-Z]+))?", line)}


@pytest.mark.parametrize("verb", usage.VERBS)
def test_every_option_is_explained(verb: str) -> None:
    assert explained(VERBS[verb]) == {option: bool(value) for option, value in usage.options(verb).items()}


@pytest.mark.parametrize("verb", usage.VERBS)
def test_every_word_of_an_option_is_explained(verb: str) -> None:
    for option, value in usage.options(verb).items():
        text = " ".join(text for line, text in entries(VERBS["run"] + VERBS[verb]).items() if option in line)
        assert {word for word in usage.words(value) if f"*{word}*" not in text} == set(), option


def test_an_option_that_is_not_explained_is_noticed() -> None:
    assert "--timeout" in explained(VERBS["run"])
    assert "--timeout" not in explained(VERBS["run"].replace("*--timeout* _SECONDS_\n\t", "It ends. "))


def test_the_environment_of_proxy_mode_is_told(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(policy_text(443))
    with authority() as ca:
        own = {"PATH": "/usr/bin:/bin", "NO_PROXY": "*", "no_proxy": "*", "SSL_CERT_FILE": str(ca.root)}
        inside = subprocess.run([usage.HOLDFAST, "run", "--policy", policy, "--", "/usr/bin/env"], cwd="/usr", env=own,
                                capture_output=True, text=True, check=True).stdout
    told = set(re.findall(r"\*(\w+)\*", sections(read("holdfast.1"))["ENVIRONMENT"]))
    told |= {name.lower() for name in told if re.fullmatch(r"[A-Z]+_PROXY", name)}
    assert {line.partition("=")[0] for line in inside.splitlines()} == told - set(own) | {"PATH", "SSL_CERT_FILE"}


def test_the_keys_of_a_policy_are_the_schemas() -> None:
    said = {section: set(told) for section, told in keys(read("holdfast-policy.5")).items()}
    assert said == {section: set(rows) for section, rows in schema().items()}


def test_what_a_page_says_of_a_key_is_so() -> None:
    page = keys(read("holdfast-policy.5"))
    for section, rows in schema().items():
        for key, row in rows.items():
            text = page[section][key]
            assert ("Not enforced." in text) == (".unenforced = true" in row), f"{section}: {key}"
            assert ("Required." in text) == (".missing = " in row), f"{section}: {key}"
            words = re.findall(r'"([^"]+)"', row.partition(".words = ")[2].partition("}")[0])
            assert [word for word in words if f"*{word}*" not in text] == [], f"{section}: {key}"


def test_the_default_set_is_the_plans() -> None:
    rules = json.loads(usage.told("plan", "--abi", "6", "--json"))["rules"]
    paths = {rule["path"] for rule in rules if rule["origin"] == "baseline" and rule["path"] != str(Path.cwd())}
    assert set(re.findall(r"/[\w/]+", sections(read("holdfast-policy.5"))["DEFAULT SET"])) == paths


def test_the_keys_of_a_scenario_are_the_schemas() -> None:
    described = json.loads((ROOT / "scenarios/schema.json").read_text())
    top, inner = described["properties"], described["definitions"]
    assert {title: set(told) for title, told in keys(read("holdfast-scenario.5")).items()} == {
        "a scenario": set(top),
        "captured": set(top["captured"]["properties"]),
        "axes": set(top["axes"]["properties"]),
        "an entry of tree": set(inner["entry"]["properties"]),
        "a rule": set(inner["rule"]["properties"]),
        "an item of control": set(inner["excuse"]["properties"]),
    }
    page = keys(read("holdfast-scenario.5"))["a scenario"]
    assert {key for key, text in page.items() if "Required." in text} == set(described["required"])


def test_the_probes_are_the_programs() -> None:
    told = subprocess.run([ROOT / "build/hf-probe", "--help"], capture_output=True, text=True, check=True).stdout
    kinds = re.findall(r"^  (\S+)", told.partition("kinds:\n")[2].partition("\n\n")[0], re.M)
    section = sections(read("holdfast-scenario.5"))["PROBES"].partition("\n\n")[2]
    assert sorted(re.findall(r"\*([a-z0-9-]+)\*", section)) == sorted(kinds)


def test_the_example_of_a_policy_is_valid(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(next(examples(read("holdfast-policy.5"))))
    done = subprocess.run([usage.HOLDFAST, "check", file], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_example_of_a_scenario_is_valid() -> None:
    assert not faults(next(examples(read("holdfast-scenario.5"))))

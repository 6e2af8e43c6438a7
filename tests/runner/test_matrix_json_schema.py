"""scenarios/schema.json says the same as the runner: the same keys and words, and the same files are right or wrong.
And scenarios/README.md has an example of every probe, each of which runs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from matrix import control, rules, scenario, schema, tree
from history_world import PROGRAMS
from matrix_world import SMALL, faults

ROOT = Path(__file__).resolve().parents[2]
SCHEMA: dict[str, Any] = json.loads((ROOT / "scenarios/schema.json").read_text())
DEFINITIONS = SCHEMA["definitions"]
FILES = sorted((ROOT / "scenarios").rglob("*.yaml"))


class Loader(yaml.SafeLoader):
    """YAML 1.2's core schema, which editors read by: `off` is a word, `0755` a number (yaml.org/spec/1.2.2, 10.3)."""


Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in (("bool", "true|false", "tf"), ("null", "null|~|", ["n", "~", ""]),
                            ("int", "[-+]?[0-9]+", "-+0123456789")):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), list(first))
Loader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node)))


def wrong(text: str) -> list[str]:
    data = yaml.load(text, Loader)
    return [error.message for error in jsonschema.Draft7Validator(SCHEMA).iter_errors(data)]


def test_the_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(("stated", "known"), [
    (SCHEMA["properties"], schema.KEYS),
    (SCHEMA["required"], ("about", "policy", "expect")),
    (SCHEMA["properties"]["status"]["enum"], schema.STATUSES),
    (SCHEMA["properties"]["lane"]["enum"], schema.LANES),
    (SCHEMA["properties"]["captured"]["properties"], schema.CAPTURED_KEYS),
    (SCHEMA["properties"]["axes"]["properties"], scenario.OWN_AXES),
    (SCHEMA["properties"]["axes"]["propertyNames"]["not"]["enum"], schema.RESERVED),
    *((DEFINITIONS[name]["items"]["enum"], values) for name, values in scenario.OWN_AXES.items()),
    (DEFINITIONS["entry"]["properties"], tree.KEYS),
    ([one["required"][0] for one in DEFINITIONS["entry"]["oneOf"]], tree.KINDS),
    (DEFINITIONS["rule"]["properties"], rules.KEYS),
    (DEFINITIONS["excuse"]["properties"], control.KEYS),
    (DEFINITIONS["rule"]["properties"]["outcome"]["enum"], (*scenario.OUTCOMES, scenario.USUAL)),
])
def test_keys_and_words_are_the_runners(stated: Any, known: Any) -> None:
    assert sorted(stated) == sorted(known)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_scenario_is_valid(file: Path) -> None:
    assert wrong(file.read_text()) == []


def test_the_small_one_is_valid_for_both() -> None:
    assert not wrong(SMALL) and not faults(SMALL)


@pytest.mark.parametrize(("old", "new"), [
    ("about: a small one\n", ""),
    ("policy:", "polici:"),
    ("policy:", "status: knwon\nuntil: x\npolicy:"),
    ("policy:", "captured: {hostname: box}\npolicy:"),
    ("[omitted]", "[omited]"),
    ("[omitted]", "[omitted, omitted]"),
    ("landlock: [omitted]", "landlock: [omitted]\n  CELL: [x]"),
    ("landlock: [omitted]", "landlock: [omitted]\n  mine: []"),
    ("rows: \">=2\"", "rows: newest"),
    ("rows: \">=2\"", "rows: [6, '1-']"),
    ("probes:\n", "time_limit: 601\nprobes:\n"),
    ("probes:\n", "time_limit: long\nprobes:\n"),
    ("probes:\n", "launcher: [env]\nprobes:\n"),
    ("probes:\n", "args: --timeout\nprobes:\n"),
    ("probes:\n", "tree: [{file: a, dir: b}]\nprobes:\n"),
    ("probes:\n", "tree: [{symlink: a}]\nprobes:\n"),
    ("probes:\n", "tree: [{file: a, mode: rw}]\nprobes:\n"),
    ("probes:\n", "tree: [{file: a, owner: root}]\nprobes:\n"),
    ("probes:\n", "tree: [{fiel: a}]\nprobes:\n"),
    ("read /etc/hosts", "''"),
    ("expect:", "control: true\nexpect:"),
    ("expect:", "control: [{probes: hosts, result: EPERM}]\nexpect:"),
    ("outcome: started", "outcom: started"),
    ("outcome: started", "outcome: starts"),
    ("outcome: started", "outcome: started\n    exit: 256"),
    ("enforced: true", "enforced: yes"),
])
def test_what_is_wrong_is_wrong_for_both(old: str, new: str) -> None:
    text = SMALL.replace(old, new, 1)
    assert text != SMALL
    assert wrong(text) and faults(text)


def examples() -> dict[str, str]:
    section = (ROOT / "scenarios/README.md").read_text().partition("\n## Probes\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"`(\w+): ([^`]+)`", section))


def test_there_is_an_example_of_every_probe() -> None:
    told = subprocess.run([ROOT / "build/hf-probe", "--help"], capture_output=True, text=True, check=True).stdout
    kinds = re.findall(r"^  (\S+)", told.partition("kinds:\n")[2].partition("\n\n")[0], re.M)
    assert len(kinds) > 30 and sorted({probe.split()[0] for probe in examples().values()}) == sorted(kinds)


@pytest.mark.skipif(os.geteuid() != 0, reason="the cell is root's")
def test_every_example_runs(tmp_path: Path) -> None:
    file, build = tmp_path / "examples.yaml", tmp_path / "build"
    build.mkdir()
    for name in PROGRAMS:
        (build / name).symlink_to(ROOT / "build" / name)
    file.write_text(yaml.safe_dump({
        "about": "every example", "policy": "version: 1\n", "axes": {"mode": ["block"], "landlock": ["omitted"]},
        "rows": "none", "probes": examples(),
        "expect": [{"outcome": "usual", "probes": {name: "any" for name in examples()}}]}))
    done = subprocess.run([sys.executable, "-m", "matrix", "run", "--lane", "host", "--scenario", str(file),
                           "--build", str(build)], cwd=ROOT,
                          capture_output=True, text=True, check=False)
    assert done.stdout.rstrip().endswith("1 passed, 0 failed"), done.stdout
    seen = json.loads((build / "matrix/record.json").read_text())["seen"][0]["probes"]
    assert set(seen) == set(examples())

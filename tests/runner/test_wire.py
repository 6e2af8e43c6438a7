"""A policy as a protobuf message: every key has its field, nothing is lost between YAML and message, and protoc, which
is another implementation, reads and writes the same policies."""

from __future__ import annotations

import json
import random
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from matrix.cells import Cell, points
from matrix.compile import policy_text
from matrix.find import find
from matrix.targets import Target
from policy_keys import PROTO, ROOT, WRAPPERS, messages, schema

HOLDFAST = ROOT / "build/holdfast"
# From message to what the schema calls its section; every other one is a list, a map or anybody's value.
SECTIONS = {
    "Policy": "the policy", "FilesystemPolicy": "filesystem_policy", "Landlock": "landlock", "Process": "process",
    "Limits": "process.limits", "Resources": "resources", "NetworkPolicy": "a network policy",
    "Endpoint": "an endpoint", "Binary": "a binary", "Rule": "a rule", "Request": "a request of a rule", "Mcp": "mcp",
    "Middleware": "a middleware",
    "MiddlewareEndpoints": "a middleware's endpoints",
}
# Where any text or number will not do.
VALUES: dict[str, list[Any]] = {
    "version": [1], "compatibility": ["best_effort", "hard_requirement"], "min_abi": [2, 6, 999],
    "run_as_user": ["nobody", "0", "1000", "a-b.c_d"], "run_as_group": ["nogroup", "4294967294"],
    "read_only": ["/", "/usr", "/a b", "/true", "/\u00e9\u20ac\U0001f600", "/'\"\\#: x", "/-", "/%20"],
    "read_write": ["/tmp", "//x/./y", "/null", "/\u2028"], "host": ["a.test", "*.b.test", "169.254.169.254", "fd00::1"],
    "port": [1, 443, 65535], "ports": [1, 80, 65535], "allowed_ips": ["8.0.0.0/8", "2a00::/16"],
    "protocol": ["tcp", "mcp", "rest", "rest"], "tls": ["skip"], "enforcement": ["audit"], "access": ["read-only", "full"],
    "on_error": ["fail_closed", "fail_open"], "file_size": ["64MiB", "0B"], "cpu_time": ["90s", "2h"],
    "address_space": ["1GiB"], "core": ["1KiB"], "memory": ["512MiB"], "cpu": [1.5, 0.25, 2],
    "open_files": [8, 1024], "processes": [1, 4096], "pids": [1, 64],
}
TEXTS = ["x", "true", "1", "null", "~", "a: b", "- a", "<<", "\u00fc\u4e2d\U0001f600", "0x1f", "1e3", "'",
         "# no comment"]


def convert(source: Path, target: Path) -> None:
    done = subprocess.run([HOLDFAST, "convert", source, target], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + source.read_text()


def protoc(action: str, data: bytes) -> bytes:
    return subprocess.run(["protoc", f"--proto_path={PROTO.parent}", f"--{action}=holdfast.Policy", PROTO.name],
                          input=data, capture_output=True, check=True).stdout


def test_every_key_has_its_field_and_every_field_its_key() -> None:
    fields = {SECTIONS.get(name, name): set(found) for name, found in messages().items()
              if not set(found) & set(WRAPPERS) and name != "Value"}
    assert fields == {section: set(rows) for section, rows in schema().items()}


def test_the_numbers_are_as_they_were() -> None:
    """A message that somebody has stored means the same for ever: numbers may be added."""
    text = re.sub(r" *//.*", "", PROTO.read_text())
    first = {"Policy": ["version", "filesystem_policy", "landlock", "process", "network_policies"],
             "FilesystemPolicy": ["include_workdir", "read_only", "read_write"],
             "Landlock": ["compatibility", "min_abi"]}
    for name, fields in first.items():
        body = text.partition(f"message {name} {{")[2].partition("}")[0]
        assert re.findall(r" (\w+) = (\d+);", body)[:len(fields)] == [(f, str(n)) for n, f in enumerate(fields, 1)]


def of_scenarios() -> Iterator[str]:
    """The valid policies of all scenarios, each once."""
    scenarios, _ = find(ROOT / "scenarios", ())
    anywhere = Target("6", "6", None, "6", "6", "6.12")
    texts = {policy_text(Cell(scenario, point, anywhere)) for scenario in scenarios for point in points(scenario)}
    assert len(texts) > 100
    yield from sorted(texts)


def as_text(file: Path) -> Any:
    """Every scalar as text: PyYAML takes those for numbers and booleans that YAML 1.1 does."""
    return yaml.load(file.read_text(), yaml.BaseLoader)


def expect_nothing_lost(file: Path) -> None:
    message, back, again = (file.with_name(name) for name in ("m.pb", "back.yaml", "again.pb"))
    convert(file, message)
    convert(message, back)
    convert(back, again)
    assert as_text(back) == as_text(file)  # which kind each scalar is, the messages tell
    assert again.read_bytes() == message.read_bytes()


def test_nothing_is_lost_of_the_scenarios_policies(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    valid = 0
    for text in of_scenarios():
        file.write_text(text)
        if subprocess.run([HOLDFAST, "check", file], capture_output=True, check=False).returncode == 0:
            expect_nothing_lost(file)
            valid += 1
    assert valid > 80


def made(kind: str, key: str, rng: random.Random, depth: int = 0) -> Any:
    """A value of a field's type; of a message each of its fields, as often as not."""
    if kind == "bool":
        return rng.choice([True, False])
    if kind == "Value":
        return anything(rng, depth)
    if kind in ("string", "uint32", "double"):
        return rng.choice(VALUES.get(key, TEXTS if kind == "string" else [0, 7, 2**32 - 1]))
    if kind == "Binary":
        return {"path": rng.choice(["/usr/bin/x", "/**", "**"])}
    fields = messages()[kind]
    if "items" in fields:
        least = 1 if key in ("ports", "allowed_ips") else 0
        some = [made(fields["items"].removeprefix("repeated "), key, rng) for _ in range(rng.randint(least, 3))]
        return list(dict.fromkeys(some)) if some and isinstance(some[0], str) else some
    if "entries" in fields:
        of = fields["entries"].removeprefix("map<string, ").removesuffix(">")
        return {name: made(of, "", rng) for name in rng.sample(TEXTS, rng.randint(0, 3))}
    rows = schema()[SECTIONS[kind]]
    chosen = {key: made(of, key, rng) for key, of in fields.items() if ".missing = " in rows[key] or rng.random() < 0.5}
    if kind == "Request":
        chosen |= {"method": rng.choice(["GET", "*"]), "path": rng.choice(["/", "/a b/**", "**"])}
        if "query" in chosen:
            chosen["query"] = {name: rng.choice([rng.choice(TEXTS), {"any": ["", "git-*"]}])
                               for name in rng.sample(TEXTS, rng.randint(1, 3))}
    if kind == "Endpoint":
        judged = chosen.get("protocol", "tcp") == "rest"
        for given in ("rules", "deny_rules"):
            if "protocol" not in chosen or (judged and chosen.get(given) == []):
                chosen.pop(given, None)
        if "protocol" not in chosen or (judged and "rules" in chosen):
            chosen.pop("access", None)
        elif judged:
            chosen["access"] = "full"
        if "protocol" not in chosen:
            chosen.pop("enforcement", None)
        if judged:
            chosen.pop("tls", None)
        chosen.pop("ports" if "port" in chosen else "port", None)
        if "ports" not in chosen:
            chosen["port"] = 443
    return chosen


def anything(rng: random.Random, depth: int) -> Any:
    kinds = ["text", "scalar"] + ["list", "map"] * (depth < 4)
    match rng.choice(kinds):
        case "text":
            return rng.choice([*TEXTS, "", "two\nlines\n", "\t", "\x7f\u0085\u2028\ufeff", "x" * 300 + " " + "y " * 60])
        case "scalar":
            return rng.choice([None, True, False, 0, -7, 2**70, 1.5, -1e300])
        case "list":
            return [anything(rng, depth + 1) for _ in range(rng.randint(0, 3))]
        case _:
            return {key: anything(rng, depth + 1) for key in rng.sample(TEXTS, rng.randint(0, 3))}


def as_yaml(policy: Any) -> str:
    """As JSON, which is YAML but for the pairs of surrogates that it writes."""
    def one(pair: re.Match[str]) -> str:
        return f"\\U{0x10000 + ((int(pair[1], 16) & 0x3ff) << 10) + (int(pair[2], 16) & 0x3ff):08x}"

    return re.sub(r"\\u(d[89ab]..)\\u(d[c-f]..)", one, json.dumps(policy))


@pytest.mark.parametrize("seed", range(40))
def test_nothing_is_lost_of_a_policy_with_any_keys(seed: int, tmp_path: Path) -> None:
    policy = made("Policy", "", random.Random(seed))
    file = tmp_path / "policy.yaml"
    file.write_text(as_yaml(policy))
    expect_nothing_lost(file)
    (tmp_path / "other.pb").write_bytes(protoc("encode", protoc("decode", (tmp_path / "m.pb").read_bytes())))
    convert(tmp_path / "other.pb", tmp_path / "other.yaml")  # protoc's maps have an order of their own
    assert as_text(tmp_path / "other.yaml") == as_text(file)


def test_the_message_that_a_control_plane_writes_is_the_policy(tmp_path: Path) -> None:
    """Written by protoc from its own text format: without landlock, and with one list that is empty."""
    (tmp_path / "m.pb").write_bytes(protoc("encode", b"""
        version: 1
        filesystem_policy { read_only {} read_write { items: "/tmp" } }
        network_policies { entries { key: "w" value {
            endpoints { items { host: "a.test" ports { items: [80, 443] } } } } } }"""))
    convert(tmp_path / "m.pb", tmp_path / "back.yaml")
    assert yaml.safe_load((tmp_path / "back.yaml").read_text()) == {
        "version": 1, "filesystem_policy": {"read_only": [], "read_write": ["/tmp"]},
        "network_policies": {"w": {"endpoints": [{"host": "a.test", "ports": [80, 443]}]}}}

"""The keys of a policy, as the schema's rows have them and as policy.proto has them."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROTO = ROOT / "src/wire/policy.proto"
WRAPPERS = ("items", "entries")  # the one field of a message that is a list or a map

Messages = dict[str, dict[str, str]]


def schema() -> dict[str, dict[str, str]]:
    """The rows of src/policy/schema.c: from how a section is called to its keys, each with the rest of its row."""
    source = (ROOT / "src/policy/schema.c").read_text()
    names = dict(re.findall(r'\[(HF_SECTION_\w+)\] = \{\.name = "([^"]+)"', source))
    rows = [row.partition(", .key = ") for row in source.partition("rows[] = {")[2].split("{.in = ")[1:]]
    assert len(rows) > 30
    found: dict[str, dict[str, str]] = {name: {} for name in names.values()}
    for section, _, rest in rows:
        found[names[section]][rest.split('"')[1]] = rest.partition("}")[0] if ".words" not in rest else rest
    return found


def messages() -> Messages:
    """From message to its fields, each with its type: `string`, `Landlock`, `map<string, Value>`, `repeated Value`."""
    found = {}
    for name, body in re.findall(r"^message (\w+) \{\n(.*?)^\}", PROTO.read_text(), re.M | re.S):
        fields = re.findall(r"^ +(?:optional )?((?:repeated )?[\w<>, ]+?) (\w+) = \d+;", body, re.M)
        found[name] = {field: kind for kind, field in fields}
    return found

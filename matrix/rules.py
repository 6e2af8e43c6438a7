"""The `expect` part of a scenario file."""

from __future__ import annotations

from collections.abc import Sequence

from yaml.nodes import Node, SequenceNode

from matrix import abi, nodes
from matrix.diagnostics import Diagnostics, suggestion
from matrix.nodes import Entry
from matrix.scenario import OUTCOMES, USUAL, Axis, Rule

KEYS = ("when", "outcome", "error", "errno", "exit", "enforced", "probes", "stderr", "stdout", "limits", "skipped")


def read_rules(entry: Entry | None, axes: Sequence[Axis], probes: Sequence[str],
               diagnostics: Diagnostics) -> tuple[Rule, ...]:
    if not entry:
        return ()
    return tuple(_rule(node, axes, probes, diagnostics) for node in nodes.sequence(entry.value, diagnostics, "expect"))


def _rule(node: Node, axes: Sequence[Axis], probes: Sequence[str], diagnostics: Diagnostics) -> Rule:
    entries = nodes.mapping(node, diagnostics, "a rule", KEYS)
    when, abis = read_when(entries.get("when"), axes, diagnostics)

    def lists(key: str) -> tuple[str, ...] | None:
        return nodes.texts(entries[key].value, diagnostics, key) if key in entries else None

    def one(key: str) -> str | None:
        return nodes.text(entries[key].value, diagnostics, key) if key in entries else None

    return Rule(
        place=diagnostics.place(node),
        axes=when,
        abi=abis,
        outcome=(nodes.word(entries["outcome"].value, diagnostics, "outcome", (*OUTCOMES, USUAL))
                 if "outcome" in entries else None),
        error=one("error"),
        errno=one("errno"),
        exit=nodes.number(entries["exit"].value, diagnostics, "exit", 0, 255) if "exit" in entries else None,
        enforced=nodes.truth(entries["enforced"].value, diagnostics, "enforced") if "enforced" in entries else None,
        probes=_probes(entries.get("probes"), probes, diagnostics),
        stderr=lists("stderr"),
        stdout=lists("stdout"),
        limits=lists("limits"),
        skipped=lists("skipped"),
    )


def read_when(entry: Entry | None, axes: Sequence[Axis],
              diagnostics: Diagnostics) -> tuple[dict[str, frozenset[str]], abi.AbiSet | None]:
    when: dict[str, frozenset[str]] = {}
    abis: abi.AbiSet | None = None
    values = {axis.name: axis.values for axis in axes}
    for name, item in (nodes.mapping(entry.value, diagnostics, "when", (*values, "abi")) if entry else {}).items():
        if name == "abi":
            abis = read_abi(item.value, diagnostics, "abi")
            continue
        words = nodes.texts(item.value, diagnostics, f"'{name}'")
        for word in words:
            if word not in values[name]:
                diagnostics.at(item.value, f"axis '{name}' has no value '{word}' here{suggestion(word, values[name])}")
        when[name] = frozenset(words)
    return when, abis


def read_abi(node: Node, diagnostics: Diagnostics, what: str) -> abi.AbiSet | None:
    """A set of ABIs as text or as a list of such."""
    if isinstance(node, SequenceNode):
        text = ",".join(nodes.texts(node, diagnostics, what))
    else:
        text = nodes.text(node, diagnostics, what)
    try:
        return abi.parse(text)
    except ValueError as fault:
        diagnostics.at(node, f"{what}: '{fault}' is none of none, off, blocked, N, >=N, <=N, >N, <N and N-M")
        return None


def _probes(entry: Entry | None, known: Sequence[str], diagnostics: Diagnostics) -> dict[str, tuple[str, ...]]:
    entries = nodes.mapping(entry.value, diagnostics, "probes", known) if entry else {}
    return {name: nodes.texts(item.value, diagnostics, f"probe '{name}'") for name, item in entries.items()}

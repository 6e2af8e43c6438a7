"""The `tree` part of a scenario file."""

from __future__ import annotations

from collections.abc import Mapping

from yaml.nodes import Node

from matrix import nodes
from matrix.diagnostics import Diagnostics
from matrix.nodes import Entry
from matrix.scenario import TreeEntry

KINDS = ("dir", "file", "symlink", "readonly")
KEYS = (*KINDS, "mode", "content", "target", "owner")


def read_tree(entry: Entry | None, diagnostics: Diagnostics) -> tuple[TreeEntry, ...]:
    if not entry:
        return ()
    found = (_entry(node, diagnostics) for node in nodes.sequence(entry.value, diagnostics, "tree"))
    return tuple(item for item in found if item)


def _entry(node: Node, diagnostics: Diagnostics) -> TreeEntry | None:
    entries = nodes.mapping(node, diagnostics, "an entry of tree", KEYS)
    kinds = [kind for kind in KINDS if kind in entries]
    if len(kinds) != 1:
        diagnostics.at(node, "an entry of tree has exactly one of dir, file, symlink and readonly")
        return None
    kind = kinds[0]
    for key, only in (("content", "file"), ("target", "symlink")):
        if key in entries and kind != only:
            diagnostics.at(entries[key].key, f"'{key}' is for a {only}, this is a {kind}")
    for key in ("mode", "owner"):
        if key in entries and kind == "readonly":
            diagnostics.at(entries[key].key, f"'{key}' is not for readonly, which makes nothing")
    if kind == "symlink" and "target" not in entries:
        diagnostics.at(node, "a symlink needs a target")
    path = _text(entries, kind, diagnostics)
    if path.startswith("/") or ".." in path.split("/") or not path:
        diagnostics.at(entries[kind].value, f"'{path}' must be a path below the cell's directory")
    return TreeEntry(kind, path, _mode(entries.get("mode"), kind, diagnostics),
                     _text(entries, "target" if kind == "symlink" else "content", diagnostics),
                     _owner(entries.get("owner"), diagnostics))


def _mode(entry: Entry | None, kind: str, diagnostics: Diagnostics) -> int:
    if not entry:
        return 0o755 if kind == "dir" else 0o644
    text = nodes.text(entry.value, diagnostics, "mode")
    if text and len(text) <= 5 and all(c in "01234567" for c in text):
        return int(text, 8)
    diagnostics.at(entry.value, f"mode must be octal, such as 0755, not '{text}'")
    return 0


def _owner(entry: Entry | None, diagnostics: Diagnostics) -> tuple[int, int] | None:
    if not entry:
        return None
    user, _, group = nodes.text(entry.value, diagnostics, "owner").partition(":")
    if user.isdecimal() and (not group or group.isdecimal()):
        return int(user), int(group or user)
    diagnostics.at(entry.value, "owner must be a number, or two with a colon between (UID:GID)")
    return None


def _text(entries: Mapping[str, Entry], key: str, diagnostics: Diagnostics) -> str:
    return nodes.text(entries[key].value, diagnostics, key) if key in entries else ""

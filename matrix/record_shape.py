"""What a record has to look like; `matrix/record.py` writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matrix import result
from matrix.relations import LAWS
from matrix.shape import Check, Faults, anything, each, having, kind, mapping, maybe, place, word

TEXT, WHOLE, NUMBER, TRUTH = kind(str), kind(int), kind(int, float), kind(bool)
TEXTS = each(TEXT)

ROW = having({"name": TEXT, "abi": TEXT, "ceiling": maybe(TEXT), "boot": TEXT, "native": TEXT, "kernel": TEXT,
              "cmdline": TEXT})
SCENARIO = having({"name": TEXT, "file": TEXT, "about": TEXT, "report": TEXT, "until": TEXT,
                   "captured": TRUTH, "rows": TEXT, "axes": mapping(TEXTS),
                   "probes": mapping(TEXT)})
FACTS = having({"abi": TEXT, "errata": TEXT, "release": TEXT, "uid": TEXT, "lacks": TEXTS})
BOOT = having({"key": TEXT, "reason": TEXT, "seconds": NUMBER, "boot_seconds": NUMBER, "cell_seconds": NUMBER,
               "cells": WHOLE, "facts": maybe(FACTS), "console": TEXT, "noise": TEXTS,
               "complaints": TEXTS})
DIFFERENCE = having({"what": TEXT, "expected": TEXT, "got": TEXT})
EXPECTED = having({"outcome": maybe(TEXT), "error": maybe(TEXT), "errno": maybe(TEXT), "exit": maybe(WHOLE),
                   "enforced": maybe(TRUTH), "abi": maybe(WHOLE), "probes": mapping(TEXTS), "stderr": TEXTS,
                   "stdout": TEXTS, "limits": TEXTS, "skipped": TEXTS, "control": mapping(TEXTS)})
AROUND = {"runtime": having({"version": TEXT, "commit": TEXT, "changed": TRUTH}), "qemu": TEXT,
          "host": having({"release": TEXT, "machine": TEXT}),
          "kernels": each(having({"series": TEXT, "package": TEXT, "version": TEXT, "sha256": TEXT,
                                  "moved_from": maybe(TEXT)}))}
SHARD = having({"number": WHOLE, "of": WHOLE, "cells": WHOLE, "digest": TEXT, "judges": TEXTS})
TABLES = ("texts", "commands", "expected", "seen", "plans", "rules", "parts")


def faults(record: Mapping[str, Any]) -> Faults:
    """Everything that is wrong with a record: its tables first, since cells are read by them."""
    tables = having({name: each(anything) for name in TABLES})(record)
    return tables or _shape(record)(record)


def _shape(record: Mapping[str, Any]) -> Check:
    def at(table: str) -> Check:
        return place(len(record[table]), table)

    seen = having({"outcome": maybe(TEXT), "error": maybe(TEXT), "errno": maybe(TEXT), "object": maybe(TEXT),
                   "exit": maybe(WHOLE), "ended": maybe(TEXT), "enforced": maybe(TRUTH), "abi": maybe(WHOLE),
                   "probes": mapping(TEXT), "control": mapping(TEXT), "warnings": each(at("texts")), "limits": TEXTS,
                   "skipped": TEXTS, "stdout": at("texts"),
                   "stderr": at("texts"), "kernel": TEXTS})
    cell = having({"id": TEXT, "scenario": _name_in(record, "scenarios", "scenario"), "axes": mapping(TEXT),
                   "row": _name_in(record, "rows", "row"), "variant": TEXT, "verdict": word(result.VERDICTS, "verdict"),
                   "outcome": maybe(TEXT), "why": TEXT, "ms": WHOLE, "alone": TEXT, "again": TEXT,
                   "differences": each(DIFFERENCE), "policy": at("texts"), "command": at("commands"), "expected": at("expected"), "seen": at("seen"),
                   "plan": maybe(at("plans"))})
    return having({"written": TEXT, "closing": TEXT, "status": WHOLE, **AROUND, "shard": maybe(SHARD),
                   "seconds": NUMBER,
                   "figures": mapping(NUMBER), "rows": each(ROW), "scenarios": each(SCENARIO), "boots": each(BOOT),
                   "texts": TEXTS, "commands": each(TEXTS), "expected": each(EXPECTED), "seen": each(seen),
                   "rules": each(anything), "parts": each(anything),
                   "plans": each(having({"rules": each(at("rules"))})), "cells": each(cell),
                   "violations": maybe(each(_violation(record))), "gaps": TEXTS})


def _violation(record: Mapping[str, Any]) -> Check:
    cell = _name_in(record, "cells", "cell", "id")
    return having({"law": word(LAWS, "law"), "what": TEXT, "left": cell, "left_value": TEXT, "right": cell,
                   "right_value": TEXT})


def _name_in(record: Mapping[str, Any], table: str, what: str, key: str = "name") -> Check:
    """A name that one of the table's objects has."""
    entries = record.get(table)
    names = {one.get(key) for one in entries if isinstance(one, dict)} if isinstance(entries, list) else set()
    return word(names, what)

"""Where and how a C file is mutated. Pure text: comments, strings and preprocessor lines are left alone.

Kinds: compare (an operator by its neighbour or opposite), logic (&& and ||), negation (! left out), constant (n by n + 1, -1
by 0, true by false), flag (left out of an or), call (a statement that is a call left out), step (a call in a chain of && by
true), row (a row of a table left out). Calls that only release something are valgrind's to miss, and left alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

RELEASES = ("free", "close", "fclose", "closedir", "json_decref", "hf_prepared_free",
            "hf_identity_free", "hf_plan_free", "hf_who_free")


@dataclass(frozen=True)
class Point:
    """One mutation: `old` at `offset` of the file becomes `new`."""

    file: str  # below the source folder
    line: int
    offset: int
    kind: str
    old: str
    new: str
    text: str  # the line, stripped
    ordinal: int = 1  # among those of the file that read alike

    @property
    def id(self) -> str:
        """Stable where lines only move: the file, the line's text, and which of its mutations this is."""
        return f"{self.file}: {self.text}: {self.kind} {_brief(self.old)} -> {_brief(self.new) or 'nothing'}" + (
            f" ({self.ordinal})" if self.ordinal > 1 else "")

    def apply(self, source: str) -> str:
        return source[: self.offset] + self.new + source[self.offset + len(self.old) :]


def _brief(text: str) -> str:
    return " ".join(text.split())


_SKIPPED = re.compile(r"""
    /\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' | ^[ \t]*\#(?:\\\n|[^\n])*
    """, re.S | re.M | re.X)
_COMPARE = re.compile(r"(?<![<>=!+\-*/&|^%])(==|!=|<=|>=|<|>)(?![<>=])")
_OPPOSITE = {"==": "!=", "!=": "==", "<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_LOGIC = re.compile(r"&&|\|\|")
_NEGATION = re.compile(r"!(?=[A-Za-z_(])")
_NUMBER = re.compile(r"(?<![\w.\[])(\d+)(?=[UL]*\b)(?!\.)")
_MINUS = re.compile(r"(?:[^\w\s)\]]|\breturn)\s*-$")
_TRUTH = re.compile(r"\b(true|false)\b")
_FLAG = (re.compile(r"\b[A-Z][A-Z0-9_]{2,}\s*\|(?!\|)\s*"), re.compile(r"(?<!\|)\|(?!\|)\s*[A-Z][A-Z0-9_]{2,}\b(?!\s*\()"))
_CALL = re.compile(r"^[ \t]+(?:\(void\))?(\w+)\((?:[^;{}])*\);$", re.M)
_STEP = re.compile(r"(?<![\w.!])hf_\w+\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)(?=\s*(?:&&|;))")
_ROW = re.compile(r"^[ \t]+\{[^{};]*\},?$", re.M)
_KEYWORDS = ("return", "if", "while", "for", "switch", "sizeof")


def points(file: str, source: str) -> list[Point]:
    """Every mutation of a file, in its order."""
    masked = _SKIPPED.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), source)
    found = [_point(file, source, offset, kind, old, new) for offset, kind, old, new in _all(masked, source)]
    seen: Counter[str] = Counter()
    numbered = []
    for one in sorted(set(found), key=lambda one: (one.offset, one.kind, one.new)):
        seen[one.id] += 1
        numbered.append(replace(one, ordinal=seen[one.id]))
    return numbered


def _point(file: str, source: str, offset: int, kind: str, old: str, new: str) -> Point:
    begin = source.rfind("\n", 0, offset) + 1
    if kind in ("call", "row"):  # these begin with the line's own blanks
        begin = offset
    end = source.find("\n", begin)
    return Point(file, source.count("\n", 0, offset) + 1, offset, kind, old, new, source[begin:end].strip())


def _all(masked: str, source: str) -> Iterator[tuple[int, str, str, str]]:
    for match in _COMPARE.finditer(masked):
        yield match.start(), "compare", match[1], _OPPOSITE[match[1]]
    for match in _LOGIC.finditer(masked):
        yield match.start(), "logic", match[0], "||" if match[0] == "&&" else "&&"
    for match in _NEGATION.finditer(masked):
        yield match.start(), "negation", "!", ""
    for match in _NUMBER.finditer(masked):
        sign = -1 if _MINUS.search(masked, max(match.start() - 20, 0), match.start()) else 1
        yield match.start(), "constant", match[1], str(int(match[1]) + sign)
    for match in _TRUTH.finditer(masked):
        yield match.start(), "constant", match[1], "false" if match[1] == "true" else "true"
    for pattern in _FLAG:
        for match in pattern.finditer(masked):
            yield match.start(), "flag", match[0], ""
    for match in _CALL.finditer(masked):
        if match[1] not in RELEASES and match[1] not in _KEYWORDS:
            yield match.start(), "call", source[match.start() : match.end()], ";"
    for match in _STEP.finditer(masked):
        if _within_condition(masked, match.start()):
            yield match.start(), "step", source[match.start() : match.end()], "true"
    for match in _ROW.finditer(masked):
        yield match.start(), "row", source[match.start() : match.end()], ""


def _within_condition(masked: str, offset: int) -> bool:
    """Whether the statement that a call stands in has more to it than the call."""
    begin = max(masked.rfind(mark, 0, offset) for mark in ";{}") + 1
    statement = masked[begin : masked.find(";", offset)]
    return "&&" in statement or "||" in statement or statement.lstrip().startswith("return")

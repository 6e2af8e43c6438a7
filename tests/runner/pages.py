"""The manual's pages as they are written (scdoc): their sections, entries and examples."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def read(name: str) -> str:
    return (ROOT / "doc" / f"{name}.scd").read_text("utf-8")


def sections(page: str) -> dict[str, str]:
    """From title to text, of both levels."""
    parts = re.split(r"^##? (.*)\n", page, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def entries(section: str) -> dict[str, str]:
    """From a line that begins with what is explained, without markup, to the explanation below it."""
    found = re.findall(r"^(\*[^\n]+)\n((?:\t[^\n]*\n)+)", section, re.M)
    return {plain(name): " ".join(text.split()) for name, text in found}


def keys(page: str) -> dict[str, dict[str, str]]:
    """From what has keys ("Keys of ...") to these."""
    return {title.removeprefix("Keys of "): entries(text) for title, text in sections(page).items()
            if title.startswith("Keys of ")}


def plain(text: str) -> str:
    """Without markup: an underscore inside of a word is none."""
    text = re.sub(r"(?<![\\\w])_|(?<!\\)_(?!\w)|(?<!\\)\*", "", text)
    return re.sub(r"\\(.)", r"\1", text)


def examples(page: str) -> Iterator[str]:
    """The blocks that are shown as they are."""
    for block in re.findall(r"^```\n(.*?)^```$", page, re.M | re.S):
        yield re.sub(r"\\(.)", r"\1", block)

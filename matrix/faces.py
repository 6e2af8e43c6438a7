"""The faces of a record that are files: one record, shown in each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from matrix import junit, ktap, markdown, webpage
from matrix.record_read import Record

# Name of the face, its file beside the record, and its text.
FACES: dict[str, tuple[str, Callable[[Record], str]]] = {
    "junit": ("junit.xml", lambda record: junit.text(record.run)),
    "ktap": ("report.ktap", lambda record: ktap.text(record.run)),
    "markdown": ("summary.md", markdown.text),
    "html": ("report.html", webpage.text),
}


def write(record: Record, face: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(FACES[face][1](record).encode("utf-8", "replace"))


def write_all(record: Record, folder: Path) -> None:
    for face, (name, _) in FACES.items():
        write(record, face, folder / name)


def remove_all(folder: Path) -> None:
    for name, _ in FACES.values():
        (folder / name).unlink(missing_ok=True)

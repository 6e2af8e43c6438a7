"""`matrix report`: the faces of a record that is there, without running anything."""

from __future__ import annotations

import argparse
from pathlib import Path

from matrix import faces, job, terminal
from matrix.job import Stop
from matrix.record_read import Record, Unreadable, read


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("record", nargs="?", type=Path, default=Path("build/matrix/record.json"), metavar="RECORD",
                        help="a record (build/matrix/record.json)")
    for face in faces.FACES:
        parser.add_argument(f"--{face}", type=Path, metavar="FILE", help=f"write the record's {face} face")


def load(path: Path) -> Record:
    try:
        return read(path)
    except Unreadable as fault:
        raise Stop(str(fault), job.USAGE) from fault


def main(arguments: argparse.Namespace) -> int:
    """Writes the faces that are asked for, else shows the record; that was made, whatever the run's own status was."""
    record = load(arguments.record)
    wanted = {face: path for face in faces.FACES if (path := getattr(arguments, face)) is not None}
    try:
        for face, path in wanted.items():
            faces.write(record, face, path)
    except OSError as fault:
        raise Stop(f"{fault.filename}: cannot be written: {fault.strerror}", job.USAGE) from fault
    if not wanted:
        terminal.show(record.run, record.data["kernels"])
    return 0

"""`python3 -m tests.guest_counters COUNTERS OUT`: runs the scenarios that only a guest can run, with the runtime that counts what
of it is reached, and writes one file of counters a guest below OUT.

A guest shares no file with this machine. So the last cell of each boot, before it starts the runtime, prints the counters of the
file that all cells of that guest have counted in, with its zeros cut out. All else in it is of the program, and is taken from the
file of the same name that was made here (llvm's InstrProfData.inc, version 8 of the raw format)."""

from __future__ import annotations

import json
import re
import struct
import sys
from binascii import a2b_uu
from collections.abc import Iterable, Iterator
from pathlib import Path

from matrix import job
from matrix.cells import REAL, spread
from matrix.result import Result
from matrix.targets import choose, on_guests

SCENARIOS = Path("scenarios")
BUILD = Path("build")
ROWS = ("2", "6", "11")
LAST = "zz-counters"  # cells of a boot run in the order of their scenarios' names
HEADER = struct.Struct("<11Q")
# Of the header: bytes of the ids, records of the data (48 bytes each), padding, and the counters (8 bytes each).
IDS, RECORDS, PADDING, COUNTERS = 2, 3, 4, 5
# Runs of at least eight zeros become their number, what is between them uuencoded, which has no letter above
# '`'. One stream alone has not the room.
DUMP = r"""
    my $name = glob('%s/*.profraw');
    open my $file, '<:raw', $name or die "no counters: $!";
    local $/; my $bytes = <$file>;
    my @header = unpack 'Q11', $bytes;
    $bytes = substr $bytes, 88 + $header[2] + 48 * $header[3] + $header[4], 8 * $header[5];
    $name =~ s/.*[\/]//;
    syswrite STDOUT, $name . '{';
    $bytes =~ s/(\0{8,})|((?:(?!\0{8}).)+)/defined $1 ? 'z' . length($1) . '~' : pack('u', $2) . '~'/gse;
    syswrite STDOUT, substr($bytes, 0, length($bytes) / 2);
    syswrite STDERR, substr($bytes, length($bytes) / 2) . '}';
    exec @ARGV or die "exec: $!";
"""


def main(counters: Path, out: Path) -> int:
    last = out / f"{LAST}.yaml"
    last.write_text(json.dumps({
        "about": "Prints the counters of its guest.", "policy": "version: 1\n",
        "axes": {"mode": ["block"], "landlock": ["omitted"], "user": ["root"]}, "launcher":
        ["perl", "-e", DUMP % counters, "${HOLDFAST}"], "command": ["true"], "expect": [{"outcome": "usual"}]}), "utf-8")
    ours = [one for one in job.scenarios(SCENARIOS, ()) if one.lane == "vm"] + job.scenarios(SCENARIOS, [str(last)])
    cells = [cell for one in ours for cell in spread(one, on_guests(choose(ROWS)))]
    outcome = job.perform(cells, job.open_lane("vm", BUILD, {REAL: BUILD / "holdfast"}, "guest-counters"))
    found = {row: whole(counters / name, content) for row, name, content in printed(outcome.results)}
    for row, content in found.items():
        (out / f"guest-{row}.profraw").write_bytes(content)
    missing = [row for row in ROWS if row not in found]
    print(f"counters of {len(found)} guests" + (f", none of rows {', '.join(missing)}" if missing else ""))
    return 1 if missing else 0


def printed(results: Iterable[Result]) -> Iterator[tuple[str, str, bytes]]:
    """The rows, and of each the file's name and the counters that the guest's last cell printed."""
    for one in results:
        text, mark, _ = (one.seen.stdout + one.seen.stderr).partition("}")
        if one.cell.scenario.name == LAST and mark:
            name, _, content = text.partition("{")
            pieces = re.findall(r"z(\d+)~|([^z~]+)~", content)
            yield one.cell.target.name, name, b"".join(
                bytes(int(zeros)) if zeros else b"".join(map(a2b_uu, some.splitlines())) for zeros, some in pieces)


def whole(file: Path, counters: bytes) -> bytes:
    """A file of the same program with these counters in the place of its own."""
    content = file.read_bytes()
    header = HEADER.unpack_from(content)
    begin = HEADER.size + header[IDS] + 48 * header[RECORDS] + header[PADDING]
    assert len(counters) == 8 * header[COUNTERS], f"{file}: {len(counters)} bytes of {header[COUNTERS]} counters"
    return content[:begin] + counters + content[begin + len(counters):]


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))

"""The ring of results: what a guest wrote is read once, in order, over the edge too; damage is noticed."""

import mmap
import os
import struct

import pytest
from vm.lines import read_lines
from vm.ring import DATA_OFFSET, Damaged, Ring


class Guest:
    """The other side, as vm/result_ring.c does it, on the same file."""

    def __init__(self, ring: Ring) -> None:
        self.memory = mmap.mmap(ring.fd, 0)
        assert self.memory[:8] == b"HFRING1\0"
        (self.capacity,) = struct.unpack_from("<Q", self.memory, 8)

    def write(self, data: bytes) -> int:
        """As much as there is room for."""
        head, tail = struct.unpack_from("<QQ", self.memory, 16)
        data = data[: self.capacity - (head - tail)]
        for index, byte in enumerate(data):
            self.memory[DATA_OFFSET + (head + index) % self.capacity] = byte
        struct.pack_into("<Q", self.memory, 16, head + len(data))
        return len(data)


def test_bytes_go_round_and_round() -> None:
    ring = Ring(8192)
    guest = Guest(ring)
    sent = bytes(range(256)) * 150
    got, at = b"", 0
    while at < len(sent):
        at += guest.write(sent[at : at + 1500])
        got += ring.read()
    assert got == sent and ring.read() == b""
    ring.close()


def test_a_full_ring_takes_no_more_until_it_is_read() -> None:
    ring = Ring(8192)
    guest = Guest(ring)
    assert guest.write(b"x" * 5000) == 4096
    assert guest.write(b"y") == 0
    assert ring.read() == b"x" * 4096
    assert guest.write(b"y") == 1
    ring.close()


def test_damage_is_an_error() -> None:
    ring = Ring(8192)
    struct.pack_into("<Q", Guest(ring).memory, 16, 1 << 60)
    with pytest.raises(Damaged, match="damaged"):
        ring.read()
    ring.close()


def test_what_was_written_before_the_end_is_read_after_it() -> None:
    ring = Ring(8192)
    Guest(ring).write(b"@begin a\n@end a exit=0 ms=1\n@beg")
    reading, writing = os.pipe()
    os.close(writing)
    lines: list[str] = []
    silent, first = read_lines(reading, lines.append, 5, ring.read)
    os.close(reading)
    ring.close()
    assert not silent and first is not None
    assert lines == ["@begin a", "@end a exit=0 ms=1", "@beg"]


def test_a_guest_that_answers_by_memory_is_not_heard_on_the_serial_port() -> None:
    ring = Ring(8192)
    guest = Guest(ring)
    reading, writing = os.pipe()
    lines: list[str] = []

    def take(line: str) -> None:
        lines.append(line)
        if line == "@guest abi=1":
            os.write(writing, b"@end forged exit=0\n")
            guest.write(b"@begin a\n")
        elif line == "@begin a":
            os.close(writing)

    os.write(writing, b"init: cannot\n")
    guest.write(b"@guest abi=1\n")
    read_lines(reading, take, 5, ring.read)
    os.close(reading)
    ring.close()
    assert lines == ["init: cannot", "@guest abi=1", "@begin a"]

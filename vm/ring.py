"""The host's side of the results' shared memory (vm/result_ring.c): a nameless file, to the guest a PCI device."""

from __future__ import annotations

import mmap
import os
import struct

DATA_OFFSET = 4096
MAGIC = b"HFRING1\0"
HEAD, TAIL = 16, 24
SIZE = 4 << 20  # a PCI BAR is a power of two


class Damaged(Exception):
    """A guest that wrote over its own ring."""


class Ring:
    """Positions only grow; a byte's place is its position modulo the capacity."""

    def __init__(self, size: int = SIZE) -> None:
        self.capacity = size - DATA_OFFSET
        self.fd = os.memfd_create("results")
        os.ftruncate(self.fd, size)
        self._memory = mmap.mmap(self.fd, size)
        self._memory[:16] = MAGIC + struct.pack("<Q", self.capacity)
        self._tail = 0

    def qemu_arguments(self) -> list[str]:
        """The device; qemu has to inherit `fd`."""
        size = self.capacity + DATA_OFFSET
        backend = f"memory-backend-file,id=ring,share=on,size={size},mem-path=/proc/self/fd/{self.fd}"
        return ["-object", backend, "-device", "ivshmem-plain,memdev=ring"]

    def read(self) -> bytes:
        """What came since the last call; empty when nothing did. What is damaged beyond use raises Damaged."""
        (head,) = struct.unpack_from("<Q", self._memory, HEAD)
        length = head - self._tail
        if length == 0:
            return b""
        if not 0 < length <= self.capacity:
            raise Damaged(f"the guest's result ring is damaged: head {head}, tail {self._tail}")
        start = DATA_OFFSET + self._tail % self.capacity
        first = min(length, DATA_OFFSET + self.capacity - start)
        data = self._memory[start : start + first] + self._memory[DATA_OFFSET : DATA_OFFSET + length - first]
        self._tail = head
        struct.pack_into("<Q", self._memory, TAIL, head)
        return data

    def close(self) -> None:
        """Give the memory back."""
        self._memory.close()
        os.close(self.fd)

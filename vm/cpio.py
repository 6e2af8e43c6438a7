"""A writer of initramfs archives: the `newc` format, uncompressed, with device nodes and owners, and without root.

The format is in Documentation/driver-api/early-userspace/buffer-format.rst: a header of 13 numbers in hexadecimal,
the name, the content, each padded to four bytes, closed by an entry of the name TRAILER!!!. The kernel unpacks
archives that follow each other as one, a later file replacing an earlier one.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Entry:
    """One member; `data` is the target of a symlink; `device` is (major, minor)."""

    path: str
    mode: int
    data: bytes = b""
    uid: int = 0
    gid: int = 0
    device: tuple[int, int] = (0, 0)


@dataclass
class Archive:
    """Members by absolute path; parent folders are made as they are needed."""

    entries: dict[str, Entry] = field(default_factory=dict)

    def _add(self, entry: Entry) -> None:
        parent = entry.path.rpartition("/")[0]
        if parent and parent not in self.entries:
            self.folder(parent)
        self.entries[entry.path] = entry

    def folder(self, path: str, mode: int = 0o755, uid: int = 0, gid: int = 0) -> None:
        """A folder."""
        self._add(Entry(path, stat.S_IFDIR | mode, b"", uid, gid))

    def file(self, path: str, data: bytes, mode: int = 0o644) -> None:
        """A file of root's."""
        self._add(Entry(path, stat.S_IFREG | mode, data))

    def symlink(self, path: str, target: str) -> None:
        """A symbolic link."""
        self._add(Entry(path, stat.S_IFLNK | 0o777, target.encode()))

    def device(self, path: str, major: int, minor: int, mode: int = 0o666) -> None:
        """A character device."""
        self._add(Entry(path, stat.S_IFCHR | mode, device=(major, minor)))

    def pack(self) -> bytes:
        """The archive, the same bytes for the same members: no times, no inode numbers of the host."""
        return b"".join(self._parts())

    def _parts(self) -> Iterator[bytes]:
        for number, path in enumerate(self.entries, 1):
            yield from _member(self.entries[path], number)
        yield from _member(Entry("/TRAILER!!!", 0), 0)


def _pad(length: int) -> bytes:
    return b"\0" * (-length % 4)


def _member(entry: Entry, number: int) -> Iterator[bytes]:
    name = entry.path.lstrip("/").encode() + b"\0"
    links = 2 if stat.S_ISDIR(entry.mode) else 1
    numbers = (number, entry.mode, entry.uid, entry.gid, links, 0, len(entry.data), 0, 0, *entry.device, len(name), 0)
    head = b"070701" + b"".join(b"%08X" % value for value in numbers) + name
    yield head + _pad(len(head))
    yield entry.data
    yield _pad(len(entry.data))

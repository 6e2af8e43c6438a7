"""The lines between runner and cellrun: fields separated by one space, each percent-encoded."""

from __future__ import annotations

from collections.abc import Iterable


def encode(field: str | bytes) -> str:
    data = field.encode("utf-8", "surrogateescape") if isinstance(field, str) else field
    if not data:
        return "%00"
    return "".join(chr(b) if 0x20 < b < 0x7F and b != 0x25 else f"%{b:02X}" for b in data)


def decode_bytes(field: str) -> bytes:
    if field == "%00":
        return b""
    out = bytearray()
    at = 0
    while at < len(field):
        if field[at] == "%":
            out.append(int(field[at + 1 : at + 3], 16))
            at += 3
        else:
            out += field[at].encode("utf-8", "surrogateescape")
            at += 1
    return bytes(out)


def decode(field: str) -> str:
    return decode_bytes(field).decode("utf-8", "replace")


def line(*fields: str | bytes) -> str:
    return " ".join(encode(field) for field in fields)


def split(text: str) -> list[str]:
    """The decoded fields of one line. Raises ValueError where it is no such line."""
    return [decode(field) for field in text.rstrip("\r\n").split(" ")]


def settings(fields: Iterable[str]) -> dict[str, str]:
    """`exit=0 ms=12` as a map; a word alone has the empty value."""
    return {name: value for name, _, value in (field.partition("=") for field in fields)}

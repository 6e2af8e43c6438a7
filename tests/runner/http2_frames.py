"""HTTP/2 by hand (RFC 9113, RFC 7541): frames and fields as a client or server may write them that means no good."""

from __future__ import annotations

CLIENT_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 2, 3, 4, 6, 7, 8, 9
END_STREAM, ACK, END_HEADERS = 1, 1, 4
INITIAL_WINDOW_SIZE = 4


def frame(kind: int, flags: int, payload: bytes, stream: int = 1) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def setting(which: int, value: int) -> bytes:
    return which.to_bytes(2, "big") + value.to_bytes(4, "big")


PREFACE = CLIENT_PREFACE + frame(SETTINGS, 0, b"", 0)


def string(text: str) -> bytes:
    """RFC 7541 section 5.2, without Huffman's code."""
    left = len(text) - 127
    if left < 0:
        return bytes([len(text)]) + text.encode()
    length = b"\x7f"
    while left >= 128:
        length += bytes([left % 128 + 128])
        left //= 128
    return length + bytes([left]) + text.encode()


def literals(*fields: tuple[str, str]) -> bytes:
    """Fields as section 6.2.2 has them: not for the table."""
    return b"".join(b"\0" + string(name) + string(value) for name, value in fields)


def head(port: int, *more: tuple[str, str], method: str = "POST", authority: str = "", path: str = "/small") -> bytes:
    return literals((":method", method), (":scheme", "https"), (":authority", authority or f"localhost:{port}"),
                    (":path", path), *more)

"""Text that came out of a sandbox, made harmless for a face of text: nothing in it moves a cursor or ends a line."""

from __future__ import annotations

import re

# Controls (C0, DEL, C1), the two separators that end a line for Unicode, the marks that turn the direction of writing,
# and halves of surrogate pairs, which UTF-8 lacks.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """One line in which each such character stands as `\\x1b` or `\\u202e`."""
    return _UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)

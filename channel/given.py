"""What comes from outside, read within bounds: JSON documents, and the cursors that we gave out.

Everything here is harmless on any text whatever: it costs time and memory in proportion to the text, and what cannot
be read is None.
"""

import base64
import binascii
import re
from collections.abc import Callable
from typing import TypeVar

import msgspec

T = TypeVar("T")

DEEPEST = 32
"""Levels of a JSON document: ours have five at most, and each level costs a reader one of its own calls."""
LONGEST_CURSOR = 4000
"""Characters of a cursor; the longest of ours names a place by a text of 200."""

# A text without its end goes on to the end of the document, so that each character is looked at once.
_IN_QUOTES = re.compile(rb'"[^"\\]*+(?:\\.?[^"\\]*+)*+(?:"|\Z)', re.DOTALL)
_AS_ROUND = bytes.maketrans(b"[]{}", b"()()")
_ALL_ELSE = bytes(set(range(256)) - set(b"[]{}"))


def is_too_deep(document: bytes, most: int = DEEPEST) -> bool:
    """Whether brackets stand in one another deeper than `most` levels; texts are passed over, and nothing is read.

    >>> is_too_deep(b'[{"a": "[[["}]', 2), is_too_deep(b"[{" * 10_000, 2), is_too_deep(b"[][][]", 1)
    (False, True, False)
    """
    if document.count(b"[") + document.count(b"{") <= most:
        return False
    left = _IN_QUOTES.sub(b"", document).translate(_AS_ROUND, _ALL_ELSE)
    for _ in range(most):
        if b"()" not in left:
            break
        left = left.replace(b"()", b"")
    # What is left is deeper, or its brackets do not fit: then it is no JSON, and only its depth matters.
    return b"()" in left or left.count(b"(") > most


def read_json(text: str | bytes, shape: type[T], fraction: Callable[[str], object] | None = None) -> T:
    """The JSON document in a field; `ValueError` where it is none of this shape, or too deep to be read.

    `fraction` reads the numbers that are not whole, where the shape leaves open what they are.
    """
    document = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if is_too_deep(document):
        raise ValueError(f"more than {DEEPEST} levels")
    try:
        return msgspec.json.Decoder(shape, float_hook=fraction).decode(document)
    except msgspec.MsgspecError as wrong:
        raise ValueError(str(wrong)) from None


def packed(told: bytes) -> str:
    """Bytes as they are put into an address or a cookie."""
    return base64.urlsafe_b64encode(told).decode().rstrip("=")


def unpacked(text: str, longest: int = LONGEST_CURSOR) -> bytes | None:
    """What `packed` made; None where the text was not made by it."""
    if len(text) > longest or not text.isascii():
        return None
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return None

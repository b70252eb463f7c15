"""In which encoding a text file is written: marks first, then strict decoding of the whole file.

UTF-8 is sure of itself, since other texts hardly ever decode as UTF-8. Between the older encodings, which
decode almost anything, the pairs of high bytes decide: Chinese text comes in pairs of the GB 2312 plane,
Western text in single letters among ASCII. What is left is asked of charset-normalizer.
"""

import codecs
from typing import BinaryIO

from charset_normalizer import from_bytes

from channel.files.problems import Unreadable
from channel.files.stored import CHUNK, Source, opened

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHERS = ["cp1252", "big5", "shift_jis", "euc_kr", "cp1251"]
_EVIDENCE = 256 * 1024
"""Bytes of lines beyond ASCII that are kept to judge by."""
_HIGH = 0x80
_CONTROLS = bytes(c for c in range(32) if c not in b"\t\n\r\f\x1a\x1b")
"""Bytes that texts in one-byte encodings hardly hold, and programs and pictures do."""
_PAIRED = 0.9
"""Share of Chinese characters that must lie in the GB 2312 plane for a text to be taken as GB 18030."""
_DAMAGED = 0.1
"""Share of broken sequences up to which a text is still UTF-8 with damage rather than another encoding."""


_NO_TEXTS = frozenset({"idna", "mbcs", "oem", "punycode", "raw-unicode-escape", "unicode-escape", "undefined"})
"""Codecs of Python that are not encodings of files."""


def find_encoding(source: Source) -> str:
    """The name of a codec for the file; a damaged file gets the codec with which least is lost.

    Reads the whole file once when it is UTF-8 or ASCII, a few times otherwise, in constant memory.
    """
    with opened(source) as file:
        head = file.read(CHUNK)
        marked = _by_mark(head) or _by_zero_bytes(head)
        if marked:
            return marked
        if _decodes(file, "utf-8"):
            return "utf-8"
        if len(head.translate(None, _CONTROLS)) < len(head) * 0.98:
            raise Unreadable("not-a-table")
        evidence = _beyond_ascii(file)
        if _utf8_damage(evidence) <= _DAMAGED:
            return "utf-8"
        if _gb_share(evidence) >= _PAIRED and _decodes(file, "gb18030"):
            return "gb18030"
        best = from_bytes(evidence, cp_isolation=_OTHERS).best()
        if best is not None and _decodes(file, best.encoding):
            return best.encoding
        return "gb18030" if _gb_share(evidence) >= _PAIRED else "cp1252"


def checked_encoding(name: str) -> str:
    """An encoding that a person named, as Python calls it; unknown names raise `Unreadable`."""
    try:
        found = codecs.lookup(name).name
        b"".decode(found)
    except (LookupError, ValueError):
        raise Unreadable("unknown-encoding", encoding=name) from None
    if found in _NO_TEXTS:
        raise Unreadable("unknown-encoding", encoding=name)
    return "gb18030" if found in {"gbk", "gb2312"} else found


def _by_mark(head: bytes) -> str | None:
    return next((name for mark, name in _MARKS if head.startswith(mark)), None)


def _by_zero_bytes(head: bytes) -> str | None:
    """UTF-16 without a mark: its ASCII characters (delimiters, digits, line ends) have a zero byte on one side."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    zeros = even + odd
    if zeros < max(2, len(head) // 20):
        return None
    if odd >= zeros * 0.95:
        return "utf-16-le"
    if even >= zeros * 0.95:
        return "utf-16-be"
    raise Unreadable("not-a-table")


def _decodes(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    file.seek(0)
    try:
        while chunk := file.read(CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _beyond_ascii(file: BinaryIO) -> bytes:
    """The first lines that hold more than ASCII, up to the evidence that is wanted; of endless lines a part."""
    file.seek(0)
    kept: list[bytes] = []
    size, begun = 0, b""
    while size < _EVIDENCE and (chunk := file.read(CHUNK)):
        *lines, begun = (begun + chunk).split(b"\n")
        if len(begun) > _EVIDENCE:  # so that a line without end stays bounded
            lines, begun = [*lines, begun], b""
        for line in lines:
            if not line.isascii():
                kept.append(line[:_EVIDENCE])
                size += len(kept[-1])
    if not begun.isascii():
        kept.append(begun)
    return b"\n".join(kept)[: 2 * _EVIDENCE]


def _utf8_damage(evidence: bytes) -> float:
    text = evidence.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(ord(c) >= _HIGH for c in text) - broken
    return broken / max(1, broken + whole)


def _gb_share(evidence: bytes) -> float:
    """The share of characters beyond ASCII that GB 2312 has too, among what decodes as GB 18030."""
    wide = [c for c in evidence.decode("gb18030", "replace") if ord(c) >= _HIGH]
    known = sum(len(c.encode("gb2312", "ignore")) == 2 for c in wide)  # noqa: PLR2004 - a pair of bytes
    return known / max(1, len(wide))

"""In which encoding a text file is written: marks first, then strict decoding of the whole file.

UTF-8 is sure of itself, since other texts hardly ever decode as UTF-8. The older encodings decode almost anything:
charset-normalizer tells in which of them a text is no mess, and of these the likeliest by the letters that its
languages write is taken (`scripts`). Where two are as good as likely somebody has to say.
"""

import codecs
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from charset_normalizer import from_bytes

from channel.files.kept_files import CHUNK, Source, opened
from channel.files.problems import Unreadable
from channel.files.quotes import LOST
from channel.files.scripts import BEFOREHAND, cost

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_EVIDENCE = 256 * 1024
"""Bytes of lines beyond ASCII that are kept to judge by."""
_HIGH = 0x80
_CONTROLS = bytes(c for c in range(32) if c not in b"\t\n\r\f\x1a\x1b")
"""Bytes that texts in one-byte encodings hardly hold, and programs and pictures do."""
_JUDGED = 16 * 1024
"""Bytes of them by which readings are compared."""
_NEAR = 4.0
"""Two readings whose costs differ by less are as good as equally likely."""
_DECIDED = 1.0
"""The same where the likelier one is so by a hint."""
_HINT = 5.0
"""What it counts that an encoding is the company's, or that of earlier files."""
_STRANGE = 6.5
"""Cost of a byte beyond ASCII above which no reading is a text of its languages."""
_DAMAGED = 0.1
"""Share of broken sequences up to which a text is still UTF-8 with damage rather than another encoding."""


_WIDER = {"gbk": "gb18030", "gb2312": "gb18030", "big5": "cp950", "shift_jis": "cp932", "euc_kr": "cp949"}
"""Encodings that hold all of another one: what programs call by the narrower name mostly is the wider one."""
_NO_TEXTS = frozenset({"idna", "mbcs", "oem", "punycode", "raw-unicode-escape", "unicode-escape", "undefined"})
"""Codecs of Python that are not encodings of files."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """In which encoding a file is taken to be, and how sure that is.

    `fits` are others in which all of it can be read, though as another text. `evidence` are lines beyond ASCII.
    `doubtful`: another reading is as good as likely, or none is.
    """

    name: str
    fits: tuple[str, ...] = ()
    evidence: bytes = b""
    doubtful: bool = False


def find_encoding(source: Source, likely: Iterable[str] = ()) -> Encoding:
    """The encoding of a file; a damaged file gets the one with which least is lost.

    `likely` are encodings that speak for themselves: those of earlier files, that of the company's language. Reads
    the whole file once or twice when it is UTF-8 or ASCII, a few times otherwise, in constant memory.
    """
    with opened(source) as file:
        head = file.read(CHUNK)
        marked = _by_mark(head) or _by_zero_bytes(head)
        if marked:
            return Encoding(marked)
        if _decodes(file, "utf-8"):
            return Encoding("utf-8", evidence=_beyond_ascii(file, _JUDGED))
        if len(head.translate(None, _CONTROLS)) < len(head) * 0.98:
            raise Unreadable("not-a-table")
        evidence = _beyond_ascii(file, _EVIDENCE)
        if _utf8_damage(evidence) <= _DAMAGED:
            return Encoding("utf-8", evidence=evidence)
        return _by_likelihood(file, evidence, frozenset(likely))


def _by_likelihood(file: BinaryIO, evidence: bytes, likely: frozenset[str]) -> Encoding:
    whole_lines = evidence[:_JUDGED].rpartition(b"\n")[0] if len(evidence) > _JUDGED else evidence
    judged = whole_lines or evidence[:_JUDGED]
    fitting = [match.encoding for match in from_bytes(evidence, cp_isolation=list(BEFOREHAND))]
    readings = {name: judged.decode(name, "replace") for name in BEFOREHAND}
    costs = {
        name: cost(name, text) + BEFOREHAND[name] - (_HINT if name in likely else 0) for name, text in readings.items()
    }
    ranked = sorted(fitting or [name for name in BEFOREHAND if LOST not in readings[name]], key=costs.__getitem__)
    found = next((name for name in ranked if _decodes(file, name)), None)
    if found is None:
        # Either damaged here and there, or of a script that is not told apart here.
        other = from_bytes(evidence).best()
        if other is not None and _decodes(file, other.encoding):
            return Encoding(other.encoding, evidence=evidence, doubtful=True)
        found = min(costs, key=costs.__getitem__)
    others = [name for name in ranked if name != found and readings[name] != readings[found]]
    near = any(costs[name] - costs[found] < (_DECIDED if found in likely else _NEAR) for name in others)
    strange = costs[found] > _STRANGE * sum(byte >= _HIGH for byte in judged)
    return Encoding(found, tuple(others), evidence, doubtful=near or strange)


def checked_encoding(name: str) -> str:
    """An encoding that a person named, as Python calls it; unknown names raise `Unreadable`."""
    try:
        found = codecs.lookup(name).name
        b"".decode(found)
    except (LookupError, ValueError):
        raise Unreadable("unknown-encoding", encoding=name) from None
    if found in _NO_TEXTS:
        raise Unreadable("unknown-encoding", encoding=name)
    return _WIDER.get(found, found)


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


def _beyond_ascii(file: BinaryIO, wanted: int) -> bytes:
    """The first lines that hold more than ASCII, up to so many bytes; of endless lines a part."""
    file.seek(0)
    kept: list[bytes] = []
    size, begun = 0, b""
    while size < wanted and (chunk := file.read(CHUNK)):
        *lines, begun = (begun + chunk).split(b"\n")
        if len(begun) > _EVIDENCE:  # so that a line without end stays bounded
            lines, begun = [*lines, begun], b""
        for line in lines:
            if not line.isascii():
                kept.append(line[:_EVIDENCE])
                size += len(kept[-1])
    if not begun.isascii():
        kept.append(begun)
    return b"\n".join(kept)[: 2 * wanted]


def _utf8_damage(evidence: bytes) -> float:
    text = evidence.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(ord(c) >= _HIGH for c in text) - broken
    return broken / max(1, broken + whole)

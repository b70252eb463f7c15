"""Whether a text looks as if it had been read in the wrong encoding, here or before it came here."""

import re
from collections.abc import Sequence

from channel.files.quotes import LOST

_BETRAYING = re.compile("[\x80-\x84\x86-\x9f\ue000-\uf8ff]|锟斤拷|烫烫烫|屯屯屯")
"""Control characters and private ones that no text holds, and the words into which lost characters turn."""
_WRONGLY = tuple(
    {ord(bytes((byte,)).decode(page, "replace")): byte for byte in range(128, 256)} for page in ("cp1252", "cp1250")
)
"""In what UTF-8 is read by mistake in the West: its characters -> the bytes that they stand for."""
_UTF8 = re.compile(rb"\xc3[\x80-\xbf]|\xc2[\xa0-\xbf]|(?:[\xce-\xd1][\x80-\xbf]){2}|[\xe3-\xe9\xef][\x80-\xbf]{2}")
"""Letters in UTF-8 that as bytes of the West are a capital or a small letter with signs behind it."""
_EAST = 0x800
"""From here on UTF-8 takes three bytes, as for Chinese."""


def looks_misread(texts: Sequence[str]) -> bool:
    """Whether a text holds what no one writes, or is UTF-8 that was read as something else."""
    beyond = [text for text in texts if not text.isascii()]
    if any(_BETRAYING.search(text) or _is_utf8_read_as_western(text) for text in beyond):
        return True
    # A single Chinese name may by chance be UTF-8 again; of half of them it is no chance.
    return 2 * sum(map(_is_utf8_read_as_chinese, beyond)) >= max(1, len(beyond))


def _is_utf8_read_as_western(text: str) -> bool:
    return any(_UTF8.search(text.translate(page).encode("latin-1", "replace")) for page in _WRONGLY)


def _is_utf8_read_as_chinese(text: str) -> bool:
    """Whether the bytes of GB 18030 are those of Chinese in UTF-8; the last byte of an odd number is lost."""
    meant = text.encode("gb18030", "replace").decode("utf-8", "replace")
    beyond = [each for each in meant if not each.isascii()]
    return len(beyond) > 1 and meant.count(LOST) <= 1 and all(ord(each) >= _EAST for each in beyond)

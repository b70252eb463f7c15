"""How likely a text is when bytes are read in an encoding: by the letters that its languages write.

Names are short and few, so that statistics of whole languages say little of them. What says much is which letters
beyond ASCII come at all: a German name has ä and ß, never ÖÐ. Each such character costs the logarithm of how many
others might have stood there; the least cost is the likeliest reading.
"""

import math

_LATIN: dict[str, tuple[str, ...]] = {
    "cp1252": (
        *("äöüß", "àâæçéèêëîïôœùûü", "áéíñóúü", "ãõáéíóúâêôàç", "àèéìòù", "æøåé", "åäöé", "ëïéöü", "áðéíóúýþæö"),
    ),
    "cp1250": ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "čćđšž", "ăâîşţ"),
    "cp1254": ("çğıöşüİ", "çğıöşüâîûİ"),
    "cp1257": ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž"),
}
"""The letters beyond ASCII of each language that is written in a code page."""
_ALPHABETS = {
    "cp1251": "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґў",
    "cp1253": "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋ",
}
"""Alphabets without ASCII letters."""
_ASCII = 128
_STRANGE = math.log(2000)
"""A character that no language of the code page writes."""
_TOGETHER = math.log(8)
"""Two letters beyond ASCII side by side, which Latin alphabets rarely have."""
_MIXED = math.log(100)
"""Letters of two alphabets side by side in a word."""
_CAPITAL, _CAPITAL_INSIDE = math.log(8), math.log(200)
_SELDOM = math.log(60_000)
"""A character of the East that names hardly use."""
_COMMON: dict[str, tuple[tuple[int, int, int, int], ...]] = {
    "gb18030": (
        *((0xB0, 0xD7, 0xA1, 3755), (0xA1, 0xA1, 0xA1, 1000), (0xA3, 0xA3, 0xA1, 1000), (0xD8, 0xF7, 0xA1, 30_000)),
    ),
    "cp950": ((0xA4, 0xC6, 0x40, 5401), (0xA1, 0xA3, 0x40, 1000)),
    "cp932": ((0x82, 0x83, 0x40, 160), (0x88, 0x98, 0x40, 2965), (0x81, 0x81, 0x40, 1000)),
    "cp949": ((0xB0, 0xC8, 0xA1, 2350), (0xA1, 0xA1, 0xA1, 1000), (0xA3, 0xA3, 0xA1, 1000)),
}
"""The planes of common characters: first and last of their first bytes, the least second byte, how many there are."""
BEFOREHAND = {
    "gb18030": 0.0,
    "cp1252": 0.0,
    "cp950": 1.0,
    "cp1250": 1.0,
    "cp1251": 2.0,
    "cp932": 3.0,
    "cp1253": 3.0,
    "cp1254": 3.0,
    "cp1257": 4.0,
    "cp949": 5.0,
}
"""The encodings that are told apart, and how much less likely each is than the first before anything is read."""


def cost(encoding: str, text: str) -> float:
    """How unlikely it is that somebody wrote this: 0 for ASCII, less is likelier; comparable between encodings."""
    if encoding in _LATIN:
        languages = [frozenset(letters) for letters in _LATIN[encoding]]
        return sum(min(_of_letters(line, letters, latin=True) for letters in languages) for line in text.splitlines())
    if encoding in _ALPHABETS:
        return _of_letters(text, frozenset(_ALPHABETS[encoding]), latin=False)
    common = _COMMON[encoding]
    return sum(_of_pair(each.encode(encoding, "ignore"), common) for each in text if ord(each) >= _ASCII)


def _of_letters(text: str, letters: frozenset[str], *, latin: bool) -> float:
    total, before = 0.0, " "
    for each in text:
        beyond, beyond_before = ord(each) >= _ASCII, ord(before) >= _ASCII
        if beyond:
            total += _of_letter(each, before, letters)
        if latin:
            total += _TOGETHER if beyond and beyond_before else 0
        elif beyond != beyond_before and each.isalpha() and before.isalpha():
            total += _MIXED
        before = each
    return total


def _of_letter(letter: str, before: str, letters: frozenset[str]) -> float:
    if letter in letters:
        return math.log(len(letters))
    if letter.lower() in letters:
        inside = before.isalpha() and before.islower()
        return math.log(len(letters)) + (_CAPITAL_INSIDE if inside else _CAPITAL)
    return _STRANGE


def _of_pair(pair: bytes, planes: tuple[tuple[int, int, int, int], ...]) -> float:
    if len(pair) != 2:  # noqa: PLR2004 - a half-width or a four-byte character, or one that could not be decoded
        return _STRANGE if len(pair) == 1 else _SELDOM
    for low, high, second, size in planes:
        if low <= pair[0] <= high and pair[1] >= second:
            return math.log(size)
    return _SELDOM

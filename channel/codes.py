"""One notion of a code: how the code of a dealer, product, product line, territory or second-tier customer is read.

Files, forms and programs write one code in many ways that look alike: full width, with spaces that do not break,
with characters nobody sees, with another hyphen, in letters of another case. A code is made plain wherever it is read;
letters of another case are one code wherever it is looked up (`code_key` of the database says the same in SQL).
"""

import re
import unicodedata
from collections.abc import Iterable

INVISIBLE = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
"""Characters that nobody sees, as a class of a regular expression: soft hyphens, joiners, marks of direction."""
LINE_ENDS = "\n\r\v\f\x1c-\x1e\x85\u2028\u2029"
"""Characters at which a line ends, as a class of a regular expression."""
_UNSEEN = re.compile(f"[{INVISIBLE}]")
_HYPHENS = re.compile("[\u02d7\u2010-\u2015\u2043\u2212]")
"""What is left of the other hyphens and dashes after NFKC."""
_SPACES = re.compile("  +")
LONGEST = 40
_CODE = re.compile(r"[^/?#%\s\\][^/?#%\\\x00-\x1f\x7f-\x9f\u2028\u2029\ufffd]{0,39}")
_EXPONENT = re.compile(r"[0-9][.][0-9]+[eE][+][0-9]+")


def seen(text: str) -> str:
    """A text without the characters that nobody sees and the spaces around it."""
    return text.strip() if text.isascii() else _UNSEEN.sub("", text).strip()


def plain_code(text: str) -> str:
    """A code as it is kept: NFKC, without unseen characters, one hyphen, single spaces; letters keep their case."""
    if text.isascii():
        plain = text.strip()
        return _SPACES.sub(" ", plain) if "  " in plain else plain
    plain = _HYPHENS.sub("-", unicodedata.normalize("NFKC", _UNSEEN.sub("", text)))
    return _SPACES.sub(" ", plain.strip())


def code_key(text: str) -> str:
    """What two codes share that are one code."""
    return plain_code(text).lower()


def is_code(plain: str) -> bool:
    """Whether a plain text can be a code: up to 40 characters, none that an address or a line could not hold."""
    return bool(_CODE.fullmatch(plain))


def lost_its_digits(plain: str) -> bool:
    """Whether this is how a spreadsheet shows a long number (9.13101E+17); 1E10 and 12E3 are codes."""
    return bool(_EXPONENT.fullmatch(plain))


def codes_meant(asked: str, known: Iterable[str]) -> list[str]:
    """Which of the known codes an asked one can mean: as it stands, else made plain, else in letters of another case.

    Several are nobody's guess; none is a code that there is not.
    """
    plain, key = plain_code(asked), code_key(asked)
    alike = [code for code in known if code_key(code) == key]
    return next(([code] for code in (asked, plain) if code in alike), alike)

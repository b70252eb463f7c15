"""What a cell of text means: dates, numbers, choices. Each reading gives the value, or the message why not.

The patterns are written in what Python's and PostgreSQL's regular expressions have in common: what a query has to
read from text it can read by the very same ones.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from channel.errors import Message
from channel.imports.rules.reasons import reason

READ_FROM = "０１２３４５６７８９，．－＋（）／：−\u00a0\u202f\u3000"
READ_TO = "0123456789,.-+()/:-   "
"""Characters of Chinese and typeset texts and those they are read as: `translate(cell, READ_FROM, READ_TO)`."""
_READ_AS = str.maketrans(READ_FROM, READ_TO)

FIRST_YEAR, LAST_YEAR = 1900, 2199
NUMBER_LENGTH = 40
"""Characters of the longest number that is read at all."""

_TIME = r"(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?$"
_TOKENS = {
    "YYYY": (r"([0-9]{4})", "y"),
    "%Y": (r"([0-9]{4})", "y"),
    "MM": (r"([0-9]{1,2})", "m"),
    "%m": (r"([0-9]{1,2})", "m"),
    "M": (r"([0-9]{1,2})", "m"),
    "DD": (r"([0-9]{1,2})", "d"),
    "%d": (r"([0-9]{1,2})", "d"),
    "D": (r"([0-9]{1,2})", "d"),
}
_TOKEN = re.compile("|".join(_TOKENS))
_LITERALS = " -./年月日,"


@dataclass(frozen=True, slots=True)
class DatePattern:
    """A regular expression with three groups, and which of year, month and day each is (`ymd`, `mdy`, ...)."""

    regex: str
    order: str


DATE_PATTERNS = (
    DatePattern("^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})" + _TIME, "ymd"),
    DatePattern("^([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})" + _TIME, "ymd"),
    DatePattern(r"^([0-9]{4})\.([0-9]{1,2})\.([0-9]{1,2})$", "ymd"),
    DatePattern("^([0-9]{4})([0-9]{2})([0-9]{2})$", "ymd"),
    DatePattern("^([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日$", "ymd"),
)
"""Dates that are read without being told their form: the year comes first, so none can be taken for another.

A time of day after the date is passed over: the day is the one that is written. A time zone is not accepted.
"""


def date_patterns(form: str | None) -> tuple[DatePattern, ...]:
    """The patterns of a form such as `M/D/YYYY`, `DD.MM.YYYY` or `%d/%m/%Y`; without one those of `DATE_PATTERNS`.

    A form that does not name year, month and day once each raises `ValueError`.
    """
    if not form:
        return DATE_PATTERNS
    regex, order, at = "^", "", 0
    while at < len(form):
        token = _TOKEN.match(form, at)
        if token:
            pattern, part = _TOKENS[token[0]]
            regex, order, at = regex + pattern, order + part, token.end()
        elif form[at] in _LITERALS:
            regex, at = regex + re.escape(form[at]).replace("\\ ", " "), at + 1
        else:
            raise ValueError(f"{form[at]} has no meaning in a date form")
    if sorted(order) != ["d", "m", "y"]:
        raise ValueError("a date form names year, month and day once each")
    if re.search(r"\)\(", regex):  # digits that touch are only unambiguous when each part has all of its own
        if not re.fullmatch(r"(?:YYYY|%Y|MM|%m|DD|%d)+", form):
            raise ValueError("digits that touch need YYYY, MM and DD")
        regex = regex.replace("{1,2}", "{2}")
    return (DatePattern(regex + _TIME, order),)


def normal(text: str) -> str:
    """A cell without the spaces around it, full-width digits and signs as plain ones."""
    return text.translate(_READ_AS).strip()


def parse_date(text: str, form: str | None = None) -> date | Message:
    """The day that a cell names; see `DATE_PATTERNS` and `date_patterns` for what is read."""
    cell = normal(text)
    for pattern in date_patterns(form):
        found = re.match(pattern.regex, cell, re.ASCII)
        if found:
            parts = dict(zip(pattern.order, map(int, found.groups()), strict=True))
            if not FIRST_YEAR <= parts["y"] <= LAST_YEAR:
                return reason("date-out-of-range", value=cell)
            try:
                return date(parts["y"], parts["m"], parts["d"])
            except ValueError:
                break
    return reason("bad-date", value=text.strip()[:NUMBER_LENGTH], expected=form or "YYYY-MM-DD")


def number_pattern(decimal: str = ".") -> str:
    """What counts as a number, for cells that were made `normal`: at most `NUMBER_LENGTH` characters besides.

    Thousands are parted by the other one of comma and point, by apostrophes or by spaces, always in threes; a
    negative number has its sign before or after it or stands in parentheses; an exponent has at most two digits.
    """
    point, other = ("[.]", ",") if decimal == "." else (",", "[.]")
    grouped = "|".join(f"[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+" for mark in (other, "'", " "))
    size = f"(?:(?:{grouped}|[0-9]+)(?:{point}[0-9]*)?|{point}[0-9]+)"
    return f"^(?:[-+]?{size}(?:[eE][-+]?[0-9]{{1,2}})?|[(]{size}[)]|{size}-)$"


_PATTERNS = {decimal: re.compile(number_pattern(decimal), re.ASCII) for decimal in ".,"}


def parse_number(text: str, decimal: str = ".") -> Decimal | Message:
    """The number that a cell holds, exact, as many decimals as it has; `decimal` is the sign before them."""
    cell = normal(text)
    if len(cell) > NUMBER_LENGTH or not _PATTERNS[decimal].match(cell):
        return reason("not-a-number", value=text.strip()[:NUMBER_LENGTH], decimal=decimal)
    negative = cell.startswith("(") or cell.endswith("-")
    digits = cell.strip("()").rstrip("-").replace("'", "").replace(" ", "")
    digits = digits.replace("," if decimal == "." else ".", "").replace(decimal, ".")
    number = Decimal(digits)
    return number.copy_negate() if negative and number else number

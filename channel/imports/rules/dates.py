"""The day that a cell names. It is never guessed which number is the day and which the month."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from channel.errors import Message
from channel.imports.rules.cells import VALUE_LENGTH, normal
from channel.imports.rules.reasons import reason
from channel.periods import FIRST_DAY, LAST_DAY

REPUBLIC = 1911
"""What is added to a year of the Republic (民國) to get ours."""
_LAST_OF_2000 = 69
_MONTHS, _LONGEST = 12, 31
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FULL_NAMES = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_NAMED = {name: number for number, name in enumerate(_MONTH_NAMES, 1)} | {
    **{name: number for number, name in enumerate(_FULL_NAMES, 1)},
    "sept": 9,
}

_ONE_OR_TWO = r"([0-9]{1,2})"
_TOKENS = {
    "YYYY": (r"([0-9]{4})", "y"),
    "%Y": (r"([0-9]{4})", "y"),
    "YY": (r"([0-9]{4}|[0-9]{2})", "y"),
    "%y": (r"([0-9]{4}|[0-9]{2})", "y"),
    "ROC": (r"(?:民國|民国)? *([0-9]{1,3})", "r"),
    "MMMM": (r"([A-Za-z]{3,9})[.]?", "n"),
    "MMM": (r"([A-Za-z]{3,9})[.]?", "n"),
    "%B": (r"([A-Za-z]{3,9})[.]?", "n"),
    "%b": (r"([A-Za-z]{3,9})[.]?", "n"),
    "MM": (_ONE_OR_TWO, "m"),
    "%m": (_ONE_OR_TWO, "m"),
    "M": (_ONE_OR_TWO, "m"),
    "DD": (_ONE_OR_TWO, "d"),
    "%d": (_ONE_OR_TWO, "d"),
    "D": (_ONE_OR_TWO, "d"),
}
"""Part of a form -> its pattern, and what it is: year, year of the Republic, month, name of a month, day."""
_TOKEN = re.compile("|".join(_TOKENS))
_LITERALS = " -./年月日,"
_WHOLE = "(?:YYYY|%Y|YY|%y|MM|%m|DD|%d)+"

_WEEKDAY_BEFORE = "(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?[.]?,? +)?"
_TIME = r"[T ] *(?:上午|下午)? *[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?: *[ap][.]?m[.]?)?"
_AFTER = f"(?: *[(]?(?:星期|周|週|礼拜|禮拜)[一二三四五六日天][)]?)?(?:{_TIME})?"
"""What may stand after a date and is passed over: the day is the one that is written."""
_MANY_WAYS = re.compile(r"[0-9]{1,4} *[-/. ] *(?:[0-9]{1,2}|[A-Za-z]{3,9}) *[-/. ] *[0-9]{1,4}.*", re.ASCII)
_WITHOUT_DAY = re.compile(r"[0-9]{4} *[-/.年] *[0-9]{1,2} *月?", re.ASCII)
_DAY_NUMBER = re.compile(r"[0-9]{5}(?:\.[0-9]+)?", re.ASCII)
_ZONE = re.compile(r"(?<=[0-9]) *(?:Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})$", re.ASCII)


@dataclass(frozen=True, slots=True)
class DatePattern:
    """A regular expression with three groups, and which part each is (`ymd`, `mdy`, `dny`, ...)."""

    regex: re.Pattern[str]
    order: str


def _pattern(regex: str, order: str) -> DatePattern:
    return DatePattern(re.compile(_WEEKDAY_BEFORE + regex + _AFTER, re.ASCII | re.IGNORECASE), order)


DATE_PATTERNS = (
    _pattern("([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", "ymd"),
    _pattern("([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})", "ymd"),
    _pattern(r"([0-9]{4})\.([0-9]{1,2})\.([0-9]{1,2})", "ymd"),
    _pattern(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:\.0+)?", "ymd"),
    _pattern("([0-9]{4}) *年 *([0-9]{1,2}) *月 *([0-9]{1,2}) *日", "ymd"),
    _pattern("(?:民國|民国) *([0-9]{1,3}) *[年/.-] *([0-9]{1,2}) *[月/.-] *([0-9]{1,2}) *日?", "rmd"),
    _pattern("([0-9]{1,2})[-/. ]([A-Za-z]{3,9})[.]?[-/. ]([0-9]{4})", "dny"),
    _pattern("([A-Za-z]{3,9})[.]? ([0-9]{1,2}),? +([0-9]{4})", "ndy"),
)
"""Dates that are read without being told their form: the year comes first, or the month has a name and the year
four digits, so that none can be taken for another. A time zone is not accepted: the day would hang on it.
"""


@cache
def date_patterns(form: str | None) -> tuple[DatePattern, ...]:
    """The patterns of a form such as `M/D/YYYY`, `DD.MM.YY`, `D-MMM-YYYY`, `ROC/M/D` or `%d/%m/%Y`.

    Without one they are those of `DATE_PATTERNS`. A form that does not name year, month and day once each raises
    `ValueError`.
    """
    if not form:
        return DATE_PATTERNS
    regex, order, at = "", "", 0
    while at < len(form):
        token = _TOKEN.match(form, at)
        if token:
            pattern, part = _TOKENS[token[0]]
            regex, order, at = regex + pattern, order + part, token.end()
        elif form[at] in _LITERALS:
            regex, at = regex + ("," if form[at] == "," else f" *[{form[at]}] *"), at + 1
        else:
            raise ValueError(f"{form[at]} has no meaning in a date form")
    if sorted(order.translate(str.maketrans("rn", "ym"))) != ["d", "m", "y"]:
        raise ValueError("a date form names year, month and day once each")
    if ")(" in regex:  # digits that touch are only unambiguous when each part has all of its own
        if not re.fullmatch(_WHOLE, form):
            raise ValueError("digits that touch need YYYY, MM and DD")
        regex = regex.replace("{1,2}", "{2}") + r"(?:\.0+)?"
    return (_pattern(regex, order),)


def has_short_years(form: str | None) -> bool:
    """Whether a form reads years of two digits: 00 to 69 are 2000 to 2069, 70 to 99 are 1970 to 1999."""
    return bool(form) and any(token[0] in {"YY", "%y"} for token in _TOKEN.finditer(form or ""))


def parse_date(text: str, form: str | None = None) -> date | Message:
    """The day that a cell names; see `DATE_PATTERNS` and `date_patterns` for what is read."""
    cell = normal(text)
    patterns = date_patterns(form)
    for pattern in patterns:
        found = pattern.regex.fullmatch(cell)
        if found:
            return _day(cell, dict(zip(pattern.order, found.groups(), strict=True)))
    return _why_not(cell, form, patterns)


def written(day: date, form: str | None) -> str:
    """A day as `parse_date` reads it by the same form; a year always with all of its digits."""

    def part(token: re.Match[str]) -> str:
        match _TOKENS[token[0]][1]:
            case "y":
                return f"{day.year:04}"
            case "r":
                return str(day.year - REPUBLIC)
            case "n":
                return _FULL_NAMES[day.month - 1] if token[0] in {"MMMM", "%B"} else _MONTH_NAMES[day.month - 1]
            case "m":
                return f"{day.month:02}"
            case _:
                return f"{day.day:02}"

    return _TOKEN.sub(part, form) if form else day.isoformat()


def _day(cell: str, parts: dict[str, str]) -> date | Message:
    year = int(parts["r"]) + REPUBLIC if "r" in parts else int(parts["y"])
    if "y" in parts and len(parts["y"]) < len("2000"):
        year += 2000 if year <= _LAST_OF_2000 else 1900
    month = _NAMED.get(parts["n"].lower(), 0) if "n" in parts else int(parts["m"])
    day = int(parts["d"])
    if not FIRST_DAY.year <= year <= LAST_DAY.year:
        return reason("date-out-of-range", value=cell)
    if not 1 <= month <= _MONTHS:
        return reason("no-such-month", value=cell, month=parts.get("n") or month)
    if not 1 <= day <= _LONGEST:
        return reason("no-such-day", value=cell, day=day)
    try:
        return date(year, month, day)
    except ValueError:
        return reason(f"no-such-day-{month}", value=cell, day=day, year=year)


def _why_not(cell: str, form: str | None, patterns: tuple[DatePattern, ...]) -> Message:
    """What a cell is that names no day."""
    value = cell[:VALUE_LENGTH]
    without = _ZONE.sub("", cell)
    if without != cell and any(pattern.regex.fullmatch(without) for pattern in patterns):
        return reason("date-with-zone", value=value)
    if _DAY_NUMBER.fullmatch(cell):
        return reason("day-number", value=value)
    if _WITHOUT_DAY.fullmatch(cell):
        return reason("month-only", value=value)
    if not form and _MANY_WAYS.fullmatch(cell):
        return reason("date-needs-form", value=value)
    return reason("bad-date", value=value, expected=form or "YYYY-MM-DD")

"""How a workbook shows its numbers: as days, as codes with their zeros and letters, or plainly."""

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from channel.digits import whole_number

_DIGITS_SHOWN = 15
"""Significant digits that a spreadsheet keeps; those beyond are the noise of binary fractions."""
_LOST = 10**_DIGITS_SHOWN
_MOST_SHOWN = _LOST - 1
_LEAP_DAY = 60
_UNSHOWN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""Numbers of the formats for dates and times that every workbook has; 27 to 36 and 50 to 58 are the Chinese ones."""
_NOISE = 1e-9
"""Days by which a computed day may fall short of its midnight: a tenth of a millisecond."""
_DAY = 86_400


class Exact(str):
    """A cell that holds a number or a day: as a text what a person sees, and `value` what it holds."""

    __slots__ = ()
    day = False
    """Whether it holds a day, or a moment; as ISO writes it."""

    @property
    def value(self) -> str:
        """The number with a point before its decimals, or the day as ISO writes it."""
        return str(self)


class Day(Exact):
    """A cell that holds a day or a moment."""

    __slots__ = ()
    day = True


class Shown(Exact):
    """A cell that shows its number in another way than with its digits alone."""

    __slots__ = ("_value",)
    _value: str

    @classmethod
    def of(cls, shown: str, value: str) -> "Shown":
        """A cell by what it shows and what it holds."""
        made = cls(shown)
        made._value = value
        return made

    @property
    def value(self) -> str:
        """The number with a point before its decimals."""
        return self._value


@dataclass(frozen=True, slots=True)
class Mask:
    """A format of zeros and letters, such as `000000`, `"D"0000` or `00-000`: 0 and # stand for digits."""

    parts: tuple[tuple[str, bool], ...]
    """(text, whether it stands for a digit), in their order; `General` stands for all digits as they are."""

    def show(self, number: int) -> str:
        """A whole number that is not negative, as a person sees it."""
        digits, made = list(str(number)), []
        first = next(place for place, (_, stands) in enumerate(self.parts) if stands)
        for place in range(len(self.parts) - 1, -1, -1):
            text, stands = self.parts[place]
            if not stands:
                made.append(text)
            elif place == first:  # what is left over goes before the first digit
                made.append("".join(digits) or ("0" if text == "0" else ""))
            else:
                made.append(digits.pop() if digits else "0" if text == "0" else "")
        return "".join(reversed(made))


_PARTS = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|(?P<unseen>_.|\*.)|\[(?P<aside>[^\]]*)\]|(?P<digit>[0#]|General)|(?P<other>.)',
    re.DOTALL,
)
_COLOUR = re.compile("(?:[a-z]+[0-9]*|\\$-[0-9a-f,]*)", re.IGNORECASE)
_LEAST_ZEROS = 2


def mask_of(code: str) -> Mask | None:
    """The mask of a number format, or None for one that shows how much there is: decimals, groups, %, currencies."""
    parts: list[tuple[str, bool]] = []
    for found in _PARTS.finditer(code):
        match found.lastgroup:
            case "digit":
                parts.append((found[0], True))
            case "quoted" | "escaped":
                parts.append((found["quoted"] or found["escaped"] or "", False))
            case "aside":
                if not _COLOUR.fullmatch(found["aside"]):
                    return None
            case "other":
                if found[0] == ";":  # what follows is for negative numbers
                    break
                if found[0] in ".,%/?@eE":
                    return None
                parts.append((found[0], False))
    literal = "".join(text for text, stands in parts if not stands)
    zeros = sum(text == "0" for text, stands in parts if stands)
    if any(unicodedata.category(sign) == "Sc" for sign in literal) or not any(stands for _, stands in parts):
        return None
    return Mask(tuple(parts)) if zeros >= _LEAST_ZEROS or literal.strip() else None


@dataclass(frozen=True, slots=True)
class Styles:
    """Of each style of a workbook: whether its cells show dates, and the mask by which they show codes."""

    dates: tuple[bool, ...] = ()
    masks: tuple[Mask | None, ...] = ()

    @classmethod
    def of(cls, formats: list[tuple[int, str | None]]) -> "Styles":
        """The styles by (number of the format, its code where the workbook brings it)."""
        return cls(
            tuple(number in _DATE_FORMATS if code is None else shows_date(code) for number, code in formats),
            tuple(None if code is None else mask_of(code) for _, code in formats),
        )

    def cell(self, style: int, raw: str, *, from_1904: bool) -> Exact:
        """The cell of a number as it stands in the sheet; what is none raises `ValueError`."""
        if 0 <= style < len(self.dates):
            if self.dates[style]:
                return Day(date_text(float(raw), from_1904=from_1904))
            mask = self.masks[style]
            if mask is not None and (whole := whole_number(raw, _MOST_SHOWN)) is not None:
                return Shown.of(mask.show(whole), number_text(raw))
        value = number_text(raw)
        if len(raw) >= _DIGITS_SHOWN or "E" in raw:
            number = float(raw)
            if abs(number) >= _LOST:  # digits are lost: it is shown so that nobody takes it for a code
                return Shown.of(f"{number:.5E}", value)
        return Exact(value)


def shows_date(code: str) -> bool:
    """Whether a number format shows a date or a time: any of its letters y, m, d, h, s outside quotes."""
    shown = _UNSHOWN.sub("", code.partition(";")[0]).lower()
    return "general" not in shown and bool(re.search("[ymdhs]", shown))


def number_text(raw: str) -> str:
    """A number as a person reads it: 49 and not 49.0, 0.3 and not 0.30000000000000004."""
    if raw.isdecimal() and raw.isascii() and len(raw) <= _DIGITS_SHOWN:
        return raw
    shown = f"{float(raw):.{_DIGITS_SHOWN}g}"
    if "e" not in shown:
        return shown
    plain = Decimal(shown)
    return format(plain, "f") if abs(plain.adjusted()) <= 2 * _DIGITS_SHOWN else shown


def date_text(serial: float, *, from_1904: bool) -> str:
    """The day, and the time where it is not midnight, that a number of days stands for in a workbook.

    A moment never rolls into the next day. A number without a day is a time or a duration and stays a number of
    hours, minutes and seconds; what no calendar holds stays the number. The 29 February 1900 that spreadsheets know
    and the calendar does not is stepped over.
    """
    if not math.isfinite(serial):
        return repr(serial)
    whole = math.floor(serial + _NOISE)
    seconds = min(max(round((serial - whole) * _DAY), 0), _DAY - 1)
    if 0 <= serial < 1 and whole == 0:
        return str(timedelta(seconds=seconds)).rjust(8, "0")
    start = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - workbooks know no zones
    if not from_1904 and serial < _LEAP_DAY:
        start += timedelta(days=1)
    try:
        moment = start + timedelta(days=whole, seconds=seconds)
    except OverflowError:
        return number_text(repr(serial))
    return moment.isoformat(" ") if seconds else date.isoformat(moment.date())

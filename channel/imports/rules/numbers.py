"""The number that a cell holds, and whether a column says by itself which mark stands before its decimals."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import cache

from babel.numbers import get_currency_name, list_currencies

from channel.errors import Message
from channel.imports.rules.cells import VALUE_LENGTH, normal
from channel.imports.rules.reasons import reason

GROUPINGS = ("thousands", "indian")
"""How digits are grouped: in threes, or, where that is set, the last three and then in twos (12,34,567)."""
_CODES = frozenset(list_currencies())
_CURRENCIES = _CODES | {"RMB", "NTD"}
_WIDE = Context(prec=100)
_SCALES = {"万": 4, "萬": 4, "亿": 8, "億": 8}
_SIGNS = "$¢£¤¥֏฿₠-⃀元圆圓"
_MONEY = rf"(?:[A-Z]{{0,3}}[{_SIGNS}]|[A-Z]{{3}}|人民币|人民幣)"


def _size(decimal: str, grouping: str) -> str:
    """The digits of a number: grouped by the other one of comma and point, by apostrophes or by spaces."""
    point, other = ("[.]", ",") if decimal == "." else (",", "[.]")
    grouped = [f"[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+" for mark in (other, "'", " ")]
    if grouping == "indian":
        grouped.append(f"[0-9]{{1,2}}(?:{other}[0-9]{{2}})*{other}[0-9]{{3}}")
    return f"(?:(?:{'|'.join(grouped)}|[0-9]+)(?:{point}[0-9]*)?|{point}[0-9]+)"


@cache
def _plain(decimal: str, grouping: str) -> re.Pattern[str]:
    size = _size(decimal, grouping)
    return re.compile(f"[-+]?{size}(?:[eE][-+]?[0-9]{{1,2}})?|[(]{size}[)]|{size}-", re.ASCII)


@cache
def _dressed(decimal: str, grouping: str) -> re.Pattern[str]:
    """A number with what people write around it: a currency on one side, 万 or 亿, and its sign in one place."""
    size = _size(decimal, grouping)
    return re.compile(
        rf"(?P<open>[(])? *(?P<sign>[-+])? *(?P<before>{_MONEY})? *(?P<inner>[-+])? *(?P<size>{size})"
        rf" *(?P<scale>[万萬亿億])? *(?P<after>{_MONEY})? *(?P<close>[)])? *(?P<end>-|(?i:cr|dr)[.]?)?",
        re.ASCII,
    )


def parse_number(text: str, decimal: str = ".", grouping: str = "thousands") -> Decimal | Message:
    """The number that a cell holds, exact, as many decimals as it has; `decimal` is the mark before them.

    A negative number has its sign before or after it, stands in parentheses, or is a credit (CR). A currency beside
    it is no part of it (`currency_beside`): in which currency a line is, its own field says.
    """
    cell = normal(text)
    if len(cell) <= VALUE_LENGTH:
        if _plain(decimal, grouping).fullmatch(cell):
            negative = cell.startswith("(") or cell.endswith("-")
            return _number(cell.strip("()").rstrip("-"), decimal, negative=negative)
        found = _dressed(decimal, grouping).fullmatch(cell)
        if found and _fits(found):
            shown = (found[part] for part in ("open", "sign", "inner", "end"))
            negative = any(sign is not None and sign[0] in "(-cC" for sign in shown)
            number = _number(found["size"], decimal, negative=negative)
            return number.scaleb(_SCALES[found["scale"]], _WIDE) if found["scale"] else number
    return _why_not(text, cell, decimal)


_BESIDE = re.compile(f"{_MONEY}|[＄￥]")
_OTHER_NAMES = {"RMB": "CNY", "人民币": "CNY", "人民幣": "CNY", "NTD": "TWD", "NT$": "TWD", "R$": "BRL"}
_SIGNED = (
    *("€ EUR", "¥ CNY JPY", "元 CNY TWD HKD MOP", "圆 CNY TWD HKD MOP JPY", "圓 CNY TWD HKD MOP JPY", "₹ INR"),
    *("₩ KRW KPW", "₫ VND", "₽ RUB", "₴ UAH", "₺ TRY", "₪ ILS", "₱ PHP", "₦ NGN", "₸ KZT", "₭ LAK", "₮ MNT", "฿ THB"),
)
_OF_SIGN = {sign: tuple(codes) for sign, *codes in map(str.split, _SIGNED)}
"""Sign -> the currencies for which it stands; of a sign that is not here nothing is held against a line."""
_NAMED_ALIKE = {"$": ("Dollar", "Peso"), "£": ("Pound",)}


def may_name_currency(text: str) -> bool:
    """Whether anything in a text can be the name or the sign of a currency."""
    return _BESIDE.search(text) is not None


def currency_beside(text: str) -> str:
    """The name or sign of a currency that stands beside a number, as it stands there; '' where there is none."""
    found = _BESIDE.search(normal(text)) if may_name_currency(text) else None
    return found[0] if found and currencies_meant(found[0]) else ""


@cache
def currencies_meant(beside: str) -> tuple[str, ...]:
    """The currencies that a name or a sign may mean: `USD` one, `¥` two, `$` many; none where nothing is known."""
    name = _OTHER_NAMES.get(beside, beside)
    if name in _CURRENCIES:
        return (name,)
    prefix, sign = beside[:-1], beside[-1]
    words = _NAMED_ALIKE.get(sign, ())
    alike = tuple(
        code for code in sorted(_CODES) if any(word in get_currency_name(code, locale="en") for word in words)
    )
    return tuple(code for code in _OF_SIGN.get(sign, alike) if code.startswith(prefix))


def _number(digits: str, decimal: str, *, negative: bool) -> Decimal:
    plain = digits.replace("'", "").replace(" ", "").replace("," if decimal == "." else ".", "").replace(decimal, ".")
    number = Decimal(plain)
    return number.copy_negate() if negative and number else number


def _fits(found: re.Match[str]) -> bool:
    """At most one sign and one currency that there is; parentheses in pairs."""
    signs = sum(found[part] is not None for part in ("open", "sign", "inner", "end"))
    money = [found[part] for part in ("before", "after") if found[part]]
    known = all(not each.isalpha() or not each.isascii() or each in _CURRENCIES for each in money)
    return signs <= 1 and len(money) <= 1 and known and (found["open"] is None) == (found["close"] is None)


_WHAT = (
    ("percentage", re.compile(".*%")),
    ("not-finite", re.compile("[-+]?(?:nan|inf(?:inity)?|∞)", re.IGNORECASE)),
    ("hexadecimal", re.compile("[-+]?0[xX][0-9A-Fa-f]+")),
    ("dash", re.compile("[-/]+")),
    ("error-value", re.compile("#.*[!?A/]")),
    ("number-with-unit", re.compile(r"[-+(]?[0-9][0-9.,' ]* *[^\W\d_][^\d]*|[^\W\d_][^\d]*[0-9][0-9.,' ]*")),
)
"""Reason -> cells that it tells of; the first that fits."""


def _why_not(text: str, cell: str, decimal: str) -> Message:
    """What a cell is that is no number."""
    value = text.strip()[:VALUE_LENGTH]
    if len(cell) <= VALUE_LENGTH:
        for code, pattern in _WHAT:
            if pattern.fullmatch(cell):
                return reason(code, value=value)
    return reason("not-a-number", value=value, decimal=decimal)


UNDECIDED = "?"
_MARKS = re.compile("[.,]")
_SPLIT = re.compile("[0-9][0-9' ]*[.,][0-9.,]*|[.,][0-9]+", re.ASCII)
_GROUPED = re.compile("[0-9]{1,3}(?:[.,][0-9]{2,3})*[.,][0-9]{3}", re.ASCII)
_PARTED = re.compile("[0-9][' ][0-9]")
_GROUP = 3


def mark_of(text: str) -> str:
    """Which mark a cell shows to stand before decimals: `.`, `,`, `UNDECIDED`, or nothing where it has no mark.

    Both marks decide by their order; one that comes several times parts thousands, so the other one is meant. A
    point with other than three digits after it is a decimal point, as every program writes it. All else may be
    meant in two ways: 1.234 and 1,234, and the comma of 1,5, which many take for a slip.
    """
    cell = normal(text)
    found = _SPLIT.search(cell)
    if found is None:
        return ""
    size = found[0]
    marks: list[str] = _MARKS.findall(size)
    if len(marks) > 1:
        last = marks[-1]
        if len(set(marks)) > 1:
            return last if marks.count(last) == 1 else ""
        return ("," if last == "." else ".") if _GROUPED.fullmatch(size) else ""
    head, tail = size.split(marks[0])
    if _PARTED.search(head):
        return marks[0]  # 1 234.567: the thousands are parted already
    if marks[0] == "." and not (len(tail) == _GROUP and 1 <= len(head) <= _GROUP and not head.startswith("0")):
        return marks[0]
    return UNDECIDED


_SURE_POINTS = re.compile(r"(?:[0-9]{4}|\n-?0?)\.[0-9]{3}(?=\n)|\.(?:[0-9]{1,2}|[0-9]{4,})(?=\n)", re.ASCII)
_POINTS = re.compile(r"\n(-?[1-9][0-9]{0,2}\.[0-9]{3})\n", re.ASCII)
_PLENTY = 1000
"""Decimal points after which a column of plain numbers is not asked any more."""
_CLEARLY = 9
"""How many times as often one mark must be shown as the other where a column shows both."""


@dataclass(slots=True)
class Marks:
    """What the cells of a column show: points and commas before decimals, and a first cell that may be either."""

    points: int = 0
    commas: int = 0
    open: str = ""
    odd: str = ""

    def see(self, text: str) -> None:
        """Take in a cell."""
        mark = mark_of(text)
        if mark == ".":
            self.points += 1
        elif mark == ",":
            self.commas += 1
            self.odd = self.odd or text
        elif mark:
            self.open = self.open or text

    def see_plain(self, joined: str) -> None:
        """Take in many plain numbers, each with a line end behind it."""
        if self.points < _PLENTY and "." in joined:
            self.points += len(_SURE_POINTS.findall("\n" + joined))
            if not self.open and not self.points and (found := _POINTS.search("\n" + joined)):
                self.open = found[1]

    @property
    def silent(self) -> bool:
        """Whether no cell has a mark before decimals, so that each reading is the same."""
        return not (self.points or self.commas)

    @property
    def example(self) -> str:
        """A cell that can be read in two ways."""
        return self.open or self.odd

    @property
    def decided(self) -> str:
        """The mark before decimals, or `UNDECIDED`; a point where no cell has a mark."""
        if self.points and self.points >= _CLEARLY * self.commas:
            return "."
        if self.commas and self.commas >= _CLEARLY * self.points:
            return ","
        return UNDECIDED if self.open or self.commas else "."


def marks_of(texts: Iterable[str]) -> Marks:
    """What these cells show together."""
    marks = Marks()
    for text in texts:
        marks.see(text)
    return marks

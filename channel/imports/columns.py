"""A column of a file on its way into COPY: what each text was read as is remembered.

Reports repeat themselves (the same dealers, products, dates on line after line); the rules are asked once for each
different text, and amounts and texts, of which few repeat, are looked at all together.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal

import msgspec

from channel.codes import LONGEST as CODE_LENGTH
from channel.errors import Message
from channel.files import Exact
from channel.imports.rules.dates import parse_date
from channel.imports.rules.kinds import FileField, Type, Value
from channel.imports.rules.numbers import Marks, currency_beside, may_name_currency, parse_number
from channel.imports.rules.reasons import reason
from channel.imports.rules.rows import fitted, parse_cell

NOTHING = "\\N"
WRONG = "\0"
"""Begins what stands for a cell that cannot be used; no text of a file holds it, since channel.files replaces it."""
SPECIAL = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_REMEMBERED = 50_000
_REMEMBERED_LENGTH = 400
"""Characters of the longest text that is remembered: longer ones hardly come again."""
_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,14}(?:\.[0-9]{1,4})?", re.ASCII)
_PLAIN_NUMBERS = re.compile(rf"(?:{_PLAIN_NUMBER.pattern}\n)*+", re.ASCII)
"""Cells of a column, each with a line end behind it: no cell of a block holds one itself."""
_STORED_PLACES = 4
_EXACT = Context(prec=100)
"""Wide enough for the product of any two numbers that are read."""
_ODD_TEXT = ("\\", "\t", *"\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029", '="')
_ODD_CODE = (*_ODD_TEXT, "'", "  ", "E+", "e+")
"""What a text, or one that is made plain, may hold so that its rule has to be asked."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How the cells of a file are to be read: the form of dates, the mark before decimals, how digits are grouped."""

    form: str | None = None
    decimal: str = "."
    grouping: str = "thousands"


class Remembered(dict[str, str]):
    """Text of a cell -> what COPY takes for it, or what is wrong with it behind `WRONG`.

    `marks` collects what the column shows of its decimals, where nobody said which mark stands before them.
    """

    def __init__(self, spec_field: FileField, manner: Manner, *, told: bool = True) -> None:
        super().__init__()
        self.field, self._manner = spec_field, manner
        self.marks = None if told or spec_field.type not in {Type.DECIMAL, Type.WHOLE} else Marks()
        self._as_stored = spec_field.type is Type.DECIMAL and _takes_plain(spec_field)
        self._plain = self._as_stored and manner.decimal == "."
        self._text = spec_field.type is Type.TEXT
        self._named = self._text or spec_field.type is Type.CODE
        self._longest = min(spec_field.limit, CODE_LENGTH)
        self._odd = _ODD_CODE if spec_field.plain else _ODD_TEXT
        self._beside: dict[str, str] = {}
        self._exact: dict[str, str] = {}
        self._numbers: dict[str, Decimal | None] = {}

    def __missing__(self, text: str) -> str:
        if self.marks is not None:
            self.marks.see(text)
        if (self._named and text.isalnum() and text.isascii() and len(text) <= self._longest) or (
            self._plain and _PLAIN_NUMBER.fullmatch(text)
        ):
            made = text
        else:
            manner = self._manner
            made = self.copied(
                parse_cell(self.field, text, decimal=manner.decimal, grouping=manner.grouping, form=manner.form)
            )
        if len(self) < _REMEMBERED and len(text) <= _REMEMBERED_LENGTH:
            self[text] = made
        return made

    def copied(self, value: Value | Message) -> str:
        """What COPY takes for a value, or for what is wrong with the field."""
        return wrong(self.field.name, value) if isinstance(value, Message) else copied(value)

    def taken(self, cell: Exact) -> str:
        """The same for a cell that a workbook has as a number or a day."""
        if self._named:
            return wrong(self.field.name, reason("code-is-date", value=cell)) if self._dated(cell) else self[cell]
        value = cell.value
        made = self._exact.get(value)
        if made is None:
            made = self._exact_cell(cell, value)
            if len(self._exact) < _REMEMBERED and len(value) <= _REMEMBERED_LENGTH:
                self._exact[value] = made
        return made

    def _dated(self, cell: Exact) -> bool:
        return cell.day and self.field.type is Type.CODE

    def _exact_cell(self, cell: Exact, value: str) -> str:
        """Numbers and days of a workbook are what they are, in whatever form its texts are written."""
        match self.field.type:
            case Type.DECIMAL if self._as_stored and _PLAIN_NUMBER.fullmatch(value):
                return value
            case Type.DECIMAL | Type.WHOLE if not cell.day:
                return self.copied(fitted(self.field, Decimal(value), value))
            case Type.DATE:
                return self.copied(parse_date(value, None if cell.day else self._manner.form))
            case _:
                return self[cell]

    def column(self, texts: Sequence[str]) -> Sequence[str]:
        """The same for each cell of a column; amounts and texts, of which few repeat, are looked at all together."""
        if self._plain:
            joined = "\n".join(texts) + "\n"
            if _PLAIN_NUMBERS.fullmatch(joined):
                if self.marks is not None:
                    self.marks.see_plain(joined)
                return texts
        if self._text:
            trimmed = list(map(str.strip, texts))
            whole = "".join(trimmed)
            if (
                max(map(len, trimmed)) <= self.field.limit
                and not any(mark in whole for mark in self._odd)
                and (whole.isascii() or not self.field.plain)
            ):
                if "" not in trimmed:
                    return trimmed
                if not self.field.required:
                    return [text or NOTHING for text in trimmed]
        return list(map(self.__getitem__, texts))

    def names_currency(self, texts: Sequence[str], made: Sequence[str]) -> bool:
        """Whether a currency may stand beside any of these numbers; plain ones are taken (`made`) as they stand."""
        return self.field.type is Type.DECIMAL and made is not texts and may_name_currency("\n".join(texts))

    def currency(self, text: str) -> str:
        """The name or sign of a currency beside the number of a text; '' where there is none."""
        if _PLAIN_NUMBER.fullmatch(text):
            return ""
        found = self._beside.get(text)
        if found is None:
            found = currency_beside(text)
            if len(self._beside) < _REMEMBERED and len(text) <= _REMEMBERED_LENGTH:
                self._beside[text] = found
        return found

    def number(self, cell: str) -> Decimal | None:
        """The number of a cell before it is rounded to the places of the field; None where there is none."""
        text = cell.value if isinstance(cell, Exact) else cell
        if text not in self._numbers:
            decimal = "." if isinstance(cell, Exact) else self._manner.decimal
            read = parse_number(text, decimal, self._manner.grouping)
            if len(self._numbers) >= _REMEMBERED:
                self._numbers.clear()
            number = read if isinstance(read, Decimal) else None
            if len(text) > _REMEMBERED_LENGTH:
                return number
            self._numbers[text] = number
        return self._numbers[text]


def _takes_plain(spec_field: FileField) -> bool:
    """Whether every number of up to 14 digits and 4 decimals is within the field's bounds and places."""
    limit = Decimal("99999999999999.9999")
    inside = (spec_field.low is None or spec_field.low <= -limit) and (
        spec_field.high is None or spec_field.high >= limit
    )
    return inside and spec_field.places >= _STORED_PLACES


def wrong(field_name: str, message: Message) -> str:
    """What stands for a cell that cannot be used."""
    return WRONG + msgspec.json.encode({"field": field_name, **message.as_json()}).decode()


def copied(value: Value) -> str:
    """A value as the text that COPY takes."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, tuple):
        quoted = ('"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"' for part in value)
        return ("{" + ",".join(quoted) + "}").translate(SPECIAL)
    return str(value).translate(SPECIAL)


class Priced:
    """The amounts of lines that have a quantity and the price of one unit: their product, exact, rounded once."""

    def __init__(self, amount: FileField, quantity: Remembered, price: Remembered) -> None:
        self._amount, self._quantity, self._price = amount, quantity, price
        self._known: dict[tuple[str, str], str] = {}

    def __call__(self, quantity: str, price: str) -> str:
        """What COPY takes for the amount of a line; nothing where one of the two cannot be read and is told itself."""
        key = (quantity, price)
        made = self._known.get(key) if type(quantity) is type(price) is str else None
        if made is None:
            made = self._product(quantity, price)
            short = len(quantity) + len(price) <= _REMEMBERED_LENGTH
            if short and len(self._known) < _REMEMBERED and type(quantity) is type(price) is str:
                self._known[key] = made
        return made

    def _product(self, quantity: str, price: str) -> str:
        units, each = self._quantity.number(quantity), self._price.number(price)
        if units is None or each is None:
            return NOTHING
        product = _EXACT.multiply(units, each)
        value = fitted(self._amount, product, format(product, "f"))
        return wrong(self._amount.name, value) if isinstance(value, Message) else copied(value)

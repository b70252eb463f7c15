"""Amounts: how they are read, rounded and bounded. Always Decimal, never a float."""

import re
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from functools import cache

from babel.numbers import get_currency_precision

STORED_PLACES = 4
"""Decimal places in which amounts are stored."""

# Wide enough for any amount times any rate; the caller's context must not cut a sum before it is rounded by name.
_HALF_AWAY = Context(prec=80, rounding=ROUND_HALF_UP)
_DOWN = Context(prec=80, rounding=ROUND_FLOOR)

_CENTS = 2
_NUMBER = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)?(?:\.\d*)?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_READ_AS = str.maketrans(
    "０１２３４５６７８９，．－＋−\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}",  # as spreadsheets hold them
    "0123456789,.-+-  ",
)


def round_half_away(x: Decimal, places: int = STORED_PLACES) -> Decimal:
    """Round to so many decimal places, a half away from zero: 0.00005 to 0.0001, -0.00005 to -0.0001.

    The result has exactly these places. NaN and infinities raise `ValueError`.
    """
    if not x.is_finite():
        raise ValueError(f"not a number that can be rounded: {x}")
    return _plain_zero(x.quantize(_unit(places), None, _HALF_AWAY))


@cache
def _unit(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


def round_down(x: Decimal, unit: Decimal) -> Decimal:
    """The greatest multiple of `unit` that is not above `x`: 236,480 to 236,400 for 100, and -1 to -100.

    Limits are rounded so, never up. A unit that is not above 0, NaN and infinities raise `ValueError`.
    """
    if not x.is_finite():
        raise ValueError(f"not a number that can be rounded: {x}")
    check_bounds(unit, low=Decimal(0))
    if unit == 0:
        raise ValueError("the rounding unit must be above 0")
    multiples = _DOWN.divide(x, unit).to_integral_value(ROUND_FLOOR)
    return _plain_zero(_DOWN.multiply(multiples, unit))


def check_bounds(x: Decimal, low: Decimal | None = None, high: Decimal | None = None) -> Decimal:
    """`x` itself when it is a finite number with low <= x <= high; otherwise `ValueError`.

    Both bounds include their edge; a missing bound bounds nothing. NaN and infinities never pass.
    """
    if not x.is_finite():
        raise ValueError(f"not a finite number: {x}")
    if low is not None and x < low:
        raise ValueError(f"{x} is below {low}")
    if high is not None and x > high:
        raise ValueError(f"{x} is above {high}")
    return x


def parse_decimal(text: str) -> Decimal:
    """A number as people and spreadsheets write it: `1234.5`, `1,234.50`, `-12`, `1.5E+3`, full-width digits.

    Commas must stand between groups of three, the decimal sign is the point: `1.234,50` and `1,2` raise
    `ValueError` rather than being guessed at, and so do NaN, infinities and an empty text.
    """
    plain = text.translate(_READ_AS).strip()
    if not _NUMBER.fullmatch(plain) or not any(character.isdigit() for character in plain.lower().split("e")[0]):
        raise ValueError(f"not a number: {text!r}")
    return Decimal(plain.replace(",", ""))


def _plain_zero(x: Decimal) -> Decimal:
    """Minus zero is told as zero."""
    return x.copy_abs() if x.is_zero() else x


@cache
def digits_of(currency: str | None) -> int:
    """How many decimals amounts of a currency have: 2 for CNY, 0 for JPY; 2 where the currency is not known."""
    return get_currency_precision(currency) if currency else _CENTS


def exact_text(amount: Decimal, currency: str | None, *, code: bool = True) -> str:
    r"""An amount as accounts have it, with every digit of its currency, also a whole one, and grouped by thousands.

    >>> exact_text(Decimal("1234.5000"), "USD"), exact_text(Decimal("-5"), "JPY", code=False)
    ('1,234.50\xa0USD', '−5')
    """
    text = f"{round_half_away(amount, digits_of(currency)):,f}".replace("-", "−")
    return f"{text}\N{NO-BREAK SPACE}{currency}" if code and currency else text


def in_digits(amount: Decimal, currency: str | None) -> Decimal:
    """The amount with its currency's digits, and more only where it has more: none of it is lost."""
    short = round_half_away(amount, digits_of(currency))
    return short if short == amount else amount.normalize()

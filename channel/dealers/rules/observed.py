"""What is found out about a dealer, and how what somebody says of it is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from types import MappingProxyType

from channel.errors import FieldError, Message, m

PLACES = 6
_DIGITS = 15
"""How many digits stand before the point at the most."""


class ObservedKind(StrEnum):
    """What a fact's value is."""

    NUMBER = "number"
    WORDS = "words"
    CHOICE = "choice"
    YES_NO = "yes-no"
    DAY = "day"


OBSERVED_KIND_NAMES: Mapping[ObservedKind, Message] = MappingProxyType(
    {
        ObservedKind.NUMBER: m("a number"),
        ObservedKind.WORDS: m("words"),
        ObservedKind.CHOICE: m("one of several"),
        ObservedKind.YES_NO: m("yes or no"),
        ObservedKind.DAY: m("a day"),
    }
)


class Block(StrEnum):
    """The parts of a dealer's file."""

    BASIC = "basic"
    TRAITS = "traits"
    BUSINESS = "business"
    TRADE = "trade"


BLOCK_NAMES: Mapping[Block, Message] = MappingProxyType(
    {
        Block.BASIC: m("Basic data"),
        Block.TRAITS: m("Traits"),
        Block.BUSINESS: m("State of the business"),
        Block.TRADE: m("State of the trade"),
    }
)


@dataclass(frozen=True, slots=True)
class Observed:
    """A value as somebody found it: a Decimal of a number, a code of a choice or of yes and no, a day as written."""

    value: Decimal | str
    observed_on: date
    source: str


def read_observed(kind: ObservedKind, choices: Sequence[str], text: str) -> Decimal | str | FieldError:
    """A value as it is kept; a `FieldError` says what would be right."""
    if kind is ObservedKind.NUMBER:
        return _read_number(text)
    if kind is ObservedKind.DAY:
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            return FieldError("value", m("%(value)s is not a day.", value=text), m("A day such as 2013-01-31"))
    if kind is ObservedKind.WORDS:
        return text
    if text not in choices:
        wrong = m("%(value)s is none of the choices.", value=text)
        return FieldError("value", wrong, m("One of: %(choices)s", choices=", ".join(choices)))
    return text


def _read_number(text: str) -> Decimal | FieldError:
    right = m("A number with at most 6 decimals, such as 1250.5")
    try:
        number = Decimal(text)
    except InvalidOperation:
        return FieldError("value", m("%(value)s is not a number.", value=text), right)
    if not number.is_finite() or number.adjusted() >= _DIGITS or number != round(number, PLACES):
        return FieldError("value", m("%(value)s is not a number that can be kept.", value=text), right)
    return number


def is_stale(observed_on: date, stale_days: int | None, today: date) -> bool:
    """Whether a value is older than its kind of fact is good for: on its last good day it is not."""
    return stale_days is not None and (today - observed_on).days > stale_days

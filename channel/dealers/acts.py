"""The acts of the room `dealers`."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated

from msgspec import UNSET, UnsetType

from channel.acts import Act, Opened, Reason, Said
from channel.codes import LONGEST, is_code, lost_its_digits, plain_code
from channel.dealers.rules import DEALER_TYPE_NAMES, DealerType, read_currency
from channel.errors import FieldError, m
from channel.imports.rules.reasons import reason

_FIRST_DAY_WITHOUT = m("The first day without it; empty for no end.")


class GrantExclusivity(Act, frozen=True, kw_only=True):
    """A dealer alone may sell a line in a territory and below it on [from_on, to_on), line and territory by code."""

    line: Annotated[str, Said(m("Product line"))]
    territory: Annotated[str, Said(m("Territory"))]
    from_on: Annotated[date, Said(m("From"), option="--from")]
    to_on: Annotated[date | None, Said(m("Until before"), hint=_FIRST_DAY_WITHOUT, option="--until-before")] = None
    reason: Reason

    def between(self) -> Iterable[FieldError]:
        """The end lies after the beginning."""
        if self.to_on is not None and self.to_on <= self.from_on:
            yield FieldError("to_on", m("The end must lie after the beginning."))


class EndExclusivity(Act, frozen=True, kw_only=True):
    """The first day on which a grant holds no longer, and why."""

    to_on: Annotated[date, Said(m("First day without it"), option="--until-before")]
    reason: Reason


def read_code(text: str) -> str | FieldError:
    """The code made plain, or why it could not stand in an address or lost digits in a spreadsheet."""
    plain = plain_code(text)
    if lost_its_digits(plain):
        return FieldError("code", reason("code-lost-digits", value=plain))
    if not is_code(plain):
        return FieldError(
            "code",
            m("%(value)s is not a code.", value=plain),
            m("1 to 40 characters, not beginning with a space, without / ? # % \\"),
        )
    return plain


_LONGEST_NAME, _LONGEST_PLACE = 200, 400
_NAMED = Said(m("Name"), needed=m("A name is needed."), longest=_LONGEST_NAME)
_LEVEL = Said(m("Level"), hint=m("What it is, such as region or city."), longest=_LONGEST_NAME)
_UNDER = Said(m("Under"), nothing=m("at the top"))
_PLACE = Said(m("Code"), needed=m("A code is needed."), longest=_LONGEST_PLACE, read=plain_code)
_LINE_CODE_HINT = m(
    "A code that is known is changed; sales that were posted keep the product line they were posted with."
)
RATE_PLACES = 12
_MOST = Decimal(1_000_000_000)


class KeepLine(Act, frozen=True, kw_only=True):
    """A product line to be added, or changed where the code is known."""

    code: Annotated[str, Said(m("Code"), hint=_LINE_CODE_HINT, longest=LONGEST, read=read_code)]
    name: Annotated[str, _NAMED]
    wanted_type: Annotated[
        DealerType | None,
        Said(m("Wanted dealer type"), choices=DEALER_TYPE_NAMES, nothing=m("either type"), option="--wants"),
    ] = None


class KeepProduct(Act, frozen=True, kw_only=True):
    """A product to be added, or changed where the code is known; what was posted keeps the line it was posted with."""

    code: Annotated[str, Said(m("Code"), longest=LONGEST, read=read_code)]
    name: Annotated[str, _NAMED]
    line: Annotated[str, Said(m("Product line"))]
    unit: Annotated[str | None, Said(m("Unit"))] = None


class KeepRate(Act, frozen=True, kw_only=True):
    """Company currency per unit of another on a day; a rate of the same day before it stays as known then."""

    currency: Annotated[str, Said(m("Currency"), longest=3, read=read_currency)]
    on: Annotated[date, Said(m("Day"))]
    rate: Annotated[Decimal, Said(m("Rate"), hint=m("Company currency for one unit."), low=0, high=_MOST)]

    def between(self) -> Iterable[FieldError]:
        """The rate is one, with no more decimals than are kept."""
        if self.rate == 0 or self.rate != round(self.rate, RATE_PLACES):
            wrong = m("%(value)s is not a rate.", value=str(self.rate))
            yield FieldError("rate", wrong, m("A number above 0 with at most 12 decimals"))


class AddTerritory(Act, frozen=True, kw_only=True):
    """A node to be added under a parent, or at the top."""

    code: Annotated[str, _PLACE]
    name: Annotated[str, _NAMED]
    level: Annotated[str, _LEVEL]
    parent: Annotated[str | None, _UNDER] = None


class ChangeTerritory(Act, frozen=True, kw_only=True):
    """What is to be different of the node with this code; a `parent` of null moves it to the top."""

    code: Annotated[str, _PLACE]
    name: Annotated[str | UnsetType, _NAMED] = UNSET
    level: Annotated[str | UnsetType, _LEVEL] = UNSET
    parent: Annotated[str | UnsetType | None, _UNDER] = UNSET
    opened: Opened = None

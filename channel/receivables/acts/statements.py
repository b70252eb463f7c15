"""Giving statements of account: their bodies."""

from datetime import date
from typing import Annotated

from channel.acts import Act, Said
from channel.dealers.rules import DEALER_TYPE_NAMES, read_currency
from channel.errors import m

_AsOf = Annotated[date | None, Said(m("As of"), hint=m("Today, if not given."), option="--as-of")]
_From = Annotated[
    date | None,
    Said(m("From"), hint=m("The first day of the month of the day as of, if not given."), option="--from"),
]


class GiveStatement(Act, frozen=True, kw_only=True):
    """Give a statement of a dealer's account in one currency: all that moved in the period, with its number for good.

    Without a currency it is the dealer's own.
    """

    dealer: Annotated[str, Said(m("Dealer"), hint=m("The dealer's code."))]
    currency: Annotated[
        str | None, Said(m("Currency"), hint=m("The dealer's, if not given."), longest=3, read=read_currency)
    ] = None
    as_of: _AsOf = None
    from_on: _From = None


class GiveStatements(Act, frozen=True, kw_only=True):
    """Give a statement of every account of a selection in which anything is open, on account or in bills, or moved.

    Dealers of a territory (and below it) or type are those who were there on the day; without either all are meant.
    """

    territory: Annotated[str | None, Said(m("Only below this territory"))] = None
    type: Annotated[str | None, Said(m("Only of this type"), choices=DEALER_TYPE_NAMES, nothing=m("Both types"))] = None
    as_of: _AsOf = None
    from_on: _From = None

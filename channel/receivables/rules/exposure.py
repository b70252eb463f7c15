"""What a dealer's exposure is: what he owes less what is on account, and bills that have not matured, over currencies.

Exposure has the tax in it, as documents have; limits come from net sales. Whoever sets one against the other says so.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from msgspec import Struct

from channel.errors import Message, m
from channel.money import STORED_PLACES, round_half_away
from channel.receivables.rules.documents import EXACT, add_up

NOT_KEPT = m("no receivables are kept")
"""Told of a dealer of whom no document was ever posted: what he owes is not known, which is not zero."""


class OwedIn(Struct, frozen=True, gc=False):
    """What a dealer owes in one currency: open items, money that is on account, and bills that have not matured."""

    currency: str
    open: Decimal
    on_account: Decimal
    bills: Decimal

    @property
    def balance(self) -> Decimal:
        """Open items less what is on account; below 0 where he has paid more than he owes."""
        return EXACT.subtract(self.open, self.on_account)


class Exposure(Struct, frozen=True, gc=False):
    """What a dealer owes in all, in `currency`, at the rates that counted on the day.

    `balance`, `bills` and `amount`, their sum, are None while one of the `parts` has no rate: `without_rate` names
    the currencies that lack one.
    """

    currency: str
    parts: tuple[OwedIn, ...]
    balance: Decimal | None
    bills: Decimal | None
    amount: Decimal | None
    without_rate: tuple[str, ...] = ()


def exposure_of(parts: Sequence[OwedIn], rates: Mapping[str, Decimal], currency: str) -> Exposure:
    """The exposure in a currency; `rates` gives company currency per unit, 1 for the company's own.

    Each part is converted by itself, rounded once to four decimals; a part of nothing needs no rate.
    """
    counted = [part for part in parts if part.balance or part.bills]
    foreign = {part.currency for part in counted} - {currency}
    missing = sorted((foreign | {currency} if foreign else foreign) - set(rates))
    if missing:
        return Exposure(currency, tuple(parts), None, None, None, tuple(missing))
    balance = add_up([_brought(part.balance, part.currency, rates, currency) for part in counted])
    bills = add_up([_brought(part.bills, part.currency, rates, currency) for part in counted])
    return Exposure(currency, tuple(parts), balance, bills, EXACT.add(balance, bills))


def _brought(amount: Decimal, held: str, rates: Mapping[str, Decimal], currency: str) -> Decimal:
    if held == currency:
        return amount
    return round_half_away(EXACT.divide(EXACT.multiply(amount, rates[held]), rates[currency]), STORED_PLACES)


class Used(Struct, frozen=True, gc=False):
    """How much of a limit an exposure takes: `share` is a fraction, above 1 where it passes the limit.

    `headroom` is the limit less the exposure, below 0 there. Of a limit of 0 no share is told.
    """

    share: Decimal | None
    headroom: Decimal


def used_of(limit: Decimal | None, exposure: Decimal | None) -> Used | None:
    """How much of the limit is used, both in one currency; None while either is not known."""
    if limit is None or exposure is None:
        return None
    share = None if limit <= 0 else round_half_away(EXACT.divide(exposure, limit), STORED_PLACES)
    return Used(share, EXACT.subtract(limit, exposure))


def why_unknown(exposure: Exposure | None) -> Message | None:
    """Why the exposure has no amount: nothing is kept, or a currency without a rate; None where it has one."""
    if exposure is None:
        return NOT_KEPT
    if exposure.amount is None:
        return m("there is no rate for %(currencies)s", currencies=", ".join(exposure.without_rate))
    return None

"""What of a limit in force is used: the dealer's exposure, from the ledger, beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from channel import clock
from channel.access.rules import Person, Right
from channel.credit.service.looks import Found
from channel.errors import Message
from channel.receivables.queries.owed import Owed, OwedAsked, owed_in_each
from channel.receivables.rules.exposure import Exposure, Used, exposure_of, used_of, why_unknown
from channel.view import View


@dataclass(frozen=True, slots=True)
class Usage:
    """The exposure in the limit's currency, None where no receivables are kept, and how much of the limit it takes.

    `used` is None where no limit is in force, and where the exposure is not known: `unknown` says why it is not.
    """

    exposure: Exposure | None
    used: Used | None

    @property
    def unknown(self) -> Message | None:
        """Why the exposure has no amount; None where it has one."""
        return why_unknown(self.exposure)


def may_see_usage(person: Person) -> bool:
    """Whether the person may know what dealers owe."""
    return person.may(Right.SEE_RECEIVABLES)


def usage_of(owed: Owed | None, rates: Mapping[str, Decimal], limit: Decimal | None, currency: str) -> Usage:
    """What of a limit is used; `rates` gives company currency per unit, 1 for the company's own."""
    exposure = None if owed is None else exposure_of(owed.sums, rates, currency)
    return Usage(exposure, used_of(limit, None if exposure is None else exposure.amount))


def usage_found(found: Found, dealer_id: int, limit: Decimal | None, currency: str) -> Usage:
    """The same from what was looked up."""
    rates = {found.company: Decimal(1), **{each.currency: each.rate for each in found.rates.values()}}
    return usage_of(found.owed.get(dealer_id), rates, limit, currency)


async def owed_by(dealer_id: int, view: View) -> Owed | None:
    """What a dealer owes in the view; None where no receivables of his are kept."""
    (found,) = await owed_in_each([dealer_id], [OwedAsked(view, sums=True)], clock.today())
    return found.get(dealer_id)

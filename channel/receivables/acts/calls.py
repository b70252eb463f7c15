"""The call list: the bodies of its acts."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated

from channel.acts import Act, Said
from channel.codes import LONGEST, plain_code
from channel.dealers.rules import read_currency
from channel.errors import FieldError, m
from channel.receivables.acts.contact_log import LogContact
from channel.receivables.rules.ageing import Money
from channel.receivables.rules.contact_log import ContactOutcome

MONEY_NAMES = {Money.OWN: m("Each currency by itself"), Money.COMPANY: m("In company currency")}


class LogCall(LogContact, frozen=True, kw_only=True):
    """A call from the list: what is said of any contact, and what was promised, which becomes a promise to pay."""

    promised_amount: Annotated[
        Decimal | None,
        Said(
            m("Amount promised"), hint=m("In the dealer's currency; it becomes a promise to pay."), option="--promise"
        ),
    ] = None
    promised_on: Annotated[date | None, Said(m("Promised for"), option="--promised-for")] = None

    def between(self) -> Iterable[FieldError]:
        """A promise has an amount and a day, and somebody who gave it."""
        given = self.promised_amount is not None, self.promised_on is not None
        if any(given) and not all(given):
            name = "promised_on" if given[0] else "promised_amount"
            yield FieldError(name, m("A promise has an amount and a day."))
        if any(given) and self.outcome is ContactOutcome.NOT_REACHED:
            yield FieldError("promised_amount", m("Where nobody was reached nothing was promised."))


class NextCall(Act, frozen=True, kw_only=True):
    """Go on to the next dealer of the list, who is then yours to call: after one, or to the first one."""

    after: Annotated[
        str | None,
        Said(m("After"), hint=m("The dealer who was called last."), longest=LONGEST, read=plain_code),
    ] = None
    back: Annotated[bool, Said(m("To the one before"))] = False
    territory: Annotated[str | None, Said(m("Territory"), hint=m("Only there and below."), longest=400)] = None
    currency: Annotated[str | None, Said(m("Currency"), longest=3, read=read_currency)] = None
    money: Annotated[Money | None, Said(m("Amounts"), choices=MONEY_NAMES)] = None
    responsible: Annotated[
        str | None,
        Said(m("Responsible"), hint=m("A member of staff by code, or “nobody”."), longest=LONGEST, read=plain_code),
    ] = None

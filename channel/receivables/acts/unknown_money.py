"""The acts on money whose payer is not known: their bodies."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated

from channel.acts import Act, Reason, Said
from channel.codes import LONGEST, plain_code
from channel.dealers.rules import read_currency
from channel.errors import FieldError, m
from channel.money import digits_of, round_half_away
from channel.receivables.acts.asking import MayWait
from channel.receivables.rules.documents import LARGEST_AMOUNT


class KeepUnknownMoney(Act, frozen=True, kw_only=True):
    """A bank line of which nobody knows yet whose money it is."""

    number: Annotated[str, Said(m("Bank's number"), longest=LONGEST, read=plain_code)]
    currency: Annotated[str, Said(m("Currency"), longest=3, read=read_currency)]
    amount: Annotated[Decimal, Said(m("Amount"), low=0, high=LARGEST_AMOUNT - 1)]
    booked_on: Annotated[date, Said(m("Bank's day"), option="--booked-on")]
    remark: Annotated[str, Said(m("Text of the bank line"))]
    payer_account: Annotated[str | None, Said(m("Account it came from"), longest=60, option="--account")] = None

    def between(self) -> Iterable[FieldError]:
        """The amount has the digits of its currency, and is something."""
        if self.amount <= 0 or self.amount != round_half_away(self.amount, digits_of(self.currency)):
            yield FieldError(
                "amount",
                m("The amount has more decimals than its currency."),
                m("An amount above 0 with at most %(digits)s decimals", digits=digits_of(self.currency)),
            )


class AssignMoney(Act, frozen=True, kw_only=True):
    """Say whose money it is: it becomes a receipt of the dealer's, in the books from today, paid on the bank's day."""

    dealer: Annotated[str, Said(m("Dealer"), hint=m("The dealer's code."), longest=LONGEST)]
    number: Annotated[
        str | None,
        Said(
            m("Number of the receipt"),
            hint=m("The bank's number, unless another is given."),
            longest=LONGEST,
            read=plain_code,
        ),
    ] = None
    reason: Reason


class TakeBackAssignment(MayWait, frozen=True, kw_only=True):
    """It was somebody else's: the receipt is reversed, and the money is unknown again."""


class ReturnMoney(Act, frozen=True, kw_only=True):
    """The money was sent back to whoever paid it."""

    reason: Reason

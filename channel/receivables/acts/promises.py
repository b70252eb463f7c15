"""Promises to pay: the bodies of their acts."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated

import msgspec

from channel.acts import Act, Said, day_fault
from channel.codes import LONGEST
from channel.dealers.rules import read_currency
from channel.errors import FieldError, m
from channel.receivables.acts.documents import A_PART, MOST_PARTS, read_part
from channel.receivables.rules.documents import Instalment
from channel.receivables.rules.promises import MOST_GRACE_DAYS


class EnterPromise(Act, frozen=True, kw_only=True):
    """What a dealer promised to pay, in his currency unless another is given: an amount on a day, or instalments.

    It is kept by `share` of what is promised by a day, if that has come `grace_days` later; without them the rules of
    the ledger say both.
    """

    due_on: Annotated[date | None, Said(m("Promised for"), option="--on")] = None
    amount: Annotated[Decimal | None, Said(m("Amount promised"))] = None
    instalments: Annotated[
        list[str],
        Said(
            m("Instalments"),
            hint=m("Instead of one day and amount, such as 2013-01-31=500; 2013-02-28=500"),
            parted=";",
            option="--instalment",
        ),
    ] = msgspec.field(default_factory=list)
    currency: Annotated[
        str | None, Said(m("Currency"), hint=m("The dealer's, if not given."), longest=3, read=read_currency)
    ] = None
    promised_by: Annotated[str, Said(m("Who promised"), hint=m("The person at the dealer's."))]
    given_on: Annotated[
        date | None,
        Said(m("Given on"), hint=m("Today, if not given. Money counts from this day on."), option="--given"),
    ] = None
    grace_days: Annotated[
        int | None,
        Said(
            m("Days of grace"),
            hint=m("As the rules of the ledger say, if not given."),
            low=0,
            high=MOST_GRACE_DAYS,
            option="--grace",
        ),
    ] = None
    share: Annotated[
        Decimal | None,
        Said(
            m("Share that keeps it"),
            hint=m("A fraction: 0.95 is 95%. As the rules of the ledger say, if not given."),
            low=0,
            high=1,
        ),
    ] = None
    remark: Annotated[str | None, Said(m("Text"))] = None

    @property
    def parts(self) -> tuple[Instalment, ...]:
        """What is promised for which day, in the order of the days; what cannot be read is told by `between`."""
        if self.due_on is not None and self.amount is not None:
            return (Instalment(self.due_on, self.amount),)
        read = (read_part(text) for text in self.instalments)
        return tuple(sorted((Instalment(each.due_on, each.amount) for each in read if each), key=lambda e: e.due_on))

    def between(self) -> Iterable[FieldError]:
        """One day with its amount, or instalments, each of which can be read."""
        if self.instalments and not (self.due_on is None and self.amount is None):
            yield FieldError("instalments", m("It is promised for one day or in instalments."))
        elif not self.instalments:
            for name in ("due_on", "amount"):
                if getattr(self, name) is None:
                    yield FieldError(name, m("A promise has a day and an amount, or instalments."))
        if len(self.instalments) > MOST_PARTS:
            yield FieldError("instalments", m("There are too many."), m("at most %(most)s", most=MOST_PARTS))
        for text in self.instalments:
            part = read_part(text)
            if part is None:
                yield FieldError("instalments", m("%(value)s cannot be read.", value=text[:LONGEST]), A_PART)
            elif (fault := day_fault("instalments", part.due_on)) is not None:
                yield fault

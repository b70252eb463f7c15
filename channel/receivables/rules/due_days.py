"""When what is owed falls due: by days, by a day of a later month, or in parts; and the items that come of it.

The terms are those in effect on the document's day. A due day that was posted never moves.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from channel.dealers.rules.terms import InDays, InParts, OnDay, Terms
from channel.money import round_half_away
from channel.periods import Month
from channel.receivables.rules.documents import EXACT, Instalment


def due_on(terms: InDays | OnDay, effective_on: date) -> date:
    """The day on which a document of the day falls due."""
    if isinstance(terms, InDays):
        return effective_on + timedelta(days=terms.days)
    month = Month.of(effective_on)
    last = month.plus(-(month.month % -terms.period_months))
    due = last.plus(terms.months)
    return date(due.year, due.month, min(terms.day, due.days))


def compute_instalments(terms: Terms, amount: Decimal, effective_on: date, digits: int) -> tuple[Instalment, ...]:
    """The items of what is owed: one, or of terms in parts one for each part, in the order of their days.

    A part is rounded half away from zero to the `digits` of the currency and takes no more than is left; the last one
    takes the rest, so that the items always make the amount. A part that comes to nothing is left out.
    """
    if not isinstance(terms, InParts):
        return (Instalment(due_on(terms, effective_on), amount),)
    items: list[Instalment] = []
    left = amount
    for place, (share, days) in enumerate(terms.parts, 1):
        whole = place == len(terms.parts)
        part = left if whole else min(left, round_half_away(EXACT.multiply(share, amount), digits))
        if part:
            items.append(Instalment(effective_on + timedelta(days=days), part))
        left -= part
    return tuple(items)


def instalments_of(
    own: Sequence[Instalment], terms: Terms | None, amount: Decimal, effective_on: date, digits: int
) -> tuple[Instalment, ...]:
    """The document's own due days where it has any, else those of the dealer's terms on its day; else none."""
    if own:
        return tuple(own)
    return () if terms is None else compute_instalments(terms, amount, effective_on, digits)

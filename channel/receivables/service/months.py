"""Months that finance closes: whoever would change their figures needs a second person's word."""

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from datetime import date
from functools import partial

from channel import clock
from channel.access import service as access
from channel.access.rules import Person, Right, require
from channel.database import db
from channel.errors import Conflict, FieldError, Invalid, Message, m
from channel.periods import Month
from channel.receivables.acts.months import CloseMonth, OpenMonth
from channel.receivables.queries import months as queries
from channel.receivables.rules.closing import closed_months_touched, refused_closing, refused_opening


async def closed_months_touched_by(days: Iterable[date]) -> tuple[Month, ...]:
    """The closed months whose figures an act with these effective days would change, ascending.

    Inside the transaction of an act none is closed from now on to its end.
    """
    if db.in_transaction():
        await queries.hold_months(alone=False)
    return closed_months_touched(days, await queries.closed_now())


async def check_months(days: Iterable[date], *, confirmed: bool = False) -> tuple[Month, ...]:
    """The closed months that an act with these effective days changes; `Conflict` names them unless it is confirmed.

    Called under the locks of the act, before anything is written. Confirmed is what a second person has approved.
    """
    months = await closed_months_touched_by(days)
    if months and not confirmed:
        raise closed_refusal(months)
    return months


def closed_refusal(months: Iterable[Month]) -> Conflict:
    """The refusal of what would change closed months without a second person's word."""
    told = ", ".join(map(str, months))
    reason = m("It would change figures of closed months: %(months)s.", months=told)
    return Conflict(reason, (FieldError("effective_on", reason, m("A later day, or a second person's word.")),))


def changes_closed(months: Iterable[Month]) -> Message:
    """Why what changes closed months needs a second person."""
    return m("It changes figures of closed months: %(months)s.", months=", ".join(map(str, months)))


async def close_month(person: Person, act: CloseMonth) -> None:
    """Close a month that is over."""
    await _word(person, act, "close month", partial(_refused_closing, today=clock.today()), closed=True)


async def open_month(person: Person, act: OpenMonth) -> None:
    """Open a month again."""
    await _word(person, act, "open month", refused_opening, closed=False)


def _refused_closing(month: Month, closed: AbstractSet[Month], today: date) -> tuple[FieldError, ...]:
    return refused_closing(month, today, closed)


async def _word(
    person: Person,
    act: CloseMonth | OpenMonth,
    name: str,
    refused_by: Callable[[Month, AbstractSet[Month]], tuple[FieldError, ...]],
    *,
    closed: bool,
) -> None:
    require(person, Right.CLOSE_MONTHS)
    month = Month.parse(act.month)
    async with db.transaction():
        await queries.hold_months(alone=True)
        if refused := refused_by(month, await queries.closed_now()):
            raise Invalid(m("The month stays as it is."), refused)
        posting_id = await access.open_posting(person, name)
        await queries.record_closing(month, closed=closed, reason=act.reason, posting_id=posting_id)
        await access.audit(person, name, f"month {month}", reason=act.reason, posting_id=posting_id)
